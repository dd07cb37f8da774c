/* SPDX-License-Identifier: MIT */
/*
 * The SDKs' "standard" and "adaptive" retry modes.
 * Source: "Retry behavior" in the AWS SDKs and Tools Reference Guide; botocore.
 */
#ifndef AWS_RETRY_H
#define AWS_RETRY_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "aws/service.h"
#include "net/http.h"

enum retry_class {
	RETRY_NO,
	RETRY_TRANSIENT, /* 500, 502, 503, 504, RequestTimeout, broken connections */
	RETRY_TIMEOUT,   /* costs more of the quota */
	RETRY_THROTTLE,
};
/*
 * failure: of the transport; status and code: of the reply (code may be NULL).
 * CreateExportTask's one-task refusal never comes here: see aws_request.final_code.
 */
enum retry_class retry_classify(enum aws_service service, enum http_failure failure, int status,
				const char *code);

/* The process's quota of retries, shared by all clients and threads. */
struct retry_quota {
	pthread_mutex_t lock;
	int tokens, max;
};
#define RETRY_QUOTA_MAX 500
#define RETRY_COST 5
#define RETRY_COST_TIMEOUT 10
#define RETRY_REFUND_FIRST 1
void retry_quota_init(struct retry_quota *q, int max);
void retry_quota_destroy(struct retry_quota *q);
/* Takes what a retry of that class costs; 0 if there is not enough, else the cost. */
int retry_quota_take(struct retry_quota *q, enum retry_class why);
/* After success: gives back what the last retry cost, or RETRY_REFUND_FIRST if cost is 0. */
void retry_quota_refund(struct retry_quota *q, int cost);

/*
 * Before attempt number attempt + 1 (the first is 1): random * min(2^(attempt-1), 20 s).
 * retry_after (the header's value or NULL; seconds, or milliseconds as
 * x-amz-retry-after) makes it longer, up to 5 s more than the computed maximum.
 */
#define RETRY_BACKOFF_MAX_MS INT64_C(20000)
int64_t retry_delay_ms(int attempt, double random, const struct http_headers *reply);

/*
 * Clock skew: true if this refusal is one that a wrong clock causes and the
 * reply's Date is more than 4 minutes from ours. Then *ret_offset_ms is what to
 * add to our clock.
 */
#define CLOCK_SKEW_MAX_MS (INT64_C(4) * 60 * 1000)
bool clock_skew_detect(const char *code, const struct http_headers *reply, int64_t now_ms,
		       int64_t *ret_offset_ms);

/*
 * Client-side rate limit of one API (service + operation group): a token
 * bucket in calls a second, shared by threads. With adaptive mode the rate
 * falls at each throttle and recovers (CUBIC, as the SDKs have it).
 */
struct rate_limiter;
struct rate_limiter *rate_limiter_new(double tps, bool adaptive);
void rate_limiter_free(struct rate_limiter *r);
DEFINE_CLEANUP(struct rate_limiter *, rate_limiter_free)
/* How long to wait before this call may go, 0 if at once; the call is counted. */
int64_t rate_limiter_reserve(struct rate_limiter *r, int64_t now_ms);
/* What came of a call. */
void rate_limiter_report(struct rate_limiter *r, bool throttled, int64_t now_ms);

#endif
