/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "archive/api_log.h"
#include "archive/archive.h"
#include "archive/layout.h"
#include "archive/ledger.h"
#include "archive/replace.h"
#include "aws/service/logs.h"
#include "base/error.h"
#include "base/str.h"
#include "base/time.h"
#include "base/xalloc.h"
#include "export/export.h"
#include "export/redo.h"

/* The id that a task's folder ends in. Caller frees. */
static char *folder_task(const char *folder)
{
	size_t n = strlen(folder);
	const char *p = folder + n - 1;

	while (p > folder && p[-1] != '/')
		p--;
	return xstrndup(p, (size_t)(folder + n - 1 - p));
}

/* True if windows that are recorded as they should be, but for this one, cover it. */
static bool is_covered(struct export_run *run, const struct api_log *log, const struct windows *l,
		       const struct window *w, bool itself)
{
	cleanup_windows struct windows good = { 0 }, missing = { 0 };

	for (size_t i = 0; i < l->n; i++)
		if ((itself || window_order(&l->v[i], w) != 0) &&
		    !redo_reason(run->redo, log, &l->v[i]))
			windows_add(&good, l->v[i].from_ms, l->v[i].to_ms);
	windows_missing(*w, &good, &missing);
	return missing.n == 0;
}

/* True if the entry is of the run's range, and overlaps another. */
static bool overlaps_any(const struct export_options *o, const struct windows *l, size_t i)
{
	if (!o->since_last && !window_overlaps(&l->v[i], &o->range))
		return false;
	for (size_t j = 0; j < l->n && l->v[j].from_ms < l->v[i].to_ms; j++)
		if (j != i && window_overlaps(&l->v[i], &l->v[j]))
			return true;
	return false;
}

/* Only what lies in the range is exported again by this run. */
static bool is_in_range(const struct export_options *o, const struct window *w)
{
	return o->since_last || (w->from_ms >= o->range.from_ms && w->to_ms <= o->range.to_ms);
}

static int64_t length_of(const struct window *w)
{
	return w->to_ms - w->from_ms;
}

/*
 * The entry that is to give way, or NULL if none may: a damaged one first, then one whose time
 * others cover, then the shortest. What no other covers must still be in CloudWatch Logs.
 */
static const struct window *choose(struct export_run *run, const struct api_log *log,
				   const struct log_group *group, const struct windows *l,
				   bool *ret_any)
{
	const struct window *best = NULL;
	int best_rank = 0;

	*ret_any = false;
	for (size_t i = 0; i < l->n; i++) {
		const struct window *w = &l->v[i];
		cleanup_free char *lost = NULL;
		bool covered;
		int rank;

		if (!overlaps_any(run->opts, l, i))
			continue;
		*ret_any = true;
		covered = is_covered(run, log, l, w, false);
		lost = redo_why_lost(run, group, w, w->to_ms);
		rank = 1 + covered + 2 * !!redo_reason(run->redo, log, w);
		if (!covered && (lost || !is_in_range(run->opts, w)))
			continue;
		if (rank > best_rank || (rank == best_rank && length_of(w) < length_of(best))) {
			best = w;
			best_rank = rank;
		}
	}
	return best;
}

static void note_retired(struct export_run *run, const struct api_log *log, const struct window *w)
{
	char from[TIME_ISO_SIZE], to[TIME_ISO_SIZE];
	cleanup_free char *text =
		xasprintf("log group '%s': the entry from %s to %s %s, because it overlaps another",
			  log->log_group, time_iso(w->from_ms, from), time_iso(w->to_ms, to),
			  run->opts->dry_run ? "would be removed" : "was removed");

	run->sink->note(run->sink->data, text);
}

static int retire(struct export_run *run, const struct api_log *log, const struct window *w,
		  struct error **err)
{
	const struct archive *a = run->opts->archive;
	cleanup_stored_entry struct stored_entry s = { 0 };
	struct damage *d = redo_find(run->redo, log, w);
	char *folder;
	int r = 1;

	if (!run->opts->dry_run) {
		r = stored_entry_read(a, log->log_group, w, &s, err);
		if (r > 0)
			r = stored_entry_retire(a, log->log_group, w, &s, err);
	}
	if (r < 0)
		return -1;
	if (r == 0)
		return err_set(err, ERR_OVERTAKEN,
			       "another run has changed or removed an entry that overlaps another");
	folder = stored_entry_folder(a, log, &s);
	if (folder)
		redo_add_leftover(run->redo, log, w, folder, NULL);
	if (d)
		d->repaired = true;
	note_retired(run, log, w);
	return 0;
}

/* In a sorted list; without this, ten thousand windows would be compared with each other. */
static bool have_overlap(const struct windows *l)
{
	int64_t to_ms = 0;

	for (size_t i = 0; i < l->n; i++) {
		if (i && l->v[i].from_ms < to_ms)
			return true;
		if (l->v[i].to_ms > to_ms)
			to_ms = l->v[i].to_ms;
	}
	return false;
}

int redo_overlaps(struct export_run *run, const struct api_log *log, const struct log_group *group,
		  struct error **err)
{
	cleanup_windows struct windows l = { 0 };
	bool any;

	if (ledger_windows(run->opts->archive, log->log_group, &l, err) < 0)
		return -1;
	while (have_overlap(&l)) {
		const struct window *w = choose(run, log, group, &l, &any);
		size_t i;

		if (!any)
			break;
		if (!w) {
			err_set(err, ERR_FOUND,
				"ledger entries of log group '%s' overlap, and CloudWatch Logs no "
				"longer has the time that only one of them covers",
				log->log_group);
			return err_hint(err, "nothing was removed; verify names the entries");
		}
		if (retire(run, log, w, err) < 0)
			return -1;
		i = (size_t)(w - l.v);
		memmove(&l.v[i], &l.v[i + 1], (l.n - i - 1) * sizeof(*l.v));
		l.n--;
	}
	return 0;
}

/* True if the entry has the leftover's first object: the run has adopted its task meanwhile. */
static bool has_key(const struct ledger_entry *e, const char *key)
{
	for (size_t i = 0; i < e->n_objects; i++)
		if (str_eq0(key, e->objects[i].key))
			return true;
	return false;
}

/* 1 if it is the folder of a task that a present entry records, and *ret_key if it has its key. */
static int is_recorded(struct export_run *run, const struct leftover *l, const char *task_id,
		       const struct windows *recorded, bool *ret_key, struct error **err)
{
	for (size_t i = 0; i < recorded->n; i++) {
		cleanup_ledger_entry struct ledger_entry e = { 0 };
		cleanup_error struct error *own = NULL;

		if (!window_overlaps(&recorded->v[i], &l->window))
			continue;
		if (ledger_read(run->opts->archive, l->log->log_group, &recorded->v[i], &e, &own) <
			    0 &&
		    own->kind != ERR_FOUND)
			return err_move(&own, err);
		*ret_key = own || has_key(&e, l->key);
		if (own || str_eq0(e.task_id, task_id))
			return 1;
	}
	return 0;
}

/* 1 if it was this program's task for the log group, and is over; 0, -1. */
static int is_ours(struct export_run *run, const struct leftover *l, const char *task_id,
		   struct error **err)
{
	cleanup_export_task struct export_task t = { 0 };
	cleanup_error struct error *own = NULL;
	int r;

	if (!l->key)
		return 1;
	r = replaced_has_task(run->opts->archive, l->log->log_group, task_id, err);
	if (r)
		return r;
	r = logs_get_export_task(run->client, task_id, &t, &own);
	if (r < 0 && (own->kind != ERR_REFUSED || own->credentials))
		return err_move(&own, err);
	return r > 0 && t.name && str_starts(t.name, TASK_NAME_PREFIX) &&
	       str_eq0(t.log_group, l->log->log_group) && t.status >= EXPORT_COMPLETED &&
	       t.status <= EXPORT_CANCELLED;
}

/* A damaged entry may name the folder of another day, whose entries are not looked at here. */
static bool is_of_its_day(const struct leftover *l)
{
	cleanup_free char *folder = NULL;
	const char *day = NULL;
	int64_t ms;

	for (const char *p = l->folder; (p = strstr(p, "/dt=")); p++)
		day = p + 1;
	if (!day)
		return false;
	folder = xstrndup(day, strcspn(day, "/") + 1);
	return layout_parse_day(folder, &ms) &&
	       window_overlaps(&l->window, &(struct window){ ms, ms + MS_DAY });
}

/* Removes the folder if entries that are as they should be cover its time without it. */
static int sweep(struct export_run *run, const struct leftover *l, const struct windows *recorded,
		 struct error **err)
{
	const struct s3_bucket *bucket = &run->opts->archive->bucket;
	cleanup_free char *task_id = folder_task(l->folder), *text = NULL;
	bool listed = false;
	int found = is_recorded(run, l, task_id, recorded, &listed, err);
	int ours = found == 0 && is_of_its_day(l) &&
				   is_covered(run, l->log, recorded, &l->window, true)
			   ? is_ours(run, l, task_id, err)
			   : 0;

	if (found < 0 || ours < 0)
		return -1;
	if (!ours) {
		if (l->key && !listed)
			redo_warn_unknown(run, l->key);
		return 0;
	}
	if (!run->opts->dry_run && s3_delete_folder(bucket, l->folder, err) < 0)
		return err_wrap(err, "cannot remove the objects of export task %s", task_id);
	text = xasprintf("the objects of export task %s %s: their time is recorded without them",
			 task_id, run->opts->dry_run ? "would be removed" : "were removed");
	run->sink->note(run->sink->data, text);
	return 0;
}

int redo_sweep(struct export_run *run, const struct api_log *log, struct error **err)
{
	cleanup_windows struct windows recorded = { 0 };

	if (ledger_windows(run->opts->archive, log->log_group, &recorded, err) < 0)
		return -1;
	for (size_t i = 0; i < run->redo->n_leftovers; i++)
		if (run->redo->leftovers[i].log == log &&
		    sweep(run, &run->redo->leftovers[i], &recorded, err) < 0)
			return -1;
	return 0;
}
