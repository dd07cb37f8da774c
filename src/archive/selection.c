/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "archive/selection.h"

#include <stdlib.h>

#include "aws/arn.h"
#include "aws/client.h"
#include "aws/config/settings.h"
#include "aws/service/logs.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/xalloc.h"

const char *log_kind_name(enum log_kind kind)
{
	return kind == KIND_EXECUTION ? "execution" : kind == KIND_ACCESS ? "access" : "both";
}

void selection_release(struct selection *s)
{
	strv_release(&s->apis);
	strv_release(&s->stages);
	strv_release(&s->log_groups);
}

/* The name of a log group has no ':'. */
static int refuse_arn(const char *log_group, struct error **err)
{
	const char *name = arn_log_group(log_group);

	if (!str_starts(log_group, "arn:"))
		return 0;
	err_set(err, ERR_USAGE, "--log-group takes a name or a glob, not the ARN '%s'", log_group);
	if (name)
		err_hint(err, "its name is '%.*s'", (int)strcspn(name, ":"), name);
	return -1;
}

int selection_check(const struct selection *s, struct error **err)
{
	bool by_api = s->apis.n || s->all_apis;

	if (!by_api && !s->log_groups.n) {
		err_set(err, ERR_USAGE, "nothing was selected to work on");
		return err_hint(err, "name an API with --api, or take --all-apis or --log-group");
	}
	if (by_api && s->log_groups.n)
		return err_set(err, ERR_USAGE, "--log-group does not go with --api or --all-apis");
	if (s->log_groups.n && (s->stages.n || s->kind))
		return err_set(err, ERR_USAGE, "--stage and --kind do not go with --log-group");
	if (s->apis.n && s->all_apis)
		return err_set(err, ERR_USAGE, "--api and --all-apis do not go together");
	for (size_t i = 0; i < s->log_groups.n; i++)
		if (refuse_arn(s->log_groups.v[i], err) < 0)
			return -1;
	return 0;
}

struct apis {
	struct api *v;
	size_t n;
};

static void apis_release(struct apis *l)
{
	for (size_t i = 0; i < l->n; i++)
		api_release(&l->v[i]);
	free(l->v);
}

static int list_apis(struct aws_client *c, struct apis *ret, struct error **err)
{
	cleanup_api_pages struct api_pages p = { 0 };
	struct api a;
	int r;

	api_pages_init(&p, c);
	while ((r = api_pages_next(&p, &a, err)) > 0) {
		GROW(ret->v, ret->n);
		ret->v[ret->n++] = a;
	}
	return r;
}

static int no_such_api(struct aws_client *c, const char *pattern, const struct apis *all,
		       struct error **err)
{
	const char **names = xcalloc(2 * all->n + 1, sizeof(*names));
	const char *near;
	size_t n = 0;

	for (size_t i = 0; i < all->n; i++) {
		names[n++] = all->v[i].name;
		names[n++] = all->v[i].id;
	}
	near = str_nearest(pattern, names);
	free(names);
	err_set(err, ERR_REFUSED, "there is no API '%s' in region %s", pattern,
		aws_client_settings(c)->region);
	if (near)
		return err_hint(err, "did you mean '%s'?", near);
	return err_hint(err, "'aws apigateway get-rest-apis' lists the REST APIs");
}

/* A name that two APIs have is a trap: fails. */
static int check_ambiguous(const char *pattern, const struct apis *all, struct error **err)
{
	cleanup_buf struct buf ids = BUF_INIT;
	size_t n = 0;

	for (size_t i = 0; i < all->n; i++) {
		if (str_eq(pattern, all->v[i].id))
			return 0;
		if (str_eq(pattern, all->v[i].name))
			buf_addf(&ids, "%s%s", n++ ? ", " : "", all->v[i].id);
	}
	if (n < 2)
		return 0;
	err_set(err, ERR_USAGE, "%zu APIs are named '%s'", n, pattern);
	return err_hint(err, "name one of them by its id: %s", ids.data);
}

/*
 * What a pattern means: an id, so that a script's id means one API for ever; else a
 * name, which may have a glob's characters in it; else a glob.
 */
static bool matches(const char *pattern, bool is_id, bool is_name, const struct api *a)
{
	if (is_id)
		return str_eq(pattern, a->id);
	if (is_name)
		return str_eq(pattern, a->name);
	return str_glob(pattern, a->id) || str_glob(pattern, a->name);
}

/* Marks in wanted[] what the patterns select. */
static int pick(struct aws_client *c, const struct selection *s, const struct apis *all,
		bool *wanted, struct error **err)
{
	for (size_t i = 0; i < s->apis.n; i++) {
		const char *pattern = s->apis.v[i];
		bool any = false, is_id = false, is_name = false;

		if (check_ambiguous(pattern, all, err) < 0)
			return -1;
		for (size_t j = 0; j < all->n; j++) {
			is_id |= str_eq(pattern, all->v[j].id);
			is_name |= str_eq(pattern, all->v[j].name);
		}
		for (size_t j = 0; j < all->n; j++)
			if (matches(pattern, is_id, is_name, &all->v[j]))
				wanted[j] = any = true;
		if (!any)
			return no_such_api(c, pattern, all, err);
	}
	return 0;
}

static bool stage_wanted(const struct selection *s, const char *name, bool *used)
{
	bool wanted = s->stages.n == 0;

	for (size_t i = 0; i < s->stages.n; i++)
		if (str_glob(s->stages.v[i], name) || str_eq(s->stages.v[i], name))
			wanted = used[i] = true;
	return wanted;
}

static void keep_wanted(const struct selection *s, struct stages *l, bool *used)
{
	size_t kept = 0;

	for (size_t i = 0; i < l->n; i++) {
		if (stage_wanted(s, l->v[i].name, used))
			l->v[kept++] = l->v[i];
		else
			stage_release(&l->v[i]);
	}
	l->n = kept;
}

static int no_such_stage(const char *pattern, const struct strv *names, struct error **err)
{
	const char *none[] = { NULL };
	const char *near = str_nearest(pattern, names->n ? (const char *const *)names->v : none);

	err_set(err, ERR_REFUSED, "none of the selected APIs has a stage '%s'", pattern);
	if (near)
		return err_hint(err, "did you mean '%s'?", near);
	return err_hint(err, "'aws apigateway get-stages --rest-api-id ID' lists them");
}

static int stages_of(struct aws_client *c, const struct selection *s, const struct apis *all,
		     const bool *wanted, struct stages *ret, struct error **err)
{
	cleanup_strv struct strv names = STRV_INIT;
	bool *used = xcalloc(s->stages.n + 1, sizeof(*used));
	int r = 0;

	for (size_t i = 0; i < all->n && r == 0; i++)
		if (wanted[i])
			r = apigateway_get_stages(c, &all->v[i], ret, err);
	for (size_t i = 0; i < ret->n; i++)
		strv_add(&names, ret->v[i].name);
	keep_wanted(s, ret, used);
	for (size_t i = 0; i < s->stages.n && r == 0; i++)
		if (!used[i])
			r = no_such_stage(s->stages.v[i], &names, err);
	free(used);
	return r;
}

int selection_stages(struct aws_client *c, const struct selection *s, struct stages *ret,
		     struct error **err)
{
	cleanup_stages struct stages found = { 0 };
	struct apis all = { 0 };
	bool *wanted = NULL;
	int r = list_apis(c, &all, err);

	if (r == 0) {
		wanted = xcalloc(all.n + 1, sizeof(*wanted));
		for (size_t i = 0; i < all.n; i++)
			wanted[i] = s->all_apis;
		r = pick(c, s, &all, wanted, err);
	}
	if (r == 0)
		r = stages_of(c, s, &all, wanted, &found, err);
	if (r == 0) {
		*ret = found;
		found = (struct stages){ 0 };
	}
	free(wanted);
	apis_release(&all);
	return r;
}

void api_logs_release(struct api_logs *l)
{
	for (size_t i = 0; i < l->n; i++) {
		free(l->v[i].api_id);
		free(l->v[i].api_name);
		free(l->v[i].stage);
		free(l->v[i].log_group);
	}
	free(l->v);
	strv_release(&l->notes);
	*l = (struct api_logs){ 0 };
}

char *execution_log_group(const char *api_id, const char *stage)
{
	return xasprintf("API-Gateway-Execution-Logs_%s/%s", api_id, stage);
}

/* A group that two stages, or two patterns, name is worked on once. */
static bool is_there(struct api_logs *l, const struct stage *st, const char *log_group)
{
	for (size_t i = 0; i < l->n; i++) {
		const struct api_log *s = &l->v[i];

		if (!str_eq(s->log_group, log_group))
			continue;
		if (st && s->api_id)
			strv_take(
				&l->notes,
				xasprintf("stage '%s' of API '%s' shares log group '%s' with stage "
					  "'%s' of API '%s', and is found there",
					  st->name, st->api_id, log_group, s->stage, s->api_id));
		return true;
	}
	return false;
}

static void add_log(struct api_logs *l, const struct stage *st, enum log_kind kind,
		    const char *log_group)
{
	if (is_there(l, st, log_group))
		return;
	GROW(l->v, l->n);
	l->v[l->n++] = (struct api_log){
		.api_id = st ? xstrdup(st->api_id) : NULL,
		.api_name = st ? xstrdup(st->api_name) : NULL,
		.stage = st ? xstrdup(st->name) : NULL,
		.kind = kind,
		.log_group = xstrdup(log_group),
	};
}

static void access_log(struct api_logs *l, const struct stage *st)
{
	const char *group = st->access_destination ? arn_log_group(st->access_destination) : NULL;

	if (group)
		add_log(l, st, KIND_ACCESS, group);
	else if (st->access_destination)
		strv_take(&l->notes,
			  xasprintf("stage '%s' of API '%s' (%s) sends its access logs to %s, "
				    "not to CloudWatch Logs",
				    st->name, st->api_name, st->api_id, st->access_destination));
	else
		strv_take(&l->notes, xasprintf("stage '%s' of API '%s' (%s) writes no access logs",
					       st->name, st->api_name, st->api_id));
}

static void execution_log(struct api_logs *l, const struct stage *st)
{
	cleanup_free char *group = execution_log_group(st->api_id, st->name);

	if (st->protocol == API_HTTP)
		return; /* an HTTP API has access logs only */
	/* A stage that logs no more may have logged before: its group is looked at all the same. */
	add_log(l, st, KIND_EXECUTION, group);
}

/* The groups that a glob matches. */
static int add_matching_groups(struct aws_client *c, const char *pattern, struct api_logs *ret,
			       struct error **err)
{
	cleanup_free char *prefix = xstrndup(pattern, strcspn(pattern, "*?["));
	cleanup_aws_pages struct aws_pages p = { 0 };
	bool any = false;
	struct log_group g;
	int r;

	logs_groups_init(&p, c, *prefix ? prefix : NULL);
	while ((r = logs_groups_next(&p, &g, err)) > 0) {
		if (str_glob(pattern, g.name)) {
			add_log(ret, NULL, 0, g.name);
			any = true;
		}
		log_group_release(&g);
	}
	if (r == 0 && !any)
		return err_set(err, ERR_REFUSED, "no log group matches '%s' in region %s", pattern,
			       aws_client_settings(c)->region);
	return r;
}

/* So many groups are looked at for one that is near: an account may have a million. */
#define NEAR_MAX 500

int selection_no_such_group(struct aws_client *c, const char *name, struct error **err)
{
	/* A slip in the first letters is found only where there is no folder to look in. */
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

static int group_logs(struct aws_client *c, const struct selection *s, struct api_logs *ret,
		      struct error **err)
{
	for (size_t i = 0; i < s->log_groups.n; i++) {
		const char *pattern = s->log_groups.v[i];

		if (!str_is_glob(pattern))
			add_log(ret, NULL, 0, pattern);
		else if (add_matching_groups(c, pattern, ret, err) < 0)
			return -1;
	}
	return 0;
}

int selection_logs(struct aws_client *c, const struct selection *s, struct api_logs *ret,
		   struct error **err)
{
	cleanup_stages struct stages stages = { 0 };
	enum log_kind kind = s->kind ? s->kind : KIND_BOTH;

	if (s->log_groups.n)
		return group_logs(c, s, ret, err);
	if (selection_stages(c, s, &stages, err) < 0)
		return -1;
	for (size_t i = 0; i < stages.n; i++) {
		if (kind & KIND_EXECUTION)
			execution_log(ret, &stages.v[i]);
		if (kind & KIND_ACCESS)
			access_log(ret, &stages.v[i]);
	}
	return 0;
}
