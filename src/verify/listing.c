/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "verify/listing.h"

#include <stdlib.h>

#include "archive/archive.h"
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
	for (size_t i = 0; i < w->n_unrecorded; i++)
		free(w->unrecorded[i].key);
	free(w->unrecorded);
	error_free(w->error);
}

/* A day of a log group while it is listed. */
struct day {
	const struct check_options *opts;
	struct batch_window *v;
	size_t n;
	struct batch_window *first; /* of the range */
	bool all_read;              /* else an object in no entry may be in one that was not read */
};

/* Found by the task, whose objects all belong to one window. */
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

static int by_key(const void *key, const void *object)
{
	return strcmp(key, ((const struct archive_object *)object)->key);
}

static struct archive_object *find_object(struct ledger_entry *e, const char *key)
{
	if (!e->n_objects)
		return NULL;
	return bsearch(key, e->objects, e->n_objects, sizeof(*e->objects), by_key);
}

static void add_unrecorded(struct day *d, struct s3_object *o, bool of_task)
{
	struct batch_window *w = d->first;

	GROW(w->unrecorded, w->n_unrecorded);
	w->unrecorded[w->n_unrecorded++] = (struct unrecorded){ TAKE(o->key), of_task };
}

/* True if an object may hold events of the range; rest is its key behind the day's folder. */
static bool is_in_range(const struct day *d, const char *rest)
{
	const struct check_options *o = d->opts;
	int64_t from = time_floor(d->first->entry.window.from_ms, MS_DAY), to = from + MS_DAY;

	if (o->all)
		return true;
	/* "hh=05/": the window begins then; its length is not known. */
	if (str_starts(rest, "hh=") && str_is_digits(rest + 3, 2)) {
		from += ((rest[3] - '0') * 10 + rest[4] - '0') * MS_HOUR;
		to = from + MS_HOUR;
	}
	return from < o->range.to_ms && to > o->range.from_ms;
}

static void add_listed(struct day *d, struct s3_object *o, const char *rest)
{
	struct batch_window *w = window_of_object(d, o->key);
	struct archive_object *object = w ? find_object(&w->entry, o->key) : NULL;

	if (object) {
		free(object->found.etag);
		object->found.etag = TAKE(o->etag);
		object->found.size = o->size;
	} else if (w) {
		if (w->item->kind == PLAN_ENTRY)
			add_unrecorded(d, o, true);
	} else if (d->all_read && !str_ends(o->key, "/aws-logs-write-test") &&
		   is_in_range(d, rest)) {
		add_unrecorded(d, o, false);
	}
}

/* "…/dt=2026-11-21/", where all windows of the day lie. Caller frees. */
static char *day_folder(const char *destination)
{
	const char *slash = strrchr(destination, '/');
	size_t n = strlen(destination);

	if (slash && str_starts(slash, "/hh="))
		n = (size_t)(slash - destination);
	return xasprintf("%.*s/", (int)n, destination);
}

static int list_folder(struct day *d, const struct s3_bucket *b, const char *folder,
		       struct error **err)
{
	cleanup_s3_list struct s3_list list = { 0 };
	struct s3_object o;
	int r;

	s3_list_init(&list, b, folder, NULL);
	while ((r = s3_list_next(&list, &o, err)) > 0) {
		add_listed(d, &o, o.key + strlen(folder));
		s3_object_release(&o);
	}
	return r;
}

int list_day(const struct check_options *opts, struct aws_client *c, struct batch_window *v,
	     size_t n, struct error **err)
{
	struct day d = { .opts = opts, .v = v, .n = n, .all_read = true };
	struct s3_bucket bucket = opts->archive->bucket;
	/* More than one if the group was exported both by its API and by --log-group. */
	cleanup_strv struct strv folders = STRV_INIT;

	bucket.client = c;
	for (size_t i = 0; i < n; i++) {
		cleanup_free char *folder = NULL;

		if (v[i].error)
			d.all_read = false;
		if (v[i].item->kind != PLAN_ENTRY || !v[i].entry.destination)
			continue;
		if (!d.first)
			d.first = &v[i];
		folder = day_folder(v[i].entry.destination);
		if (!strv_has(&folders, folder))
			strv_take(&folders, TAKE(folder));
	}
	for (size_t i = 0; i < folders.n; i++)
		if (list_folder(&d, &bucket, folders.v[i], err) < 0)
			return -1;
	for (size_t i = 0; i < n; i++)
		v[i].listed = true;
	return 0;
}
