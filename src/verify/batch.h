/* SPDX-License-Identifier: MIT */
/*
 * Windows that are checked together: first their ledger entries are read, then
 * their days listed, then their objects read, each step over many connections at
 * once. A batch is bounded, so memory stays flat however long the range is.
 */
#ifndef VERIFY_BATCH_H
#define VERIFY_BATCH_H

#include <stddef.h>

#include "verify/plan.h"
#include "verify/report.h"
#include "verify/source.h"
#include "verify/tally.h"

struct error;

/* Shared by all batches of a run. */
struct batch {
	const struct check_options *opts;
	const struct check_sink *sink;
	struct check_progress progress;
	uint64_t plan_size, done_size; /* in bytes of entries, which measure the work */
	uint8_t key[TALLY_KEY_SIZE];
	struct source_check source;
	struct error *error; /* owned; why something could not be checked */
};
void batch_init(struct batch *b, const struct plan *plan, const struct check_options *opts,
		const struct check_sink *sink);
void batch_release(struct batch *b);

/* The number of items in the next batch, which never splits a day of a log group. */
size_t batch_cut(const struct plan_item *v, size_t n);
/*
 * Checks the items and reports them in their order. Windows that could not be
 * checked are reported as unchecked, and b->error says why. -1 after a fatal error,
 * which the next batch would meet as well.
 */
int batch_run(struct batch *b, const struct plan_item *v, size_t n);

#endif
