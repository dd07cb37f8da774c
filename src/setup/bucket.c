/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "setup/bucket.h"

#include <stdlib.h>

#include "aws/arn.h"
#include "aws/client.h"
#include "aws/endpoint/partition.h"
#include "aws/service/s3.h"
#include "aws/service/s3_config.h"
#include "base/crypto.h"
#include "base/error.h"
#include "base/xalloc.h"
#include "base/xml.h"
#include "setup/policy.h"

/* Source: PutBucketPolicy, Amazon S3 API Reference. */
#define POLICY_MAX (20 * 1024)

#define S3_XMLNS " xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\""

static const char public_access_block[] =
	"<PublicAccessBlockConfiguration" S3_XMLNS "><BlockPublicAcls>true</BlockPublicAcls>"
	"<IgnorePublicAcls>true</IgnorePublicAcls><BlockPublicPolicy>true</BlockPublicPolicy>"
	"<RestrictPublicBuckets>true</RestrictPublicBuckets></PublicAccessBlockConfiguration>";
static const char ownership_controls[] =
	"<OwnershipControls" S3_XMLNS "><Rule><ObjectOwnership>BucketOwnerEnforced"
	"</ObjectOwnership></Rule></OwnershipControls>";
static const char encryption[] =
	"<ServerSideEncryptionConfiguration" S3_XMLNS "><Rule><ApplyServerSideEncryptionByDefault>"
	"<SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault></Rule>"
	"</ServerSideEncryptionConfiguration>";

static const char versioning[] = "<VersioningConfiguration" S3_XMLNS "><Status>Enabled</Status>"
				 "</VersioningConfiguration>";

void bucket_setup_release(struct bucket_setup *s)
{
	setup_common_release(&s->common);
	free(TAKE(s->encryption));
	free(TAKE(s->key));
}

/* Allows CloudWatch Logs to act on behalf of this account and region only. */
static json_t *export_statement(const char *sid, const char *action, const char *resource,
				const char *region, const char *account)
{
	cleanup_free char *service =
		xasprintf("logs.%s.%s", region, partition_of(region)->dns_suffix);
	cleanup_free char *source = arn_make("logs", region, account, "log-group:*");

	return policy_grant_statement(&(struct policy_grant){ .sid = sid,
							      .service = service,
							      .action = action,
							      .resource = resource,
							      .account = account,
							      .source_arn = source });
}

json_t *export_acl_statement(const char *region, const char *account, const char *bucket)
{
	cleanup_free char *arn = arn_make("s3", region, NULL, "%s", bucket);

	return export_statement("ApigwLogsExportAcl", "s3:GetBucketAcl", arn, region, account);
}

json_t *export_write_statement(const char *region, const char *account, const char *bucket,
			       const char *prefix)
{
	cleanup_free char *arn = arn_make("s3", region, NULL, "%s/%s/*", bucket, prefix);
	cleanup_buf struct buf sid = BUF_INIT;
	uint8_t hash[SHA256_SIZE];
	json_t *s;

	/* A Sid consists of letters and digits; a prefix may have other characters. */
	sha256_once(prefix, strlen(prefix), hash);
	buf_adds(&sid, "ApigwLogsExportWrite");
	buf_add_hex(&sid, hash, 6);
	s = export_statement(sid.data, "s3:PutObject", arn, region, account);
	json_set_text(json_object_get(json_object_get(s, "Condition"), "StringEquals"),
		      "s3:x-amz-acl", "bucket-owner-full-control");
	return s;
}

json_t *require_tls_statement(const char *region, const char *bucket)
{
	cleanup_free char *itself = arn_make("s3", region, NULL, "%s", bucket);
	cleanup_free char *objects = arn_make("s3", region, NULL, "%s/*", bucket);

	return json_pack("{ss ss ss ss s[ss] s{s{ss}}}", "Sid", "ApigwLogsRequireTls", "Effect",
			 "Deny", "Principal", "*", "Action", "s3:*", "Resource", itself, objects,
			 "Condition", "Bool", "aws:SecureTransport", "false");
}

static int apply_create(const struct change_run *run, const json_t *args, struct error **err)
{
	const struct s3_bucket b = { .client = run->client, .name = json_str(args, "bucket") };
	cleanup_error struct error *own = NULL;

	/* If it is already ours, a reply was lost or another run was faster. */
	if (s3_create_bucket(&b, &own) == 0 || err_is(own, "BucketAlreadyOwnedByYou"))
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

static int apply_config(const struct change_run *run, const json_t *args, struct error **err)
{
	const struct s3_bucket b = { run->client, json_str(args, "bucket"),
				     json_str(args, "account") };
	cleanup_buf struct buf text = BUF_INIT;

	buf_adds(&text, json_str(args, "text"));
	return s3_put_config(&b, json_str(args, "name"), &text, json_str(args, "minimum"), err);
}

static json_t *config_args(const struct bucket_setup *s, const char *name, const char *text)
{
	return json_pack("{ss ss ss ss}", "bucket", s->place.bucket, "account", s->common.account,
			 "name", name, "text", text);
}

static struct s3_bucket bucket_of(struct aws_client *c, const struct bucket_setup *s)
{
	return (struct s3_bucket){ c, s->place.bucket, s->common.account };
}

/* Reads a part of the bucket's configuration. Returns 1 and its text, or 0 if none is set. */
static int get_config(struct aws_client *c, const struct bucket_setup *s, const char *name,
		      struct buf *text, struct xml **ret, struct error **err)
{
	const struct s3_bucket b = bucket_of(c, s);
	int r = s3_get_config(&b, name, text, err);

	if (r > 0 && ret && xml_parse(text->data, text->len, name, ret, err) < 0)
		r = -1;
	return r < 0 ? err_wrap(err, "cannot inspect bucket '%s'", s->place.bucket) : r;
}

static int plan_public_access(struct aws_client *c, const struct bucket_setup *s, bool there,
			      const char *resource, struct changes *ret, struct error **err)
{
	static const char *const names[] = { "BlockPublicAcls", "IgnorePublicAcls",
					     "BlockPublicPolicy", "RestrictPublicBuckets" };
	cleanup_buf struct buf text = BUF_INIT, off = BUF_INIT;
	cleanup_xml struct xml *x = NULL;
	int r = there ? get_config(c, s, "publicAccessBlock", &text, &x, err) : 0;

	if (r < 0)
		return -1;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (!str_eq0(xml_text(x, names[i]), "true"))
			buf_addf(&off, "%s%s", off.len ? ", " : "", names[i]);
	if (r > 0)
		buf_adds(&off, off.len ? " off" : "");
	if (off.len)
		changes_add(ret, resource, "public access block", r ? off.data : NULL,
			    "all four on", apply_config,
			    config_args(s, "publicAccessBlock", public_access_block));
	return 0;
}

static int plan_ownership(struct aws_client *c, const struct bucket_setup *s, bool there,
			  const char *resource, struct changes *ret, struct error **err)
{
	cleanup_buf struct buf text = BUF_INIT;
	cleanup_xml struct xml *x = NULL;
	const char *now;

	/* CreateBucket sets it. */
	if (!there)
		return 0;
	if (get_config(c, s, "ownershipControls", &text, &x, err) < 0)
		return -1;
	now = xml_text(x, "Rule/ObjectOwnership");
	if (!str_eq0(now, "BucketOwnerEnforced"))
		changes_add(ret, resource, "object ownership", now, "BucketOwnerEnforced",
			    apply_config, config_args(s, "ownershipControls", ownership_controls));
	return 0;
}

/* An encryption that somebody has chosen is kept. */
static int plan_encryption(struct aws_client *c, struct bucket_setup *s, bool there,
			   const char *resource, struct changes *ret, struct error **err)
{
	cleanup_buf struct buf text = BUF_INIT;
	cleanup_xml struct xml *x = NULL;

	if (there && get_config(c, s, "encryption", &text, &x, err) < 0)
		return -1;
	s->encryption =
		xstrdup(xml_text(x, "Rule/ApplyServerSideEncryptionByDefault/SSEAlgorithm"));
	s->key = xstrdup(xml_text(x, "Rule/ApplyServerSideEncryptionByDefault/KMSMasterKeyID"));
	if (!s->encryption)
		changes_add(ret, resource, "default encryption", NULL, "AES256 (SSE-S3)",
			    apply_config, config_args(s, "encryption", encryption));
	else if (str_eq(s->encryption, "aws:kms:dsse"))
		strv_take(&s->common.warnings,
			  xasprintf("bucket '%s' is encrypted with aws:kms:dsse, and "
				    "CloudWatch Logs cannot export to such a bucket",
				    s->place.bucket));
	else if (!str_eq(s->encryption, "AES256"))
		strv_take(&s->common.notes,
			  xasprintf("bucket '%s' is encrypted with %s: the key's policy must "
				    "allow CloudWatch Logs to use it",
				    s->place.bucket, s->encryption));
	return 0;
}

static int plan_versioning(struct aws_client *c, const struct bucket_setup *s, bool there,
			   const char *resource, struct changes *ret, struct error **err)
{
	cleanup_buf struct buf text = BUF_INIT;
	cleanup_xml struct xml *x = NULL;
	const char *now;

	if (!s->versioning)
		return 0;
	if (there && get_config(c, s, "versioning", &text, &x, err) < 0)
		return -1;
	now = xml_text(x, "Status");
	if (!str_eq0(now, "Enabled"))
		changes_add(ret, resource, "versioning", now, "Enabled", apply_config,
			    config_args(s, "versioning", versioning));
	return 0;
}

static int plan_lifecycle(struct aws_client *c, struct bucket_setup *s, bool there,
			  const char *resource, struct changes *ret, struct error **err)
{
	const struct s3_bucket b = bucket_of(c, s);
	cleanup_lifecycle_plan struct lifecycle_plan p = { .text = BUF_INIT };
	cleanup_buf struct buf text = BUF_INIT;
	cleanup_free char *minimum = NULL;
	json_t *args;
	int r;

	if (lifecycle_is_none(&s->lifecycle))
		return 0;
	if (there && s3_get_lifecycle(&b, &text, &minimum, err) < 0)
		return err_wrap(err, "cannot inspect bucket '%s'", s->place.bucket);
	lifecycle_remarks(&s->lifecycle, &s->common.notes, &s->common.warnings);
	r = lifecycle_merge(text.data, text.len, s->place.prefix, &s->lifecycle, &p, err);
	if (r <= 0)
		return r;
	args = config_args(s, "lifecycle", p.text.data);
	json_set_text(args, "minimum", minimum);
	changes_add(ret, resource, "life cycle", p.now, p.wanted, apply_config, args);
	return 0;
}

static int refuse_large_policy(const struct bucket_setup *s, size_t size, struct error **err)
{
	err_set(err, ERR_REFUSED,
		"the policy of bucket '%s' would grow to %zu bytes, and S3 takes %d at most",
		s->place.bucket, size, POLICY_MAX);
	return err_hint(err,
			"remove statements that are no longer needed, or choose another bucket; "
			"nothing was changed");
}

static int plan_policy(struct aws_client *c, const struct bucket_setup *s, bool there,
		       const char *resource, struct changes *ret, struct error **err)
{
	cleanup_buf struct buf text = BUF_INIT, merged = BUF_INIT;
	cleanup_free char *what = xasprintf("the policy of bucket '%s'", s->place.bucket);
	cleanup_free char *look =
		xasprintf("CloudWatch Logs in %s may s3:GetBucketAcl", s->common.region);
	cleanup_free char *put = xasprintf("CloudWatch Logs in %s may s3:PutObject on %s/%s/*",
					   s->common.region, s->place.bucket, s->place.prefix);
	cleanup_json json_t *policy = NULL;
	size_t before = ret->n;

	if ((there && get_config(c, s, "policy", &text, NULL, err) < 0) ||
	    policy_parse(text.data, text.len, what, &policy, err) < 0)
		return -1;
	policy_plan(policy,
		    export_acl_statement(s->common.region, s->common.account, s->place.bucket),
		    resource, look, ret);
	policy_plan(policy,
		    export_write_statement(s->common.region, s->common.account, s->place.bucket,
					   s->place.prefix),
		    resource, put, ret);
	if (s->require_tls)
		policy_plan(policy, require_tls_statement(s->common.region, s->place.bucket),
			    resource, "denies all requests without TLS", ret);
	if (ret->n == before)
		return 0;
	json_add_compact(&merged, policy);
	if (merged.len > POLICY_MAX)
		return refuse_large_policy(s, merged.len, err);
	/* They are one document, so the last row puts it. */
	ret->v[ret->n - 1].apply = apply_config;
	ret->v[ret->n - 1].args = config_args(s, "policy", merged.data);
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
		return err_hint(err, "run setup-bucket with credentials of account %s", owner);
	}
	return bucket_check(&b, s->common.region, err);
}

int bucket_look(struct aws_client *c, void *setup, struct changes *ret, struct error **err)
{
	struct bucket_setup *s = setup;
	cleanup_free char *resource = xasprintf("bucket '%s'", s->place.bucket);
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
			    json_pack("{ss}", "bucket", s->place.bucket));
	}
	if (plan_public_access(c, s, there, resource, ret, err) < 0 ||
	    plan_ownership(c, s, there, resource, ret, err) < 0 ||
	    plan_encryption(c, s, there, resource, ret, err) < 0 ||
	    plan_versioning(c, s, there, resource, ret, err) < 0 ||
	    plan_lifecycle(c, s, there, resource, ret, err) < 0)
		return -1;
	return plan_policy(c, s, there, resource, ret, err);
}
