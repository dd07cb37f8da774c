/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "cli/bucket.h"

#include <stdlib.h>

#include "aws/client.h"
#include "aws/service/s3.h"
#include "aws/settings.h"
#include "base/error.h"
#include "base/str.h"

/* A refusal of HEAD has no body: that of a list says why. */
static int explain_forbidden(struct aws_client *c, const char *bucket, struct error **err)
{
	cleanup_error struct error *own = NULL;
	cleanup_s3_list struct s3_list list = { 0 };
	struct s3_object o;

	s3_list_init(&list, c, bucket, "", NULL);
	if (s3_list_next(&list, &o, &own) > 0)
		s3_object_release(&o);
	if (own && !err_is(own, "AccessDenied")) {
		err_wrap(&own, "cannot look at bucket '%s'", bucket);
		return err_move(&own, err);
	}
	err_set(err, ERR_REFUSED,
		"bucket '%s' is somebody else's, or the caller may not look at it", bucket);
	return err_hint(err, "name a bucket of this account, and allow s3:ListBucket on it");
}

static int look(struct aws_client *c, const char *bucket, char **ret_region, struct error **err)
{
	cleanup_error struct error *own = NULL;
	enum s3_presence there;

	if (s3_head_bucket(c, bucket, NULL, &there, ret_region, &own) < 0) {
		/* An expired token, say: S3 answers with 400. */
		if (own->http_status == 400)
			return explain_forbidden(c, bucket, err);
		err_wrap(&own, "cannot look at bucket '%s'", bucket);
		return err_move(&own, err);
	}
	if (there == S3_ABSENT) {
		err_set(err, ERR_REFUSED, "there is no bucket '%s'", bucket);
		return err_hint(err, "create it: apigw-logs setup-bucket --bucket %s", bucket);
	}
	if (there == S3_FORBIDDEN)
		return explain_forbidden(c, bucket, err);
	return 0;
}

int bucket_must_be_there(struct aws_client *c, const char *bucket, struct error **err)
{
	cleanup_free char *region = NULL;

	return look(c, bucket, &region, err);
}

int bucket_must_be_here(struct aws_client *c, const char *bucket, struct error **err)
{
	const char *here = aws_client_settings(c)->region;
	cleanup_free char *region = NULL;

	if (look(c, bucket, &region, err) < 0)
		return -1;
	if (str_eq(region, here))
		return 0;
	err_set(err, ERR_REFUSED, "bucket '%s' is in region %s, the logs are in %s", bucket, region,
		here);
	return err_hint(err,
			"CloudWatch Logs exports only within a region: name a bucket in %s, or "
			"--region %s if the logs are there",
			here, region);
}
