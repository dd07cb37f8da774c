/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "setup/bucket.h"

#include <inttypes.h>
#include <stdlib.h>

#include "aws/service/s3.h"
#include "aws/service/s3_config.h"
#include "base/error.h"
#include "base/xalloc.h"
#include "base/xml.h"

static const char public_access_block[] =
	"<PublicAccessBlockConfiguration" S3_XMLNS "><BlockPublicAcls>true</BlockPublicAcls>"
	"<IgnorePublicAcls>true</IgnorePublicAcls><BlockPublicPolicy>true</BlockPublicPolicy>"
	"<RestrictPublicBuckets>true</RestrictPublicBuckets></PublicAccessBlockConfiguration>";
static const char ownership_controls[] =
	"<OwnershipControls" S3_XMLNS "><Rule><ObjectOwnership>BucketOwnerEnforced"
	"</ObjectOwnership></Rule></OwnershipControls>";
static const char versioning[] = "<VersioningConfiguration" S3_XMLNS "><Status>Enabled</Status>"
				 "</VersioningConfiguration>";

static int apply_create(const struct change_run *run, const json_t *args, struct error **err)
{
	const struct s3_bucket b = { .client = run->client, .name = json_str(args, "bucket") };
	cleanup_error struct error *own = NULL;

	/* If it is already ours, a reply was lost or another run was faster. */
	if (s3_create_bucket(&b, json_bool(args, "lock", false), &own) == 0 ||
	    err_is(own, "BucketAlreadyOwnedByYou"))
		return 0;
	if (err_is(own, "BucketAlreadyExists"))
		err_hint(&own,
			 "another account has a bucket of that name, and all accounts share the "
			 "names: choose another one");
	if (err_is(own, "OperationAborted"))
		err_hint(&own,
			 "the bucket was deleted a short while ago: try again in a few minutes");
	return err_move(&own, err);
}

static int plan_public_access(const struct bucket_look *l, struct error **err)
{
	static const char *const names[] = { "BlockPublicAcls", "IgnorePublicAcls",
					     "BlockPublicPolicy", "RestrictPublicBuckets" };
	cleanup_buf struct buf text = BUF_INIT, off = BUF_INIT;
	cleanup_xml struct xml *x = NULL;
	int r = bucket_get_config(l, "publicAccessBlock", &text, &x, err);

	if (r < 0)
		return -1;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (!str_eq0(xml_text(x, names[i]), "true"))
			buf_addf(&off, "%s%s", off.len ? ", " : "", names[i]);
	if (r > 0)
		buf_adds(&off, off.len ? " off" : "");
	if (off.len)
		bucket_add_config(l, "public access block", r ? off.data : NULL, "all four on",
				  "publicAccessBlock", public_access_block);
	return 0;
}

static int plan_ownership(const struct bucket_look *l, struct error **err)
{
	cleanup_buf struct buf text = BUF_INIT;
	cleanup_xml struct xml *x = NULL;
	const char *now;

	/* CreateBucket sets it. */
	if (!l->there)
		return 0;
	if (bucket_get_config(l, "ownershipControls", &text, &x, err) < 0)
		return -1;
	now = xml_text(x, "Rule/ObjectOwnership");
	if (!str_eq0(now, "BucketOwnerEnforced"))
		bucket_add_config(l, "object ownership", now, "BucketOwnerEnforced",
				  "ownershipControls", ownership_controls);
	return 0;
}

static int plan_versioning(const struct bucket_look *l, struct error **err)
{
	cleanup_buf struct buf text = BUF_INIT;
	cleanup_xml struct xml *x = NULL;
	const char *now;

	if (!l->setup->versioning)
		return 0;
	if (bucket_get_config(l, "versioning", &text, &x, err) < 0)
		return -1;
	now = xml_text(x, "Status");
	if (!str_eq0(now, "Enabled"))
		bucket_add_config(l, "versioning", now, "Enabled", "versioning", versioning);
	return 0;
}

/* What S3 calls it that objects below 128 KiB move as well, as far as the class takes them. */
#define MINIMUM_VARIES "varies_by_storage_class"

static int plan_lifecycle(const struct bucket_look *l, struct error **err)
{
	struct bucket_setup *s = l->setup;
	const struct s3_bucket b = bucket_of(l->client, s);
	cleanup_lifecycle_plan struct lifecycle_plan p = { .text = BUF_INIT };
	cleanup_buf struct buf text = BUF_INIT;
	cleanup_free char *minimum = NULL;
	bool smaller;
	int moves;
	json_t *args;

	if (lifecycle_is_none(&s->lifecycle))
		return 0;
	if (l->there && s3_get_lifecycle(&b, &text, &minimum, err) < 0)
		return err_wrap(err, "cannot inspect bucket '%s'", s->place.bucket);
	lifecycle_remarks(&s->lifecycle, &s->common.notes, &s->common.warnings);
	moves = lifecycle_merge(text.data, text.len, s->place.prefix, &s->lifecycle, &p, err);
	if (moves < 0)
		return -1;
	smaller = s->lifecycle.small_objects && !str_eq0(minimum, MINIMUM_VARIES);
	if (!moves && !smaller)
		return 0;
	args = bucket_config_args(s, "lifecycle", p.text.data);
	json_set_text(args, "minimum", smaller ? MINIMUM_VARIES : minimum);
	if (smaller)
		changes_add(l->ret, l->resource, "smallest object that moves",
			    moves ? NULL : minimum, MINIMUM_VARIES,
			    moves ? NULL : bucket_apply_config, moves ? NULL : args);
	if (moves)
		changes_add(l->ret, l->resource, "life cycle", p.now, p.wanted, bucket_apply_config,
			    args);
	return 0;
}

static int refuse_other_lock(const struct bucket_look *l, const char *now, struct error **err)
{
	err_set(err, ERR_REFUSED,
		"bucket '%s' exists %s, and only a new bucket is given another one",
		l->setup->place.bucket, now ? "with another Object Lock" : "without Object Lock");
	return err_hint(err, "omit --lock, or choose the name of a new bucket");
}

/* A lock is for good, so that of a bucket which is in use is its owner's to change. */
static int plan_lock(const struct bucket_look *l, struct error **err)
{
	const struct bucket_setup *s = l->setup;
	cleanup_free char *days = xasprintf("%" PRId64, s->lock_days);
	cleanup_free char *desired = xasprintf("%s, %s days", s->lock_mode, days);
	cleanup_free char *config = xasprintf(
		"<ObjectLockConfiguration" S3_XMLNS "><ObjectLockEnabled>Enabled"
		"</ObjectLockEnabled><Rule><DefaultRetention><Mode>%s</Mode><Days>%s</Days>"
		"</DefaultRetention></Rule></ObjectLockConfiguration>",
		s->lock_mode, days);
	cleanup_buf struct buf text = BUF_INIT;
	cleanup_xml struct xml *x = NULL;
	const char *mode;
	int r;

	if (!s->lock_mode)
		return 0;
	r = bucket_get_config(l, "object-lock", &text, &x, err);
	if (r < 0)
		return -1;
	mode = xml_text(x, "Rule/DefaultRetention/Mode");
	if (str_eq0(mode, s->lock_mode) && str_eq0(xml_text(x, "Rule/DefaultRetention/Days"), days))
		return 0;
	/* Without a rule, it is the bucket that an earlier run has only just created. */
	if (l->there && (mode || r == 0))
		return refuse_other_lock(l, mode, err);
	bucket_add_config(l, "object lock", NULL, desired, "object-lock", config);
	return 0;
}

/* Tags are one document, so those of others are put again. */
static int plan_tags(const struct bucket_look *l, struct error **err)
{
	cleanup_buf struct buf text = BUF_INIT, put = BUF_INIT;
	cleanup_xml struct xml *x = NULL;
	cleanup_json json_t *all = json_object();
	size_t before = l->ret->n;
	const char *key;
	json_t *value;

	if (!l->setup->tags)
		return 0;
	if (bucket_get_config(l, "tagging", &text, &x, err) < 0)
		return -1;
	for (const struct xml *t = xml_path(x, "TagSet/Tag"); t; t = xml_next(t))
		if (xml_text(t, "Key") && xml_text(t, "Value"))
			json_set_text(all, xml_text(t, "Key"), xml_text(t, "Value"));
	json_object_foreach((json_t *)l->setup->tags, key, value) {
		cleanup_free char *property = xasprintf("tag '%s'", key);
		const char *now = json_str(all, key);

		if (str_eq0(now, json_string_value(value)))
			continue;
		changes_add(l->ret, l->resource, property, now, json_string_value(value), NULL,
			    NULL);
		json_object_set(all, key, value);
	}
	if (l->ret->n == before)
		return 0;
	buf_adds(&put, "<Tagging" S3_XMLNS "><TagSet>");
	json_object_foreach(all, key, value) {
		buf_adds(&put, "<Tag><Key>");
		xml_add_text(&put, key);
		buf_adds(&put, "</Key><Value>");
		xml_add_text(&put, json_string_value(value));
		buf_adds(&put, "</Value></Tag>");
	}
	buf_adds(&put, "</TagSet></Tagging>");
	l->ret->v[l->ret->n - 1].apply = bucket_apply_config;
	l->ret->v[l->ret->n - 1].args = bucket_config_args(l->setup, "tagging", put.data);
	return 0;
}

/* 1 if it exists and can be inspected, 0 if it is to be created. */
static int find_bucket(struct aws_client *c, const struct bucket_setup *s, struct error **err)
{
	const struct s3_bucket b = bucket_of(c, s);
	const char *owner = s->place.owner;

	if (owner && !str_eq(owner, s->common.account)) {
		err_set(err, ERR_REFUSED,
			"the credentials belong to account %s, but only account %s can set up its "
			"bucket '%s'",
			s->common.account, owner, b.name);
		return bucket_hint_owner(s, err);
	}
	return bucket_check(&b, s->common.region, err);
}

int bucket_look(struct aws_client *c, void *setup, struct changes *ret, struct error **err)
{
	struct bucket_setup *s = setup;
	cleanup_free char *resource = xasprintf("bucket '%s'", s->place.bucket);
	struct bucket_look l = { c, s, false, resource, ret };
	int there;

	free(TAKE(s->encryption));
	free(TAKE(s->key));
	if (setup_common_look(c, &s->common, err) < 0)
		return -1;
	there = find_bucket(c, s, err);
	if (there < 0)
		return -1;
	if (!there) {
		cleanup_free char *desired = xasprintf("in %s, owned by account %s",
						       s->common.region, s->common.account);

		changes_add(ret, resource, "bucket", NULL, desired, apply_create,
			    json_pack("{ss sb}", "bucket", s->place.bucket, "lock",
				      s->lock_mode != NULL));
	}
	l.there = there;
	if (plan_public_access(&l, err) < 0 || plan_ownership(&l, err) < 0 ||
	    bucket_plan_encryption(&l, err) < 0 || plan_versioning(&l, err) < 0 ||
	    plan_lock(&l, err) < 0 || plan_tags(&l, err) < 0 || plan_lifecycle(&l, err) < 0)
		return -1;
	return bucket_plan_policy(&l, err);
}
