/* SPDX-License-Identifier: MIT */
/*
 * Checks an archive: compares what the ledger says of the windows of some log groups
 * with the objects in the bucket, with their contents and, on request, with CloudWatch
 * Logs.
 */
#ifndef VERIFY_CHECK_H
#define VERIFY_CHECK_H

struct api_logs;
struct check_options;
struct check_sink;
struct error;

/*
 * Reports problems to the sink. Returns -1 and the first error if something could not
 * be checked; the rest is still checked, unless the error is fatal.
 */
int check_logs(const struct api_logs *logs, const struct check_options *opts,
	       const struct check_sink *sink, struct error **err);

#endif
