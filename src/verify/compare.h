/* SPDX-License-Identifier: MIT */
/*
 * Compares a window's objects with CloudWatch Logs. They are equal if both have the
 * same lines, each the same number of times, under one reading of AWS
 * (archive/readings.h) that fits all streams. The order of lines and the number of
 * objects do not matter.
 */
#ifndef VERIFY_COMPARE_H
#define VERIFY_COMPARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "verify/reading.h"

struct aws_client;
struct error;
struct tally;

/* A stream that differs. */
struct difference {
	const char *folder;          /* borrowed from the tally */
	uint64_t cloudwatch, bucket; /* events */
};
/* True if only the bucket has the stream any more, so that nothing can be compared. */
bool difference_is_gone(const struct difference *d);

struct comparison {
	unsigned fits;     /* the readings under which both sides are equal */
	unsigned readings; /* those that remain possible; 0: streams differ under each */
	enum reading by;   /* the one to count by, or else the one with the fewest differences */
	struct reading_counts counts;
	bool lost; /* under every reading, CloudWatch Logs has events that the bucket lacks */
	struct difference *differing; /* sorted by folder; none while a reading is left */
	size_t n;
};
void comparison_release(struct comparison *c);
#define cleanup_comparison cleanup(comparison_release)

/*
 * t holds the bucket's side, from scan_objects() with a key. Reads every event that is
 * stamped in its window from CloudWatch Logs, and events of other times only if those
 * do not explain the objects, or if t->also asks for them; then compares. known: the
 * readings that are still possible.
 */
int compare_window(struct aws_client *c, const char *log_group, struct tally *t, unsigned known,
		   struct comparison *ret, struct error **err);
/* The comparison alone, when t already holds both sides. */
void compare_tally(struct tally *t, unsigned known, struct comparison *ret);

#endif
