/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "export/redo.h"

#include <stdlib.h>
#include <string.h>

#include "archive/api_log.h"
#include "archive/archive.h"
#include "archive/layout.h"
#include "archive/replace.h"
#include "aws/client.h"
#include "aws/service/logs.h"
#include "base/error.h"
#include "base/str.h"
#include "base/time.h"
#include "base/xalloc.h"
#include "export/export.h"
#include "export/window.h"
#include "verify/check.h"
#include "verify/report.h"

void redo_freep(struct redo **r)
{
	if (!*r)
		return;
	for (size_t i = 0; i < (*r)->n; i++)
		free((*r)->v[i].why);
	for (size_t i = 0; i < (*r)->n_leftovers; i++) {
		free((*r)->leftovers[i].folder);
		free((*r)->leftovers[i].key);
	}
	free((*r)->v);
	free((*r)->leftovers);
	free(*r);
	*r = NULL;
}

struct damage *redo_find(const struct redo *r, const struct api_log *log, const struct window *w)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->v[i].log == log && window_order(&r->v[i].window, w) == 0)
			return &r->v[i];
	return NULL;
}

const char *redo_reason(const struct redo *r, const struct api_log *log, const struct window *w)
{
	const struct damage *d = redo_find(r, log, w);

	return d && !d->repaired ? d->why : NULL;
}

/* "…/<task id>/" of an object's key, or NULL if it is in no such folder. Caller frees. */
static char *task_folder(const char *key)
{
	for (const char *p = strchr(key, '/'); p; p = strchr(p + 1, '/')) {
		const char *end = strchr(p + 1, '/');

		if (end && layout_is_task_id(p + 1))
			return xstrndup(key, (size_t)(end + 1 - key));
	}
	return NULL;
}

void redo_add_leftover(struct redo *r, const struct api_log *log, const struct window *w,
		       char *folder, const char *key)
{
	GROW(r->leftovers, r->n_leftovers);
	r->leftovers[r->n_leftovers++] = (struct leftover){ log, *w, folder, xstrdup(key) };
}

void redo_warn_unknown(struct export_run *run, const char *key)
{
	cleanup_free char *text = xasprintf(
		"'s3://%s/%s' is in no ledger entry, and nothing shows that it can be removed: it "
		"stays",
		run->opts->archive->bucket.name, key);

	run->sink->warning(run->sink->data, text);
}

static void on_problem(void *data, enum problem p, const struct api_log *log,
		       const struct window *w, const char *key, const char *message)
{
	struct export_run *run = data;
	struct redo *r = run->redo;
	char *folder;

	switch (p) {
	case PROBLEM_UNRECORDED:
		folder = task_folder(key);
		if (folder)
			redo_add_leftover(r, log, w, folder, key);
		else
			redo_warn_unknown(run, key);
		return;
	case PROBLEM_LEDGER:
	case PROBLEM_MISSING:
	case PROBLEM_CHANGED:
	case PROBLEM_DAMAGED:
		break;
	default:
		return;
	}
	if (redo_find(r, log, w))
		return;
	GROW(r->v, r->n);
	r->v[r->n++] = (struct damage){
		.log = log,
		.window = *w,
		.why = key ? xasprintf("'%s' %s", key, message) : xstrdup(message),
	};
}

static void ignore_window(void *data, const struct check_result *r)
{
	(void)data, (void)r;
}

static void ignore_progress(void *data, const struct check_progress *p)
{
	(void)data, (void)p;
}

static void ignore_elsewhere(void *data, const struct api_log *log, const struct window *w,
			     uint64_t events)
{
	(void)data, (void)log, (void)w, (void)events;
}

static void ignore_absent(void *data, const struct api_log *log)
{
	(void)data, (void)log;
}

/* A run was killed before it removed them, or could not. */
static void on_replaced(void *data, const struct api_log *log, const struct window *w,
			const char *key)
{
	on_problem(data, PROBLEM_UNRECORDED, log, w, key, "");
}

static void ignore_note(void *data, const char *message)
{
	(void)data, (void)message;
}

int redo_look(struct export_run *run, const struct api_logs *logs, struct redo **ret,
	      struct error **err)
{
	const struct export_options *o = run->opts;
	const struct check_options check = {
		.archive = o->archive,
		.range = o->range,
		.settled_ms = o->settled_ms,
		.all = o->since_last,
		.workers = run->workers,
	};
	const struct check_sink sink = {
		run,
		ignore_window,
		on_problem,
		ignore_progress,
		ignore_elsewhere,
		ignore_absent,
		on_replaced,
		ignore_note,
		NULL,
	};

	*ret = xcalloc(1, sizeof(**ret));
	run->redo = *ret;
	if (check_logs(logs, &check, &sink, err) < 0)
		return err_wrap(err, "cannot check what is recorded");
	return 0;
}

/* Why CloudWatch Logs no longer has the whole window, or NULL. Caller frees. */
char *redo_why_lost(struct export_run *run, const struct log_group *g, const struct window *w,
		    int64_t recorded_ms)
{
	char created[TIME_ISO_SIZE];

	if (!g)
		return xstrdup("its log group no longer exists");
	if (g->created_ms > recorded_ms)
		return xasprintf("its log group was created again on %s",
				 time_iso(g->created_ms, created));
	/* The margin of a day is so that nothing expires during the export. */
	if (log_group_has_expired(g, w->from_ms, aws_client_now_ms(run->client) + MS_DAY))
		return xasprintf("CloudWatch Logs keeps its events for %lld days",
				 (long long)g->retention_days);
	return NULL;
}

/* A damaged entry does not say when it was made, but that was after the end of its window. */
static int64_t recorded_ms(const struct stored_entry *s, const struct window *w)
{
	return s->entry.exported_ms > w->to_ms ? s->entry.exported_ms : w->to_ms;
}

int redo_window(struct export_run *run, const struct api_log *log, const struct log_group *group,
		const struct window *w, struct ledger_entry *ret, bool *ret_adopted,
		struct error **err)
{
	struct damage *d = redo_find(run->redo, log, w);
	cleanup_stored_entry struct stored_entry old = { 0 };
	cleanup_free char *lost = NULL;
	int r = stored_entry_read(run->opts->archive, log->log_group, w, &old, err);

	if (r < 0)
		return -1;
	if (r == 0)
		return err_set(err, ERR_OVERTAKEN, "its ledger entry was removed during the run");
	lost = redo_why_lost(run, group, w, recorded_ms(&old, w));
	if (lost) {
		err_set(err, ERR_FOUND, "it cannot be exported again, because %s; %s", lost,
			d->why);
		return err_hint(err, "nothing can bring back what is damaged; what is left of the "
				     "window stays as it is");
	}
	if (export_window(run, log, group, w, &old, ret, ret_adopted, err) < 0)
		return -1;
	d->repaired = true;
	return 0;
}
