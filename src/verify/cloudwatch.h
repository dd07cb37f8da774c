/* SPDX-License-Identifier: MIT */
/* What CloudWatch Logs holds in a window. */
#ifndef VERIFY_CLOUDWATCH_H
#define VERIFY_CLOUDWATCH_H

#include <stdint.h>

#include "base/time.h"

struct aws_client;
struct error;
struct tally;
struct window;

/* PutLogEvents refuses events that are older, or stamped further ahead. */
#define EVENT_AGE_MAX_MS (14 * MS_DAY)
#define EVENT_AHEAD_MAX_MS (2 * MS_HOUR)

/*
 * Reads the events with these stamps, page by page, and adds to t what its window
 * may have by either of their times. No stamp may be read twice.
 */
int cloudwatch_tally(struct aws_client *c, const char *log_group, struct tally *t,
		     const struct window *stamps, struct error **err);
/* 1 if it holds any event in the window, 0 if none, -1. */
int cloudwatch_has_events(struct aws_client *c, const char *log_group, const struct window *w,
			  struct error **err);
/* 1 if it holds none that is stamped from_ms or later, 0 if any, -1. */
int cloudwatch_has_ended(struct aws_client *c, const char *log_group, int64_t from_ms,
			 struct error **err);

#endif
