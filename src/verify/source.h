/* SPDX-License-Identifier: MIT */
/* What --source adds: windows held against CloudWatch Logs, as long as it has them. */
#ifndef VERIFY_SOURCE_H
#define VERIFY_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "aws/service/logs.h"
#include "verify/spans.h"

struct api_log;
struct aws_client;
struct check_sink;
struct error;
struct tally;

/*
 * Events that are stamped in a window and not in its objects, because they came
 * later: by ingestion they are in those of the window in which they came.
 */
struct pending {
	struct window window, came;
	struct spans stamps;
	uint64_t events;
};

struct source_check {
	struct aws_client *client;
	const struct api_log *log;
	const struct check_sink *sink;
	unsigned known; /* readings of AWS that are left, by the windows so far */
	/* The log group, once it was asked for; without a name there is none any more. */
	bool group_known, retention_told, recreated_told, gone_told;
	struct log_group group;
	struct pending *pending;
	size_t n_pending;
};
void source_check_init(struct source_check *s, struct aws_client *c, const struct api_log *log,
		       const struct check_sink *sink);
void source_check_release(struct source_check *s);

/* What an entry of the log group says of AWS. */
void source_check_learn(struct source_check *s, unsigned recorded);
/*
 * The windows in order of time; t has the bucket's side. Differences are reported, and added to *problems;
 * *ret_events becomes what CloudWatch Logs holds, and is left alone where it
 * cannot be asked any more, which a note says once.
 */
int source_check_window(struct source_check *s, struct tally *t, unsigned *problems,
			int64_t *ret_events, struct error **err);
/* After the last window: what none of them had is in one that is not exported yet. */
void source_check_end(struct source_check *s);

#endif
