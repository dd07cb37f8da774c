/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "archive/former.h"

#include <stdlib.h>
#include <string.h>

#include "archive/api_log.h"
#include "archive/archive.h"
#include "archive/layout.h"
#include "archive/ledger.h"
#include "aws/client.h"
#include "aws/service/apigateway.h"
#include "aws/service/logs.h"
#include "aws/workers.h"
#include "base/error.h"
#include "base/str.h"
#include "base/time.h"
#include "base/xalloc.h"

int former_groups(const struct archive *a, struct strv *ret, struct error **err)
{
	cleanup_free char *folder = layout_ledger_folder(a->prefix, a->region);
	cleanup_s3_list struct s3_list list = { 0 };
	char *prefix;
	int r;

	s3_list_init(&list, &a->bucket, folder, "/");
	while ((r = s3_list_next_prefix(&list, &prefix, err)) > 0) {
		cleanup_free char *found = prefix, *name = NULL, *again = NULL;
		const char *escaped = found + strlen(folder);

		/* Only the spelling of a name that ledger_windows() would look for. */
		if (str_uri_decode(escaped, strcspn(escaped, "/"), &name))
			again = layout_ledger_prefix(a->prefix, a->region, name);
		if (str_eq0(again, found))
			strv_take(ret, TAKE(name));
	}
	return r;
}

/* Returns 1, 0 if there is none, -1 on error. */
static int last_entry(const struct archive *a, const char *log_group, struct ledger_entry *ret,
		      struct error **err)
{
	cleanup_windows struct windows w = { 0 };

	if (ledger_windows(a, log_group, &w, err) < 0)
		return -1;
	return w.n ? ledger_read(a, log_group, &w.v[w.n - 1], ret, err) : 0;
}

/* The last ledger entry of each group, read in parallel. */
struct entries {
	const struct archive *archive;
	const struct strv *groups;
	struct entry {
		struct ledger_entry entry;
		int found; /* 1, 0, -1 */
		struct error *error;
	} * v;
};

static bool read_last(void *data, struct aws_client *c, size_t i)
{
	struct entries *e = data;
	struct archive a = *e->archive;
	struct entry *to = &e->v[i];

	a.bucket.client = c;
	to->found = last_entry(&a, e->groups->v[i], &to->entry, &to->error);
	return to->found >= 0 || to->error->kind == ERR_FOUND;
}

/* Skips entries without an API, which --log-group made. The group's name may still tell it. */
static void add_entry(struct api_logs *l, const struct ledger_entry *e)
{
	const struct api_log log = {
		.api_id = e->api_id,
		.api_name = e->api_name,
		.stage = e->stage,
		.kind = log_kind_parse(e->kind),
		.log_group = e->log_group,
	};

	if (log.api_id && log.stage && log.kind)
		api_logs_add(l, &log);
}

static int add_recorded(const struct archive *a, struct api_logs *ret, struct error **err)
{
	cleanup(workers_freep) struct workers *workers =
		workers_new(aws_client_session(a->bucket.client), WORKERS_MAX);
	cleanup_strv struct strv groups = STRV_INIT;
	struct entries e = { .archive = a, .groups = &groups };
	int r = 0;

	if (former_groups(a, &groups, err) < 0)
		return -1;
	e.v = xcalloc(groups.n, sizeof(*e.v));
	workers_run(workers, groups.n, read_last, &e);
	for (size_t i = 0; i < groups.n; i++) {
		struct entry *x = &e.v[i];

		/* A damaged entry is ignored here; verify reports it. */
		if (x->found < 0 && x->error->kind != ERR_FOUND && r == 0)
			r = err_move(&x->error, err);
		else if (x->found > 0)
			add_entry(ret, &x->entry);
		ledger_entry_release(&x->entry);
		error_free(x->error);
	}
	free(e.v);
	return r;
}

static int add_named(struct aws_client *c, struct api_logs *ret, struct error **err)
{
	cleanup_aws_pages struct aws_pages p = { 0 };
	struct log_group g;
	int r;

	logs_groups_init(&p, c, EXECUTION_LOG_GROUPS);
	while ((r = logs_groups_next(&p, &g, err)) > 0) {
		struct api_log log = { .kind = KIND_EXECUTION, .log_group = g.name };

		if (!api_logs_find(ret, g.name) &&
		    execution_log_group_parse(g.name, &log.api_id, &log.stage))
			api_logs_add(ret, &log);
		free(log.api_id);
		free(log.stage);
		log_group_release(&g);
	}
	return r;
}

int former_logs(const struct archive *a, struct api_logs *ret, struct error **err)
{
	if (add_recorded(a, ret, err) < 0)
		return -1;
	return add_named(a->bucket.client, ret, err);
}

void former_stages_of(const struct api_logs *logs, struct stages *ret)
{
	for (size_t i = 0; i < logs->n; i++) {
		const struct api_log *log = &logs->v[i];
		struct stage *same = NULL;

		for (size_t j = 0; j < ret->n && !same; j++)
			if (str_eq(ret->v[j].api_id, log->api_id) &&
			    str_eq(ret->v[j].name, log->stage))
				same = &ret->v[j];
		if (same)
			continue;
		GROW(ret->v, ret->n);
		ret->v[ret->n++] = (struct stage){
			.api_id = xstrdup(log->api_id),
			.api_name = xstrdup(log->api_name),
			.name = xstrdup(log->stage),
			.gone = true,
		};
	}
}

/* Entries that are read to find the last one with an event; all later ones are empty. */
#define END_MAX 31

/* The stamp of an entry's last event; 0 if it has none. */
static int64_t last_event(const struct ledger_entry *e)
{
	int64_t last = 0;

	for (size_t i = 0; i < e->n_objects; i++)
		if (e->objects[i].recorded.last_ms > last)
			last = e->objects[i].recorded.last_ms;
	return last;
}

int former_end(const struct archive *a, const char *log_group, char **ret_text, struct error **err)
{
	cleanup_windows struct windows w = { 0 };
	cleanup_free char *event = NULL;
	char to[TIME_ISO_SIZE], at[TIME_ISO_SIZE];
	int64_t last = 0;
	size_t n = 0;

	if (ledger_windows(a, log_group, &w, err) < 0)
		return -1;
	if (!w.n)
		return 0;
	for (; n < END_MAX && n < w.n && !last; n++) {
		cleanup_ledger_entry struct ledger_entry e = { 0 };
		cleanup_error struct error *own = NULL;

		if (ledger_read(a, log_group, &w.v[w.n - 1 - n], &e, &own) < 0 &&
		    own->kind != ERR_FOUND)
			return err_move(&own, err);
		last = last_event(&e);
	}
	event = last ? xasprintf("its last recorded event is of %s", time_iso(last, at))
		     : xasprintf("none of its last %zu windows has an event", n);
	*ret_text = xasprintf("log group '%s' no longer exists: it is recorded until %s, and %s; "
			      "whether it had later events cannot be known",
			      log_group, time_iso(w.v[w.n - 1].to_ms, to), event);
	return 1;
}
