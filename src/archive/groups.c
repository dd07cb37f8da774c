/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "archive/groups.h"

#include <string.h>

#include "archive/api_log.h"
#include "archive/archive.h"
#include "archive/former.h"
#include "archive/selection.h"
#include "aws/arn.h"
#include "aws/client.h"
#include "aws/config/settings.h"
#include "aws/service/logs.h"
#include "base/error.h"
#include "base/xalloc.h"

/* A group that two stages share is added once. */
static void add_log(struct api_logs *l, const struct stage *st, enum log_kind kind,
		    const char *log_group, bool expected)
{
	const struct api_log log = {
		.api_id = st->api_id,
		.api_name = st->api_name,
		.stage = st->name,
		.kind = kind,
		.log_group = (char *)log_group,
		.expected = expected,
		.gone = st->gone,
	};
	const struct api_log *other = api_logs_find(l, log_group);

	if (other)
		strv_take(&l->notes,
			  xasprintf("stage '%s' of API '%s' shares log group '%s' with stage '%s' "
				    "of API '%s', and is found there",
				    st->name, st->api_id, log_group, other->stage, other->api_id));
	else
		api_logs_add(l, &log);
}

static void add_access_log(struct api_logs *l, const struct stage *st)
{
	const char *group = st->access_destination ? arn_log_group(st->access_destination) : NULL;

	if (group)
		add_log(l, st, KIND_ACCESS, group, true);
	else if (st->access_destination)
		strv_take(&l->notes,
			  xasprintf("stage '%s' of API '%s' (%s) sends its access logs to %s, "
				    "not to CloudWatch Logs",
				    st->name, st->api_name, st->api_id, st->access_destination));
	else
		strv_take(&l->notes, xasprintf("stage '%s' of API '%s' (%s) writes no access logs",
					       st->name, st->api_name, st->api_id));
}

static void add_execution_log(struct api_logs *l, const struct stage *st)
{
	cleanup_free char *group = execution_log_group(st->api_id, st->name);

	if (st->protocol == API_HTTP)
		return; /* an HTTP API has access logs only */
	/*
	 * A stage that does not log now may have logged before, so its group is added
	 * in any case.
	 */
	add_log(l, st, KIND_EXECUTION, group, st->level && !str_eq(st->level, "OFF"));
}

/* True if the log's stage was selected; ret_gone then says whether the stage is gone. */
static bool is_selected(const struct stages *l, const struct api_log *log, bool *ret_gone)
{
	for (size_t i = 0; i < l->n; i++)
		if (str_eq(l->v[i].api_id, log->api_id) && str_eq(l->v[i].name, log->stage)) {
			*ret_gone = l->v[i].gone;
			return true;
		}
	return false;
}

/* Adds known log groups of the selected stages to which they no longer log. */
static void add_former_logs(struct api_logs *l, const struct api_logs *former,
			    const struct stages *stages, enum log_kind kind)
{
	for (size_t i = 0; i < former->n; i++) {
		struct api_log log = former->v[i];
		bool stage_gone;

		if (!(log.kind & kind) || !is_selected(stages, &log, &stage_gone) ||
		    api_logs_find(l, log.log_group))
			continue;
		/* An execution log cannot be moved, so its stage no longer exists. */
		log.gone = true;
		api_logs_add(l, &log);
	}
}

int groups_select_stages(const struct archive *a, const struct selection *s, struct stages *stages,
			 struct api_logs *ret, struct error **err)
{
	cleanup_api_logs struct api_logs former = { 0 };
	cleanup_stages struct stages former_stages = { 0 };
	enum log_kind kind = s->kind ? s->kind : KIND_BOTH;

	if (former_logs(a, &former, err) < 0)
		return -1;
	former_stages_of(&former, &former_stages);
	if (selection_stages(a->bucket.client, s, &former_stages, stages, err) < 0)
		return -1;
	for (size_t i = 0; i < stages->n; i++) {
		if ((kind & KIND_EXECUTION) && !stages->v[i].gone)
			add_execution_log(ret, &stages->v[i]);
		if ((kind & KIND_ACCESS) && !stages->v[i].gone)
			add_access_log(ret, &stages->v[i]);
	}
	add_former_logs(ret, &former, stages, kind);
	return 0;
}

/* A group that two patterns match is added once. */
static void add_group(struct api_logs *l, const char *name)
{
	const struct api_log log = { .log_group = (char *)name };

	if (!api_logs_find(l, name))
		api_logs_add(l, &log);
}

/* Adds the groups that a glob matches: those that exist, and those in the ledger. */
static int add_matching_groups(const struct archive *a, const char *pattern, struct api_logs *ret,
			       struct error **err)
{
	cleanup_free char *prefix = xstrndup(pattern, strcspn(pattern, "*?["));
	cleanup_aws_pages struct aws_pages p = { 0 };
	cleanup_strv struct strv names = STRV_INIT;
	struct log_group g;
	bool any = false;
	int r;

	logs_groups_init(&p, a->bucket.client, *prefix ? prefix : NULL);
	while ((r = logs_groups_next(&p, &g, err)) > 0) {
		strv_add(&names, g.name);
		log_group_release(&g);
	}
	if (r < 0 || former_groups(a, &names, err) < 0)
		return -1;
	for (size_t i = 0; i < names.n; i++)
		if (str_glob(pattern, names.v[i])) {
			add_group(ret, names.v[i]);
			any = true;
		}
	return any ? 0
		   : err_set(err, ERR_REFUSED, "no log group matches '%s' in region %s", pattern,
			     a->region);
}

int groups_select(const struct archive *a, const struct selection *s, struct api_logs *ret,
		  struct error **err)
{
	cleanup_stages struct stages stages = { 0 };

	if (!s->log_groups.n)
		return groups_select_stages(a, s, &stages, ret, err);
	for (size_t i = 0; i < s->log_groups.n; i++) {
		const char *pattern = s->log_groups.v[i];

		if (!str_is_glob(pattern))
			add_group(ret, pattern);
		else if (add_matching_groups(a, pattern, ret, err) < 0)
			return -1;
	}
	return 0;
}

/* The most groups to search for a similar name: an account may have a million. */
#define NEAR_MAX 500

int groups_not_found(struct aws_client *c, const char *name, struct error **err)
{
	/* Only names in the same folder are compared, so a typo in the folder is not found. */
	const char *slash = strrchr(name, '/');
	cleanup_free char *prefix = xstrndup(name, slash ? (size_t)(slash - name) : 0);
	cleanup_aws_pages struct aws_pages p = { 0 };
	cleanup_strv struct strv names = STRV_INIT;
	const char *near = NULL;
	struct log_group g;

	logs_groups_init(&p, c, *prefix ? prefix : NULL);
	while (names.n < NEAR_MAX && logs_groups_next(&p, &g, NULL) > 0) {
		strv_add(&names, g.name);
		log_group_release(&g);
	}
	if (names.n)
		near = str_nearest(name, (const char *const *)names.v);
	err_set(err, ERR_REFUSED, "log group '%s' does not exist in region %s", name,
		aws_client_settings(c)->region);
	if (near)
		return err_hint(err, "did you mean '%s'?", near);
	return err_hint(err, "check the name and the region");
}
