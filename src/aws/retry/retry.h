/* SPDX-License-Identifier: MIT */
/*
 * The SDKs' "standard" retry mode, as it is since November 2026: what is retried, after how
 * long, how often.
 * Source: "Retry behavior" in the AWS SDKs and Tools Reference Guide; botocore 1.44.
 */
#ifndef AWS_RETRY_RETRY_H
#define AWS_RETRY_RETRY_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "aws/service.h"
#include "net/message.h"

enum retry_class {
	RETRY_NO,
	RETRY_TRANSIENT, /* 500, 502, 503, 504, RequestTimeout; a connection broken or too slow */
	RETRY_THROTTLE,
};
/*
 * failure: of the transport; status and code: of the reply (code may be NULL).
 * CreateExportTask's one-task refusal never comes here: see aws_request.final_codes.
 */
enum retry_class retry_classify(enum aws_service service, enum http_failure failure, int status,
				const char *code);

/*
 * Shared by all clients and threads of a process: the quota of retries, which prevents a
 * storm of them against a service that is down, and the longest delay.
 */
struct retry_quota {
	pthread_mutex_t lock;
	int tokens, max;
	int64_t backoff_max_ms; /* RETRY_BACKOFF_MAX_MS, except in tests */
};
#define RETRY_QUOTA_MAX 500
#define RETRY_COST_TRANSIENT 14
#define RETRY_COST_THROTTLE 5
#define RETRY_REFUND_FIRST 1
#define RETRY_BASE_TRANSIENT_MS INT64_C(50)
#define RETRY_BASE_THROTTLE_MS INT64_C(1000)
#define RETRY_BACKOFF_MAX_MS INT64_C(20000)
void retry_quota_init(struct retry_quota *q, int max);
void retry_quota_destroy(struct retry_quota *q);
/* After success: gives back what the last retry cost, or RETRY_REFUND_FIRST if cost is 0. */
void retry_quota_refund(struct retry_quota *q, int cost);

enum retry_outcome {
	RETRY_AGAIN,          /* sleep *ret_delay_ms, then the next attempt */
	RETRY_FINAL,          /* not worth a retry: the answer would be the same */
	RETRY_ATTEMPTS_SPENT, /* worth a retry, but that was the last attempt */
	RETRY_QUOTA_SPENT,    /* worth a retry, but the quota is used up */
};
/*
 * After attempt number attempt (the first is 1; max_attempts counts it too) has failed.
 * random is uniform in [0, 1); reply's headers may be empty, as they are when none
 * arrived. *ret_cost is what the retry took from the quota, for the refund; it and
 * *ret_delay_ms are set for RETRY_AGAIN only.
 *
 * The delay before attempt i + 1 is random * min(base * 2^(i-1), backoff_max_ms), with
 * a base for each class. A reply may ask for more: x-amz-retry-after (ms) adds up to 5
 * s, as in the SDKs; Retry-After (seconds or a date), which API Gateway sends with a
 * 429, is followed up to RETRY_AFTER_MAX_MS.
 */
#define RETRY_AFTER_MAX_MS INT64_C(60000)
enum retry_outcome retry_next(struct retry_quota *q, int max_attempts, int attempt,
			      enum retry_class why, double random, const struct http_headers *reply,
			      int64_t *ret_delay_ms, int *ret_cost);

#endif
