/* SPDX-License-Identifier: MIT */
/*
 * The lines of an exported object.
 *
 * An event begins where a line begins with a time stamp and a space:
 * "2026-11-21T13:00:00.000Z message". A message with newlines is written raw,
 * so the lines after its first have none, unless somebody logged one: a line in
 * a message that looks like an event is counted as one here, and in what
 * CloudWatch Logs holds (cloudwatch.h), so that the two can be compared.
 *
 * The window is [from, to). CreateExportTask's `to` may be inclusive, so an
 * event stamped exactly `to` is no damage: it belongs to the next window, and is
 * left out of every count here.
 */
#ifndef VERIFY_SCAN_H
#define VERIFY_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "archive/window.h"
#include "base/buf.h"
#include "verify/tally.h"

struct error;

struct scan {
	struct window window;
	struct line_hasher *hasher; /* borrowed; NULL: no sum is made */
	struct buf carry;           /* a line that the last piece cut */
	bool skipping;              /* inside an event stamped `to` */
	uint64_t offset;            /* of the next line, in the text */
	uint64_t line;              /* number of the last line, from 1 */
	/* What was found. */
	uint64_t events;           /* in the window */
	uint64_t boundary;         /* stamped exactly `to` */
	uint64_t outside;          /* in neither; summed all the same */
	int64_t first_ms, last_ms; /* of events; 0 without any */
	struct line_sum sum;
	/* The first line that should not be there. */
	uint64_t bad_line, bad_offset;
	int64_t bad_ms;
	bool unstamped; /* the text does not begin with a time stamp */
};

/* No event that CloudWatch Logs takes is longer than 1 MiB. */
#define SCAN_LINE_MAX ((size_t)16 << 20)

void scan_init(struct scan *s, const struct window *window, struct line_hasher *hasher);
/* Begins again, with the same window. */
void scan_restart(struct scan *s);
void scan_release(struct scan *s);
#define cleanup_scan cleanup(scan_release)
/* Pieces of any size. Fails with ERR_FOUND on a line that is too long. */
int scan_feed(struct scan *s, const char *p, size_t n, struct error **err);
void scan_end(struct scan *s);
/*
 * ERR_FOUND if the text does not begin with an event, or if other than so many
 * lines (known) lie outside the window: names line and offset.
 */
int scan_verdict(const struct scan *s, uint64_t known, struct error **err);

#endif
