/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "setup/loggroup.h"

#include <string.h>

#include "aws/arn.h"
#include "aws/endpoint/partition.h"
#include "aws/service/kms.h"
#include "aws/service/logs.h"
#include "base/amount.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "setup/common.h"
#include "setup/policy.h"

static int apply_create(const struct change_run *run, const json_t *args, struct error **err)
{
	return logs_create_group(run->client, json_str(args, "group"), json_str(args, "key"), err);
}

static int apply_key(const struct change_run *run, const json_t *args, struct error **err)
{
	return logs_associate_key(run->client, json_str(args, "group"), json_str(args, "key"), err);
}

static int apply_retention(const struct change_run *run, const json_t *args, struct error **err)
{
	return logs_put_retention(run->client, json_str(args, "group"), json_int(args, "days", 0),
				  err);
}

static char *days_text(int64_t days)
{
	return days ? plural_str((uint64_t)days, "day") : xstrdup("never expires");
}

static void note_policy(const struct log_group *g, struct strv *notes)
{
	cleanup_free char *days = days_text(g->retention_days);
	cleanup_free char *note = xasprintf(
		"the retention of log group '%s' is set by the account-level policy '%s' (%s), and "
		"stays as it is",
		g->name, g->retention_policy, days);

	if (!strv_has(notes, note))
		strv_take(notes, TAKE(note));
}

static void plan_retention(const struct log_group *g, bool there, const char *name,
			   int64_t wanted_days, struct changes *ret)
{
	cleanup_free char *resource = xasprintf("log group '%s'", name);
	cleanup_free char *now = there ? days_text(g->retention_days) : NULL;
	cleanup_free char *wanted = days_text(wanted_days);

	changes_add(ret, resource, "retention", now, wanted, apply_retention,
		    json_pack("{ss sI}", "group", name, "days", (json_int_t)wanted_days));
}

int log_group_plan(struct aws_client *c, const char *name, const struct log_group_wanted *w,
		   struct strv *notes, struct changes *ret, struct error **err)
{
	cleanup_log_group struct log_group group = { 0 };
	cleanup_free char *resource = xasprintf("log group '%s'", name);
	int there;

	if (changes_have(ret, resource, "log group") || changes_have(ret, resource, "retention") ||
	    changes_have(ret, resource, "KMS key"))
		return 0;
	there = logs_get_group(c, name, &group, err);
	if (there < 0)
		return err_wrap(err, "cannot inspect log group '%s'", name);
	if (!there && !w->create)
		return 0;
	if (!there)
		changes_add(ret, resource, "log group", NULL, "created", apply_create,
			    json_pack("{ss ss*}", "group", name, "key", w->kms_key));
	else if (w->kms_key && !str_eq0(group.kms_key, w->kms_key))
		changes_add(ret, resource, "KMS key", group.kms_key, w->kms_key, apply_key,
			    json_pack("{ss ss}", "group", name, "key", w->kms_key));
	if (!w->retention_days || w->retention_days == group.retention_days)
		return 0;
	if (group.retention_policy)
		note_policy(&group, notes);
	else
		plan_retention(&group, there, name, w->retention_days, ret);
	return 0;
}

/* Source: "Encrypt log data in CloudWatch Logs using AWS KMS", CloudWatch Logs User Guide. */
static int check_key_policy(struct aws_client *c, const struct setup_common *common,
			    const struct kms_key *key, struct error **err)
{
	cleanup_free char *service =
		xasprintf("logs.%s.%s", common->region, partition_of(common->region)->dns_suffix);
	cleanup_free char *groups =
		arn_make("logs", common->region, common->account, "log-group:*");
	cleanup_free char *text = NULL;
	cleanup_json json_t *policy = NULL, *statement = NULL;
	cleanup_buf struct buf b = BUF_INIT;

	if (kms_get_key_policy(c, key->arn, &text, err) < 0 ||
	    policy_parse(text, strlen(text), "the key's policy", &policy, err) < 0)
		return err_wrap(err, "cannot inspect KMS key '%s'", key->id);
	if (policy_allows(policy, service, "kms:Encrypt") &&
	    policy_allows(policy, service, "kms:Decrypt") &&
	    policy_allows(policy, service, "kms:GenerateDataKey"))
		return 0;
	statement = json_pack("{ss ss s{ss} s[sssss] ss s{s{ss}}}", "Sid", "CloudWatchLogs",
			      "Effect", "Allow", "Principal", "Service", service, "Action",
			      "kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*",
			      "kms:GenerateDataKey*", "kms:Describe*", "Resource", "*", "Condition",
			      "ArnLike", "kms:EncryptionContext:aws:logs:arn", groups);
	json_add_compact(&b, statement);
	err_set(err, ERR_REFUSED, "the policy of KMS key '%s' does not let CloudWatch Logs use it",
		key->id);
	return err_hint(err, "add this statement to it: %s", b.data);
}

int log_group_key(struct aws_client *c, const struct setup_common *common, const char *id,
		  char **ret_arn, struct error **err)
{
	cleanup(kms_key_release) struct kms_key key = { 0 };
	int r = kms_describe_key(c, id, &key, err);

	if (r < 0)
		return err_wrap(err, "cannot inspect KMS key '%s'", id);
	if (r == 0)
		return err_set(err, ERR_REFUSED, "KMS key '%s' does not exist in %s", id,
			       common->region);
	if (!str_eq(key.state, "Enabled"))
		return err_set(err, ERR_REFUSED, "KMS key '%s' cannot be used: its state is %s", id,
			       key.state);
	if (!key.symmetric)
		return err_set(err, ERR_REFUSED,
			       "KMS key '%s' is not symmetric, and CloudWatch Logs cannot encrypt "
			       "with it",
			       id);
	if (check_key_policy(c, common, &key, err) < 0)
		return -1;
	*ret_arn = TAKE(key.arn);
	return 0;
}
