/* SPDX-License-Identifier: MIT */
/*
 * What the objects of a window hold: how many lines look like events, their time
 * stamps, and a sum of all lines. A line in a message that looks like an event is
 * counted as one, here and in cloudwatch.h, so that the two can be compared.
 *
 * The window is [from, to). CreateExportTask's `to` may be inclusive, so an event that
 * is stamped exactly `to` is not damage, and is counted separately.
 */
#ifndef VERIFY_SCAN_H
#define VERIFY_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "archive/lines.h"
#include "archive/window.h"
#include "verify/spans.h"
#include "verify/tally.h"

struct archive;
struct archive_object;
struct error;
struct workers;

struct scan {
	struct lines lines;
	struct window window;
	struct line_hasher *hasher; /* borrowed; NULL: lines are not summed */
	struct time_minute minute;  /* of the last stamp */
	/* What was found. */
	bool unstamped;            /* the text does not begin with a time stamp */
	uint64_t events;           /* in the window */
	uint64_t boundary;         /* stamped exactly `to` */
	uint64_t outside;          /* stamped at any other time */
	int64_t first_ms, last_ms; /* of events; 0 without any */
	struct line_sum sum;       /* of all lines */
	struct spans spans;        /* the stamps of lines outside */
	/* The first line that is outside. */
	uint64_t outside_line, outside_offset;
	int64_t outside_ms;
};

void scan_init(struct scan *s, const struct window *window, struct line_hasher *hasher);
void scan_release(struct scan *s);
#define cleanup_scan cleanup(scan_release)
/* Takes pieces of any size. Fails with ERR_FOUND on a line that is too long. */
int scan_feed(struct scan *s, const char *p, size_t n, struct error **err);
/* Fails with ERR_FOUND if there is text and it does not begin with an event. */
int scan_end(struct scan *s, struct error **err);
/* The number of lines that look like events. */
uint64_t scan_count(const struct scan *s);

/*
 * Reads objects with archive_read(), and sets in each what was found, or its error. The
 * owner of each object must be the struct tally of its window, to which the sums are
 * added if it has a key. Lines outside the window are not an error: they are counted in
 * found.outside, for the caller to judge. done is called after each attempt at an
 * object, by one thread at a time.
 */
typedef void scan_done(void *data, const struct archive_object *o);
int scan_objects(const struct archive *a, struct workers *w, struct archive_object *const *v,
		 size_t n, scan_done *done, void *data, struct error **err);

/* "3 of its lines lie outside the window from …; the first is line …". Caller frees. */
char *scan_outside_text(const struct archive_object *o, const struct window *w);

#endif
