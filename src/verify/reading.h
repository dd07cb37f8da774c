/* SPDX-License-Identifier: MIT */
/*
 * Which readings of AWS fit the objects of a window. The events that CloudWatch Logs
 * holds of a stream, sorted by where both of their times lie, determine what the
 * objects must hold under each reading. AWS may follow those that fit every stream.
 */
#ifndef VERIFY_READING_H
#define VERIFY_READING_H

#include <stddef.h>
#include <stdint.h>

#include "archive/readings.h"
#include "archive/window.h"
#include "verify/sum.h"

/* Where a time lies relative to a window [from, to). */
enum place { PLACE_BEFORE, PLACE_WITHIN, PLACE_END /* exactly `to` */, PLACE_AFTER, PLACES };
enum place place_in(const struct window *w, int64_t ms);

/*
 * What CloudWatch Logs holds of one stream. Events that arrived during or after the
 * task may be in the objects or not; those that are arrived before those that are not.
 */
struct late_event {
	int64_t ingested_ms;
	enum place stamp;
	struct amount amount;
};
struct source {
	struct amount at[PLACES][PLACES]; /* by stamp, then by ingestion; without the late ones */
	struct late_event *late;          /* sorted by source_sort() */
	size_t n_late;
};
void source_release(struct source *s);
void source_add(struct source *s, enum place stamp, enum place ingested, const struct amount *a);
void source_add_late(struct source *s, enum place stamp, int64_t ingested_ms,
		     const struct amount *a);
void source_sort(struct source *s);
/* How many events the objects should hold under the reading, without late ones. */
uint64_t source_events(const struct source *s, enum reading r);

/* The events of a window under one reading. */
struct reading_counts {
	uint64_t events;    /* that count in the window, each in one window only */
	uint64_t early;     /* of these, stamped at the window's end or later */
	uint64_t late;      /* of these, stamped before the window */
	uint64_t boundary;  /* in the objects, though they count in the next window */
	uint64_t elsewhere; /* stamped in the window, and in the objects of another one */
	uint64_t missed;    /* that arrived too late for the task, and are in no object */
	uint64_t telling;   /* in the objects, as only readings of this kind explain */
};

/* The result for all streams of a window. */
struct verdict {
	unsigned fits; /* the readings under which the objects hold what they must */
	struct reading_counts counts[READINGS];
};
void verdict_init(struct verdict *v);
/* Adds a stream: what CloudWatch Logs holds, and the sum of what the objects hold. */
void verdict_add(struct verdict *v, const struct source *there, const struct line_sum *here);
/*
 * The readings that AWS may follow, by this window and by what was known before; 0 if
 * the objects do not hold what they must. ret is the one to count by.
 *
 * Events that are absent from the objects prove nothing about AWS, because they may be
 * lost. So a kind of reading is learned only from events that are present, and absent
 * ones never overrule what is known.
 */
unsigned verdict_readings(const struct verdict *v, unsigned known, enum reading *ret);

#endif
