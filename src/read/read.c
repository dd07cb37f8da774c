/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "read/read.h"

#include <pthread.h>
#include <stdlib.h>

#include "archive/api_log.h"
#include "archive/archive.h"
#include "archive/ledger.h"
#include "archive/object.h"
#include "archive/reader.h"
#include "aws/workers.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/xalloc.h"
#include "read/events.h"
#include "read/filter.h"
#include "read/plan.h"
#include "read/sorter.h"

/* The bytes of text that a thread collects before it waits for its turn to pass them on. */
#define OUTPUT_SIZE ((size_t)64 << 10)

/* An object of a part. */
struct source {
	struct archive_object object;
	const struct read_item *item;
	uint64_t given; /* events that the sink has had */
};

/* One part of the plan while it is read. */
struct part {
	const struct read_options *o;
	const struct read_sink *sink;
	const struct read_item *items;
	size_t n_items;
	struct ledger_entry *entries; /* of the items */
	struct error **errors;        /* of the entries */
	struct source *sources;
	size_t n;
	struct sorter *sorter; /* NULL: no order */
	pthread_mutex_t lock;  /* for the sink, and for what follows */
	struct error *error;   /* that ended the run */
};

static int give(struct part *p, size_t source, int64_t ms, const char *text, size_t n,
		struct error **err)
{
	const struct source *s = &p->sources[source];
	const struct read_event e = { s->item->log, s->object.stream, ms, text, n };

	return p->sink->event(p->sink->data, &e, err);
}

/* Keeps the error, and has the reader end. */
static int stop(struct part *p, struct error **own, struct error **err)
{
	err_keep(&p->error, own);
	return err_interrupted(err);
}

/* Events that wait for the sink. */
struct waiting {
	struct event *v; /* p: NULL, the text is in text */
	size_t n;
	struct buf text;
};

/* One attempt to read one object. */
struct attempt {
	struct part *part;
	struct source *source;
	struct events events;
	struct matcher *matcher;
	uint64_t n;                 /* matching events so far */
	struct sorter_batch *batch; /* NULL without order */
	struct waiting waiting;
};

static int flush(struct attempt *t, struct error **err)
{
	struct part *p = t->part;
	cleanup_error struct error *own = NULL;
	const char *text = t->waiting.text.data;
	int r = 0;

	pthread_mutex_lock(&p->lock);
	if (p->error)
		r = err_interrupted(err);
	for (size_t i = 0; i < t->waiting.n && r == 0; i++) {
		const struct event *e = &t->waiting.v[i];

		if (give(p, e->object, e->ms, text, e->n, &own) < 0)
			r = stop(p, &own, err);
		text += e->n;
	}
	pthread_mutex_unlock(&p->lock);
	t->source->given += t->waiting.n;
	t->waiting.n = 0;
	buf_clear(&t->waiting.text);
	return r;
}

static int on_event(void *data, int64_t ms, const char *text, size_t n, struct error **err)
{
	struct attempt *t = data;
	const struct read_item *item = t->source->item;
	size_t source = (size_t)(t->source - t->part->sources);

	if ((item->shares_end && ms == item->window.to_ms) ||
	    !matcher_match(t->matcher, ms, text, n))
		return 0;
	if (t->batch)
		return sorter_batch_add(t->batch, ms, text, n, err);
	/* An earlier attempt has passed these events on. */
	if (t->n++ < t->source->given)
		return 0;
	GROW(t->waiting.v, t->waiting.n);
	t->waiting.v[t->waiting.n++] = (struct event){ ms, source, NULL, n };
	buf_add(&t->waiting.text, text, n);
	return t->waiting.text.len < OUTPUT_SIZE ? 0 : flush(t, err);
}

static void *on_begin(void *data, const struct archive_object *o)
{
	struct part *p = data;
	struct attempt *t = xcalloc(1, sizeof(*t));

	t->part = p;
	t->source = o->owner;
	t->matcher = matcher_new(p->o->filter);
	t->waiting.text = BUF_INIT_MAX(SIZE_MAX / 2);
	if (p->sorter)
		t->batch = sorter_batch_new(p->sorter, (size_t)(t->source - p->sources));
	events_init(&t->events, &t->source->item->span, on_event, t);
	return t;
}

static int on_text(void *state, const char *p, size_t n, struct error **err)
{
	struct attempt *t = state;

	return events_feed(&t->events, p, n, err);
}

static int on_end(void *state, struct archive_object *o, struct error **err)
{
	struct attempt *t = state;

	(void)o;
	return events_end(&t->events, err) < 0 || (!t->batch && flush(t, err) < 0) ? -1 : 0;
}

static void on_free(void *state)
{
	struct attempt *t = state;

	events_release(&t->events);
	matcher_free(t->matcher);
	if (t->batch)
		sorter_batch_free(t->batch);
	free(t->waiting.v);
	buf_release(&t->waiting.text);
	free(t);
}

static void on_done(void *data, void *state, struct archive_object *o)
{
	struct part *p = data;
	struct attempt *t = state;
	cleanup_error struct error *own = NULL;

	(void)o;
	if (t && t->batch && sorter_batch_commit(t->batch, &own) < 0)
		err_keep(&p->error, &own);
}

static bool read_entry(void *data, struct aws_client *c, size_t i)
{
	struct part *p = data;
	struct archive a = *p->o->archive;
	const struct read_item *item = &p->items[i];
	int r;

	a.bucket.client = c;
	r = ledger_read(&a, item->log->log_group, &item->window, &p->entries[i], &p->errors[i]);
	if (r == 0)
		err_set(&p->errors[i], ERR_FOUND,
			"a ledger entry of '%s' was removed during the run", item->log->log_group);
	return r > 0;
}

static int read_entries(struct part *p, struct error **err)
{
	cleanup_error struct error *own = NULL;

	workers_run(p->o->workers, p->n_items, read_entry, p);
	for (size_t i = 0; i < p->n_items; i++)
		err_keep(&own, &p->errors[i]);
	return own ? err_move(&own, err) : 0;
}

static bool is_wanted(const struct read_item *item, const struct ledger_entry *e,
		      const struct object_facts *f, const struct window *range)
{
	const struct window held = { f->first_ms, f->last_ms + 1 };

	return (f->events && window_overlaps(&held, range)) || (item->has_others && f->outside) ||
	       (e->boundary && !item->shares_end && item->window.to_ms >= range->from_ms &&
		item->window.to_ms < range->to_ms);
}

/* Only objects that may hold events of the range are fetched. */
static void find_sources(struct part *p)
{
	for (size_t i = 0; i < p->n_items; i++) {
		struct ledger_entry *e = &p->entries[i];

		for (size_t k = 0; k < e->n_objects; k++) {
			struct archive_object *o = &e->objects[k];

			if (!is_wanted(&p->items[i], e, &o->recorded, &p->o->filter->range))
				continue;
			o->found.etag = xstrdup(o->recorded.etag);
			o->found.size = o->recorded.size;
			GROW(p->sources, p->n);
			p->sources[p->n++] = (struct source){ TAKE(*o), &p->items[i], 0 };
		}
		ledger_entry_release(e);
	}
}

static int read_sources(struct part *p, struct error **err)
{
	const struct reader_sink sink = { p, on_begin, on_text, on_end, on_free, on_done };
	cleanup_free struct archive_object **v = xcalloc(p->n + 1, sizeof(*v));
	cleanup_error struct error *own = NULL;
	int r;

	for (size_t i = 0; i < p->n; i++) {
		v[i] = &p->sources[i].object;
		v[i]->owner = &p->sources[i];
	}
	r = archive_read(p->o->archive, p->o->workers, v, p->n, &sink, &own);
	if (p->error)
		return err_move(&p->error, err);
	if (r < 0)
		return err_move(&own, err);
	for (size_t i = 0; i < p->n; i++) {
		if (v[i]->error && v[i]->error->kind == ERR_FOUND)
			p->sink->problem(p->sink->data, v[i]->key, v[i]->error);
		else
			err_keep(&own, &v[i]->error);
	}
	return own ? err_move(&own, err) : 0;
}

static int on_sorted(void *data, const struct event *e, struct error **err)
{
	return give(data, e->object, e->ms, e->p, e->n, err);
}

static int read_part(struct part *p, struct error **err)
{
	if (read_entries(p, err) < 0)
		return -1;
	find_sources(p);
	if (read_sources(p, err) < 0)
		return -1;
	return p->sorter ? sorter_merge(p->sorter, on_sorted, p, err) : 0;
}

static void part_release(struct part *p)
{
	for (size_t i = 0; i < p->n_items; i++) {
		ledger_entry_release(&p->entries[i]);
		error_free(p->errors[i]);
	}
	for (size_t i = 0; i < p->n; i++)
		archive_object_release(&p->sources[i].object);
	free(p->entries);
	free(p->errors);
	free(p->sources);
	error_free(p->error);
	if (p->sorter)
		sorter_free(p->sorter);
	pthread_mutex_destroy(&p->lock);
}

int read_events(const struct read_plan *plan, const struct read_options *o,
		const struct read_sink *sink, struct error **err)
{
	int r = 0;

	for (size_t i = 0, n; i < plan->n && r == 0; i += n) {
		cleanup(part_release) struct part p = { .o = o, .sink = sink };

		n = 1;
		while (i + n < plan->n && !plan->v[i + n].begins_part)
			n++;
		p.items = plan->v + i;
		p.n_items = n;
		p.entries = xcalloc(n, sizeof(*p.entries));
		p.errors = xcalloc(n, sizeof(*p.errors));
		p.sorter = o->sort_folder ? sorter_new(o->sort_folder) : NULL;
		pthread_mutex_init(&p.lock, NULL);
		r = read_part(&p, err);
	}
	return r;
}
