/* SPDX-License-Identifier: MIT */
/*
 * Sums of lines, which tell whether two sides hold the same lines, each the same number
 * of times.
 *
 * Lines are summed as truncated HMACs under a key that is generated for the run: the
 * order of lines does not matter (an export does not keep it), and nobody can write log
 * lines that cancel out.
 */
#ifndef VERIFY_SUM_H
#define VERIFY_SUM_H

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
/* Adds a line, without its '\n'. An empty line is not counted. */
void line_hasher_add(struct line_hasher *h, const char *line, size_t n, struct line_sum *sum);

/*
 * A number of events and their lines. A line in a message that looks like an event
 * counts as one.
 */
struct amount {
	uint64_t events;
	struct line_sum lines;
};
void amount_add(struct amount *to, uint64_t events, const struct line_sum *lines);

#endif
