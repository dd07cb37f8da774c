/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "verify/batch.h"

#include <inttypes.h>
#include <stdlib.h>

#include "archive/archive.h"
#include "archive/api_log.h"
#include "base/error.h"
#include "base/str.h"
#include "base/time.h"
#include "base/xalloc.h"
#include "verify/report.h"
#include "verify/scan.h"

/* Some megabytes of ledger entries. */
#define BATCH_OBJECTS 4096

void batch_init(struct batch *b, const struct api_log *log, const struct check_options *opts,
		const struct check_sink *sink)
{
	*b = (struct batch){ .log = log, .opts = opts, .sink = sink };
	source_check_init(&b->source, opts->archive->bucket.client, log, sink);
	random_bytes(b->key, sizeof(b->key));
}

static void clear(struct batch *b)
{
	for (size_t i = 0; i < b->n; i++) {
		struct batch_window *u = &b->windows[i];

		ledger_entry_release(&u->entry);
		tally_release(&u->tally);
	}
	free(b->windows);
	b->windows = NULL;
	b->n = b->objects = 0;
}

void batch_release(struct batch *b)
{
	clear(b);
	source_check_release(&b->source);
	error_free(b->first_error);
}

static int by_key(const void *a, const void *b)
{
	const struct archive_object *x = a, *y = b;

	return strcmp(x->key, y->key);
}

void batch_add(struct batch *b, struct ledger_entry *entry, bool wanted)
{
	if (entry->n_objects)
		qsort(entry->objects, entry->n_objects, sizeof(*entry->objects), by_key);
	GROW(b->windows, b->n);
	b->windows[b->n++] = (struct batch_window){
		.entry = *entry,
		.wanted = wanted,
		.tally = { .window = entry->window,
			   .key = b->opts->compare ? b->key : NULL,
			   .task_ms = entry->task_ms ? entry->task_ms : entry->exported_ms },
	};
	b->objects += entry->n_objects;
	*entry = (struct ledger_entry){ 0 };
}

bool batch_is_full(const struct batch *b)
{
	return b->objects >= BATCH_OBJECTS;
}

static void problem(struct batch *b, struct batch_window *u, enum problem p, const char *key,
		    const char *message)
{
	u->problems++;
	b->sink->problem(b->sink->data, p, b->log, &u->entry.window, key, message);
}

/* By task, since a task's objects are all of one window. */
static struct batch_window *window_of_object(struct batch *b, const char *key)
{
	for (size_t i = 0; i < b->n; i++) {
		const struct ledger_entry *e = &b->windows[i].entry;
		size_t n = strlen(e->destination), id = e->task_id ? strlen(e->task_id) : 0;

		if (id && strncmp(key, e->destination, n) == 0 && key[n] == '/' &&
		    strncmp(key + n + 1, e->task_id, id) == 0 && key[n + 1 + id] == '/')
			return &b->windows[i];
	}
	return NULL;
}

static void compare_listed(struct batch *b, struct batch_window *u, const struct s3_object *o)
{
	const struct archive_object wanted = { .key = o->key };
	struct archive_object *object =
		u->entry.n_objects ? bsearch(&wanted, u->entry.objects, u->entry.n_objects,
					     sizeof(wanted), by_key)
				   : NULL;
	cleanup_free char *text = NULL;

	if (object) {
		free(object->found.etag);
		object->found.etag = xstrdup(o->etag);
		object->found.size = o->size;
	}
	if (!u->wanted)
		return;
	if (!object) {
		problem(b, u, PROBLEM_UNRECORDED, o->key,
			"the ledger does not have it, though it is of a recorded task");
		return;
	}
	if (object->recorded.size == o->size && str_eq(object->recorded.etag, o->etag))
		return;
	text = xasprintf("it has %" PRIu64 " bytes and ETag %s; recorded were %" PRIu64
			 " bytes and ETag %s",
			 o->size, o->etag, object->recorded.size, object->recorded.etag);
	problem(b, u, PROBLEM_CHANGED, o->key, text);
}

/* True if what lies under a day, at rest, may hold events of the range. */
static bool is_in_range(const struct batch *b, int64_t day_ms, const char *rest)
{
	const struct check_options *o = b->opts;
	int64_t from = day_ms, to = day_ms + MS_DAY;

	if (o->all)
		return true;
	/* "hh=05/": the window begins then; how long it was to be is not known. */
	if (str_starts(rest, "hh=") && str_is_digits(rest + 3, 2)) {
		from += ((rest[3] - '0') * 10 + rest[4] - '0') * MS_HOUR;
		to = from + MS_HOUR;
	}
	return from < o->range.to_ms && to > o->range.from_ms;
}

/* An object that no entry has: of a run that was killed or goes on, or foreign. */
static void check_unrecorded(struct batch *b, struct batch_window *u, const char *rest,
			     const struct s3_object *o)
{
	int64_t day_ms = time_floor(u->entry.window.from_ms, MS_DAY);

	if (str_ends(o->key, "/aws-logs-write-test") || !is_in_range(b, day_ms, rest))
		return;
	problem(b, u, PROBLEM_UNRECORDED, o->key,
		"no ledger entry has its export task, so its lines may be there twice");
}

/* "…/dt=2026-11-21", where all windows of the day lie. Caller frees. */
static char *day_folder(const struct batch_window *u)
{
	char *folder = xstrdup(u->entry.destination);
	char *slash = strrchr(folder, '/');

	if (slash && str_starts(slash, "/hh="))
		*slash = '\0';
	return folder;
}

static int list_day(struct batch *b, struct batch_window *first, const char *day,
		    struct error **err)
{
	cleanup_free char *folder = xasprintf("%s/", day);
	cleanup_s3_list struct s3_list list = { 0 };
	struct s3_object o;
	int r;

	s3_list_init(&list, &b->opts->archive->bucket, folder, NULL);
	while ((r = s3_list_next(&list, &o, err)) > 0) {
		struct batch_window *u = window_of_object(b, o.key);

		if (u)
			compare_listed(b, u, &o);
		else
			check_unrecorded(b, first, o.key + strlen(folder), &o);
		s3_object_release(&o);
	}
	return r;
}

/* Each day once, if a window that is wanted lies in it. */
static int list_all(struct batch *b, struct error **err)
{
	cleanup_strv struct strv done = STRV_INIT;

	for (size_t i = 0; i < b->n; i++) {
		char *day = day_folder(&b->windows[i]);

		/* The windows are in order, so a day that was listed was so just before. */
		if (!b->windows[i].wanted || (done.n && str_eq(done.v[done.n - 1], day))) {
			free(day);
			continue;
		}
		strv_take(&done, day);
		if (list_day(b, &b->windows[i], day, err) < 0)
			return -1;
	}
	return 0;
}

static void on_read(void *data, const struct archive_object *o)
{
	struct batch *b = data;

	b->done_objects++;
	b->done_size += o->found.size;
	b->sink->progress(b->sink->data, b->done_objects, b->done_size);
}

/* Reads what is in the bucket; also what was changed, to say what became of it. */
static int read_objects(struct batch *b, struct error **err)
{
	cleanup_free struct archive_object **v = xcalloc(b->objects, sizeof(*v));
	size_t n = 0;

	for (size_t i = 0; i < b->n; i++) {
		struct batch_window *u = &b->windows[i];

		for (size_t k = 0; k < u->entry.n_objects && u->wanted; k++) {
			struct archive_object *o = &u->entry.objects[k];

			o->owner = &u->tally;
			if (o->found.etag)
				v[n++] = o;
		}
	}
	return scan_objects(b->opts->archive, b->opts->workers, v, n, on_read, b, err);
}

/* How one object came out, once it was read or could not be. */
static void report_read(struct batch *b, struct batch_window *u, const struct archive_object *o)
{
	cleanup_free char *text = NULL;

	if (o->error && o->error->kind == ERR_FOUND) {
		problem(b, u, PROBLEM_DAMAGED, o->key, o->error->msg);
	} else if (!o->read) {
		u->unread++;
		if (o->error && !b->first_error) {
			b->first_error = error_copy(o->error);
			err_wrap(&b->first_error, "cannot check 's3://%s/%s'",
				 b->opts->archive->bucket.name, o->key);
		}
	} else if (o->found.outside != o->recorded.outside) {
		text = scan_outside_text(o, &u->entry.window);
		problem(b, u, PROBLEM_DAMAGED, o->key, text);
	} else if (o->found.events != o->recorded.events || o->found.bytes != o->recorded.bytes) {
		text = xasprintf("it holds %" PRIu64 " events in %" PRIu64
				 " bytes of text; recorded were %" PRIu64 " in %" PRIu64,
				 o->found.events, o->found.bytes, o->recorded.events,
				 o->recorded.bytes);
		problem(b, u, PROBLEM_CHANGED, o->key, text);
	}
}

static void report_objects(struct batch *b, struct batch_window *u)
{
	for (size_t i = 0; i < u->entry.n_objects; i++) {
		const struct archive_object *o = &u->entry.objects[i];

		if (!o->found.etag)
			problem(b, u, PROBLEM_MISSING, o->key, "it is not in the bucket");
		else if (!b->opts->quick)
			report_read(b, u, o);
	}
}

static int finish_window(struct batch *b, struct batch_window *u, struct error **err)
{
	const struct ledger_entry *e = &u->entry;
	struct window_result w = {
		.log = b->log,
		.window = e->window,
		.state = e->state,
		.objects = e->n_objects,
		.events = e->events,
		.size = e->size,
		.bytes = e->bytes,
		.source_events = -1,
	};

	report_objects(b, u);
	/* After damage the tallies differ anyway, and say nothing new. */
	if (b->opts->compare && !u->problems && !u->unread &&
	    source_check_window(&b->source, &u->tally, e->readings, &u->problems, &w.source_events,
				err) < 0)
		return -1;
	w.problems = u->problems;
	if (!u->unread)
		b->sink->window(b->sink->data, &w);
	return 0;
}

int batch_run(struct batch *b, struct error **err)
{
	int r = list_all(b, err);

	if (r == 0 && !b->opts->quick)
		r = read_objects(b, err);
	for (size_t i = 0; i < b->n && r == 0; i++)
		if (b->windows[i].wanted)
			r = finish_window(b, &b->windows[i], err);
	clear(b);
	if (r == 0 && b->first_error)
		return err_move(&b->first_error, err);
	return r;
}
