/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "archive/archive.h"

#include <stdlib.h>

#include "aws/arn.h"
#include "aws/client.h"
#include "aws/config/settings.h"
#include "aws/service/sts.h"
#include "base/error.h"
#include "base/str.h"

void archive_release(struct archive *a)
{
	free(a->account);
	free(a->caller);
	*a = (struct archive){ 0 };
}

/*
 * The error reply to a HEAD has no body; that to a list has one, which says why. Always
 * returns -1.
 */
static int explain_refusal(const struct s3_bucket *b, struct error **err)
{
	const char *region = aws_client_settings(b->client)->region;
	cleanup_error struct error *own = NULL;
	cleanup_s3_list struct s3_list list = { 0 };
	struct s3_bucket anyone = *b;
	cleanup_free char *elsewhere = NULL, *arn = NULL;
	enum s3_presence p;
	struct s3_object o;

	s3_list_init(&list, b, "", NULL);
	if (s3_list_next(&list, &o, &own) > 0)
		s3_object_release(&o);
	if (own && !err_is(own, "AccessDenied")) {
		err_move(&own, err);
		return err_wrap(err, "cannot inspect bucket '%s'", b->name);
	}
	/* If access is denied only while an owner is expected, the owner is what is wrong. */
	anyone.owner = NULL;
	if (s3_head_bucket(&anyone, &p, &elsewhere, NULL) == 0 && p == S3_THERE) {
		err_set(err, ERR_REFUSED, "bucket '%s' does not belong to account %s", b->name,
			b->owner);
		return err_hint(err, "choose another bucket, or name its owner with --bucket-owner "
				     "if it is meant to be another account's");
	}
	err_set(err, ERR_REFUSED,
		"access to bucket '%s' is denied: it does not belong to account %s, or the "
		"caller lacks the permission s3:ListBucket",
		b->name, b->owner);
	arn = arn_make("s3", region, NULL, "%s", b->name);
	return err_hint(err, "choose another bucket, or allow s3:ListBucket on %s", arn);
}

int bucket_check(const struct s3_bucket *b, const char *region, struct error **err)
{
	cleanup_error struct error *own = NULL;
	cleanup_free char *there = NULL;
	enum s3_presence p;

	if (s3_head_bucket(b, &p, &there, &own) < 0) {
		/* For example an expired token, to which S3 answers with 400. */
		if (own->http_status == 400)
			return explain_refusal(b, err);
		err_move(&own, err);
		return err_wrap(err, "cannot inspect bucket '%s'", b->name);
	}
	if (p == S3_FORBIDDEN)
		return explain_refusal(b, err);
	if (p == S3_ABSENT || !region || str_eq(there, region))
		return p == S3_THERE;
	err_set(err, ERR_REFUSED,
		"bucket '%s' is in region %s, but CloudWatch Logs in %s exports only to buckets in "
		"its own region",
		b->name, there, region);
	return err_hint(err, "choose a bucket in %s, or use --region %s if the logs are there",
			region, there);
}

int archive_open(struct aws_client *c, const struct archive_place *place, bool export,
		 struct archive *ret, struct error **err)
{
	cleanup_archive struct archive a = { .bucket = { c, place->bucket, place->owner },
					     .prefix = place->prefix,
					     .region = aws_client_settings(c)->region };
	cleanup_sts_identity struct sts_identity id = { 0 };
	int r;

	if (sts_get_caller_identity(c, &id, err) < 0)
		return -1;
	a.account = TAKE(id.account);
	a.caller = TAKE(id.arn);
	if (!a.bucket.owner)
		a.bucket.owner = a.account;
	r = bucket_check(&a.bucket, export ? a.region : NULL, err);
	if (r < 0)
		return -1;
	if (r == 0) {
		err_set(err, ERR_REFUSED, "bucket '%s' does not exist", place->bucket);
		if (!export)
			return err_hint(err, "check the name, the profile and the endpoint");
		return err_hint(err,
				"check the name, or create it: apigw-logs setup-bucket --bucket %s",
				place->bucket);
	}
	*ret = TAKE(a);
	return 0;
}
