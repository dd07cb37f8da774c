/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "verify/strangers.h"

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
#include "verify/report.h"

/* The time that a run may take to verify and record what its task has written. */
#define RECORD_MAX_MS MS_HOUR

static void stranger_release(struct stranger *s)
{
	free(s->folder);
	free(s->key);
}

void strangers_release(struct strangers *l)
{
	for (size_t i = 0; i < l->n; i++)
		stranger_release(&l->v[i]);
	free(l->v);
	*l = (struct strangers){ 0 };
}

void strangers_add(struct strangers *l, const char *day_folder, int64_t day_ms, const char *key)
{
	int64_t hour_ms;
	const char *task = layout_skip_hour(key + strlen(day_folder), &hour_ms), *slash;
	struct stranger *last = l->n ? &l->v[l->n - 1] : NULL;
	cleanup_free char *folder = NULL;

	if (layout_is_write_test(key))
		return;
	slash = strchr(task, '/');
	folder = slash ? xstrndup(key, (size_t)(slash + 1 - key)) : xstrdup(key);
	if (last && str_eq(last->folder, folder)) {
		last->objects++;
		return;
	}
	GROW(l->v, l->n);
	/* No window extends beyond its day. */
	l->v[l->n++] = (struct stranger){
		.folder = TAKE(folder),
		.key = xstrdup(key),
		.objects = 1,
		.window = { day_ms + hour_ms, day_ms + MS_DAY },
	};
}

/* The id of the task that a folder is named for, or NULL. Caller frees. */
static char *task_id(const struct stranger *s)
{
	size_t n = strlen(s->folder);
	const char *name;

	if (n < 2 || s->folder[n - 1] != '/')
		return NULL;
	for (name = s->folder + n - 1; name > s->folder && name[-1] != '/'; name--)
		;
	return layout_is_task_id(name) ? xstrndup(name, strlen(name) - 1) : NULL;
}

/* Returns 1 if AWS knows the task, 0 if it does not or refuses to say, -1 on error. */
static int get_task(const char *id, struct aws_client *c, struct export_task *ret,
		    struct error **err)
{
	cleanup_error struct error *own = NULL;
	int r = logs_get_export_task(c, id, ret, &own);

	if (r < 0 && own->kind == ERR_REFUSED && !own->credentials)
		return 0;
	return r < 0 ? err_move(&own, err) : r;
}

/* True if the task is this program's, and its run may still record it. */
static bool is_under_way(const struct export_task *t, int64_t now_ms)
{
	if (!t->name || !str_starts(t->name, TASK_NAME_PREFIX))
		return false;
	if (t->status == EXPORT_FAILED || t->status == EXPORT_CANCELLED)
		return false;
	return t->status != EXPORT_COMPLETED || t->completed_ms > now_ms - RECORD_MAX_MS;
}

/* Returns 1 if it belongs to this log group and the range, 0 if not, -1 on error. */
static int ask_one(struct stranger *s, const struct check_options *o, const struct api_log *log,
		   struct aws_client *c, struct error **err)
{
	cleanup_export_task struct export_task t = { 0 };
	cleanup_free char *id = task_id(s);
	struct archive a = *o->archive;
	int r = id ? get_task(id, c, &t, err) : 0, replaced;

	if (r < 0)
		return -1;
	if (r) {
		if (!str_eq0(t.log_group, log->log_group))
			return 0;
		s->window = (struct window){ t.from_ms, t.to_ms };
		s->under_way = is_under_way(&t, aws_client_now_ms(c));
	}
	if (!o->all && !window_overlaps(&s->window, &o->range))
		return 0;
	a.bucket.client = c;
	replaced = id ? replaced_has_task(&a, log->log_group, id, err) : 0;
	s->replaced = replaced > 0;
	return replaced < 0 ? -1 : 1;
}

int strangers_ask(struct strangers *l, const struct check_options *opts, const struct api_log *log,
		  struct aws_client *c, struct error **err)
{
	size_t kept = 0;

	for (size_t i = 0; i < l->n; i++) {
		int r = ask_one(&l->v[i], opts, log, c, err);

		if (r < 0) {
			for (; i < l->n; i++)
				l->v[kept++] = l->v[i];
			l->n = kept;
			return -1;
		}
		if (r)
			l->v[kept++] = l->v[i];
		else
			stranger_release(&l->v[i]);
	}
	l->n = kept;
	return 0;
}

static void report_one(const struct stranger *s, const struct api_log *log,
		       const struct check_sink *sink)
{
	char from[TIME_ISO_SIZE], to[TIME_ISO_SIZE];
	cleanup_free char *text = NULL;

	time_iso(s->window.from_ms, from);
	time_iso(s->window.to_ms, to);
	if (s->replaced) {
		sink->replaced(sink->data, log, &s->window, s->key);
		return;
	}
	if (s->under_way) {
		text = xasprintf("an export of '%s' from %s to %s is under way, or has just ended "
				 "and is not recorded yet",
				 log->log_group, from, to);
		sink->note(sink->data, text);
		return;
	}
	text = s->objects == 1
		       ? xstrdup("no ledger entry records its export task, so its lines may exist "
				 "twice")
		       : xasprintf("no ledger entry records the export task of these %zu objects, "
				   "so their lines may exist twice",
				   s->objects);
	sink->problem(sink->data, PROBLEM_UNRECORDED, log, &s->window, s->key, text);
}

void strangers_report(const struct strangers *l, const struct api_log *log,
		      const struct check_sink *sink)
{
	for (size_t i = 0; i < l->n; i++)
		report_one(&l->v[i], log, sink);
}
