/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "setup/role_remove.h"

#include <string.h>

#include "aws/service/apigateway.h"
#include "aws/service/iam.h"
#include "base/error.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "setup/account.h"
#include "setup/role.h"
#include "setup/stage.h"

static int apply_setting(const struct change_run *run, const json_t *args, struct error **err)
{
	(void)args;
	return apigateway_set_account_role(run->client, "", err);
}

/* What is no longer there was removed by an attempt whose reply was lost, or by another run. */
static int or_gone(int r, struct error **own, struct error **err)
{
	return r == 0 || err_is(*own, "NoSuchEntity") ? 0 : err_move(own, err);
}

static int apply_detach(const struct change_run *run, const json_t *args, struct error **err)
{
	cleanup_error struct error *own = NULL;
	int r = iam_detach_role_policy(run->client, json_str(args, "role"),
				       json_str(args, "policy"), &own);

	return or_gone(r, &own, err);
}

static int apply_delete(const struct change_run *run, const json_t *args, struct error **err)
{
	cleanup_error struct error *own = NULL;
	int r = iam_delete_role(run->client, json_str(args, "role"), &own);

	return or_gone(r, &own, err);
}

static int refuse_role(const struct iam_role *role, struct error **err)
{
	err_set(err, ERR_REFUSED, "role '%s' was not created by apigw-logs, so it is not removed",
		role->name);
	return err_hint(err, "whoever created it can tell what else it is for");
}

static int refuse_policy(const struct iam_role *role, const char *policy, struct error **err)
{
	err_set(err, ERR_REFUSED,
		"role '%s' has a policy that others gave it, '%s', so it is not removed",
		role->name, policy);
	return err_hint(err, "remove that policy first if nothing needs it any longer");
}

/* 1 if the managed policy is attached, 0, or -1; the only one that is ours. */
static int check_policies(struct aws_client *c, const struct iam_role *role, const char *ours,
			  struct error **err)
{
	cleanup_strv struct strv attached = STRV_INIT, own = STRV_INIT;

	if (iam_list_attached_role_policies(c, role->name, &attached, err) < 0 ||
	    iam_list_role_policies(c, role->name, &own, err) < 0)
		return err_wrap(err, "cannot inspect role '%s'", role->name);
	for (size_t i = 0; i < attached.n; i++)
		if (!str_eq(attached.v[i], ours))
			return refuse_policy(role, attached.v[i], err);
	if (own.n)
		return refuse_policy(role, own.v[0], err);
	return attached.n > 0;
}

static int refuse_stage(const struct stage *st, const char *region, struct error **err)
{
	cleanup_free char *title = stage_title(st);

	err_set(err, ERR_REFUSED,
		"%s still logs with the role that API Gateway has in %s, so nothing is removed",
		title, region);
	return err_hint(err, "turn it off first: apigw-logs enable-logging --api %s --remove",
			st->api_id);
}

/* The setting is that of all REST and WebSocket APIs of the region, whoever set them up. */
static int check_stages(struct aws_client *c, const char *region, struct error **err)
{
	cleanup_api_pages struct api_pages p;
	struct api api;
	int r;

	api_pages_init(&p, c);
	while ((r = api_pages_next(&p, &api, err)) > 0) {
		cleanup_stages struct stages l = { 0 };

		r = api.protocol == API_HTTP ? 0 : apigateway_get_stages(c, &api, &l, err);
		api_release(&api);
		if (r < 0)
			return -1;
		for (size_t i = 0; i < l.n; i++)
			if (!str_eq(stage_level(&l.v[i]), "OFF") || l.v[i].access_destination)
				return refuse_stage(&l.v[i], region, err);
	}
	return r;
}

static int plan_setting(struct aws_client *c, const struct role_setup *s, const char *arn,
			struct changes *ret, struct error **err)
{
	cleanup_free char *resource =
		xasprintf("API Gateway account setting in %s", s->common.region);

	if (check_stages(c, s->common.region, err) < 0)
		return -1;
	changes_add(ret, resource, "CloudWatch Logs role", arn, NULL, apply_setting, json_object());
	return 0;
}

static int plan_role(struct aws_client *c, struct role_setup *s, const struct iam_role *role,
		     struct changes *ret, struct error **err)
{
	cleanup_free char *resource = xasprintf("role '%s'", role->name);
	cleanup_free char *policy = role_managed_policy(&s->common);
	int attached = check_policies(c, role, policy, err);

	if (attached < 0)
		return -1;
	if (attached)
		changes_add(ret, resource, "managed policy", policy, NULL, apply_detach,
			    json_pack("{ss ss}", "role", role->name, "policy", policy));
	changes_add(ret, resource, "role", role->arn, NULL, apply_delete,
		    json_pack("{ss}", "role", role->name));
	strv_take(&s->common.notes,
		  xasprintf("role '%s' may be set in other regions as well: remove it there first, "
			    "with --region",
			    role->name));
	return 0;
}

/* True if the setting names a role of that name, be there one or not. */
static bool is_set(const struct account_role *now, const char *name)
{
	const char *slash = now->arn ? strrchr(now->arn, '/') : NULL;

	return slash && str_eq_nocase(slash + 1, name);
}

int role_remove_look(struct aws_client *c, void *setup, struct changes *ret, struct error **err)
{
	struct role_setup *s = setup;
	const char *name = s->name ? s->name : ROLE_NAME_DEFAULT;
	cleanup_account_role struct account_role now = { 0 };
	cleanup_iam_role struct iam_role role = { 0 };
	int there;

	role_setup_release(s);
	if (setup_common_look(c, &s->common, err) < 0 ||
	    account_role_look(c, &s->common, &now, err) < 0)
		return -1;
	s->role_name = xstrdup(name);
	there = iam_get_role(c, name, &role, err);
	if (there < 0)
		return err_wrap(err, "cannot inspect role '%s'", name);
	if (there && !str_eq0(role.description, ROLE_DESCRIPTION))
		return refuse_role(&role, err);
	if (is_set(&now, name) && plan_setting(c, s, now.arn, ret, err) < 0)
		return -1;
	return there ? plan_role(c, s, &role, ret, err) : 0;
}
