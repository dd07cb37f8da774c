/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "cmd/cmd.h"

#include <stddef.h>
#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "base/xalloc.h"
#include "cli/app.h"
#include "cli/options.h"
#include "cli/setup.h"
#include "setup/bucket.h"
#include "setup/bucket_remove.h"

/* A hundred years. */
#define DAYS_MAX 36500

struct setup_bucket_opts {
	struct place_options where;
	struct bucket_setup bucket;
	json_t *tags;
	bool remove;
};

static const struct setup_bucket_opts defaults = { .bucket.lifecycle = LIFECYCLE_NONE };

static json_t *document(const void *setup)
{
	const struct bucket_setup *s = setup;

	return json_pack("{so so so}", "bucket", json_text(s->place.bucket), "prefix",
			 json_text(s->place.prefix), "encryption", json_text(s->encryption));
}

static char *ready(const void *setup)
{
	const struct bucket_setup *s = setup;

	return xasprintf("CloudWatch Logs in %s can export to s3://%s/%s", s->common.region,
			 s->place.bucket, s->place.prefix);
}

static char *removed(const void *setup)
{
	const struct bucket_setup *s = setup;

	return xasprintf("CloudWatch Logs in %s can no longer export to s3://%s/%s",
			 s->common.region, s->place.bucket, s->place.prefix);
}

static int run(struct app *app, void *opts, struct error **err)
{
	struct setup_bucket_opts *o = opts;
	struct bucket_setup *s = &o->bucket;
	const struct setup_job job = { .look = o->remove ? bucket_remove_look : bucket_look,
				       .setup = s,
				       .common = &s->common,
				       .document = document,
				       .ready = o->remove ? removed : ready };

	if (place_options_check(&o->where, err) < 0 || lifecycle_check(&s->lifecycle, err) < 0)
		return -1;
	if (o->remove && (s->require_tls || s->versioning || s->kms_key || s->lock_mode ||
			  o->tags || !lifecycle_is_none(&s->lifecycle)))
		return err_set(err, ERR_USAGE,
			       "--remove goes with --bucket, --bucket-owner and --prefix only");
	if (s->lifecycle.small_objects && !lifecycle_moves(&s->lifecycle))
		return err_set(err, ERR_USAGE, "--small-objects needs --transition");
	s->place = o->where.place;
	s->tags = o->tags;
	return setup_command(app, &job, err);
}

static void release(void *opts)
{
	struct setup_bucket_opts *o = opts;

	bucket_setup_release(&o->bucket);
	json_decref(o->tags);
	place_options_release(&o->where);
}

static int set_transition(void *target, const struct opt *o, const char *value, struct error **err)
{
	struct lifecycle *l = target;
	const char *colon = strchr(value, ':');
	cleanup_free char *class = colon ? xstrndup(value, (size_t)(colon - value)) : NULL;
	int64_t days;
	int i;

	if (!class)
		return err_set(err, ERR_USAGE,
			       "--%s takes a storage class, ':' and a number of days, not '%s'",
			       o->name, value);
	if (opt_word(o, lifecycle_classes, class, &i, err) < 0 ||
	    opt_number(o, colon + 1, (struct opt_range){ 0, DAYS_MAX, "days" }, &days, err) < 0)
		return -1;
	if (l->move_days[i] >= 0)
		return err_set(err, ERR_USAGE, "--%s %s is given twice", o->name, class);
	l->move_days[i] = days;
	return 0;
}

/* As Object Lock's default retention takes it: "governance:30". */
static int set_lock(void *target, const struct opt *o, const char *value, struct error **err)
{
	static const char *const modes[] = { "governance", "compliance", NULL };
	static const char *const names[] = { "GOVERNANCE", "COMPLIANCE" };
	struct bucket_setup *s = target;
	const char *colon = strchr(value, ':');
	cleanup_free char *mode = colon ? xstrndup(value, (size_t)(colon - value)) : NULL;
	int i;

	if (!mode)
		return err_set(err, ERR_USAGE,
			       "--%s takes governance or compliance, ':' and a number of days, not "
			       "'%s'",
			       o->name, value);
	if (opt_word(o, modes, mode, &i, err) < 0 ||
	    opt_number(o, colon + 1, (struct opt_range){ 1, DAYS_MAX, "days" }, &s->lock_days,
		       err) < 0)
		return -1;
	s->lock_mode = names[i];
	return 0;
}

static int set_days(void *target, const struct opt *o, const char *value, struct error **err)
{
	return opt_number(o, value, (struct opt_range){ 1, DAYS_MAX, "days" }, target, err);
}

#define LIFECYCLE(member) .offset = offsetof(struct bucket_setup, lifecycle.member)

static const struct opt options[] = {
	{ "kms-key", .arg = "KEY", .type = OPT_TEXT,
	  .offset = offsetof(struct setup_bucket_opts, bucket.kms_key),
	  .help = "Encrypt new objects with this KMS key (id, ARN or alias), and let CloudWatch "
		  "Logs use it" },
	{ "lock", .arg = "MODE:DAYS", .set = set_lock,
	  .offset = offsetof(struct setup_bucket_opts, bucket),
	  .help = "Lock the objects of a new bucket for this many days: governance or compliance" },
	{ "tag", .arg = "KEY=VALUE", .set = opt_tag, .flags = OPT_REPEATS,
	  .offset = offsetof(struct setup_bucket_opts, tags),
	  .help = "Tag the bucket; may be repeated" },
	{ "remove", .type = OPT_FLAG, .offset = offsetof(struct setup_bucket_opts, remove),
	  .help = "Remove what this command merged into the bucket's policy and life cycle" },
	{ "require-tls", .type = OPT_FLAG,
	  .offset = offsetof(struct setup_bucket_opts, bucket.require_tls),
	  .help = "Deny all requests to the bucket that do not use TLS" },
	{ "versioning", .type = OPT_FLAG,
	  .offset = offsetof(struct setup_bucket_opts, bucket.versioning),
	  .help = "Keep the former versions of objects that are overwritten or deleted" },
	{ 0 },
};

static const struct opt lifecycle_options[] = {
	{ "transition", .arg = "CLASS:DAYS", .set = set_transition, .flags = OPT_REPEATS,
	  .offset = offsetof(struct bucket_setup, lifecycle),
	  .help = "Move objects to a storage class, such as GLACIER_IR, this many days after their "
		  "creation; may be repeated" },
	{ "small-objects", .type = OPT_FLAG,
	  .offset = offsetof(struct bucket_setup, lifecycle.small_objects),
	  .help = "Move objects below 128 KiB, too, where the class takes them" },
	{ "expire", .arg = "DAYS", .set = set_days, LIFECYCLE(expire_days),
	  .help = "Delete objects and ledger entries this many days after their creation" },
	{ "noncurrent-expire", .arg = "DAYS", .set = set_days, LIFECYCLE(noncurrent_days),
	  .help = "Delete former versions this many days after they were replaced" },
	{ "abort-multipart", .arg = "DAYS", .set = set_days, LIFECYCLE(abort_days),
	  .help = "Delete the parts of uploads that were not finished after this many days" },
	{ 0 },
};

static const struct opt_group groups[] = {
	{ "Which bucket:", place_options, offsetof(struct setup_bucket_opts, where) },
	{ "Its settings:", options, 0 },
	{ "The life cycle of objects below the prefix:", lifecycle_options,
	  offsetof(struct setup_bucket_opts, bucket) },
	{ 0 },
};

static const struct permission permissions[] = {
	{ "s3:ListBucket", NULL },
	{ "s3:CreateBucket", NULL },
	{ "s3:GetBucketOwnershipControls", NULL },
	{ "s3:PutBucketOwnershipControls", NULL },
	{ "s3:GetBucketPublicAccessBlock", NULL },
	{ "s3:PutBucketPublicAccessBlock", NULL },
	{ "s3:GetEncryptionConfiguration", NULL },
	{ "s3:PutEncryptionConfiguration", NULL },
	{ "s3:GetBucketPolicy", NULL },
	{ "s3:PutBucketPolicy", NULL },
	{ "kms:DescribeKey", "with --kms-key" },
	{ "kms:GetKeyPolicy", "with --kms-key" },
	{ "kms:PutKeyPolicy", "with --kms-key" },
	{ "s3:GetBucketObjectLockConfiguration", "with --lock" },
	{ "s3:PutBucketObjectLockConfiguration", "with --lock" },
	{ "s3:PutBucketVersioning", "with --lock" },
	{ "s3:GetBucketTagging", "with --tag" },
	{ "s3:PutBucketTagging", "with --tag" },
	{ "s3:GetBucketVersioning", "with --versioning" },
	{ "s3:PutBucketVersioning", "with --versioning" },
	{ "s3:GetLifecycleConfiguration", "with --remove, and an option of the life cycle" },
	{ "s3:PutLifecycleConfiguration", "with --remove, and an option of the life cycle" },
	{ "s3:DeleteBucketPolicy", "with --remove" },
	{ 0 },
};

const struct cmd cmd_setup_bucket = {
	.name = "setup-bucket",
	.summary = "Create or prepare the bucket that logs are exported to",
	.usage = "--bucket NAME [OPTION...]",
	.about = "Prepare the bucket for exports from CloudWatch Logs: create it if it does not "
		 "exist, block public access, turn ACLs off, encrypt it, and merge into its policy "
		 "the statements that let CloudWatch Logs in. Nothing else about it is changed.",
	.examples = { "apigw-logs setup-bucket --bucket acme-api-logs --dry-run",
		      "apigw-logs setup-bucket --bucket acme-api-logs" },
	.groups = groups,
	.permissions = permissions,
	.opts_size = sizeof(struct setup_bucket_opts),
	.defaults = &defaults,
	.run = run,
	.release = release,
};
