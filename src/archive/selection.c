/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "archive/selection.h"

#include <stdlib.h>

#include "aws/arn.h"
#include "aws/client.h"
#include "aws/config/settings.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/xalloc.h"

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
		err_set(err, ERR_USAGE, "no API or log group was selected");
		return err_hint(err, "name an API with --api, or use --all-apis or --log-group");
	}
	if (by_api && s->log_groups.n)
		return err_set(err, ERR_USAGE,
			       "--log-group cannot be combined with --api or --all-apis");
	if (s->log_groups.n && (s->stages.n || s->kind))
		return err_set(err, ERR_USAGE,
			       "--stage and --kind cannot be combined with --log-group");
	if (s->apis.n && s->all_apis)
		return err_set(err, ERR_USAGE, "--api and --all-apis cannot be combined");
	for (size_t i = 0; i < s->log_groups.n; i++)
		if (refuse_arn(s->log_groups.v[i], err) < 0)
			return -1;
	return 0;
}

/* The APIs that exist, followed by those that existed. */
struct apis {
	struct api *v;
	size_t n, n_present;
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
	ret->n_present = ret->n;
	return r;
}

static bool has_api(const struct apis *l, const char *id)
{
	for (size_t i = 0; i < l->n; i++)
		if (str_eq(l->v[i].id, id))
			return true;
	return false;
}

static void add_former_apis(struct apis *l, const struct stages *former)
{
	for (size_t i = 0; i < former->n; i++) {
		const struct stage *st = &former->v[i];

		if (has_api(l, st->api_id))
			continue;
		GROW(l->v, l->n);
		l->v[l->n++] = (struct api){
			.id = xstrdup(st->api_id),
			.name = xstrdup(st->api_name ? st->api_name : ""),
		};
	}
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
	return err_hint(err, "'aws apigateway get-rest-apis --region %s' lists the REST APIs",
			aws_client_settings(c)->region);
}

/*
 * Fails if two existing APIs have the name. A deleted API of the same name is not
 * counted: it is history.
 */
static int check_ambiguous(const char *pattern, const struct apis *all, struct error **err)
{
	cleanup_buf struct buf ids = BUF_INIT;
	size_t n = 0;

	for (size_t i = 0; i < all->n_present; i++) {
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
 * A pattern is taken as an id if there is one, so that an id in a script always means
 * the same API; then as a name, which may contain a glob's special characters; then as
 * a glob.
 */
static bool matches(const char *pattern, bool is_id, bool is_name, const struct api *a)
{
	if (is_id)
		return str_eq(pattern, a->id);
	if (is_name)
		return str_eq(pattern, a->name);
	return str_glob(pattern, a->id) || str_glob(pattern, a->name);
}

/* Marks the selected APIs in wanted[]. */
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

static bool has_stage(const struct stages *l, const struct stage *st)
{
	for (size_t i = 0; i < l->n; i++)
		if (str_eq(l->v[i].api_id, st->api_id) && str_eq(l->v[i].name, st->name))
			return true;
	return false;
}

/* Adds the stages of an API that no longer exist. */
static void add_former_stages(const struct api *api, const struct stages *former,
			      struct stages *ret)
{
	for (size_t i = 0; i < former->n; i++) {
		const struct stage *st = &former->v[i];

		if (!str_eq(st->api_id, api->id) || has_stage(ret, st))
			continue;
		GROW(ret->v, ret->n);
		ret->v[ret->n++] = (struct stage){
			.protocol = api->protocol,
			.api_id = xstrdup(api->id),
			.api_name = str_empty(api->name) ? NULL : xstrdup(api->name),
			.name = xstrdup(st->name),
			.gone = true,
		};
	}
}

static int stages_of(struct aws_client *c, const struct selection *s, const struct apis *all,
		     const bool *wanted, const struct stages *former, struct stages *ret,
		     struct error **err)
{
	cleanup_strv struct strv names = STRV_INIT;
	bool *used = xcalloc(s->stages.n + 1, sizeof(*used));
	int r = 0;

	for (size_t i = 0; i < all->n && r == 0; i++) {
		if (!wanted[i])
			continue;
		if (i < all->n_present)
			r = apigateway_get_stages(c, &all->v[i], ret, err);
		if (r == 0)
			add_former_stages(&all->v[i], former, ret);
	}
	for (size_t i = 0; i < ret->n; i++)
		strv_add(&names, ret->v[i].name);
	keep_wanted(s, ret, used);
	for (size_t i = 0; i < s->stages.n && r == 0; i++)
		if (!used[i])
			r = no_such_stage(s->stages.v[i], &names, err);
	free(used);
	return r;
}

int selection_stages(struct aws_client *c, const struct selection *s, const struct stages *former,
		     struct stages *ret, struct error **err)
{
	cleanup_stages struct stages found = { 0 };
	cleanup(apis_release) struct apis all = { 0 };
	cleanup_free bool *wanted = NULL;

	if (list_apis(c, &all, err) < 0)
		return -1;
	add_former_apis(&all, former);
	wanted = xcalloc(all.n + 1, sizeof(*wanted));
	for (size_t i = 0; i < all.n; i++)
		wanted[i] = s->all_apis;
	if (pick(c, s, &all, wanted, err) < 0 ||
	    stages_of(c, s, &all, wanted, former, &found, err) < 0)
		return -1;
	*ret = TAKE(found);
	return 0;
}
