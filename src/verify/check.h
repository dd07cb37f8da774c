/* SPDX-License-Identifier: MIT */
/*
 * What the ledger says of the windows of some log groups, held against the objects
 * in the bucket, their bytes, and (if asked) CloudWatch Logs.
 */
#ifndef VERIFY_CHECK_H
#define VERIFY_CHECK_H

struct api_logs;
struct check_options;
struct check_sink;
struct error;

/*
 * What is wrong goes to the sink; -1 and the first error are for what could not be
 * checked. The rest is checked all the same, unless the error is fatal.
 */
int check_logs(const struct api_logs *logs, const struct check_options *opts,
	       const struct check_sink *sink, struct error **err);

#endif
