/* SPDX-License-Identifier: MIT */
/* The events that CloudWatch Logs holds in a window. */
#ifndef VERIFY_CLOUDWATCH_H
#define VERIFY_CLOUDWATCH_H

#include <stdint.h>

#include "base/time.h"

struct aws_client;
struct error;
struct tally;
struct window;

/* PutLogEvents' limits: how old an event may be, and how far in the future. */
#define EVENT_AGE_MAX_MS (14 * MS_DAY)
#define EVENT_AHEAD_MAX_MS (2 * MS_HOUR)

/*
 * Reads the events that are stamped in `stamps`, and adds to t those that may belong to
 * its window, by stamp or by ingestion. No range may be read twice into the same t.
 */
int cloudwatch_tally(struct aws_client *c, const char *log_group, struct tally *t,
		     const struct window *stamps, struct error **err);
/* Counts the events that are stamped in the window and were ingested at since_ms or later. */
int cloudwatch_count(struct aws_client *c, const char *log_group, const struct window *w,
		     int64_t since_ms, uint64_t *ret, struct error **err);
/* Returns 1 if there is an event in the window, 0 if there is none, -1 on error. */
int cloudwatch_has_events(struct aws_client *c, const char *log_group, const struct window *w,
			  struct error **err);
/* The stamp of the first event in the window: returns 1, 0 if there is none, -1 on error. */
int cloudwatch_first_event(struct aws_client *c, const char *log_group, const struct window *w,
			   int64_t *ret_ms, struct error **err);
/* Returns 1 if no event is stamped from_ms or later, 0 if there is one, -1 on error. */
int cloudwatch_has_ended(struct aws_client *c, const char *log_group, int64_t from_ms,
			 struct error **err);

#endif
