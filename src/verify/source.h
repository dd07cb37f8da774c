/* SPDX-License-Identifier: MIT */
/* What --source adds: windows held against CloudWatch Logs, as long as it has them. */
#ifndef VERIFY_SOURCE_H
#define VERIFY_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "aws/service/logs.h"

struct api_log;
struct aws_client;
struct check_sink;
struct error;
struct tally;

struct source_check {
	struct aws_client *client;
	const struct api_log *log;
	const struct check_sink *sink;
	unsigned known; /* readings of AWS that are left, by the windows so far */
	/* The log group, once it was asked for; without a name there is none any more. */
	bool group_known, retention_told;
	struct log_group group;
};
void source_check_init(struct source_check *s, struct aws_client *c, const struct api_log *log,
		       const struct check_sink *sink);
void source_check_release(struct source_check *s);

/*
 * t has the bucket's side of the window; recorded is what its entry says of AWS
 * (archive/readings.h). Differences are reported, and added to *problems;
 * *ret_events becomes what CloudWatch Logs holds, and is left alone where it
 * cannot be asked any more, which a note says once.
 */
int source_check_window(struct source_check *s, struct tally *t, unsigned recorded,
			unsigned *problems, int64_t *ret_events, struct error **err);

#endif
