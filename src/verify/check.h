/* SPDX-License-Identifier: MIT */
/*
 * The check of an archive: what the ledger says of the windows of some log groups,
 * compared with the objects in the bucket, their contents and, on request, CloudWatch
 * Logs.
 */
#ifndef VERIFY_CHECK_H
#define VERIFY_CHECK_H

struct api_logs;
struct check_options;
struct check_sink;
struct error;

/*
 * Problems go to the sink. -1 and the first error if something could not be checked;
 * the rest is checked all the same, unless the error is fatal.
 */
int check_logs(const struct api_logs *logs, const struct check_options *opts,
	       const struct check_sink *sink, struct error **err);

#endif
