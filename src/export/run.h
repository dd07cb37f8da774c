/* SPDX-License-Identifier: MIT */
/*
 * The batch: plan, do, verify, record. A window is recorded in the ledger only
 * after its objects were read and found whole; a run that was killed at any
 * point is finished by the next.
 */
#ifndef EXPORT_RUN_H
#define EXPORT_RUN_H

struct api_logs;
struct error;
struct export_options;
struct export_sink;

/*
 * All windows of all log groups. 0 if all are done or recorded. A window that fails
 * is left behind and the others go on, unless none can; then -1: the first error
 * itself, or ERR_PARTIAL if something was done.
 */
int export_run(const struct api_logs *logs, const struct export_options *opts,
	       const struct export_sink *sink, struct error **err);

#endif
