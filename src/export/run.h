/* SPDX-License-Identifier: MIT */
/*
 * An export run: plan, export, verify, record. A window is recorded in the ledger only after
 * its objects were read and found whole. If a run is killed at any point, the next one
 * continues where it stopped.
 */
#ifndef EXPORT_RUN_H
#define EXPORT_RUN_H

struct api_logs;
struct error;
struct export_options;
struct export_sink;

/*
 * Exports all windows of all log groups. 0 if all were exported, now or before. A window
 * that fails is skipped, unless the error is fatal. Then -1 and the first error, as
 * ERR_PARTIAL if some windows were exported.
 */
int export_run(const struct api_logs *logs, const struct export_options *opts,
	       const struct export_sink *sink, struct error **err);

#endif
