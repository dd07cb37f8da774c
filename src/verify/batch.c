/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "verify/batch.h"

#include <inttypes.h>
#include <stdlib.h>

#include "archive/api_log.h"
#include "archive/archive.h"
#include "archive/reader.h"
#include "aws/workers.h"
#include "base/error.h"
#include "base/time.h"
#include "base/xalloc.h"
#include "verify/judge.h"
#include "verify/listing.h"
#include "verify/scan.h"

/* In bytes of ledger entries: about 4,000 objects, or 3,000 windows that have none. */
#define BATCH_SIZE ((uint64_t)2 << 20)

void batch_init(struct batch *b, const struct plan *plan, const struct check_options *opts,
		const struct check_sink *sink)
{
	*b = (struct batch){ .opts = opts,
			     .sink = sink,
			     .progress.windows_total = plan->entries,
			     .plan_size = plan->size };
	random_bytes(b->key, sizeof(b->key));
}

void batch_release(struct batch *b)
{
	source_check_release(&b->source);
	error_free(b->error);
}

static bool is_same_day(const struct plan_item *a, const struct plan_item *b)
{
	return a->log == b->log &&
	       time_floor(a->window.from_ms, MS_DAY) == time_floor(b->window.from_ms, MS_DAY);
}

size_t batch_cut(const struct plan_item *v, size_t n)
{
	const struct plan_item *last = NULL;
	uint64_t size = 0;

	for (size_t i = 0; i < n; i++) {
		if (!plan_is_entry(&v[i]))
			continue;
		if (size >= BATCH_SIZE && !is_same_day(last, &v[i]))
			return i;
		last = &v[i];
		size += v[i].size;
	}
	return n;
}

/* Consecutive windows of one log group that begin on the same day. */
struct day {
	size_t first, n;
};

/* One batch while it is checked. */
struct work {
	struct batch *batch;
	struct batch_window *v; /* one for each item of the plan */
	size_t n;
	struct day *days;
	size_t n_days;
	uint64_t size; /* of the entries */
	size_t objects, objects_read, windows;
};

static bool read_entry(void *data, struct aws_client *c, size_t i)
{
	struct work *k = data;
	struct batch_window *w = &k->v[i];
	struct archive a = *k->batch->opts->archive;
	int r;

	if (!plan_is_entry(w->item))
		return true;
	a.bucket.client = c;
	r = ledger_read(&a, w->item->log->log_group, &w->item->window, &w->entry, &w->error);
	if (r == 0)
		err_set(&w->error, ERR_FOUND, "the ledger entry was removed during the run");
	if (r > 0)
		archive_objects_sort(w->entry.objects, w->entry.n_objects);
	w->tally.task_ms = w->entry.task_ms ? w->entry.task_ms : w->entry.exported_ms;
	return r >= 0 || !err_is_fatal(w->error);
}

/* Keeps only days with a window in the range whose entry could be read. */
static void find_days(struct work *k)
{
	struct day day = { 0 };

	for (size_t first = 0; first < k->n; first += day.n) {
		bool wanted = false;

		day = (struct day){ .first = first };
		while (first + day.n < k->n &&
		       is_same_day(k->v[first].item, k->v[first + day.n].item)) {
			const struct batch_window *w = &k->v[first + day.n++];

			wanted |= w->item->kind == PLAN_ENTRY && w->entry.destination;
		}
		if (!wanted)
			continue;
		GROW(k->days, k->n_days);
		k->days[k->n_days++] = day;
	}
}

static bool list_one(void *data, struct aws_client *c, size_t i)
{
	struct work *k = data;
	struct batch_window *w = &k->v[k->days[i].first];
	cleanup_error struct error *own = NULL;
	bool go_on;

	if (list_day(k->batch->opts, c, w, k->days[i].n, &own) == 0)
		return true;
	go_on = !err_is_fatal(own);
	while (w->item->kind != PLAN_ENTRY || !w->entry.destination)
		w++;
	err_move(&own, &w->error);
	return go_on;
}

static void show_progress(struct work *k, uint64_t size)
{
	struct batch *b = k->batch;
	struct check_progress p = b->progress;
	double part = (double)++k->objects_read / (double)k->objects;

	b->progress.objects++;
	b->progress.size += size;
	p.objects = b->progress.objects;
	p.size = b->progress.size;
	p.windows += (uint64_t)(part * (double)k->windows);
	p.part = ((double)b->done_size + part * (double)k->size) / (double)b->plan_size;
	b->sink->progress(b->sink->data, &p);
}

static void on_read(void *data, const struct archive_object *o)
{
	show_progress(data, o->found.size);
}

static void on_asked(void *data, void *state, struct archive_object *o)
{
	(void)state, (void)o;
	show_progress(data, 0);
}

/*
 * What is in the bucket is read; a changed object, too, to report what it holds now. For a
 * quick check, S3 is asked for its checksum if there is one to compare it with.
 */
static bool is_to_be_read(const struct batch *b, const struct archive_object *o)
{
	if (!o->found.etag)
		return false;
	return !b->opts->quick || (o->recorded.meta.checksum && object_is_as_listed(o));
}

static int read_objects(struct work *k, struct error **err)
{
	const struct check_options *opts = k->batch->opts;
	cleanup_free struct archive_object **v = NULL;

	for (size_t i = 0; i < k->n; i++) {
		struct batch_window *w = &k->v[i];

		for (size_t o = 0; o < w->entry.n_objects && w->listed; o++) {
			struct archive_object *object = &w->entry.objects[o];

			if (w->item->kind != PLAN_ENTRY || !is_to_be_read(k->batch, object))
				continue;
			object->owner = &w->tally;
			GROW(v, k->objects);
			v[k->objects++] = object;
		}
	}
	if (opts->quick)
		return archive_ask(opts->archive, opts->workers, v, k->objects, on_asked, k, err);
	return scan_objects(opts->archive, opts->workers, v, k->objects, on_read, k, err);
}

static bool is_stopped(const struct work *k)
{
	for (size_t i = 0; i < k->n; i++)
		if (k->v[i].error && err_is_fatal(k->v[i].error))
			return true;
	return false;
}

static void report(struct batch *b, const struct batch_window *w, unsigned *problems,
		   enum problem p, const char *key, const char *message)
{
	++*problems;
	b->sink->problem(b->sink->data, p, w->item->log, &w->item->window, key, message);
}

static void report_gaps(struct batch *b, struct batch_window *w, unsigned *problems)
{
	const struct ledger_entry *e = &w->entry;
	size_t at = 0;
	char *key;

	while ((key = objects_next_gap(e->objects, e->n_objects, &at))) {
		cleanup_free char *owned = key;

		report(b, w, problems, PROBLEM_MISSING, key,
		       "the ledger entry does not list it, though it lists the next file of the "
		       "same stream");
	}
}

/* Returns false if an object could not be read. */
static bool report_objects(struct batch *b, struct batch_window *w, unsigned *problems)
{
	bool read = true;

	for (size_t i = 0; i < w->entry.n_objects; i++) {
		struct archive_object *o = &w->entry.objects[i];
		cleanup_free char *text = NULL;
		enum problem p;

		if (object_judge(o, &w->item->window, &p, &text))
			report(b, w, problems, p, o->key, text);
		b->archived += o->archived && o->asked;
		if (o->read || o->asked || !is_to_be_read(b, o) ||
		    (o->error && o->error->kind == ERR_FOUND))
			continue;
		read = false;
		if (o->error)
			err_wrap(&o->error, "cannot check 's3://%s/%s'",
				 b->opts->archive->bucket.name, o->key);
		err_keep(&b->error, &o->error);
	}
	report_gaps(b, w, problems);
	for (size_t i = 0; i < w->unrecorded.n; i++)
		report(b, w, problems, PROBLEM_UNRECORDED, w->unrecorded.v[i],
		       "the ledger entry does not list it, though it records its export task");
	strangers_report(&w->strangers, w->item->log, b->sink);
	return read;
}

/*
 * Returns false if CloudWatch Logs could not be asked. Damaged objects are bound to
 * differ from it, so they are not compared.
 */
static bool compare(struct batch *b, struct batch_window *w, unsigned *problems,
		    int64_t *ret_events)
{
	cleanup_error struct error *own = NULL;
	bool all_read = true;

	for (size_t i = 0; i < w->entry.n_objects; i++)
		all_read &= w->entry.objects[i].read;
	if (*problems || !all_read)
		return true;
	if (b->error && err_is_fatal(b->error))
		return false;
	if (source_check_window(&b->source, &w->tally, problems, ret_events, &own) == 0)
		return true;
	err_keep(&b->error, &own);
	return false;
}

/* Starts on a log group: what any of its entries in this batch says of AWS applies to all. */
static void begin_log(struct work *k, const struct api_log *log)
{
	struct batch *b = k->batch;

	if (b->source.log != log) {
		source_check_end(&b->source);
		source_check_release(&b->source);
		source_check_init(&b->source, b->opts->archive->bucket.client, log, b->sink);
	}
	for (size_t i = 0; i < k->n; i++)
		if (k->v[i].item->log == log && k->v[i].entry.destination)
			source_check_learn(&b->source, k->v[i].entry.readings);
}

static void report_entry(struct batch *b, struct batch_window *w)
{
	const struct ledger_entry *e = &w->entry;
	struct check_result r = { .log = w->item->log,
				  .window = w->item->window,
				  .objects = e->n_objects,
				  .events = e->events,
				  .size = e->size,
				  .bytes = e->bytes,
				  .source_events = -1 };
	unsigned problems = 0;
	bool checked = e->destination && w->listed;

	if (w->error && w->error->kind == ERR_FOUND)
		report(b, w, &problems, PROBLEM_LEDGER, NULL, w->error->msg);
	else
		err_keep(&b->error, &w->error);
	if (w->item->kind != PLAN_ENTRY)
		return;
	if (checked)
		checked = report_objects(b, w, &problems);
	if (checked && b->opts->compare)
		checked = compare(b, w, &problems, &r.source_events);
	r.state = problems                      ? CHECK_WRONG
		  : !checked                    ? CHECK_UNCHECKED
		  : ledger_entry_has_expired(e) ? CHECK_EXPIRED
		  : e->n_objects                ? CHECK_WHOLE
						: CHECK_EMPTY;
	r.readings = b->source.known;
	b->progress.windows++;
	b->sink->window(b->sink->data, &r);
}

static void report_missing(struct batch *b, const struct batch_window *w)
{
	const struct plan_item *i = w->item;
	const struct window *at = i->kind == PLAN_OVERLAP ? &i->other : &i->window;
	struct check_result r = { .log = i->log, .window = i->window, .source_events = -1 };
	char from[TIME_ISO_SIZE], to[TIME_ISO_SIZE];
	cleanup_free char *text = NULL;
	unsigned problems = 0;

	time_iso(at->from_ms, from);
	time_iso(at->to_ms, to);
	if (i->kind == PLAN_UNSETTLED || i->kind == PLAN_EXPIRED) {
		r.state = i->kind == PLAN_EXPIRED ? CHECK_EXPIRED : CHECK_UNSETTLED;
		r.due_ms = i->kind == PLAN_UNSETTLED ? i->due_ms : 0;
		b->sink->window(b->sink->data, &r);
	} else if (i->kind == PLAN_GAP) {
		text = xasprintf("nothing is recorded from %s to %s", from, to);
		report(b, w, &problems, PROBLEM_NOT_EXPORTED, NULL, text);
	} else {
		text = xasprintf(
			"a window from %s to %s is recorded as well, so events exist twice", from,
			to);
		report(b, w, &problems, PROBLEM_OVERLAP, NULL, text);
	}
}

static void report_all(struct work *k)
{
	struct batch *b = k->batch;

	for (size_t i = 0; i < k->n; i++) {
		if (i == 0 || k->v[i].item->log != k->v[i - 1].item->log)
			begin_log(k, k->v[i].item->log);
		if (plan_is_entry(k->v[i].item))
			report_entry(b, &k->v[i]);
		else
			report_missing(b, &k->v[i]);
	}
	b->done_size += k->size;
	b->progress.part = (double)b->done_size / (double)(b->plan_size ? b->plan_size : 1);
	b->sink->progress(b->sink->data, &b->progress);
}

int batch_run(struct batch *b, const struct plan_item *v, size_t n)
{
	struct work k = { .batch = b, .v = xcalloc(n, sizeof(*k.v)), .n = n };
	cleanup_error struct error *own = NULL;

	for (size_t i = 0; i < n; i++) {
		k.v[i].item = &v[i];
		k.v[i].tally.window = v[i].window;
		k.v[i].tally.key = b->opts->compare ? b->key : NULL;
		k.size += v[i].size;
		k.windows += v[i].kind == PLAN_ENTRY;
	}
	workers_run(b->opts->workers, n, read_entry, &k);
	find_days(&k);
	if (!is_stopped(&k))
		workers_run(b->opts->workers, k.n_days, list_one, &k);
	if (!is_stopped(&k))
		read_objects(&k, &own);
	err_keep(&b->error, &own);
	report_all(&k);
	for (size_t i = 0; i < n; i++)
		batch_window_release(&k.v[i]);
	free(k.v);
	free(k.days);
	return b->error && err_is_fatal(b->error) ? -1 : 0;
}
