/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "read/events.h"

#include "base/error.h"

static int give(struct events *e, struct error **err)
{
	int r = e->n ? e->sink(e->data, e->ms, e->p, e->n, err) : 0;

	e->n = 0;
	buf_clear(&e->buf);
	return r;
}

/* Moves what there is of the event to buf, which outlives the piece. */
static void keep(struct events *e)
{
	if (e->n && e->p != e->buf.data)
		buf_add(&e->buf, e->p, e->n);
	e->p = e->buf.data;
}

static void add_line(struct events *e, const char *p, size_t n)
{
	bool in_piece = p >= e->piece.p && p < e->piece.end;

	if (e->n == 0 && in_piece) {
		e->p = p;
		e->n = n;
	} else if (in_piece && e->p + e->n + 1 == p) {
		e->n += n + 1;
	} else {
		keep(e);
		if (e->n)
			buf_addc(&e->buf, '\n');
		buf_add(&e->buf, p, n);
		e->p = e->buf.data;
		e->n = e->buf.len;
	}
}

static int on_line(void *data, const char *p, size_t n, struct error **err)
{
	struct events *e = data;
	int64_t ms;

	if (line_stamp(p, n, &e->minute, &ms) && ms >= e->span.from_ms && ms <= e->span.to_ms) {
		if (give(e, err) < 0)
			return -1;
		e->ms = ms;
	} else if (e->lines.number == 1) {
		return err_set(err, ERR_FOUND, "its first line is not an event of its window");
	}
	add_line(e, p, n);
	if (buf_full(&e->buf) || e->n > LINES_MAX)
		return err_set(err, ERR_FOUND,
			       "the event that ends with line %llu is longer than %zu MiB",
			       (unsigned long long)e->lines.number, LINES_MAX >> 20);
	return 0;
}

void events_init(struct events *e, const struct window *span, events_sink *sink, void *data)
{
	*e = (struct events){
		.span = *span, .sink = sink, .data = data, .buf = BUF_INIT_MAX(LINES_MAX)
	};
	lines_init(&e->lines, on_line, e);
}

void events_release(struct events *e)
{
	lines_release(&e->lines);
	buf_release(&e->buf);
}

int events_feed(struct events *e, const char *p, size_t n, struct error **err)
{
	int r;

	e->piece.p = p;
	e->piece.end = p + n;
	r = lines_feed(&e->lines, p, n, err);
	keep(e);
	e->piece.p = e->piece.end = NULL;
	return r;
}

int events_end(struct events *e, struct error **err)
{
	return lines_end(&e->lines, err) < 0 ? -1 : give(e, err);
}
