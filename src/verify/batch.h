/* SPDX-License-Identifier: MIT */
/*
 * Some windows, checked together: their entries are read side by side, then their
 * days are listed, then their objects read, so that the connections are busy and memory
 * stays flat however long the range is.
 */
#ifndef VERIFY_BATCH_H
#define VERIFY_BATCH_H

#include <stddef.h>

#include "verify/plan.h"
#include "verify/report.h"
#include "verify/source.h"
#include "verify/tally.h"

struct error;

/* What all batches of a run share. */
struct batch {
	const struct check_options *opts;
	const struct check_sink *sink;
	struct check_progress progress;
	uint64_t plan_size, done_size; /* bytes of entries: the measure of all the work */
	uint8_t key[TALLY_KEY_SIZE];
	struct source_check source;
	struct error *error; /* why something could not be checked */
};
void batch_init(struct batch *b, const struct plan *plan, const struct check_options *opts,
		const struct check_sink *sink);
void batch_release(struct batch *b);

/* How many of the items make the next batch: the days of a log group stay together. */
size_t batch_cut(const struct plan_item *v, size_t n);
/*
 * Checks and reports them, in their order. What could not be checked is reported as
 * that, and b->error says why. -1: no further batch is of any use.
 */
int batch_run(struct batch *b, const struct plan_item *v, size_t n);

#endif
