/* SPDX-License-Identifier: MIT */
/* Between run.c and window.c. */
#ifndef EXPORT_INTERNAL_H
#define EXPORT_INTERNAL_H

#include "archive/ledger.h"
#include "export/run.h"

struct export_run {
	struct aws_client *client; /* the archive's */
	struct workers *workers;   /* that check what was exported */
	const struct export_options *opts;
	const struct export_sink *sink;
	bool refusal_told; /* that CloudWatch Logs cannot be asked */
};

/*
 * One window, to the end: its ledger entry is written, or was by another run
 * in the meantime. created_ms: when the log group was made.
 */
int export_window(struct export_run *run, const struct api_log *log, const struct window *w,
		  int64_t created_ms, struct ledger_entry *ret, bool *ret_adopted,
		  struct error **err);

/*
 * 1 if the window is to have an export task, 0, -1. One that ends before the
 * group was made may hold events all the same, since CloudWatch Logs takes some
 * that are older; but a task for each such window of a long range would take
 * hours, so only one that may have events gets one. e: log_group and window are
 * set; source becomes what was asked.
 */
int window_needs_task(struct export_run *run, struct ledger_entry *e, int64_t created_ms,
		      struct error **err);
/*
 * After a task without events CloudWatch Logs must be empty too, or something
 * went wrong that nobody said. Where it refuses to look, the task is taken at
 * its word: e->source says so, and a note, once a run.
 */
int window_prove_empty(struct export_run *run, struct ledger_entry *e, struct error **err);

#endif
