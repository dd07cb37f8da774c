/* SPDX-License-Identifier: MIT */
/*
 * How many events of which streams, and which: two sides with equal tallies
 * hold the same lines, each as often.
 *
 * Lines are summed as truncated HMACs under a key made for this run, so the
 * order of lines does not matter (an export does not keep it), and nobody can
 * prepare lines that cancel out.
 */
#ifndef VERIFY_TALLY_H
#define VERIFY_TALLY_H

#include <stddef.h>
#include <stdint.h>

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

/* Some lines, and how many events they are. */
struct amount {
	uint64_t events;
	struct line_sum lines;
};
void amount_add(struct amount *to, uint64_t events, const struct line_sum *lines);

struct stream_tally {
	char *folder; /* the stream's name as the export spells it */
	uint64_t events;
	struct line_sum lines;
};
/* Sorted by folder. */
struct tally {
	struct stream_tally *v;
	size_t n, cap;
	uint64_t events;
};
void tally_release(struct tally *t);
#define cleanup_tally cleanup(tally_release)
void tally_add(struct tally *t, const char *folder, uint64_t events, const struct line_sum *lines);

/*
 * Calls differ for each stream in which the two are not the same; there or here
 * is NULL where a side does not have the stream at all.
 */
typedef void tally_differ(void *data, const struct stream_tally *there,
			  const struct stream_tally *here);
void tally_compare(const struct tally *there, const struct tally *here, tally_differ *differ,
		   void *data);

#endif
