/* SPDX-License-Identifier: MIT */
/* Between run.c and window.c. */
#ifndef EXPORT_INTERNAL_H
#define EXPORT_INTERNAL_H

#include "archive/ledger.h"
#include "export/run.h"

struct export_run {
	struct aws_client *client; /* the archive's */
	const struct export_options *opts;
	const struct export_sink *sink;
};

/*
 * One window, to the end: its ledger entry is written, or was by another run
 * in the meantime. created_ms: when the log group was made.
 */
int export_window(struct export_run *run, const struct api_log *log, const struct window *w,
		  int64_t created_ms, struct ledger_entry *ret, bool *ret_adopted,
		  struct error **err);

#endif
