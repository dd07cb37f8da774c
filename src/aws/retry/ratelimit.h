/* SPDX-License-Identifier: MIT */
/*
 * Client-side rate limits of one API (a service, or a group of its
 * operations), in calls a second, shared by threads.
 * Source: "Retry behavior" in the AWS SDKs and Tools Reference Guide; botocore's
 * adaptive mode, whose numbers these are; RFC 9438 for CUBIC.
 */
#ifndef AWS_RETRY_RATELIMIT_H
#define AWS_RETRY_RATELIMIT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cleanup.h"

struct rate_limiter;

/*
 * tps: a fixed limit, such as AWS publishes for an API; 0: none. burst: how many
 * calls may go at once after a pause; with 1 they are spaced evenly, so that no
 * second, whenever it begins, has more than tps. adaptive: the first throttle
 * starts a second limit, whose rate falls with each throttle and recovers after.
 */
struct rate_limiter *rate_limiter_new(double tps, int burst, bool adaptive);
void rate_limiter_free(struct rate_limiter *r);
DEFINE_CLEANUP(struct rate_limiter *, rate_limiter_free)

/*
 * How many ms to wait before this call may go, 0 if at once; the call is
 * counted. Each attempt is a call. now_ms is of any clock, always the same.
 */
int64_t rate_limiter_reserve(struct rate_limiter *r, int64_t now_ms);
/* Reports the outcome of a call. */
void rate_limiter_report(struct rate_limiter *r, bool throttled, int64_t now_ms);

#endif
