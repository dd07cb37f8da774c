/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "verify/listing.h"

#include <stdlib.h>

#include "archive/api_log.h"
#include "archive/archive.h"
#include "archive/layout.h"
#include "aws/service/logs.h"
#include "aws/service/s3.h"
#include "base/error.h"
#include "base/str.h"
#include "base/time.h"
#include "base/xalloc.h"
#include "verify/plan.h"
#include "verify/report.h"

void batch_window_release(struct batch_window *w)
{
	ledger_entry_release(&w->entry);
	tally_release(&w->tally);
	strv_release(&w->unrecorded);
	strangers_release(&w->strangers);
	error_free(w->error);
	error_free(w->uncounted);
}

/* A day of a log group while it is listed. */
struct day {
	const struct check_options *opts;
	struct batch_window *v;
	size_t n;
	struct batch_window *first; /* the first that is in the range */
	int64_t day_ms;
	bool all_read; /* if not, an object that is in no entry may be in one that was not read */
};

/* All objects of a task belong to one window. */
static struct batch_window *window_of_object(const struct day *d, const char *key)
{
	for (size_t i = 0; i < d->n; i++) {
		const struct ledger_entry *e = &d->v[i].entry;
		size_t n = e->task_id ? strlen(e->destination) : 0;
		size_t id = e->task_id ? strlen(e->task_id) : 0;

		if (id && strncmp(key, e->destination, n) == 0 && key[n] == '/' &&
		    strncmp(key + n + 1, e->task_id, id) == 0 && key[n + 1 + id] == '/')
			return &d->v[i];
	}
	return NULL;
}

static void add_listed(struct day *d, struct s3_object *o, const char *folder)
{
	struct batch_window *w = window_of_object(d, o->key);
	struct archive_object *object =
		w ? archive_objects_find(w->entry.objects, w->entry.n_objects, o->key) : NULL;

	if (object) {
		free(object->found.etag);
		object->found.etag = TAKE(o->etag);
		free(object->found.storage_class);
		object->found.storage_class = TAKE(o->storage_class);
		object->found.size = o->size;
	} else if (w && w->item->kind == PLAN_ENTRY) {
		strv_take(&w->unrecorded, TAKE(o->key));
	} else if (!w && d->all_read) {
		strangers_add(&d->first->strangers, folder, d->day_ms, o->key);
	}
}

static int list_folder(struct day *d, const struct s3_bucket *b, const char *folder,
		       struct error **err)
{
	cleanup_s3_list struct s3_list list = { 0 };
	struct s3_object o;
	int r;

	s3_list_init(&list, b, folder, NULL);
	while ((r = s3_list_next(&list, &o, err)) > 0) {
		add_listed(d, &o, folder);
		s3_object_release(&o);
	}
	return r;
}

/* "…/dt=2026-11-21/" in each folder that the log group may have. */
static void add_day_folders(const struct check_options *o, const struct api_log *log,
			    int64_t day_ms, struct strv *ret)
{
	const struct window day = { day_ms, day_ms + MS_DAY };
	cleanup_strv struct strv destinations = STRV_INIT;

	layout_destinations(o->archive->prefix, o->archive->region, log, &day, &destinations);
	for (size_t i = 0; i < destinations.n; i++)
		strv_take(ret, layout_day_folder(destinations.v[i]));
}

int list_day(const struct check_options *opts, struct aws_client *c, struct batch_window *v,
	     size_t n, struct error **err)
{
	struct day d = { .opts = opts,
			 .v = v,
			 .n = n,
			 .day_ms = time_floor(v->item->window.from_ms, MS_DAY),
			 .all_read = true };
	struct s3_bucket bucket = opts->archive->bucket;
	cleanup_strv struct strv folders = STRV_INIT;

	bucket.client = c;
	add_day_folders(opts, v->item->log, d.day_ms, &folders);
	for (size_t i = 0; i < n; i++) {
		cleanup_free char *folder = NULL;

		if (v[i].error)
			d.all_read = false;
		if (v[i].item->kind != PLAN_ENTRY || !v[i].entry.destination)
			continue;
		if (!d.first)
			d.first = &v[i];
		folder = layout_day_folder(v[i].entry.destination);
		if (!strv_has(&folders, folder))
			strv_take(&folders, TAKE(folder));
	}
	for (size_t i = 0; i < folders.n; i++)
		if (list_folder(&d, &bucket, folders.v[i], err) < 0)
			return -1;
	if (strangers_ask(&d.first->strangers, opts, v->item->log, c, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		v[i].listed = true;
	return 0;
}

static int add_strangers(const struct s3_bucket *b, const char *folder, int64_t day_ms,
			 struct strangers *ret, struct error **err)
{
	cleanup_s3_list struct s3_list list = { 0 };
	struct s3_object o;
	int r;

	s3_list_init(&list, b, folder, NULL);
	while ((r = s3_list_next(&list, &o, err)) > 0) {
		strangers_add(ret, folder, day_ms, o.key);
		s3_object_release(&o);
	}
	return r;
}

/* The folder of a task's destination, without its day, or NULL if it is not in the archive. */
static char *folder_of_task(const struct archive *a, const struct api_log *log,
			    const struct export_task *t)
{
	size_t n = strlen(a->prefix);
	const char *day = t->prefix ? strstr(t->prefix, "/dt=") : NULL;

	if (!day || !str_eq0(t->log_group, log->log_group) || !str_eq0(t->bucket, a->bucket.name) ||
	    strncmp(t->prefix, a->prefix, n) != 0 || t->prefix[n] != '/')
		return NULL;
	return xstrndup(t->prefix, (size_t)(day - t->prefix));
}

/*
 * Appends the folders that tasks of the log group have written to. A refusal leaves the
 * folders that are known without.
 */
static int add_task_folders(const struct archive *a, struct aws_client *c,
			    const struct api_log *log, struct strv *ret, struct error **err)
{
	cleanup_error struct error *own = NULL;
	int r = 0;

	for (enum export_status s = EXPORT_PENDING; s <= EXPORT_CANCELLED && r == 0; s++) {
		cleanup_aws_pages struct aws_pages pages = { 0 };
		struct export_task t;

		logs_tasks_init(&pages, c, s);
		while ((r = logs_tasks_next(&pages, &t, &own)) > 0) {
			cleanup_free char *folder = folder_of_task(a, log, &t);

			if (folder && !strv_has(ret, folder))
				strv_take(ret, TAKE(folder));
			export_task_release(&t);
		}
	}
	if (r == 0 || (own->kind == ERR_REFUSED && !own->credentials))
		return 0;
	return err_move(&own, err);
}

/*
 * True if only AWS's list of tasks can tell where the log group's objects may be: by --api
 * an access log lies in the folder of its API, which neither its name nor an entry tells.
 */
static bool has_unknown_folder(const struct api_log *log, const struct plan *plan)
{
	cleanup_free char *api_id = NULL, *stage = NULL;

	return !log->api_id && !plan_has_entries(plan, log) &&
	       !execution_log_group_parse(log->log_group, &api_id, &stage);
}

int list_other_days(const struct check_options *opts, struct aws_client *c,
		    const struct api_log *log, const struct plan *plan, struct strangers *ret,
		    struct error **err)
{
	struct s3_bucket bucket = opts->archive->bucket;
	cleanup_strv struct strv folders = STRV_INIT;

	bucket.client = c;
	layout_folders(opts->archive->prefix, opts->archive->region, log, &folders);
	if (has_unknown_folder(log, plan) &&
	    add_task_folders(opts->archive, c, log, &folders, err) < 0)
		return -1;
	for (size_t i = 0; i < folders.n; i++) {
		cleanup_free char *folder = xasprintf("%s/", folders.v[i]);
		cleanup_s3_list struct s3_list list = { 0 };
		char *prefix;
		int r;

		s3_list_init(&list, &bucket, folder, "/");
		while ((r = s3_list_next_prefix(&list, &prefix, err)) > 0) {
			cleanup_free char *found = prefix;
			struct window day;

			if (!layout_parse_day(found + strlen(folder), &day.from_ms))
				continue;
			day.to_ms = day.from_ms + MS_DAY;
			if ((!opts->all && !window_overlaps(&day, &opts->range)) ||
			    plan_has_day(plan, log, day.from_ms))
				continue;
			if (add_strangers(&bucket, found, day.from_ms, ret, err) < 0)
				return -1;
		}
		if (r < 0)
			return -1;
	}
	return strangers_ask(ret, opts, log, c, err);
}
