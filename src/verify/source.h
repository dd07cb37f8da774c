/* SPDX-License-Identifier: MIT */
/* What --source adds: the comparison of windows with CloudWatch Logs, as long as it has them. */
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
 * Events that are stamped in a window but not in its objects, because they arrived
 * later: by ingestion, they are in the objects of the window in which they arrived.
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
	unsigned known; /* readings of AWS that the windows so far leave possible */
	/* The log group, once it was looked up; its name is NULL if it no longer exists. */
	bool group_known, retention_told, recreated_told, gone_told, deleted_told;
	struct log_group group;
	struct pending *pending;
	size_t n_pending;
};
void source_check_init(struct source_check *s, struct aws_client *c, const struct api_log *log,
		       const struct check_sink *sink);
void source_check_release(struct source_check *s);

/* Takes into account what an entry of the log group says of AWS. */
void source_check_learn(struct source_check *s, unsigned recorded);
/*
 * Compares a window; call it in order of time. t holds the bucket's side. Differences
 * are reported and counted in *problems. *ret_events becomes the number of events that
 * CloudWatch Logs holds; if it no longer has all, *ret_events is left alone, and a note
 * says so once.
 */
int source_check_window(struct source_check *s, struct tally *t, unsigned *problems,
			int64_t *ret_events, struct error **err);
/* The same for a window whose numbers of events are known to be the same in each stream. */
int source_check_counted(struct source_check *s, const struct tally *t, uint64_t events,
			 unsigned *problems, int64_t *ret_events, struct error **err);
/* After the last window: events that no window had are in one that is yet to be exported. */
void source_check_end(struct source_check *s);

#endif
