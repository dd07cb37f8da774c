/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "aws/arn.h"
#include "aws/endpoint/partition.h"
#include "aws/service/kms.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "base/xml.h"
#include "setup/bucket_parts.h"
#include "setup/policy.h"

/* Source: "Resource quotas", AWS KMS Developer Guide. */
#define KEY_POLICY_MAX (32 * 1024)

#define DEFAULT "Rule/ApplyServerSideEncryptionByDefault/"

static char *encryption_xml(const char *algorithm, const char *key)
{
	cleanup_free char *id =
		key ? xasprintf("<KMSMasterKeyID>%s</KMSMasterKeyID>", key) : xstrdup("");

	return xasprintf("<ServerSideEncryptionConfiguration" S3_XMLNS "><Rule>"
			 "<ApplyServerSideEncryptionByDefault><SSEAlgorithm>%s</SSEAlgorithm>%s"
			 "</ApplyServerSideEncryptionByDefault>%s</Rule></"
			 "ServerSideEncryptionConfiguration>",
			 algorithm, id, key ? "<BucketKeyEnabled>true</BucketKeyEnabled>" : "");
}

/* The ARN of a key that CloudWatch Logs can be let use; ret is set also where it cannot. */
static int find_key(const struct bucket_look *l, struct kms_key *ret, struct error **err)
{
	const char *id = l->setup->kms_key, *region = l->setup->common.region;
	int r = kms_describe_key(l->client, id, ret, err);
	struct arn arn;

	if (r < 0)
		return err_wrap(err, "cannot inspect KMS key '%s'", id);
	if (r == 0)
		return err_set(err, ERR_REFUSED, "KMS key '%s' does not exist in %s", id, region);
	if (arn_parse(ret->arn, &arn) && (strlen(region) != arn.region.len ||
					  strncmp(region, arn.region.start, arn.region.len) != 0))
		return err_set(err, ERR_REFUSED,
			       "KMS key '%s' is not in %s, where the bucket must be", id, region);
	if (!str_eq(ret->state, "Enabled"))
		return err_set(err, ERR_REFUSED, "KMS key '%s' cannot be used: its state is %s", id,
			       ret->state);
	if (ret->aws_managed)
		return err_set(err, ERR_REFUSED,
			       "KMS key '%s' is managed by AWS, and nobody can let CloudWatch Logs "
			       "use it: choose a key of your own",
			       id);
	if (!ret->symmetric)
		return err_set(err, ERR_REFUSED,
			       "KMS key '%s' is not symmetric, and S3 cannot encrypt with it", id);
	return 0;
}

static int apply_key_policy(const struct change_run *run, const json_t *args, struct error **err)
{
	return kms_put_key_policy(run->client, json_str(args, "key"), json_str(args, "policy"),
				  err);
}

/* Source: "Export log data to Amazon S3 using the console", CloudWatch Logs User Guide. */
static json_t *key_statement(const char *service)
{
	return json_pack("{ss ss s{ss} s[ss] ss}", "Sid", "ApigwLogsExportKey", "Effect", "Allow",
			 "Principal", "Service", service, "Action", "kms:GenerateDataKey*",
			 "kms:Decrypt", "Resource", "*");
}

/* A key of another account: its owner has to do it. */
static int note_foreign_key(const struct bucket_look *l, const char *arn, const json_t *statement,
			    struct error **own, struct error **err)
{
	cleanup_buf struct buf text = BUF_INIT;

	if (arn_resource(arn, "kms", l->setup->common.region, l->setup->common.account) ||
	    !(*own)->aws_code || err_is_fatal(*own)) {
		err_move(own, err);
		return err_wrap(err, "cannot inspect the policy of KMS key '%s'", arn);
	}
	json_add_compact(&text, statement);
	strv_take(&l->setup->common.warnings,
		  xasprintf("KMS key '%s' is another account's: its owner must add this to its "
			    "policy: %s",
			    arn, text.data));
	return 0;
}

static int plan_key_policy(const struct bucket_look *l, const struct kms_key *key,
			   struct error **err)
{
	const char *region = l->setup->common.region;
	cleanup_free char *service =
		xasprintf("logs.%s.%s", region, partition_of(region)->dns_suffix);
	cleanup_free char *resource = xasprintf("KMS key '%s'", key->id);
	cleanup_free char *may = xasprintf("CloudWatch Logs in %s may use the key", region);
	cleanup_json json_t *statement = key_statement(service), *policy = NULL;
	cleanup_error struct error *own = NULL;
	cleanup_buf struct buf merged = BUF_INIT;
	cleanup_free char *text = NULL;

	if (kms_get_key_policy(l->client, key->arn, &text, &own) < 0)
		return note_foreign_key(l, key->arn, statement, &own, err);
	if (policy_parse(text, strlen(text), "the key's policy", &policy, err) < 0)
		return -1;
	if (policy_allows(policy, service, "kms:GenerateDataKey") &&
	    policy_allows(policy, service, "kms:Decrypt"))
		return 0;
	policy_merge(policy, statement);
	json_add_compact(&merged, policy);
	if (merged.len > KEY_POLICY_MAX)
		return err_set(err, ERR_REFUSED,
			       "the policy of KMS key '%s' would grow to %zu bytes, and KMS takes "
			       "%d at most",
			       key->id, merged.len, KEY_POLICY_MAX);
	changes_add(l->ret, resource, "policy statement ApigwLogsExportKey", NULL, may,
		    apply_key_policy, json_pack("{ss ss}", "key", key->arn, "policy", merged.data));
	return 0;
}

/* The bucket may name the key by id or alias; then only KMS can tell that it is the same. */
static int is_same_key(const struct bucket_look *l, const struct kms_key *key, bool *ret,
		       struct error **err)
{
	cleanup(kms_key_release) struct kms_key now = { 0 };
	const char *id = l->setup->key;

	*ret = id && str_eq(id, key->arn);
	if (!id || *ret)
		return 0;
	if (kms_describe_key(l->client, id, &now, err) < 0)
		return err_wrap(err, "cannot inspect KMS key '%s'", id);
	*ret = str_eq0(now.arn, key->arn);
	return 0;
}

static int plan_kms(const struct bucket_look *l, bool bucket_key, struct error **err)
{
	struct bucket_setup *s = l->setup;
	cleanup(kms_key_release) struct kms_key key = { 0 };
	cleanup_free char *config = NULL, *desired = NULL, *current = NULL;
	bool same = false;

	if (find_key(l, &key, err) < 0 || plan_key_policy(l, &key, err) < 0 ||
	    is_same_key(l, &key, &same, err) < 0)
		return -1;
	config = encryption_xml("aws:kms", key.arn);
	if (same && str_eq0(s->encryption, "aws:kms")) {
		if (!bucket_key)
			bucket_add_config(l, "bucket key", "off", "on", "encryption", config);
		return 0;
	}
	desired = xasprintf("aws:kms with %s", key.arn);
	current = s->encryption && s->key ? xasprintf("%s with %s", s->encryption, s->key)
					  : xstrdup(s->encryption);
	bucket_add_config(l, "default encryption", current, desired, "encryption", config);
	return 0;
}

static int refuse_dsse(const struct bucket_look *l, struct error **err)
{
	err_set(err, ERR_REFUSED,
		"bucket '%s' is encrypted with aws:kms:dsse, and CloudWatch Logs cannot export to "
		"such a bucket",
		l->setup->place.bucket);
	return err_hint(err, "--kms-key KEY makes aws:kms with that key its default encryption");
}

/* An encryption that somebody has chosen is kept, unless a key is named. */
int bucket_plan_encryption(const struct bucket_look *l, struct error **err)
{
	struct bucket_setup *s = l->setup;
	cleanup_buf struct buf text = BUF_INIT;
	cleanup_xml struct xml *x = NULL;
	cleanup_free char *plain = encryption_xml("AES256", NULL);

	if (bucket_get_config(l, "encryption", &text, &x, err) < 0)
		return -1;
	s->encryption = xstrdup(xml_text(x, DEFAULT "SSEAlgorithm"));
	s->key = xstrdup(xml_text(x, DEFAULT "KMSMasterKeyID"));
	if (s->kms_key)
		return plan_kms(l, str_eq0(xml_text(x, "Rule/BucketKeyEnabled"), "true"), err);
	if (!s->encryption)
		bucket_add_config(l, "default encryption", NULL, "AES256 (SSE-S3)", "encryption",
				  plain);
	else if (str_eq(s->encryption, "aws:kms:dsse"))
		return refuse_dsse(l, err);
	else if (!str_eq(s->encryption, "AES256"))
		strv_take(&s->common.notes,
			  xasprintf("bucket '%s' is encrypted with %s: the key's policy must "
				    "allow CloudWatch Logs to use it; --kms-key KEY sees to that",
				    s->place.bucket, s->encryption));
	return 0;
}
