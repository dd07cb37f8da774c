/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>

#include "archive/archive.h"
#include "aws/arn.h"
#include "aws/service/s3.h"
#include "aws/service/s3_config.h"
#include "base/error.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "base/xml.h"
#include "setup/bucket.h"
#include "setup/doctor_links.h"
#include "setup/policy.h"

/* Objects that expire sooner than this are gone before a run a week later can verify them. */
#define EXPIRE_DAYS_MIN 7

/* Without the policy no export is written; the rest is how setup-bucket would have it. */
static enum health health_of(const struct change *change)
{
	return str_starts(change->property, "policy statement") ? HEALTH_BROKEN : HEALTH_DOUBTFUL;
}

static void add_changes(const struct doctor *d, const struct changes *l)
{
	for (size_t i = 0; i < l->n; i++) {
		const struct change *change = &l->v[i];
		bool absent = str_eq(change->property, "bucket");

		if (absent)
			finding_add(d->findings, LINK_BUCKET, HEALTH_BROKEN, "%s does not exist",
				    change->resource);
		else if (change->current)
			finding_add(d->findings, LINK_BUCKET, health_of(change),
				    "%s: %s is %s, not %s", change->resource, change->property,
				    change->current, change->desired);
		else
			finding_add(d->findings, LINK_BUCKET, health_of(change),
				    "%s: %s is not set (%s)", change->resource, change->property,
				    change->desired);
		finding_hint(d->findings, "apigw-logs setup-bucket");
		/* Of a bucket that does not exist nothing else is worth saying. */
		if (absent)
			return;
	}
}

/* What AWS refused may be the permission to look; any other refusal is what was found. */
static int add_refusal(const struct doctor *d, struct error **own, struct error **err)
{
	struct findings *f = d->findings;

	if ((*own)->aws_code || err_is_fatal(*own))
		return finding_refusal(f, LINK_BUCKET, own, err);
	finding_add(d->findings, LINK_BUCKET, HEALTH_BROKEN, "%s", (*own)->msg);
	f->v[f->n - 1].hint = xstrdup((*own)->hint);
	error_clear(own);
	return 0;
}

/* One that is another account's on purpose: its set-up is for that account to inspect. */
static int check_foreign(const struct doctor *d, const struct archive_place *place,
			 struct error **err)
{
	const struct s3_bucket b = { d->client, place->bucket, place->owner };
	cleanup_error struct error *own = NULL;
	int r = bucket_check(&b, d->common->region, &own);

	if (r < 0)
		return add_refusal(d, &own, err);
	if (r == 0)
		finding_add(d->findings, LINK_BUCKET, HEALTH_BROKEN, "bucket '%s' does not exist",
			    place->bucket);
	else
		finding_add(d->findings, LINK_BUCKET, HEALTH_DOUBTFUL,
			    "bucket '%s' belongs to account %s, which alone can check its policy",
			    place->bucket, place->owner);
	return 0;
}

/* A part of the bucket's configuration: 1 with *text, 0 if none is set, -1. */
static int get_config(const struct doctor *d, const struct archive_place *place, const char *name,
		      struct buf *text, struct error **err)
{
	const struct s3_bucket b = { d->client, place->bucket, d->common->account };
	int r = s3_get_config(&b, name, text, err);

	return r < 0 ? err_wrap(err, "cannot inspect bucket '%s'", place->bucket) : r;
}

/* Statements of others that deny what setup-bucket allows. */
static int check_denies(const struct doctor *d, const struct archive_place *place,
			struct error **err)
{
	static const struct {
		const char *action, *path;
	} calls[] = { { "s3:GetBucketAcl", "" }, { "s3:PutObject", "/region=" } };
	cleanup_free char *service = doctor_logs_service(d);
	cleanup_buf struct buf text = BUF_INIT;
	cleanup_json json_t *policy = NULL;

	if (get_config(d, place, "policy", &text, err) < 0 ||
	    policy_parse(text.data, text.len, "the policy of the bucket", &policy, err) < 0)
		return -1;
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		cleanup_free char *arn =
			arn_make("s3", d->common->region, NULL, "%s%s%s%s", place->bucket,
				 *calls[i].path ? "/" : "", *calls[i].path ? place->prefix : "",
				 calls[i].path);
		cleanup_free char *what = NULL;
		enum policy_deny deny = policy_denies(policy, service, calls[i].action, arn, &what);

		if (deny == POLICY_NOT_DENIED)
			continue;
		finding_add(d->findings, LINK_BUCKET,
			    deny == POLICY_DENIED ? HEALTH_BROKEN : HEALTH_DOUBTFUL,
			    "bucket '%s': %s of its policy denies CloudWatch Logs %s",
			    place->bucket, what, calls[i].action);
		finding_hint(d->findings, "have its owner except the service %s from the statement",
			     service);
	}
	return 0;
}

static bool is_of_archive(const struct xml *rule, const char *prefix)
{
	static const char *const paths[] = { "Filter/Prefix", "Filter/And/Prefix", "Prefix" };
	cleanup_free char *objects = xasprintf("%s/region=", prefix);
	const char *of = NULL;

	for (size_t i = 0; !of && i < ARRAY_SIZE(paths); i++)
		of = xml_text(rule, paths[i]);
	/* One that asks for tags is not about exported objects, which have none. */
	if (xml_path(rule, "Filter/Tag") || xml_path(rule, "Filter/And/Tag"))
		return false;
	return !of || str_starts(objects, of) || str_starts(of, objects);
}

/* Of whomever they are: the rules that act on objects soon after they were exported. */
static int check_lifecycle(const struct doctor *d, const struct archive_place *place,
			   struct error **err)
{
	cleanup_buf struct buf text = BUF_INIT;
	cleanup_xml struct xml *doc = NULL;
	int r = get_config(d, place, "lifecycle", &text, err);

	if (r <= 0)
		return r;
	if (xml_parse(text.data, text.len, "the life cycle configuration", &doc, err) < 0)
		return -1;
	for (const struct xml *x = xml_child(doc, "Rule"); x; x = xml_next(x)) {
		const char *expire = xml_text(x, "Expiration/Days"), *id = xml_text(x, "ID");
		int64_t days;

		if (!expire || !str_to_int64(expire, 0, INT32_MAX, &days) ||
		    days >= EXPIRE_DAYS_MIN || !str_eq0(xml_text(x, "Status"), "Enabled") ||
		    !is_of_archive(x, place->prefix))
			continue;
		finding_add(d->findings, LINK_BUCKET, HEALTH_BROKEN,
			    "bucket '%s': rule '%s' of its life cycle deletes exported objects "
			    "after %s day%s",
			    place->bucket, id ? id : "", expire, days == 1 ? "" : "s");
		finding_hint(d->findings,
			     "limit the rule to another prefix than %s/, or keep the "
			     "objects for longer",
			     place->prefix);
	}
	return 0;
}

static int check_lock(const struct doctor *d, const struct archive_place *place, struct error **err)
{
	cleanup_buf struct buf text = BUF_INIT;
	cleanup_xml struct xml *doc = NULL;
	const char *mode, *days;
	int r = get_config(d, place, "object-lock", &text, err);

	if (r <= 0)
		return r;
	if (xml_parse(text.data, text.len, "the Object Lock configuration", &doc, err) < 0)
		return -1;
	mode = xml_text(doc, "Rule/DefaultRetention/Mode");
	days = xml_text(doc, "Rule/DefaultRetention/Days");
	if (mode && days)
		finding_add(d->findings, LINK_BUCKET, HEALTH_GOOD,
			    "bucket '%s' locks objects for %s days (%s)", place->bucket, days,
			    mode);
	return 0;
}

static int check_encryption(const struct doctor *d, const struct archive_place *place,
			    const struct bucket_setup *s, struct error **err)
{
	cleanup_free char *what = xasprintf("bucket '%s'", place->bucket);
	cleanup_free char *repair = NULL;

	if (!str_eq0(s->encryption, "aws:kms") || !s->key)
		return 0;
	repair = xasprintf("apigw-logs setup-bucket --kms-key %s", s->key);
	return doctor_check_key(d, LINK_BUCKET, s->key, what, repair, err);
}

typedef int check_fn(const struct doctor *d, const struct archive_place *place, struct error **err);

/* What setup-bucket leaves alone, and may stop exports all the same. */
static int check_rest(const struct doctor *d, const struct archive_place *place,
		      const struct bucket_setup *s, struct error **err)
{
	static check_fn *const checks[] = { check_denies, check_lifecycle, check_lock };
	cleanup_error struct error *own = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(checks); i++)
		if (checks[i](d, place, &own) < 0 &&
		    finding_refusal(d->findings, LINK_BUCKET, &own, err) < 0)
			return -1;
	return check_encryption(d, place, s, err);
}

int doctor_check_bucket(const struct doctor *d, const struct archive_place *place,
			struct error **err)
{
	cleanup(bucket_setup_release) struct bucket_setup s = { .place = *place,
								.lifecycle = LIFECYCLE_NONE };
	cleanup_changes struct changes l = { 0 };
	cleanup_error struct error *own = NULL;
	bool sound;

	if (place->owner && !str_eq(place->owner, d->common->account))
		return check_foreign(d, place, err);
	setup_common_copy(&s.common, d->common);
	if (bucket_look(d->client, &s, &l, &own) < 0)
		return add_refusal(d, &own, err);
	add_changes(d, &l);
	for (size_t i = 0; i < s.common.warnings.n; i++)
		finding_add(d->findings, LINK_BUCKET, HEALTH_BROKEN, "%s", s.common.warnings.v[i]);
	sound = l.n == 0 && !s.common.warnings.n;
	if (sound)
		finding_add(d->findings, LINK_BUCKET, HEALTH_GOOD,
			    "CloudWatch Logs in %s can export to s3://%s/%s", s.common.region,
			    place->bucket, place->prefix);
	/* Of a bucket that does not exist there is nothing more to ask. */
	return l.n && str_eq(l.v[0].property, "bucket") ? 0 : check_rest(d, place, &s, err);
}
