/* SPDX-License-Identifier: MIT */
/* The results of a check: of a window, as it is reported, and of the run so far. */
#ifndef VERIFY_OUTCOME_H
#define VERIFY_OUTCOME_H

#include "verify/report.h"
#include "verify/source.h"
#include "verify/storage.h"
#include "verify/tally.h"

struct batch_window;
struct error;

/* Shared by all batches of a run. */
struct batch {
	const struct check_options *opts;
	const struct check_sink *sink;
	struct check_progress progress;
	uint64_t plan_size, done_size; /* bytes of ledger entries, as the measure of work */
	uint8_t key[TALLY_KEY_SIZE];
	struct source_check source;
	uint64_t scanned;        /* bytes, by Logs Insights */
	struct error *uncounted; /* owned; why some windows were not counted */
	struct storage storage;
	uint64_t archived;   /* objects that S3's checksum stood in for */
	struct error *error; /* owned; the first thing that could not be checked */
};

/* Judges what was found, compares it with CloudWatch Logs if that was asked for, and reports it. */
void outcome_report(struct batch *b, struct batch_window *w);

#endif
