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

/* The settings of a stage by the names used here, and the paths that patch them in v1. */
static const struct {
	const char *name, *patch;
} rest_patches[] = {
	{ "level", "/*/*/logging/loglevel" },
	{ "data trace", "/*/*/logging/dataTrace" },
	{ "metrics", "/*/*/metrics/enabled" },
	{ "access log destination", "/accessLogSettings/destinationArn" },
	{ "access log format", "/accessLogSettings/format" },
};

/* A stage as it is looked at. */
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
	s->have_role = false;
}

char *stage_title(const struct stage *st)
{
	if (str_empty(st->api_name))
		return xasprintf("stage '%s' of API %s", st->name, st->api_id);
	return xasprintf("stage '%s' of API '%s' (%s)", st->name, st->api_name, st->api_id);
}

static int explain(struct error **own, struct error **err)
{
	if (err_says(*own, "CloudWatch Logs role ARN must be set"))
		err_hint(own, "create and set it: apigw-logs setup-role");
	if (err_says(*own, "Policy document length"))
		err_hint(own, "the log group's resource policy grows with every HTTP API: "
			      "--access-log=/aws/vendedlogs/NAME avoids it");
	if (err_says(*own, "Insufficient permissions to enable logging"))
		err_hint(own,
			 "the caller needs logs:CreateLogDelivery, logs:PutResourcePolicy and the "
			 "other permissions of log delivery");
	return err_move(own, err);
}

static int apply_rest(const struct change_run *run, const json_t *args, struct error **err)
{
	const json_t *settings = json_obj(args, "settings");
	cleanup_error struct error *own = NULL;
	json_t *patches = json_array();

	if (json_object_get(settings, "no access logs"))
		patch_remove(patches, "/accessLogSettings");
	for (size_t i = 0; i < ARRAY_SIZE(rest_patches); i++)
		if (json_str(settings, rest_patches[i].name))
			patch_replace(patches, rest_patches[i].patch,
				      json_str(settings, rest_patches[i].name));
	if (apigateway_patch_stage(run->client, json_str(args, "api"), json_str(args, "stage"),
				   patches, &own) < 0)
		return explain(&own, err);
	return 0;
}

static void set_flag(json_t *obj, const char *name, const char *value)
{
	if (value)
		json_object_set_new(obj, name, json_boolean(str_eq(value, "true")));
}

static json_t *v2_body(const json_t *args)
{
	const json_t *settings = json_obj(args, "settings");
	const char *level = json_str(settings, "level");
	const char *trace = json_str(settings, "data trace");
	const char *metrics = json_str(settings, "metrics");
	const char *destination = json_str(settings, "access log destination");
	json_t *body = json_object();

	if (level || trace || metrics) {
		json_t *route = json_deep_copy(json_obj(args, "route_settings"));

		route = route ? route : json_object();
		if (level)
			json_set_text(route, "loggingLevel", level);
		set_flag(route, "dataTraceEnabled", trace);
		set_flag(route, "detailedMetricsEnabled", metrics);
		json_object_set_new(body, "defaultRouteSettings", route);
	}
	if (destination)
		json_object_set_new(body, "accessLogSettings",
				    json_pack("{ss ss}", "destinationArn", destination, "format",
					      json_str(settings, "access log format")));
	return body;
}

static int apply_v2(const struct change_run *run, const json_t *args, struct error **err)
{
	const char *api = json_str(args, "api"), *stage = json_str(args, "stage");
	cleanup_json json_t *body = v2_body(args);
	cleanup_error struct error *own = NULL;

	if (json_object_size(body) &&
	    apigateway_update_v2_stage(run->client, api, stage, TAKE(body), &own) < 0)
		return explain(&own, err);
	if (!json_object_get(json_obj(args, "settings"), "no access logs"))
		return 0;
	return apigateway_delete_v2_access_logs(run->client, api, stage, err);
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

static int plan_execution(struct look *l, struct error **err)
{
	const struct stage_setup *s = l->s;
	const char *now = l->st->level ? l->st->level : "OFF";

	if (l->st->protocol == API_HTTP) {
		if (s->level || s->data_trace == WANTED_ON)
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
		for (char **o = l->st->overrides; s->level && o && *o; o++)
			strv_take(&l->s->common.notes,
				  xasprintf("%s has a level of its own for %s", l->title, *o));
	}
	plan_flag(l, "metrics", l->st->metrics, s->metrics);
	return 0;
}

/* Where the access logs are to go: as requested, as already set, or the default. Caller frees. */
static char *access_destination(const struct look *l)
{
	const struct stage_setup *s = l->s;
	cleanup_free char *name = NULL;

	if (!s->access_group && l->st->access_destination)
		return xstrdup(l->st->access_destination);
	/* The '$' of "$default" cannot be in a group's name. */
	name = s->access_group ? xstrdup(s->access_group)
			       : xasprintf("/aws/apigateway/%s/%s", l->st->api_id,
					   l->st->name + (l->st->name[0] == '$'));
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

static int plan_access(struct look *l, struct error **err)
{
	const struct stage_setup *s = l->s;
	cleanup_free char *destination = NULL;
	const char *group;

	if (s->access == WANTED_OFF) {
		if (!l->st->access_destination)
			return 0;
		add_row(l, "access log destination", l->st->access_destination, NULL);
		json_object_set_new(l->settings, "no access logs", json_true());
		return 0;
	}
	if (s->access == WANTED_AS_IS && !(s->retention_days && l->st->access_destination))
		return 0;
	destination = access_destination(l);
	group = own_group(s, destination);
	if (!group)
		strv_take(&l->s->common.notes,
			  xasprintf("%s: its access logs go to %s, and that is kept", l->title,
				    destination));
	else if (log_group_plan(l->c, group, s->access == WANTED_ON, s->retention_days,
				&l->s->common.notes, l->ret, err) < 0)
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

	if (!s->retention_days || l->st->protocol == API_HTTP)
		return 0;
	return log_group_plan(l->c, group, on, s->retention_days, &l->s->common.notes, l->ret, err);
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
	l->ret->v[l->ret->n - 1].apply = l->st->protocol == API_REST ? apply_rest : apply_v2;
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
