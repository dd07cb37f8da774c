/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "read/sorter.h"

#include <stdlib.h>

#include "base/xalloc.h"
#include "read/runs.h"

/* Of text in memory: of one object, and of all that were committed. */
#define BATCH_MAX ((size_t)128 << 10)
#define SORTER_MAX ((size_t)16 << 20)

struct sorter {
	struct run_file file;
	struct entries entries;
	struct runs runs;
};

struct sorter_batch {
	struct sorter *sorter;
	size_t object;
	uint64_t seq;
	struct entries entries;
	struct runs runs;
};

struct sorter_batch *sorter_batch_new(struct sorter *s, size_t object)
{
	struct sorter_batch *b = xcalloc(1, sizeof(*b));

	*b = (struct sorter_batch){ s, object, 0, ENTRIES_INIT, { 0 } };
	return b;
}

void sorter_batch_free(struct sorter_batch *b)
{
	entries_release(&b->entries);
	runs_release(&b->runs);
	free(b);
}

static int spill_batch(struct sorter_batch *b, struct error **err)
{
	return run_file_write(&b->sorter->file, &b->entries, &b->runs, err);
}

int sorter_batch_add(struct sorter_batch *b, int64_t ms, const char *p, size_t n,
		     struct error **err)
{
	const struct record r = { ms, b->object, b->seq++, n };

	entries_add(&b->entries, &r, p);
	return b->entries.text.len < BATCH_MAX ? 0 : spill_batch(b, err);
}

/* What was committed becomes a run of its own: those of objects are not continued. */
static int spill(struct sorter *s, struct error **err)
{
	cleanup(runs_release) struct runs runs = { 0 };

	if (run_file_write(&s->file, &s->entries, &runs, err) < 0)
		return -1;
	runs_take(&s->runs, &runs);
	return 0;
}

int sorter_batch_commit(struct sorter_batch *b, struct error **err)
{
	struct sorter *s = b->sorter;

	if (b->runs.n && spill_batch(b, err) < 0)
		return -1;
	runs_take(&s->runs, &b->runs);
	for (size_t i = 0; i < b->entries.n; i++)
		entries_add(&s->entries, &b->entries.v[i].r,
			    b->entries.text.data + b->entries.v[i].at);
	entries_release(&b->entries);
	return s->entries.text.len + s->entries.n * sizeof(*s->entries.v) < SORTER_MAX
		       ? 0
		       : spill(s, err);
}

struct sorter *sorter_new(const char *folder)
{
	struct sorter *s = xcalloc(1, sizeof(*s));

	run_file_init(&s->file, folder);
	s->entries = ENTRIES_INIT;
	return s;
}

static void sorter_clear(struct sorter *s)
{
	runs_release(&s->runs);
	entries_release(&s->entries);
	run_file_clear(&s->file);
}

void sorter_free(struct sorter *s)
{
	sorter_clear(s);
	run_file_release(&s->file);
	free(s);
}

/* The sink of the caller. */
struct receiver {
	event_sink *sink;
	void *data;
};

static int give(void *data, const struct record *r, const char *p, struct error **err)
{
	const struct receiver *to = data;

	return to->sink(to->data, &(struct event){ r->ms, (size_t)r->object, p, (size_t)r->n },
			err);
}

int sorter_merge(struct sorter *s, event_sink *sink, void *data, struct error **err)
{
	struct receiver to = { sink, data };
	struct entries *e = &s->entries;
	int r = 0;

	if (s->runs.n) {
		r = spill(s, err);
		if (r == 0)
			r = runs_merge(&s->file, &s->runs, give, &to, err);
	} else {
		entries_sort(e);
		for (size_t i = 0; i < e->n && r == 0; i++)
			r = give(&to, &e->v[i].r, e->text.data + e->v[i].at, err);
	}
	sorter_clear(s);
	return r;
}
