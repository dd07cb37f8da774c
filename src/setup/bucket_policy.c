/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <string.h>

#include "aws/arn.h"
#include "aws/endpoint/partition.h"
#include "base/buf.h"
#include "base/crypto.h"
#include "base/error.h"
#include "base/xalloc.h"
#include "setup/bucket_parts.h"
#include "setup/policy.h"

/* Source: PutBucketPolicy, Amazon S3 API Reference. */
#define POLICY_MAX (20 * 1024)

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

/* Denies all requests that do not use TLS. */
static json_t *require_tls_statement(const char *region, const char *bucket)
{
	cleanup_free char *itself = arn_make("s3", region, NULL, "%s", bucket);
	cleanup_free char *objects = arn_make("s3", region, NULL, "%s/*", bucket);

	return json_pack("{ss ss ss ss s[ss] s{s{ss}}}", "Sid", "ApigwLogsRequireTls", "Effect",
			 "Deny", "Principal", "*", "Action", "s3:*", "Resource", itself, objects,
			 "Condition", "Bool", "aws:SecureTransport", "false");
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

int bucket_plan_policy(const struct bucket_look *l, struct error **err)
{
	const struct bucket_setup *s = l->setup;
	cleanup_buf struct buf text = BUF_INIT, merged = BUF_INIT;
	cleanup_free char *what = xasprintf("the policy of bucket '%s'", s->place.bucket);
	cleanup_free char *look =
		xasprintf("CloudWatch Logs in %s may s3:GetBucketAcl", s->common.region);
	cleanup_free char *put = xasprintf("CloudWatch Logs in %s may s3:PutObject on %s/%s/*",
					   s->common.region, s->place.bucket, s->place.prefix);
	cleanup_json json_t *policy = NULL;
	size_t before = l->ret->n;

	if (bucket_get_config(l, "policy", &text, NULL, err) < 0 ||
	    policy_parse(text.data, text.len, what, &policy, err) < 0)
		return -1;
	policy_plan(policy,
		    export_acl_statement(s->common.region, s->common.account, s->place.bucket),
		    l->resource, look, l->ret);
	policy_plan(policy,
		    export_write_statement(s->common.region, s->common.account, s->place.bucket,
					   s->place.prefix),
		    l->resource, put, l->ret);
	if (s->require_tls)
		policy_plan(policy, require_tls_statement(s->common.region, s->place.bucket),
			    l->resource, "denies all requests without TLS", l->ret);
	if (l->ret->n == before)
		return 0;
	json_add_compact(&merged, policy);
	if (merged.len > POLICY_MAX)
		return refuse_large_policy(s, merged.len, err);
	/* They are one document, so the last row puts it. */
	l->ret->v[l->ret->n - 1].apply = bucket_apply_config;
	l->ret->v[l->ret->n - 1].args = bucket_config_args(s, "policy", merged.data);
	return 0;
}

int bucket_hint_owner(const struct bucket_setup *s, struct error **err)
{
	const char *region = s->common.region, *account = s->common.account;
	cleanup_json json_t *policy = json_pack(
		"{ss s[oo]}", "Version", "2012-10-17", "Statement",
		export_acl_statement(region, account, s->place.bucket),
		export_write_statement(region, account, s->place.bucket, s->place.prefix));
	cleanup_buf struct buf text = BUF_INIT;

	json_add_compact(&text, policy);
	return err_hint(err,
			"run setup-bucket with credentials of account %s, or have it merge this "
			"into the policy of the bucket: %s",
			s->place.owner, text.data);
}
