/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "aws/retry/retry.h"

#include "base/str.h"
#include "base/time.h"

#define AMZ_RETRY_AFTER_EXTRA_MS (5 * MS_SECOND)

static bool in_list(const char *code, const char *const *list)
{
	for (; code && *list; list++)
		if (str_eq(*list, code))
			return true;
	return false;
}

/* botocore's ThrottledRetryableChecker, including codes of services that are not used here. */
static bool is_throttle(const char *code)
{
	static const char *const codes[] = {
		"Throttling",
		"ThrottlingException",
		"ThrottledException",
		"RequestThrottledException",
		"TooManyRequestsException",
		"ProvisionedThroughputExceededException",
		"TransactionInProgressException",
		"RequestLimitExceeded",
		"BandwidthLimitExceeded",
		"LimitExceededException",
		"RequestThrottled",
		"SlowDown",
		"PriorRequestNotComplete",
		"EC2ThrottledException",
		NULL,
	};

	return in_list(code, codes);
}

static bool is_transient(enum aws_service service, int status, const char *code)
{
	static const char *const codes[] = { "RequestTimeout", "RequestTimeoutException", NULL };

	if (in_list(code, codes))
		return true;
	if (service == AWS_STS && str_eq0(code, "IDPCommunicationError"))
		return true;
	return status == 500 || status == 502 || status == 503 || status == 504;
}

static enum retry_class classify_failure(enum http_failure failure)
{
	switch (failure) {
	case HTTP_TIMEOUT:
	case HTTP_CONNECT:
	case HTTP_BROKEN:
		return RETRY_TRANSIENT;
	case HTTP_OK:
	case HTTP_TOO_LARGE:
	case HTTP_TLS: /* a certificate stays invalid */
	case HTTP_SINK:
	case HTTP_STOPPED:
		break;
	}
	return RETRY_NO;
}

enum retry_class retry_classify(enum aws_service service, enum http_failure failure, int status,
				const char *code)
{
	if (failure != HTTP_OK)
		return classify_failure(failure);
	/* A 429 from a proxy, or without a body, has no known code. */
	if (is_throttle(code) || status == 429)
		return RETRY_THROTTLE;
	return is_transient(service, status, code) ? RETRY_TRANSIENT : RETRY_NO;
}

void retry_quota_init(struct retry_quota *q, int max)
{
	pthread_mutex_init(&q->lock, NULL);
	q->tokens = q->max = max;
	q->backoff_max_ms = RETRY_BACKOFF_MAX_MS;
}

void retry_quota_destroy(struct retry_quota *q)
{
	pthread_mutex_destroy(&q->lock);
}

static bool quota_take(struct retry_quota *q, int cost)
{
	bool enough;

	pthread_mutex_lock(&q->lock);
	enough = q->tokens >= cost;
	if (enough)
		q->tokens -= cost;
	pthread_mutex_unlock(&q->lock);
	return enough;
}

void retry_quota_refund(struct retry_quota *q, int cost)
{
	int tokens = cost ? cost : RETRY_REFUND_FIRST;

	pthread_mutex_lock(&q->lock);
	q->tokens = q->max - q->tokens < tokens ? q->max : q->tokens + tokens;
	pthread_mutex_unlock(&q->lock);
}

/*
 * RFC 9110, 10.2.3. A date is compared with the reply's own Date, not with this machine's
 * clock.
 */
static int64_t retry_after_ms(const struct http_headers *reply)
{
	const char *value = http_header_get(reply, "Retry-After");
	const char *date = http_header_get(reply, "Date");
	int64_t seconds, then_ms, now_ms;

	if (!value)
		return 0;
	if (str_is_digits(value, strlen(value)))
		return str_to_int64(value, 0, RETRY_AFTER_MAX_MS / 1000, &seconds)
			       ? seconds * MS_SECOND
			       : RETRY_AFTER_MAX_MS;
	if (!date || !time_parse_http_date(value, &then_ms) ||
	    !time_parse_http_date(date, &now_ms) || then_ms <= now_ms)
		return 0;
	return then_ms - now_ms < RETRY_AFTER_MAX_MS ? then_ms - now_ms : RETRY_AFTER_MAX_MS;
}

static int64_t amz_retry_after_ms(const struct http_headers *reply, int64_t backoff_ms)
{
	const char *value = http_header_get(reply, "x-amz-retry-after");
	int64_t max = backoff_ms + AMZ_RETRY_AFTER_EXTRA_MS, ms;

	if (!value || !str_is_digits(value, strlen(value)))
		return 0;
	return str_to_int64(value, 0, max, &ms) ? ms : max;
}

static int64_t delay_ms(int attempt, int64_t base_ms, double random, int64_t max_ms,
			const struct http_headers *reply)
{
	int64_t longest = base_ms << (attempt < 30 ? attempt - 1 : 29);
	int64_t backoff, asked, amz;

	if (longest > max_ms)
		longest = max_ms;
	backoff = (int64_t)(random * (double)longest);
	asked = retry_after_ms(reply);
	amz = amz_retry_after_ms(reply, backoff);
	if (asked < amz)
		asked = amz;
	return backoff > asked ? backoff : asked;
}

enum retry_outcome retry_next(struct retry_quota *q, int max_attempts, int attempt,
			      enum retry_class why, double random, const struct http_headers *reply,
			      int64_t *ret_delay_ms, int *ret_cost)
{
	bool throttle = why == RETRY_THROTTLE;
	int cost = throttle ? RETRY_COST_THROTTLE : RETRY_COST_TRANSIENT;

	if (why == RETRY_NO)
		return RETRY_FINAL;
	if (attempt >= max_attempts)
		return RETRY_ATTEMPTS_SPENT;
	if (!quota_take(q, cost))
		return RETRY_QUOTA_SPENT;
	*ret_delay_ms =
		delay_ms(attempt, throttle ? RETRY_BASE_THROTTLE_MS : RETRY_BASE_TRANSIENT_MS,
			 random, q->backoff_max_ms, reply);
	*ret_cost = cost;
	return RETRY_AGAIN;
}
