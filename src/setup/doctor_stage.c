/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "archive/api_log.h"
#include "aws/arn.h"
#include "aws/service/apigateway.h"
#include "aws/service/logs.h"
#include "base/amount.h"
#include "base/error.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "setup/doctor_links.h"
#include "setup/stage.h"

/* Which stage a command is for; "$default" is for the shell to leave alone. */
static void hint_stage(const struct doctor *d, const struct stage *st, const char *options)
{
	const char *quote = st->name[0] == '$' ? "'" : "";

	finding_hint(d->findings, "apigw-logs enable-logging --api %s --stage %s%s%s %s",
		     st->api_id, quote, st->name, quote, options);
}

static void check_settings(const struct doctor *d, const struct stage *st, const char *title)
{
	bool executes = st->level && !str_eq(st->level, "OFF");
	const char *to = st->access_destination;
	const char *group = to ? arn_log_group(to) : NULL;

	if (!executes && !to) {
		finding_add(d->findings, LINK_STAGE, HEALTH_BROKEN, "%s logs nothing", title);
		hint_stage(d, st,
			   st->protocol == API_HTTP ? "--access-log" : "--level INFO --access-log");
		return;
	}
	finding_add(d->findings, LINK_STAGE, HEALTH_GOOD, "%s logs%s%s%s%s%s", title,
		    executes ? " executions at level " : "", executes ? st->level : "",
		    executes && to ? " and" : "", to ? " access to " : "",
		    group ? group
		    : to  ? to
			  : "");
	for (size_t i = 0; i < st->n_overrides; i++) {
		const struct level_override *o = &st->overrides[i];
		cleanup_free char *repair =
			xasprintf("--level %s --override-methods", stage_level(st));

		if (str_eq(o->level, stage_level(st)))
			continue;
		finding_add(d->findings, LINK_STAGE, HEALTH_DOUBTFUL,
			    "%s has a level of its own for %s: %s", title, o->name, o->level);
		hint_stage(d, st, repair);
	}
}

/* Its class cannot be changed: the stage needs another group. */
static void check_class(const struct doctor *d, const struct stage *st, const struct log_group *g)
{
	if (str_eq(g->class, "STANDARD"))
		return;
	if (!str_eq(g->class, "DELIVERY")) {
		finding_add(d->findings, LINK_LOG_GROUP, HEALTH_DOUBTFUL,
			    "log group '%s' is of the class %s, which AWS may refuse to export",
			    g->name, g->class);
		return;
	}
	finding_add(d->findings, LINK_LOG_GROUP, HEALTH_BROKEN,
		    "log group '%s' is of the class DELIVERY, which cannot be exported", g->name);
	if (!str_starts(g->name, EXECUTION_LOG_GROUPS)) {
		cleanup_free char *other = xasprintf("--access-log=%s-standard", g->name);

		hint_stage(d, st, other);
	}
}

static void say_group(const struct doctor *d, const struct log_group *g)
{
	cleanup_free char *days = plural_str((uint64_t)g->retention_days, "day");

	if (!g->retention_days)
		finding_add(d->findings, LINK_LOG_GROUP, HEALTH_GOOD, "log group '%s' exists",
			    g->name);
	else if (!g->retention_policy)
		finding_add(d->findings, LINK_LOG_GROUP, HEALTH_GOOD,
			    "log group '%s' keeps events for %s", g->name, days);
	else
		finding_add(d->findings, LINK_LOG_GROUP, HEALTH_GOOD,
			    "log group '%s' keeps events for %s, as the account-level policy '%s' "
			    "says",
			    g->name, days, g->retention_policy);
}

static void add_absent(const struct doctor *d, const struct stage *st, const char *name,
		       const char *title)
{
	finding_add(d->findings, LINK_LOG_GROUP, HEALTH_BROKEN,
		    "log group '%s', which %s logs to, does not exist", name, title);
	hint_stage(d, st, "--access-log");
}

/* API Gateway creates the group of an execution log with its first event, and no other. */
static int check_group(const struct doctor *d, const struct stage *st, const char *title,
		       const char *name, struct error **err)
{
	cleanup_log_group struct log_group group = { 0 };
	cleanup_free char *what = xasprintf("log group '%s'", name);
	size_t before = d->findings->n;
	int r = logs_get_group(d->client, name, &group, err);

	if (r < 0)
		return err_wrap(err, "cannot inspect log group '%s'", name);
	if (r == 0) {
		if (!str_starts(name, EXECUTION_LOG_GROUPS))
			add_absent(d, st, name, title);
		return 0;
	}
	check_class(d, st, &group);
	if (group.kms_key &&
	    doctor_check_key(d, LINK_LOG_GROUP, group.kms_key, what, NULL, err) < 0)
		return -1;
	if (d->findings->n == before)
		say_group(d, &group);
	return 0;
}

/* NULL if the group belongs to another account or region, where it cannot be inspected. */
static const char *access_group(const struct doctor *d, const struct stage *st)
{
	return st->access_destination && arn_resource(st->access_destination, "logs",
						      d->common->region, d->common->account)
		       ? arn_log_group(st->access_destination)
		       : NULL;
}

static int check_groups(const struct doctor *d, const struct stage *st, const char *title,
			struct error **err)
{
	const char *access = access_group(d, st);
	cleanup_free char *execution = execution_log_group(st->api_id, st->name);

	if (!str_eq(stage_level(st), "OFF") && check_group(d, st, title, execution, err) < 0)
		return -1;
	return access ? check_group(d, st, title, access, err) : 0;
}

int doctor_check_stages(const struct doctor *d, const struct stages *stages, struct error **err)
{
	for (size_t i = 0; i < stages->n; i++) {
		const struct stage *st = &stages->v[i];
		cleanup_free char *title = stage_title(st);
		cleanup_error struct error *own = NULL;

		if (st->gone)
			continue;
		check_settings(d, st, title);
		if (check_groups(d, st, title, &own) < 0 &&
		    finding_refusal(d->findings, LINK_LOG_GROUP, &own, err) < 0)
			return -1;
	}
	return 0;
}
