/* SPDX-License-Identifier: MIT */
/*
 * A window's streams on two sides: in the bucket, and in CloudWatch Logs.
 */
#ifndef VERIFY_TALLY_H
#define VERIFY_TALLY_H

#include <stddef.h>
#include <stdint.h>

#include "archive/window.h"
#include "base/cleanup.h"
#include "verify/reading.h"
#include "verify/spans.h"
#include "verify/sum.h"

struct stream_tally {
	char *folder; /* the stream's name as the export spells it */
	struct amount bucket;
	struct source cloudwatch;
};
struct tally {
	struct window window;
	int64_t task_ms;      /* when its task was created: later events may be in no object */
	const uint8_t *key;   /* borrowed; NULL: lines are not summed, and nothing is compared */
	int64_t first_ms;     /* the stamp of the bucket's first event in the window; 0: none */
	struct spans outside; /* the stamps of lines in the bucket that are not in the window */
	struct spans also;    /* other stamps to ask CloudWatch Logs for in any case */
	/*
	 * Of the events that are stamped in the window but arrived after it: stamps,
	 * times of arrival.
	 */
	struct spans elsewhere;
	struct window elsewhere_came;
	struct stream_tally **v; /* in no order until tally_sort() */
	size_t n;
	struct stream_tally **slots; /* hashed by folder */
	size_t n_slots;
};
void tally_release(struct tally *t);
#define cleanup_tally cleanup(tally_release)
/* That of the stream, created if need be. Its address does not change. */
struct stream_tally *tally_stream(struct tally *t, const char *folder);
/* Sorts v by folder. */
void tally_sort(struct tally *t);

#endif
