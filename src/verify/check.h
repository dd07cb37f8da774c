/* SPDX-License-Identifier: MIT */
/*
 * The proof: what the ledger says of a log group's windows, held against the
 * objects in the bucket, their bytes, and (if asked) CloudWatch Logs.
 */
#ifndef VERIFY_CHECK_H
#define VERIFY_CHECK_H

#include "verify/report.h"

struct error;

/* One log group. What is wrong goes to the sink; -1 is for what could not be checked. */
int check_log(const struct api_log *log, const struct check_options *opts,
	      const struct check_sink *sink, struct error **err);

#endif
