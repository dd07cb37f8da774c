/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "verify/batch.h"

#include <stdlib.h>

#include "archive/api_log.h"
#include "archive/archive.h"
#include "archive/reader.h"
#include "archive/readings.h"
#include "aws/client.h"
#include "aws/workers.h"
#include "base/error.h"
#include "base/time.h"
#include "base/xalloc.h"
#include "verify/counts.h"
#include "verify/judge.h"
#include "verify/listing.h"
#include "verify/outcome.h"
#include "verify/scan.h"

/* In bytes of ledger entries: about 4,000 objects, or 3,000 windows that have none. */
#define BATCH_SIZE ((uint64_t)2 << 20)

/* Below the quota of concurrent Logs Insights queries, which others use as well. */
#define QUERIES_MAX 25

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
	error_free(b->uncounted);
	storage_release(&b->storage);
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
	size_t counted; /* windows, with the chunk that is being counted */
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

/* Objects of a batch that are read, or only asked about. */
struct to_do {
	struct archive_object **v;
	size_t n;
};

static void add_objects(struct batch_window *w, bool quick, struct to_do *ret)
{
	for (size_t i = 0; i < w->entry.n_objects; i++) {
		struct archive_object *o = &w->entry.objects[i];

		if (!object_is_to_be_read(o, quick))
			continue;
		o->owner = &w->tally;
		GROW(ret->v, ret->n);
		ret->v[ret->n++] = o;
	}
}

static int read_objects(struct work *k, struct error **err)
{
	const struct check_options *opts = k->batch->opts;
	struct to_do read = { 0 }, ask = { 0 };
	int r;

	for (size_t i = 0; i < k->n; i++) {
		struct batch_window *w = &k->v[i];
		bool quick = opts->quick && !w->by_content;

		if (w->item->kind == PLAN_ENTRY && w->listed)
			add_objects(w, quick, quick ? &ask : &read);
	}
	k->objects = ask.n + read.n;
	r = archive_ask(opts->archive, opts->workers, ask.v, ask.n, on_asked, k, err);
	if (r == 0)
		r = scan_objects(opts->archive, opts->workers, read.v, read.n, on_read, k, err);
	free(ask.v);
	free(read.v);
	return r;
}

/* Only the events tell what lines outside the window are, and AWS's reading of it. */
static bool can_be_counted(const struct batch_window *w)
{
	if (w->item->kind != PLAN_ENTRY || !w->listed ||
	    readings_are(w->entry.readings, READINGS_BY_INGESTION))
		return false;
	for (size_t i = 0; i < w->entry.n_objects; i++)
		if (w->entry.objects[i].recorded.outside)
			return false;
	return true;
}

/* After an error, the events are compared instead, which shows what is wrong. */
static bool count_events(void *data, struct aws_client *c, size_t i)
{
	struct work *k = data;
	struct batch_window *w = &k->v[k->counted + i];
	const struct ledger_entry *e = &w->entry;
	int r;

	if (!can_be_counted(w))
		return true;
	r = counts_compare(c, w->item->log->log_group, &e->window, aws_client_now_ms(c) + MS_DAY,
			   e->objects, e->n_objects, true, &w->scanned, &w->uncounted);
	w->counts = r < 0 ? COUNTS_UNKNOWN : r ? COUNTS_EQUAL : COUNTS_DIFFERENT;
	return !w->uncounted || !err_is_fatal(w->uncounted);
}

/* Decides how each window is compared: the numbers of events first, if that is asked for. */
static void count_windows(struct work *k)
{
	const struct check_options *opts = k->batch->opts;

	for (; opts->counts && k->counted < k->n; k->counted += QUERIES_MAX)
		workers_run(opts->workers,
			    k->n - k->counted < QUERIES_MAX ? k->n - k->counted : QUERIES_MAX,
			    count_events, k);
	for (size_t i = 0; i < k->n; i++) {
		struct batch_window *w = &k->v[i];

		w->by_content = opts->compare && w->counts != COUNTS_EQUAL;
		w->tally.key = w->by_content ? k->batch->key : NULL;
		k->batch->scanned += w->scanned;
		err_keep(&k->batch->uncounted, &w->uncounted);
	}
}

static bool is_stopped(const struct work *k)
{
	for (size_t i = 0; i < k->n; i++)
		if (k->v[i].error && err_is_fatal(k->v[i].error))
			return true;
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

static void report_all(struct work *k)
{
	struct batch *b = k->batch;

	for (size_t i = 0; i < k->n; i++) {
		if (i == 0 || k->v[i].item->log != k->v[i - 1].item->log)
			begin_log(k, k->v[i].item->log);
		outcome_report(b, &k->v[i]);
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
		k.size += v[i].size;
		k.windows += v[i].kind == PLAN_ENTRY;
	}
	workers_run(b->opts->workers, n, read_entry, &k);
	find_days(&k);
	if (!is_stopped(&k))
		workers_run(b->opts->workers, k.n_days, list_one, &k);
	if (!is_stopped(&k))
		count_windows(&k);
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
