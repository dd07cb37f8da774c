/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "read/events.h"

#include "base/error.h"

static int give(struct events *e, struct error **err)
{
	int r = e->event.len ? e->sink(e->data, e->ms, e->event.data, e->event.len, err) : 0;

	buf_clear(&e->event);
	return r;
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
	} else {
		buf_addc(&e->event, '\n');
	}
	buf_add(&e->event, p, n);
	if (buf_full(&e->event))
		return err_set(err, ERR_FOUND,
			       "the event that ends with line %llu is longer than %zu MiB",
			       (unsigned long long)e->lines.number, LINES_MAX >> 20);
	return 0;
}

void events_init(struct events *e, const struct window *span, events_sink *sink, void *data)
{
	*e = (struct events){
		.span = *span, .sink = sink, .data = data, .event = BUF_INIT_MAX(LINES_MAX)
	};
	lines_init(&e->lines, on_line, e);
}

void events_release(struct events *e)
{
	lines_release(&e->lines);
	buf_release(&e->event);
}

int events_feed(struct events *e, const char *p, size_t n, struct error **err)
{
	return lines_feed(&e->lines, p, n, err);
}

int events_end(struct events *e, struct error **err)
{
	return lines_end(&e->lines, err) < 0 ? -1 : give(e, err);
}
