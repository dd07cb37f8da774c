/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "setup/doctor.h"

#include <stdarg.h>
#include <stdlib.h>

#include "archive/archive.h"
#include "archive/selection.h"
#include "aws/arn.h"
#include "aws/service/logs.h"
#include "base/error.h"
#include "base/str.h"
#include "base/time.h"
#include "base/xalloc.h"
#include "setup/account.h"
#include "setup/bucket.h"
#include "setup/common.h"
#include "setup/policy.h"
#include "setup/role.h"
#include "setup/stage.h"

const char *health_name(enum health h)
{
	static const char *const names[] = { "good", "doubtful", "broken", "unknown" };

	return names[h];
}

void findings_release(struct findings *f)
{
	for (size_t i = 0; i < f->n; i++) {
		free(f->v[i].text);
		free(f->v[i].hint);
	}
	free(f->v);
	*f = (struct findings){ 0 };
}

__attribute__((format(printf, 4, 5))) static void add(struct findings *f, const char *link,
						      enum health health, const char *fmt, ...)
{
	va_list ap;

	GROW(f->v, f->n);
	va_start(ap, fmt);
	f->v[f->n++] = (struct finding){ link, health, xvasprintf(fmt, ap), NULL };
	va_end(ap);
}

/* The command that repairs what was added last. */
__attribute__((format(printf, 2, 3))) static void add_hint(struct findings *f, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	f->v[f->n - 1].hint = xvasprintf(fmt, ap);
	va_end(ap);
}

/* What AWS refuses to show is a finding; any other error is passed on. */
static int add_refusal(struct findings *f, const char *link, struct error **own, struct error **err)
{
	if (err_is_fatal(*own))
		return err_move(own, err);
	add(f, link, HEALTH_UNKNOWN, "%s", (*own)->msg);
	f->v[f->n - 1].hint = xstrdup((*own)->hint);
	error_clear(own);
	return 0;
}

/* The trust of a role that exists. */
static void check_trust(const struct iam_role *role, struct findings *f)
{
	cleanup_free char *conditions = NULL;

	switch (policy_trust(role->trust, APIGATEWAY_PRINCIPAL, &conditions)) {
	case POLICY_NO_TRUST:
		add(f, "role", HEALTH_BROKEN, "role '%s' does not trust " APIGATEWAY_PRINCIPAL,
		    role->name);
		add_hint(f, "apigw-logs setup-role --role-name %s", role->name);
		break;
	case POLICY_TRUST_IF:
		add(f, "role", HEALTH_DOUBTFUL,
		    "role '%s' trusts " APIGATEWAY_PRINCIPAL " only under a condition: %s",
		    role->name, conditions);
		break;
	case POLICY_TRUST:
		break;
	}
}

/* Policies of its own may allow the same as the managed one; without any, nothing is allowed. */
static int check_permissions(struct aws_client *c, const struct setup_common *s,
			     const struct iam_role *role, struct findings *f, struct error **err)
{
	cleanup_free char *policy = role_managed_policy(s);
	cleanup_strv struct strv attached = STRV_INIT, own = STRV_INIT;

	if (iam_list_attached_role_policies(c, role->name, &attached, err) < 0)
		return err_wrap(err, "cannot inspect role '%s'", role->name);
	if (strv_has(&attached, policy))
		return 0;
	if (iam_list_role_policies(c, role->name, &own, err) < 0)
		return err_wrap(err, "cannot inspect role '%s'", role->name);
	if (attached.n + own.n)
		add(f, "role", HEALTH_DOUBTFUL,
		    "role '%s' lacks the managed policy " ROLE_MANAGED_POLICY
		    "; whether its other policies allow the same is not checked",
		    role->name);
	else
		add(f, "role", HEALTH_BROKEN,
		    "role '%s' has no permission to write to CloudWatch Logs", role->name);
	add_hint(f, "apigw-logs setup-role --role-name %s", role->name);
	return 0;
}

static int check_role(struct aws_client *c, const struct setup_common *s, struct findings *f,
		      struct error **err)
{
	cleanup_account_role struct account_role now = { 0 };
	size_t before = f->n;

	if (account_role_look(c, s, &now, err) < 0)
		return -1;
	if (!now.arn || !now.live) {
		if (now.arn)
			add(f, "role", HEALTH_BROKEN,
			    "API Gateway in %s is set to log with role '%s', which does not exist",
			    s->region, now.arn);
		else
			add(f, "role", HEALTH_BROKEN, "API Gateway in %s has no role to log with",
			    s->region);
		add_hint(f, "apigw-logs setup-role");
		return 0;
	}
	if (!now.role.trust) {
		add(f, "role", HEALTH_DOUBTFUL,
		    "API Gateway in %s logs with '%s', a role of another account, which cannot be "
		    "inspected",
		    s->region, now.arn);
		return 0;
	}
	check_trust(&now.role, f);
	if (check_permissions(c, s, &now.role, f, err) < 0)
		return -1;
	if (f->n == before)
		add(f, "role", HEALTH_GOOD, "API Gateway in %s logs with role '%s'", s->region,
		    now.role.name);
	return 0;
}

/* "$default" is for the shell to leave alone. */
static char *stage_command(const struct stage *st, const char *options)
{
	const char *quote = st->name[0] == '$' ? "'" : "";

	return xasprintf("apigw-logs enable-logging --api %s --stage %s%s%s %s", st->api_id, quote,
			 st->name, quote, options);
}

static void check_settings(const struct stage *st, const char *title, struct findings *f)
{
	bool executes = st->level && !str_eq(st->level, "OFF");
	const char *to = st->access_destination;
	const char *group = to ? arn_log_group(to) : NULL;

	if (!executes && !to) {
		add(f, "stage", HEALTH_BROKEN, "%s logs nothing", title);
		f->v[f->n - 1].hint =
			stage_command(st, st->protocol == API_HTTP ? "--access-log"
								   : "--level INFO --access-log");
		return;
	}
	add(f, "stage", HEALTH_GOOD, "%s logs%s%s%s%s%s", title,
	    executes ? " executions at level " : "", executes ? st->level : "",
	    executes && to ? " and" : "", to ? " access to " : "",
	    group ? group
	    : to  ? to
		  : "");
	for (size_t i = 0; i < st->n_overrides; i++) {
		const struct level_override *o = &st->overrides[i];
		cleanup_free char *mend =
			xasprintf("--level %s --override-methods", stage_level(st));

		if (str_eq(o->level, stage_level(st)))
			continue;
		add(f, "stage", HEALTH_DOUBTFUL, "%s has a level of its own for %s: %s", title,
		    o->name, o->level);
		f->v[f->n - 1].hint = stage_command(st, mend);
	}
}

/* Of this account and region: API Gateway does not create the group of an access log. */
static int check_access_group(struct aws_client *c, const struct setup_common *s,
			      const struct stage *st, const char *title, struct findings *f,
			      struct error **err)
{
	cleanup_log_group struct log_group group = { 0 };
	const char *name = NULL;
	int r;

	if (st->access_destination &&
	    arn_resource(st->access_destination, "logs", s->region, s->account))
		name = arn_log_group(st->access_destination);
	if (!name)
		return 0;
	r = logs_get_group(c, name, &group, err);
	if (r < 0)
		return err_wrap(err, "cannot inspect log group '%s'", name);
	if (r) {
		add(f, "log group", HEALTH_GOOD, "log group '%s' exists", name);
		return 0;
	}
	add(f, "log group", HEALTH_BROKEN, "log group '%s', which %s logs to, does not exist", name,
	    title);
	f->v[f->n - 1].hint = stage_command(st, "--access-log");
	return 0;
}

static int check_stages(struct aws_client *c, const struct setup_common *s,
			const struct stages *stages, struct findings *f, struct error **err)
{
	for (size_t i = 0; i < stages->n; i++) {
		const struct stage *st = &stages->v[i];
		cleanup_free char *title = stage_title(st);
		cleanup_error struct error *own = NULL;

		check_settings(st, title, f);
		if (check_access_group(c, s, st, title, f, &own) < 0 &&
		    add_refusal(f, "log group", &own, err) < 0)
			return -1;
	}
	return 0;
}

static bool has_other_than_http(const struct stages *stages)
{
	for (size_t i = 0; i < stages->n; i++)
		if (stages->v[i].protocol != API_HTTP)
			return true;
	return false;
}

static int check_selection(struct aws_client *c, const struct setup_common *s,
			   const struct selection *selection, struct findings *f,
			   struct error **err)
{
	const struct stages none = { 0 };
	cleanup_stages struct stages stages = { 0 };
	cleanup_error struct error *own = NULL;

	/* A name that matches nothing is a mistake of the user's, not a link. */
	if (selection_stages(c, selection, &none, &stages, &own) < 0)
		return own->aws_code ? add_refusal(f, "stage", &own, err) : err_move(&own, err);
	/* HTTP APIs log by log delivery, not with the account's role. */
	if (has_other_than_http(&stages) && check_role(c, s, f, &own) < 0 &&
	    add_refusal(f, "role", &own, err) < 0)
		return -1;
	return check_stages(c, s, &stages, f, err);
}

/* Without the policy no export is written; the rest is how setup-bucket would have it. */
static enum health health_of(const struct change *change)
{
	return str_starts(change->property, "policy statement") ? HEALTH_BROKEN : HEALTH_DOUBTFUL;
}

static void add_bucket_changes(const struct changes *l, struct findings *f)
{
	for (size_t i = 0; i < l->n; i++) {
		const struct change *change = &l->v[i];
		bool absent = str_eq(change->property, "bucket");

		if (absent)
			add(f, "bucket", HEALTH_BROKEN, "%s does not exist", change->resource);
		else
			add(f, "bucket", health_of(change), "%s: %s is %s, not %s",
			    change->resource, change->property,
			    change->current ? change->current : "not set", change->desired);
		add_hint(f, "apigw-logs setup-bucket");
		/* Of a bucket that does not exist nothing else is worth saying. */
		if (absent)
			return;
	}
}

/* What AWS refused may be the permission to look; any other refusal is what was found. */
static int add_bucket_refusal(struct findings *f, struct error **own, struct error **err)
{
	if ((*own)->aws_code || err_is_fatal(*own))
		return add_refusal(f, "bucket", own, err);
	add(f, "bucket", HEALTH_BROKEN, "%s", (*own)->msg);
	f->v[f->n - 1].hint = xstrdup((*own)->hint);
	error_clear(own);
	return 0;
}

/* One that is another account's on purpose: its set-up is for that account to inspect. */
static int check_foreign_bucket(struct aws_client *c, const struct setup_common *s,
				const struct archive_place *place, struct findings *f,
				struct error **err)
{
	const struct s3_bucket b = { c, place->bucket, place->owner };
	cleanup_error struct error *own = NULL;
	int r = bucket_check(&b, s->region, &own);

	if (r < 0)
		return add_bucket_refusal(f, &own, err);
	if (r == 0)
		add(f, "bucket", HEALTH_BROKEN, "bucket '%s' does not exist", place->bucket);
	else
		add(f, "bucket", HEALTH_DOUBTFUL,
		    "bucket '%s' belongs to account %s, which alone can check its policy",
		    place->bucket, place->owner);
	return 0;
}

static int check_bucket(struct aws_client *c, const struct archive_place *place, struct findings *f,
			struct error **err)
{
	cleanup(bucket_setup_release) struct bucket_setup s = { .place = *place,
								.lifecycle = LIFECYCLE_NONE };
	cleanup_changes struct changes l = { 0 };
	cleanup_error struct error *own = NULL;

	if (bucket_look(c, &s, &l, &own) < 0)
		return add_bucket_refusal(f, &own, err);
	add_bucket_changes(&l, f);
	for (size_t i = 0; i < s.common.warnings.n; i++)
		add(f, "bucket", HEALTH_BROKEN, "%s", s.common.warnings.v[i]);
	for (size_t i = 0; i < s.common.notes.n; i++)
		add(f, "bucket", HEALTH_DOUBTFUL, "%s", s.common.notes.v[i]);
	if (l.n == 0 && !s.common.warnings.n)
		add(f, "bucket", HEALTH_GOOD, "CloudWatch Logs in %s can export to s3://%s/%s",
		    s.common.region, place->bucket, place->prefix);
	return 0;
}

/* Who has the one slot that the account has in the region. */
static int check_slot(struct aws_client *c, struct findings *f, struct error **err)
{
	char since[TIME_ISO_SIZE];

	/* In the order of a task's life, so that one that moves on meanwhile is not missed. */
	for (enum export_status s = EXPORT_PENDING; s <= EXPORT_PENDING_CANCEL; s++) {
		cleanup_aws_pages struct aws_pages p = { 0 };
		cleanup_export_task struct export_task t = { 0 };
		int r;

		logs_tasks_init(&p, c, s);
		r = logs_tasks_next(&p, &t, err);
		if (r < 0)
			return err_wrap(err, "cannot ask for export tasks");
		if (r > 0) {
			add(f, "export slot", HEALTH_DOUBTFUL,
			    "export task %s of log group '%s' is %s since %s, and others wait",
			    t.id, t.log_group ? t.log_group : "?", export_status_name(t.status),
			    time_iso(t.created_ms, since));
			return 0;
		}
	}
	add(f, "export slot", HEALTH_GOOD, "no export task is under way");
	return 0;
}

int doctor_look(struct aws_client *c, const struct selection *selection,
		const struct archive_place *place, struct findings *ret, struct error **err)
{
	cleanup(setup_common_release) struct setup_common s = { 0 };
	cleanup_error struct error *own = NULL;

	if (setup_common_look(c, &s, err) < 0)
		return -1;
	if (selection && check_selection(c, &s, selection, ret, err) < 0)
		return -1;
	if (!place)
		return 0;
	if (place->owner && !str_eq(place->owner, s.account)) {
		if (check_foreign_bucket(c, &s, place, ret, err) < 0)
			return -1;
	} else if (check_bucket(c, place, ret, err) < 0) {
		return -1;
	}
	return check_slot(c, ret, &own) < 0 ? add_refusal(ret, "export slot", &own, err) : 0;
}
