/* SPDX-License-Identifier: MIT */
/*
 * Windows that are checked together. Their ledger entries are read, then their days are
 * listed, then their objects are read, each step over many connections in parallel. The
 * size of a batch is limited, so memory use does not grow with the range.
 */
#ifndef VERIFY_BATCH_H
#define VERIFY_BATCH_H

#include <stddef.h>

#include "verify/outcome.h"
#include "verify/plan.h"

struct error;

void batch_init(struct batch *b, const struct plan *plan, const struct check_options *opts,
		const struct check_sink *sink);
void batch_release(struct batch *b);

/* The number of items in the next batch, which never splits a day of a log group. */
size_t batch_cut(const struct plan_item *v, size_t n);
/*
 * Checks the items and reports them in order. Windows that could not be checked are
 * reported as unchecked, and b->error says why. Returns -1 after a fatal error, which
 * the next batch would run into as well.
 */
int batch_run(struct batch *b, const struct plan_item *v, size_t n);

#endif
