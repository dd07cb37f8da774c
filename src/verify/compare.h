/* SPDX-License-Identifier: MIT */
/*
 * A window's objects beside what CloudWatch Logs holds: the same lines, each as
 * often, in whatever order and in however many objects, under at least one
 * reading of AWS (archive/readings.h), the same for all streams.
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

/* A stream that is not the same on both sides. */
struct difference {
	const char *folder;          /* the tally's */
	uint64_t cloudwatch, bucket; /* events */
};
/* Where CloudWatch Logs has nothing of a stream any more, the bucket is what is left of it. */
bool difference_is_gone(const struct difference *d);

struct comparison {
	unsigned fits;     /* the readings under which both sides are the same */
	unsigned readings; /* those that are left; 0: streams differ under each of them */
	enum reading by;   /* the one to count by, or that explains most */
	struct reading_counts counts;
	bool lost; /* whatever the reading, CloudWatch Logs has events that the bucket has not */
	struct difference *differing; /* by folder; where no reading is left */
	size_t n;
};
void comparison_release(struct comparison *c);
#define cleanup_comparison cleanup(comparison_release)

/*
 * t has the bucket's side, from scan_objects() with a key. Reads every event that
 * is stamped in its window from CloudWatch Logs, and those of other times only
 * where these do not explain what is in the bucket, or t->also has them; then
 * compares. known: the readings that are left so far.
 */
int compare_window(struct aws_client *c, const char *log_group, struct tally *t, unsigned known,
		   struct comparison *ret, struct error **err);
/* The same once both sides are there. */
void compare_tally(struct tally *t, unsigned known, struct comparison *ret);

#endif
