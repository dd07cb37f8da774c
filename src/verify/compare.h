/* SPDX-License-Identifier: MIT */
/*
 * A window's objects beside what CloudWatch Logs holds of the same window: for
 * each stream the number of events, and the sum of their lines. Equal means the
 * same lines, each as often, in whatever order and in however many objects.
 */
#ifndef VERIFY_COMPARE_H
#define VERIFY_COMPARE_H

#include <stddef.h>
#include <stdint.h>

struct aws_client;
struct error;
struct stream_tally;
struct tally;

struct comparison {
	uint64_t cloudwatch_events; /* all that CloudWatch Logs holds in the window */
	/* The streams that are not the same on both sides, by folder; they are the tally's. */
	const struct stream_tally **differing;
	size_t n;
};
void comparison_release(struct comparison *c);
#define cleanup_comparison cleanup(comparison_release)

/*
 * t has the bucket's side, from scan_objects() with a key. Reads every event of its
 * window from CloudWatch Logs for the other side, and compares.
 */
int compare_window(struct aws_client *c, const char *log_group, struct tally *t,
		   struct comparison *ret, struct error **err);

#endif
