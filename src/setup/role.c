/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "setup/role.h"

#include <stdlib.h>

#include "aws/arn.h"
#include "aws/client.h"
#include "aws/service/apigateway.h"
#include "aws/service/iam.h"
#include "base/env.h"
#include "base/error.h"
#include "base/time.h"
#include "base/xalloc.h"
#include "setup/account.h"
#include "setup/policy.h"

/* The waits are 1, 2, 4 … s, but no longer than this. */
#define WAIT_MAX_MS (INT64_C(15) * 1000)

void role_setup_release(struct role_setup *s)
{
	setup_common_release(&s->common);
	free(TAKE(s->role_name));
	free(TAKE(s->role_arn));
	free(TAKE(s->conditions));
	s->foreign = false;
}

static json_t *trust_statement(void)
{
	return policy_grant_statement(&(struct policy_grant){ .service = APIGATEWAY_PRINCIPAL,
							      .action = "sts:AssumeRole" });
}

static int apply_create(const struct change_run *run, const json_t *args, struct error **err)
{
	const struct iam_role_spec spec = {
		.name = json_str(args, "role"),
		.path = json_str(args, "path"),
		.description = ROLE_DESCRIPTION,
		.boundary = json_str(args, "boundary"),
		.trust = json_obj(args, "trust"),
		.tags = json_obj(args, "tags"),
	};

	cleanup_error struct error *own = NULL;
	cleanup_iam_role struct iam_role role = { 0 };

	if (iam_create_role(run->client, &spec, &own) == 0)
		return 0;
	/* Created by an attempt whose reply was lost; the next look finds what it lacks. */
	if (err_is(own, "EntityAlreadyExists") &&
	    iam_get_role(run->client, spec.name, &role, NULL) > 0)
		return 0;
	return err_move(&own, err);
}

static int apply_trust(const struct change_run *run, const json_t *args, struct error **err)
{
	return iam_update_assume_role_policy(run->client, json_str(args, "role"),
					     json_obj(args, "trust"), err);
}

static int apply_policy(const struct change_run *run, const json_t *args, struct error **err)
{
	return iam_attach_role_policy(run->client, json_str(args, "role"), json_str(args, "policy"),
				      err);
}

static int apply_boundary(const struct change_run *run, const json_t *args, struct error **err)
{
	return iam_put_role_permissions_boundary(run->client, json_str(args, "role"),
						 json_str(args, "boundary"), err);
}

static int apply_tags(const struct change_run *run, const json_t *args, struct error **err)
{
	return iam_tag_role(run->client, json_str(args, "role"), json_obj(args, "tags"), err);
}

/* What UpdateAccount says of a role that IAM has not yet made known everywhere. */
static bool is_unsettled(const struct error *e)
{
	return e->kind == ERR_REFUSED &&
	       (err_says(e, "The role ARN does not have required permissions") ||
		err_says(e, "could not successfully write to CloudWatch Logs"));
}

/* Always returns -1. */
static int refuse_unsettled(const char *conditions, struct error **own, struct error **err)
{
	const int64_t waited = conditions ? ROLE_SETTLE_IF_MS : ROLE_SETTLE_MS;

	err_wrap(own, "API Gateway has not accepted the role for %d s", (int)(waited / MS_SECOND));
	if (conditions) {
		err_hint(own,
			 "its trust policy has a condition, %s: remove it if API Gateway cannot "
			 "meet "
			 "it",
			 conditions);
	} else {
		(*own)->kind = ERR_UNREACHABLE;
		err_hint(own, "run it again; if this persists, a permissions boundary or a service "
			      "control policy may be what stops the role");
	}
	return err_move(own, err);
}

static int apply_account(const struct change_run *run, const json_t *args, struct error **err)
{
	const char *conditions = json_str(args, "conditions");
	const struct env *env = aws_client_env(run->client);
	const int64_t end = env_now_ms(env) + (conditions ? ROLE_SETTLE_IF_MS : ROLE_SETTLE_MS);
	int64_t wait = MS_SECOND;

	for (;; wait = 2 * wait < WAIT_MAX_MS ? 2 * wait : WAIT_MAX_MS) {
		cleanup_error struct error *own = NULL;

		if (apigateway_set_account_role(run->client, json_str(args, "arn"), &own) == 0)
			return 0;
		if (!is_unsettled(own))
			return err_move(&own, err);
		if (env_now_ms(env) + wait > end)
			return refuse_unsettled(conditions, &own, err);
		if (run->wait)
			run->wait(run->data, "waiting until API Gateway sees the role: IAM takes "
					     "a few seconds");
		if (!env_sleep_ms(env, wait))
			return err_interrupted(err);
	}
}

char *role_managed_policy(const struct setup_common *s)
{
	return arn_make("iam", s->region, "aws", "policy/service-role/" ROLE_MANAGED_POLICY);
}

static void plan_create(const struct role_setup *s, struct changes *ret)
{
	cleanup_free char *resource = xasprintf("role '%s'", s->role_name);
	cleanup_free char *policy = role_managed_policy(&s->common);
	json_t *args = json_pack("{ss s{ss s[o]}}", "role", s->role_name, "trust", "Version",
				 "2012-10-17", "Statement", trust_statement());

	if (s->path)
		json_set_text(args, "path", s->path);
	if (s->boundary)
		json_set_text(args, "boundary", s->boundary);
	if (s->tags)
		json_object_set_new(args, "tags", json_deep_copy(s->tags));
	changes_add(ret, resource, "role", NULL, "trusts " APIGATEWAY_PRINCIPAL, apply_create,
		    args);
	changes_add(ret, resource, "managed policy", NULL, policy, apply_policy,
		    json_pack("{ss ss}", "role", s->role_name, "policy", policy));
}

/* A condition is kept: to trust without it would widen what somebody restricted. */
static enum policy_trust find_trust(struct role_setup *s, const struct iam_role *role)
{
	enum policy_trust found = policy_trust(role->trust, APIGATEWAY_PRINCIPAL, &s->conditions);

	if (found == POLICY_TRUST_IF)
		strv_take(&s->common.warnings,
			  xasprintf("role '%s' trusts " APIGATEWAY_PRINCIPAL
				    " only under a condition (%s): if "
				    "API Gateway does not meet it, it cannot log",
				    role->name, s->conditions));
	return found;
}

static void plan_trust(struct role_setup *s, const struct iam_role *role, struct changes *ret)
{
	cleanup_free char *resource = xasprintf("role '%s'", role->name);
	cleanup_json json_t *trust = role->trust ? json_deep_copy(role->trust) : json_object();
	cleanup_json json_t *statement = trust_statement();

	if (find_trust(s, role) != POLICY_NO_TRUST)
		return;
	policy_merge(trust, statement);
	changes_add(ret, resource, "trust policy", "does not trust " APIGATEWAY_PRINCIPAL,
		    "trusts " APIGATEWAY_PRINCIPAL " too", apply_trust,
		    json_pack("{ss sO}", "role", role->name, "trust", trust));
}

static void plan_tags(const struct role_setup *s, const struct iam_role *role, struct changes *ret)
{
	cleanup_free char *resource = xasprintf("role '%s'", role->name);
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)s->tags, key, value) {
		cleanup_free char *property = xasprintf("tag '%s'", key);
		const char *now = json_str(role->tags, key);

		if (!str_eq0(now, json_string_value(value)))
			changes_add(
				ret, resource, property, now, json_string_value(value), apply_tags,
				json_pack("{ss s{sO}}", "role", role->name, "tags", key, value));
	}
}

/* A role of ours that exists: what it lacks is added, and nothing is taken away. */
static int plan_existing(struct aws_client *c, struct role_setup *s, const struct iam_role *role,
			 struct changes *ret, struct error **err)
{
	cleanup_free char *resource = xasprintf("role '%s'", role->name);
	cleanup_free char *policy = role_managed_policy(&s->common);
	cleanup_strv struct strv attached = STRV_INIT;

	if (s->path && role->path && !str_eq(s->path, role->path)) {
		err_set(err, ERR_USAGE,
			"role '%s' exists with the path '%s', which IAM cannot change", role->name,
			role->path);
		return err_hint(err, "omit --path, or choose another --role-name");
	}
	plan_trust(s, role, ret);
	if (iam_list_attached_role_policies(c, role->name, &attached, err) < 0)
		return err_wrap(err, "cannot inspect role '%s'", role->name);
	if (!strv_has(&attached, policy))
		changes_add(ret, resource, "managed policy", NULL, policy, apply_policy,
			    json_pack("{ss ss}", "role", role->name, "policy", policy));
	if (s->boundary && !str_eq0(role->boundary, s->boundary))
		changes_add(ret, resource, "permissions boundary", role->boundary, s->boundary,
			    apply_boundary,
			    json_pack("{ss ss}", "role", role->name, "boundary", s->boundary));
	plan_tags(s, role, ret);
	return 0;
}

/* Somebody else's live role is not ours to repair; remarks say what it seems to lack. */
static int look_at_foreign(struct aws_client *c, struct role_setup *s, const struct iam_role *role,
			   struct error **err)
{
	cleanup_free char *policy = role_managed_policy(&s->common);
	cleanup_strv struct strv attached = STRV_INIT;

	s->foreign = true;
	strv_take(&s->common.notes,
		  xasprintf("API Gateway in %s already logs with role '%s', which is kept",
			    s->common.region, role->name));
	if (!role->trust) {
		strv_add(&s->common.notes,
			 "it belongs to another account, so it cannot be inspected");
		return 0;
	}
	if (find_trust(s, role) == POLICY_NO_TRUST)
		strv_take(&s->common.warnings,
			  xasprintf("role '%s' does not trust " APIGATEWAY_PRINCIPAL
				    ": API Gateway cannot log with it",
				    role->name));
	if (iam_list_attached_role_policies(c, role->name, &attached, err) < 0)
		return err_wrap(err, "cannot inspect role '%s'", role->name);
	if (!strv_has(&attached, policy))
		strv_take(
			&s->common.warnings,
			xasprintf("role '%s' does not have the managed policy " ROLE_MANAGED_POLICY
				  ": unless other policies of it allow the same, API Gateway "
				  "cannot log with it",
				  role->name));
	return 0;
}

/* Our role, which exists or is to be created. */
static int plan_role(struct aws_client *c, struct role_setup *s, const char *name,
		     struct changes *ret, struct error **err)
{
	cleanup_iam_role struct iam_role role = { 0 };
	int r = iam_get_role(c, name, &role, err);

	if (r < 0)
		return err_wrap(err, "cannot inspect role '%s'", name);
	s->role_name = xstrdup(r ? role.name : name);
	s->role_arn = r ? xstrdup(role.arn)
			: arn_make("iam", s->common.region, s->common.account, "role%s%s",
				   s->path ? s->path : "/", name);
	if (r)
		return plan_existing(c, s, &role, ret, err);
	plan_create(s, ret);
	return 0;
}

static int refuse_other_name(const struct role_setup *s, const char *live, struct error **err)
{
	err_set(err, ERR_USAGE,
		"API Gateway in %s logs with role '%s', which exists, and not with '%s'",
		s->common.region, live, s->name);
	return err_hint(
		err,
		"--replace sets '%s' for all APIs of the region; without --role-name the role is "
		"kept",
		s->name);
}

static void plan_account(const struct role_setup *s, const struct account_role *now,
			 struct changes *ret)
{
	cleanup_free char *resource =
		xasprintf("API Gateway account setting in %s", s->common.region);
	cleanup_free char *was = now->arn && !now->live ? xasprintf("%s (no such role)", now->arn)
							: xstrdup(now->arn);

	if (!str_eq0(now->arn, s->role_arn))
		changes_add(ret, resource, "CloudWatch Logs role", was, s->role_arn, apply_account,
			    json_pack("{ss ss*}", "arn", s->role_arn, "conditions", s->conditions));
}

int role_look(struct aws_client *c, void *setup, struct changes *ret, struct error **err)
{
	struct role_setup *s = setup;
	cleanup_account_role struct account_role now = { 0 };
	const char *name = s->name;

	role_setup_release(s);
	if (setup_common_look(c, &s->common, err) < 0 ||
	    account_role_look(c, &s->common, &now, err) < 0)
		return -1;
	if (now.live && !s->replace) {
		if (name && !str_eq_nocase(name, now.role.name))
			return refuse_other_name(s, now.role.name, err);
		if (!name && !str_eq(now.role.name, ROLE_NAME_DEFAULT)) {
			s->role_name = xstrdup(now.role.name);
			s->role_arn = xstrdup(now.role.arn);
			return look_at_foreign(c, s, &now.role, err);
		}
	}
	if (plan_role(c, s, name ? name : ROLE_NAME_DEFAULT, ret, err) < 0)
		return -1;
	plan_account(s, &now, ret);
	return 0;
}
