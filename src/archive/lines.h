/* SPDX-License-Identifier: MIT */
/*
 * Splits exported text, which arrives in pieces of any size, into lines.
 *
 * An event begins at a line that begins with a time stamp and a space:
 * "2026-11-21T13:00:00.000Z message". A message with newlines is written as it is, so
 * its further lines have no time stamp, unless the message contains one: the text alone
 * cannot tell such a line from an event.
 */
#ifndef ARCHIVE_LINES_H
#define ARCHIVE_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/time.h"

struct error;

/* Receives a line without its '\n'. Any result other than 0 stops, with *err set. */
typedef int lines_sink(void *data, const char *p, size_t n, struct error **err);

struct lines {
	lines_sink *sink;
	void *data;
	struct buf carry; /* the beginning of a line that the next piece continues */
	uint64_t offset;  /* of the line, in bytes of text */
	uint64_t number;  /* of the line, from 1 */
};

/* Far more than CloudWatch Logs accepts: an event has at most 1 MiB. */
#define LINES_MAX ((size_t)16 << 20)

void lines_init(struct lines *l, lines_sink *sink, void *data);
void lines_release(struct lines *l);
#define cleanup_lines cleanup(lines_release)
/* Fails with ERR_FOUND on a line longer than LINES_MAX. */
int lines_feed(struct lines *l, const char *p, size_t n, struct error **err);
/* Ends the text. Its last line may lack the '\n'. */
int lines_end(struct lines *l, struct error **err);

/* True if the line begins an event; *ret_ms is its time stamp. last begins as zeros. */
bool line_stamp(const char *p, size_t n, struct time_minute *last, int64_t *ret_ms);

#endif
