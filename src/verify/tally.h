/* SPDX-License-Identifier: MIT */
/*
 * How many events of which streams a window has, and which, on two sides: in the
 * bucket and in CloudWatch Logs. Where the amounts are equal, both sides hold the
 * same lines, each as often.
 *
 * Lines are summed as truncated HMACs under a key made for this run, so the
 * order of lines does not matter (an export does not keep it), and nobody can
 * write log lines that cancel out.
 */
#ifndef VERIFY_TALLY_H
#define VERIFY_TALLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "archive/window.h"
#include "base/cleanup.h"
#include "base/crypto.h"

#define TALLY_KEY_SIZE 32

struct line_sum {
	uint64_t low, high;
};

/* Sums lines; one for each thread. */
struct line_hasher;
struct line_hasher *line_hasher_new(const uint8_t key[TALLY_KEY_SIZE]);
void line_hasher_free(struct line_hasher *h);
DEFINE_CLEANUP(struct line_hasher *, line_hasher_free)
/* A line without its '\n'; an empty one counts for nothing. */
void line_hasher_add(struct line_hasher *h, const char *line, size_t n, struct line_sum *sum);

struct amount {
	uint64_t events;
	struct line_sum lines;
};
void amount_add(struct amount *to, uint64_t events, const struct line_sum *lines);
bool amount_eq(const struct amount *a, const struct amount *b);

struct stream_tally {
	char *folder; /* the stream's name as the export spells it */
	struct amount bucket, cloudwatch;
};
struct tally {
	struct window window;
	const uint8_t *key;      /* borrowed; NULL: lines are not summed, and nothing is compared */
	struct stream_tally **v; /* in no order until tally_sort() */
	size_t n;
	struct stream_tally **slots; /* hashed by folder */
	size_t n_slots;
};
void tally_release(struct tally *t);
#define cleanup_tally cleanup(tally_release)
/* The stream's, new if need be; it stays where it is. */
struct stream_tally *tally_stream(struct tally *t, const char *folder);
/* By folder. */
void tally_sort(struct tally *t);

#endif
