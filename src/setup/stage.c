/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "setup/stage.h"

#include <stdlib.h>
#include <string.h>

#include "archive/selection.h"
#include "aws/arn.h"
#include "aws/client.h"
#include "base/error.h"
#include "base/xalloc.h"
#include "setup/account.h"
#include "setup/logformat.h"
#include "setup/loggroup.h"
#include "setup/stage_update.h"

/* A stage that is being inspected. */
struct look {
	struct aws_client *c;
	struct stage_setup *s;
	const struct stage *st;
	struct changes *ret;
	char *title;
	json_t *settings; /* what UpdateStage is to set, by name, as strings */
};

void stage_setup_release(struct stage_setup *s)
{
	setup_common_release(&s->common);
	stages_release(&s->stages);
	free(TAKE(s->key_arn));
	s->have_role = false;
}

char *stage_title(const struct stage *st)
{
	if (str_empty(st->api_name))
		return xasprintf("stage '%s' of API %s", st->name, st->api_id);
	return xasprintf("stage '%s' of API '%s' (%s)", st->name, st->api_name, st->api_id);
}

/* One row of the list; the last row of the stage applies them all. */
static void add_row(struct look *l, const char *property, const char *current, const char *desired)
{
	changes_add(l->ret, l->title, property, current, desired, NULL, NULL);
}

static void plan_flag(struct look *l, const char *property, bool now, enum wanted wanted)
{
	bool on = wanted == WANTED_ON;

	if (wanted == WANTED_AS_IS || now == on)
		return;
	add_row(l, property, now ? "on" : "off", on ? "on" : "off");
	json_set_text(l->settings, property, on ? "true" : "false");
}

static int refuse_role(const struct look *l, const char *arn, struct error **err)
{
	if (!arn) {
		err_set(err, ERR_REFUSED,
			"API Gateway in %s has no role to write to CloudWatch Logs with, so %s "
			"cannot log",
			l->s->common.region, l->title);
		return err_hint(err, "create and set it: apigw-logs setup-role");
	}
	err_set(err, ERR_REFUSED,
		"API Gateway in %s is set to log with role '%s', which does not exist, so %s "
		"cannot log",
		l->s->common.region, arn, l->title);
	return err_hint(err, "repair it: apigw-logs setup-role");
}

/*
 * Without a role API Gateway refuses one stage after the other. If the role was
 * deleted since it was set, API Gateway accepts them all, and no log ever comes.
 */
static int need_role(struct look *l, struct error **err)
{
	cleanup_account_role struct account_role now = { 0 };

	/* HTTP APIs log by log delivery, not with the account's role. */
	if (l->s->have_role || l->st->protocol == API_HTTP)
		return 0;
	if (account_role_look(l->c, &l->s->common, &now, err) < 0)
		return -1;
	if (!now.live)
		return refuse_role(l, now.arn, err);
	l->s->have_role = true;
	return 0;
}

/* Methods and routes that are not at the wanted level, whatever that of the stage is now. */
static void plan_overrides(struct look *l)
{
	json_t *methods = json_object();

	for (size_t i = 0; l->s->level && i < l->st->n_overrides; i++) {
		const struct level_override *o = &l->st->overrides[i];
		cleanup_free char *property = xasprintf("level of %s", o->name);

		if (str_eq(o->level, l->s->level))
			continue;
		if (!l->s->override_methods) {
			strv_take(&l->s->common.notes,
				  xasprintf("%s has a level of its own for %s: %s", l->title,
					    o->name, o->level));
			continue;
		}
		add_row(l, property, o->level, l->s->level);
		json_set_text(methods, o->key, l->s->level);
	}
	if (json_object_size(methods))
		json_object_set(l->settings, "methods", methods);
	json_decref(methods);
}

static int plan_execution(struct look *l, struct error **err)
{
	const struct stage_setup *s = l->s;
	const char *now = stage_level(l->st);

	if (l->st->protocol == API_HTTP) {
		if ((s->level && !s->remove) || s->data_trace == WANTED_ON)
			strv_take(&l->s->common.notes,
				  xasprintf("%s: an HTTP API has no execution logs, only "
					    "access logs",
					    l->title));
	} else {
		if (s->level && !str_eq(s->level, "OFF") && need_role(l, err) < 0)
			return -1;
		if (s->level && !str_eq(now, s->level)) {
			add_row(l, "level", l->st->level, s->level);
			json_set_text(l->settings, "level", s->level);
		}
		plan_flag(l, "data trace", l->st->data_trace, s->data_trace);
		if (s->data_trace == WANTED_ON && str_eq(s->level ? s->level : now, "OFF"))
			strv_take(&l->s->common.notes,
				  xasprintf("%s: data trace takes effect only with --level "
					    "INFO or ERROR",
					    l->title));
		plan_overrides(l);
	}
	plan_flag(l, "metrics", l->st->metrics, s->metrics);
	return 0;
}

/* The '$' of "$default" cannot be in a group's name. Caller frees. */
static char *default_group(const struct stage *st)
{
	return xasprintf("/aws/apigateway/%s/%s", st->api_id, st->name + (st->name[0] == '$'));
}

/* Where the access logs are to go: as requested, as already set, or the default. Caller frees. */
static char *access_destination(const struct look *l)
{
	const struct stage_setup *s = l->s;
	cleanup_free char *name = NULL;

	if (!s->access_group && l->st->access_destination)
		return xstrdup(l->st->access_destination);
	name = s->access_group ? xstrdup(s->access_group) : default_group(l->st);
	return arn_make("logs", s->common.region, s->common.account, "log-group:%s", name);
}

static char *access_format(const struct look *l)
{
	const struct stage_setup *s = l->s;

	if (s->format)
		return xstrdup(s->format);
	if (!s->format_style && l->st->access_format)
		return xstrdup(l->st->access_format);
	return log_format(l->st->protocol, s->format_style ? s->format_style : "json");
}

static int plan_access_on(struct look *l, const char *destination, struct error **err)
{
	cleanup_free char *format = access_format(l);
	bool moves = !str_eq0(l->st->access_destination, destination);
	bool changes = !str_eq0(l->st->access_format, format);

	if (need_role(l, err) < 0)
		return -1;
	if (!moves && !changes)
		return 0;
	if (moves)
		add_row(l, "access log destination", l->st->access_destination, destination);
	if (changes)
		add_row(l, "access log format", l->st->access_format, format);
	/* Always both: API Gateway wants one with the other. */
	json_set_text(l->settings, "access log destination", destination);
	json_set_text(l->settings, "access log format", format);
	return 0;
}

/* The log group of a destination in this account and region, or NULL. Borrowed. */
static const char *own_group(const struct stage_setup *s, const char *destination)
{
	return arn_resource(destination, "logs", s->common.region, s->common.account)
		       ? arn_log_group(destination)
		       : NULL;
}

static int plan_group(const struct look *l, const char *group, bool create, struct error **err)
{
	const struct log_group_wanted wanted = { create, l->s->retention_days, l->s->key_arn };

	return log_group_plan(l->c, group, &wanted, &l->s->common.notes, l->ret, err);
}

static bool is_default_group(const struct look *l)
{
	cleanup_free char *name = default_group(l->st);
	const char *now = own_group(l->s, l->st->access_destination);

	return now && str_eq(now, name);
}

static int plan_access(struct look *l, struct error **err)
{
	const struct stage_setup *s = l->s;
	cleanup_free char *destination = NULL;
	const char *group;

	if (s->access == WANTED_OFF) {
		if (!l->st->access_destination)
			return 0;
		if (s->remove && !is_default_group(l)) {
			strv_take(&l->s->common.notes,
				  xasprintf("%s: its access logs go to %s, and that is kept; "
					    "--no-access-log ends it",
					    l->title, l->st->access_destination));
			return 0;
		}
		add_row(l, "access log destination", l->st->access_destination, NULL);
		json_object_set_new(l->settings, "no access logs", json_true());
		return 0;
	}
	if (s->access == WANTED_AS_IS &&
	    !((s->retention_days || s->kms_key) && l->st->access_destination))
		return 0;
	destination = access_destination(l);
	group = own_group(s, destination);
	if (!group)
		strv_take(&l->s->common.notes,
			  xasprintf("%s: its access logs go to %s, and that is kept", l->title,
				    destination));
	else if (plan_group(l, group, s->access == WANTED_ON, err) < 0)
		return -1;
	return s->access == WANTED_ON ? plan_access_on(l, destination, err) : 0;
}

/* API Gateway creates the group with its first event, and then nothing in it expires. */
static int plan_execution_group(const struct look *l, struct error **err)
{
	const struct stage_setup *s = l->s;
	const char *level = s->level ? s->level : l->st->level;
	cleanup_free char *group = execution_log_group(l->st->api_id, l->st->name);
	bool on = level && !str_eq(level, "OFF");

	if ((!s->retention_days && !s->kms_key) || l->st->protocol == API_HTTP)
		return 0;
	return plan_group(l, group, on, err);
}

/* Groups first; all rows of the stage are one UpdateStage. */
static int plan_stage(struct look *l, struct error **err)
{
	json_t *args;

	if (plan_execution_group(l, err) < 0 || plan_access(l, err) < 0 ||
	    plan_execution(l, err) < 0)
		return -1;
	if (json_object_size(l->settings) == 0)
		return 0;
	args = json_pack("{ss ss sO}", "api", l->st->api_id, "stage", l->st->name, "settings",
			 l->settings);
	if (l->st->route_settings)
		json_object_set(args, "route_settings", l->st->route_settings);
	if (l->st->routes)
		json_object_set(args, "routes", l->st->routes);
	l->ret->v[l->ret->n - 1].apply =
		l->st->protocol == API_REST ? stage_update_rest : stage_update_v2;
	l->ret->v[l->ret->n - 1].args = args;
	return 0;
}

int stage_look(struct aws_client *c, void *setup, struct changes *ret, struct error **err)
{
	const struct stages none = { 0 };
	struct stage_setup *s = setup;
	int r = 0;

	stage_setup_release(s);
	if (setup_common_look(c, &s->common, err) < 0)
		return -1;
	if (s->kms_key && log_group_key(c, &s->common, s->kms_key, &s->key_arn, err) < 0)
		return -1;
	if (selection_stages(c, s->selection, &none, &s->stages, err) < 0)
		return -1;
	if (s->data_trace == WANTED_ON)
		strv_add(&s->common.warnings,
			 "data trace writes requests and responses, bodies included, to "
			 "the execution log");
	for (size_t i = 0; i < s->stages.n && r == 0; i++) {
		struct look l = { c, s, &s->stages.v[i], ret, NULL, NULL };

		ret->unit = i;
		l.title = stage_title(l.st);
		l.settings = json_object();
		r = plan_stage(&l, err);
		free(l.title);
		json_decref(l.settings);
	}
	return r;
}
