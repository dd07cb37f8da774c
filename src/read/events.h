/* SPDX-License-Identifier: MIT */
/*
 * The events of an object's text: a line that begins with a time stamp, and the lines
 * of its message that follow.
 *
 * Text alone cannot tell an event from a line in a message that looks like one. But
 * events are in their window, except for those that the ledger has counted as early or
 * late; so any other stamped line belongs to the message before it.
 */
#ifndef READ_EVENTS_H
#define READ_EVENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "archive/lines.h"
#include "archive/window.h"
#include "base/buf.h"
#include "base/time.h"

struct error;

/* p: with the time stamp, without the last '\n'. Any result but 0 stops, with *err set. */
typedef int events_sink(void *data, int64_t ms, const char *p, size_t n, struct error **err);

struct events {
	struct window span; /* of the stamps that begin an event; to_ms is included */
	events_sink *sink;
	void *data;
	struct lines lines;
	struct time_minute minute;
	/* The event that has begun, and its stamp: in the piece that is fed, or copied to buf. */
	const char *p;
	size_t n; /* 0: none has begun */
	struct buf buf;
	int64_t ms;
	struct {
		const char *p, *end;
	} piece;
};

void events_init(struct events *e, const struct window *span, events_sink *sink, void *data);
void events_release(struct events *e);
/* Both fail with ERR_FOUND on a text that begins with no event, or has one longer than LINES_MAX. */
int events_feed(struct events *e, const char *p, size_t n, struct error **err);
int events_end(struct events *e, struct error **err);

#endif
