/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/xalloc.h"
#include "read/runs.h"

/* The bytes of text that all runs of a merge together, and each at most, have in memory. */
#define MERGE_MAX ((size_t)16 << 20)
#define PIECE_MAX ((size_t)128 << 10)
/* Runs that are merged at once; each needs a few KiB of MERGE_MAX. */
#define FAN_IN ((size_t)1024)

/* A run while it is merged. */
struct input {
	const struct run *run;
	size_t extent;    /* the next one to read from */
	size_t extent_at; /* in it */
	struct buf buf;
	size_t at; /* in buf, of the first record */
	struct record r;
};

struct merge {
	const struct run_file *f;
	struct input *inputs;
	struct input **heap; /* the first record of the first one comes next */
	size_t n;
	size_t piece; /* how much of a run is read at once */
};

/* Appends a piece of the run; 1, 0 at its end, -1. */
static int read_piece(const struct merge *m, struct input *in, size_t want, struct error **err)
{
	while (in->extent < in->run->n) {
		const struct extent *x = &in->run->v[in->extent];
		size_t n = x->n - in->extent_at;
		ssize_t got;

		if (n == 0) {
			in->extent++;
			in->extent_at = 0;
			continue;
		}
		n = n < want ? n : want;
		buf_reserve(&in->buf, n);
		got = run_file_read(m->f, in->buf.data + in->buf.len, n,
				    x->at + (off_t)in->extent_at, err);
		if (got < 0)
			return -1;
		in->buf.len += (size_t)got;
		in->extent_at += (size_t)got;
		return 1;
	}
	return 0;
}

/* Makes n bytes from the record on available; 1, 0 at the end of the run, -1. */
static int fill(const struct merge *m, struct input *in, size_t n, struct error **err)
{
	int r = 1;

	if (in->buf.len - in->at >= n)
		return 1;
	if (in->at) {
		struct buf rest = BUF_INIT_MAX(SIZE_MAX / 2);

		/* A buffer that a long event needed is not kept. */
		buf_add(&rest, in->buf.data + in->at, in->buf.len - in->at);
		buf_release(&in->buf);
		in->buf = rest;
		in->at = 0;
	}
	while (r > 0 && in->buf.len < n)
		r = read_piece(m, in, n - in->buf.len > m->piece ? n - in->buf.len : m->piece, err);
	return r;
}

static int next(const struct merge *m, struct input *in, struct error **err)
{
	int r = fill(m, in, sizeof(in->r), err);

	if (r <= 0)
		return r;
	memcpy(&in->r, in->buf.data + in->at, sizeof(in->r));
	return fill(m, in, sizeof(in->r) + in->r.n, err);
}

static void sift_down(struct merge *m, size_t i)
{
	for (;;) {
		size_t least = i;

		for (size_t child = 2 * i + 1; child <= 2 * i + 2 && child < m->n; child++)
			if (record_order(&m->heap[child]->r, &m->heap[least]->r) < 0)
				least = child;
		if (least == i)
			return;
		struct input *in = m->heap[i];

		m->heap[i] = m->heap[least];
		m->heap[least] = in;
		i = least;
	}
}

static int merge_all(struct merge *m, record_sink *sink, void *data, struct error **err)
{
	for (size_t i = m->n; i-- > 0;)
		sift_down(m, i);
	while (m->n) {
		struct input *in = m->heap[0];
		int r;

		if (sink(data, &in->r, in->buf.data + in->at + sizeof(in->r), err) < 0)
			return -1;
		in->at += sizeof(in->r) + in->r.n;
		r = next(m, in, err);
		if (r < 0)
			return -1;
		if (r == 0)
			m->heap[0] = m->heap[--m->n];
		sift_down(m, 0);
	}
	return 0;
}

static int merge_some(const struct run_file *f, const struct run *v, size_t n, record_sink *sink,
		      void *data, struct error **err)
{
	struct merge m = { .f = f,
			   .inputs = xcalloc(n, sizeof(*m.inputs)),
			   .heap = xcalloc(n, sizeof(*m.heap)),
			   .piece = MERGE_MAX / (n ? n : 1) };
	int r = 0;

	m.piece = m.piece > PIECE_MAX ? PIECE_MAX : m.piece;
	for (size_t i = 0; i < n && r >= 0; i++) {
		m.inputs[i] = (struct input){ .run = &v[i], .buf = BUF_INIT_MAX(SIZE_MAX / 2) };
		r = next(&m, &m.inputs[i], err);
		if (r > 0)
			m.heap[m.n++] = &m.inputs[i];
	}
	r = r < 0 ? -1 : merge_all(&m, sink, data, err);
	for (size_t i = 0; i < n; i++)
		if (m.inputs[i].run)
			buf_release(&m.inputs[i].buf);
	free(m.inputs);
	free(m.heap);
	return r;
}

/* The first runs become one, which is the last in the list. */
struct reduction {
	struct run_file *f;
	struct entries entries;
	struct runs runs;
};

static int add_to_reduction(void *data, const struct record *r, const char *p, struct error **err)
{
	struct reduction *d = data;

	entries_add(&d->entries, r, p);
	return d->entries.text.len < PIECE_MAX ? 0
					       : run_file_write(d->f, &d->entries, &d->runs, err);
}

static int reduce(struct run_file *f, struct runs *runs, struct error **err)
{
	struct reduction d = { f, ENTRIES_INIT, { 0 } };
	int r = merge_some(f, runs->v, FAN_IN, add_to_reduction, &d, err);

	if (r == 0)
		r = run_file_write(f, &d.entries, &d.runs, err);
	entries_release(&d.entries);
	if (r == 0) {
		struct runs left = { 0 };

		for (size_t i = 0; i < FAN_IN; i++)
			free(TAKE(runs->v[i]).v);
		memmove(runs->v, runs->v + FAN_IN, (runs->n - FAN_IN) * sizeof(*runs->v));
		runs->n -= FAN_IN;
		runs_take(&left, runs);
		runs_take(&left, &d.runs);
		*runs = left;
	}
	runs_release(&d.runs);
	return r;
}

int runs_merge(struct run_file *f, struct runs *runs, record_sink *sink, void *data,
	       struct error **err)
{
	while (runs->n > FAN_IN)
		if (reduce(f, runs, err) < 0)
			return -1;
	return merge_some(f, runs->v, runs->n, sink, data, err);
}
