/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "setup/bucket_remove.h"

#include <string.h>

#include "archive/archive.h"
#include "aws/service/s3.h"
#include "aws/service/s3_config.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "setup/policy.h"

static int apply_delete(const struct change_run *run, const json_t *args, struct error **err)
{
	const struct s3_bucket b = { run->client, json_str(args, "bucket"),
				     json_str(args, "account") };

	return s3_delete_config(&b, json_str(args, "name"), err);
}

/* Makes the last row the one that puts what is left of a document, or deletes it. */
static void set_apply(const struct bucket_look *l, const char *name, const char *left,
		      const char *minimum)
{
	struct change *last = &l->ret->v[l->ret->n - 1];

	last->apply = left ? bucket_apply_config : apply_delete;
	last->args = bucket_config_args(l->setup, name, left ? left : "");
	if (minimum)
		json_set_text(last->args, "minimum", minimum);
}

static void remove_statement(const struct bucket_look *l, json_t *policy, const char *sid)
{
	cleanup_free char *property = xasprintf("policy statement %s", sid);
	cleanup_free char *name = xstrdup(sid);

	changes_add(l->ret, l->resource, property, "as setup-bucket merged it", NULL, NULL, NULL);
	policy_remove(policy, name);
}

/* The statements that are for all prefixes go with the last of them. */
static int plan_policy(const struct bucket_look *l, struct error **err)
{
	static const char *const shared[] = { "ApigwLogsExportAcl", "ApigwLogsRequireTls" };
	const struct setup_common *common = &l->setup->common;
	cleanup_json json_t *policy = NULL, *ours = NULL;
	cleanup_buf struct buf text = BUF_INIT, left = BUF_INIT;
	size_t before = l->ret->n;

	if (bucket_get_config(l, "policy", &text, NULL, err) < 0 ||
	    policy_parse(text.data, text.len, "the policy of the bucket", &policy, err) < 0)
		return -1;
	ours = export_write_statement(common->region, common->account, l->setup->place.bucket,
				      l->setup->place.prefix);
	if (policy_sid(policy, json_str(ours, "Sid"), 0))
		remove_statement(l, policy, json_str(ours, "Sid"));
	for (size_t i = 0; i < ARRAY_SIZE(shared); i++)
		if (!policy_sid(policy, "ApigwLogsExportWrite", 0) &&
		    policy_sid(policy, shared[i], 0))
			remove_statement(l, policy, shared[i]);
	if (l->ret->n == before)
		return 0;
	if (policy_remove(policy, ""))
		json_add_compact(&left, policy);
	set_apply(l, "policy", left.len ? left.data : NULL, NULL);
	return 0;
}

static int plan_lifecycle(const struct bucket_look *l, struct error **err)
{
	const struct s3_bucket b = bucket_of(l->client, l->setup);
	cleanup_lifecycle_plan struct lifecycle_plan p = { .text = BUF_INIT };
	cleanup_buf struct buf text = BUF_INIT;
	cleanup_free char *minimum = NULL;
	int r;

	if (s3_get_lifecycle(&b, &text, &minimum, err) < 0)
		return err_wrap(err, "cannot inspect bucket '%s'", b.name);
	r = lifecycle_remove(text.data, text.len, l->setup->place.prefix, &p, err);
	if (r <= 0)
		return r;
	changes_add(l->ret, l->resource, "life cycle", p.now, NULL, NULL, NULL);
	set_apply(l, "lifecycle", p.text.len ? p.text.data : NULL, minimum);
	return 0;
}

int bucket_remove_look(struct aws_client *c, void *setup, struct changes *ret, struct error **err)
{
	struct bucket_setup *s = setup;
	cleanup_free char *resource = xasprintf("bucket '%s'", s->place.bucket);
	const struct bucket_look l = { c, s, true, resource, ret };
	struct s3_bucket b;
	int there;

	if (setup_common_look(c, &s->common, err) < 0)
		return -1;
	b = bucket_of(c, s);
	there = bucket_check(&b, s->common.region, err);
	if (there <= 0)
		return there;
	if (plan_policy(&l, err) < 0 || plan_lifecycle(&l, err) < 0)
		return -1;
	if (ret->n)
		strv_take(&s->common.notes,
			  xasprintf("bucket '%s' and its objects stay, with their encryption",
				    s->place.bucket));
	return 0;
}
