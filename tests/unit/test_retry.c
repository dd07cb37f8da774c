/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "unit.h"

#include <pthread.h>

#include "aws/retry/ratelimit.h"
#include "aws/retry/retry.h"
#include "base/time.h"

static const struct http_headers none;

static void test_classes(void **state)
{
	(void)state;
	assert_int_equal(retry_classify(AWS_LOGS, HTTP_TIMEOUT, 0, NULL), RETRY_TRANSIENT);
	assert_int_equal(retry_classify(AWS_LOGS, HTTP_CONNECT, 0, NULL), RETRY_TRANSIENT);
	assert_int_equal(retry_classify(AWS_LOGS, HTTP_BROKEN, 200, NULL), RETRY_TRANSIENT);
	assert_int_equal(retry_classify(AWS_LOGS, HTTP_TLS, 0, NULL), RETRY_NO);
	assert_int_equal(retry_classify(AWS_LOGS, HTTP_TOO_LARGE, 200, NULL), RETRY_NO);
	assert_int_equal(retry_classify(AWS_LOGS, HTTP_SINK, 200, NULL), RETRY_NO);
	assert_int_equal(retry_classify(AWS_LOGS, HTTP_STOPPED, 0, NULL), RETRY_NO);
	assert_int_equal(retry_classify(AWS_S3, HTTP_OK, 503, "SlowDown"), RETRY_THROTTLE);
	assert_int_equal(retry_classify(AWS_S3, HTTP_OK, 503, NULL), RETRY_TRANSIENT);
	assert_int_equal(retry_classify(AWS_S3, HTTP_OK, 400, "RequestTimeout"), RETRY_TRANSIENT);
	assert_int_equal(retry_classify(AWS_S3, HTTP_OK, 501, "NotImplemented"), RETRY_NO);
	assert_int_equal(retry_classify(AWS_APIGATEWAY, HTTP_OK, 429, NULL), RETRY_THROTTLE);
	/* IAM's own LimitExceeded means that a quota is exhausted, not throttling. */
	assert_int_equal(retry_classify(AWS_IAM, HTTP_OK, 409, "LimitExceeded"), RETRY_NO);
	assert_int_equal(retry_classify(AWS_STS, HTTP_OK, 400, "IDPCommunicationError"),
			 RETRY_TRANSIENT);
	assert_int_equal(retry_classify(AWS_IAM, HTTP_OK, 400, "IDPCommunicationError"), RETRY_NO);
}

static int64_t delay_after(enum retry_class why, int attempt, double random, const char *name,
			   const char *value, const char *date)
{
	struct http_headers h = { 0 };
	struct retry_quota q;
	int64_t ms = -1;
	int cost = -1;

	if (name)
		http_header_add(&h, name, value);
	if (date)
		http_header_add(&h, "Date", date);
	retry_quota_init(&q, RETRY_QUOTA_MAX);
	assert_int_equal(retry_next(&q, 1000, attempt, why, random, &h, &ms, &cost), RETRY_AGAIN);
	assert_int_equal(cost, why == RETRY_THROTTLE ? 5 : 14);
	retry_quota_destroy(&q);
	http_headers_release(&h);
	return ms;
}

static int64_t delay(int attempt, double random, const char *name, const char *value,
		     const char *date)
{
	return delay_after(RETRY_THROTTLE, attempt, random, name, value, date);
}

static void test_delays(void **state)
{
	(void)state;
	assert_int_equal(delay_after(RETRY_TRANSIENT, 1, 0.5, NULL, NULL, NULL), 25);
	assert_int_equal(delay_after(RETRY_TRANSIENT, 3, 0.5, NULL, NULL, NULL), 100);
	assert_int_equal(delay_after(RETRY_TRANSIENT, 99, 0.5, NULL, NULL, NULL), 10000);
	assert_int_equal(delay_after(RETRY_TRANSIENT, 1, 0.5, "Retry-After", "7", NULL), 7000);
	assert_int_equal(delay(1, 0.5, NULL, NULL, NULL), 500);
	assert_int_equal(delay(3, 0.5, NULL, NULL, NULL), 2000);
	assert_int_equal(delay(6, 0.5, NULL, NULL, NULL), 10000);
	assert_int_equal(delay(999, 0.5, NULL, NULL, NULL), 10000);
	assert_int_equal(delay(1, 0, NULL, NULL, NULL), 0);
}

static void test_the_reply_asks_for_more(void **state)
{
	static const char date[] = "Sat, 21 Nov 2026 13:00:00 GMT";

	(void)state;
	assert_int_equal(delay(1, 0.5, "Retry-After", "7", NULL), 7000);
	assert_int_equal(delay(5, 0.5, "Retry-After", "7", NULL), 8000);
	assert_int_equal(delay(1, 0.5, "Retry-After", "99999999999999999999", NULL),
			 RETRY_AFTER_MAX_MS);
	assert_int_equal(delay(1, 0.5, "Retry-After", "-7", NULL), 500);
	assert_int_equal(delay(1, 0.5, "Retry-After", "", NULL), 500);
	assert_int_equal(delay(1, 0.5, "Retry-After", "Sat, 21 Nov 2026 13:00:09 GMT", date), 9000);
	assert_int_equal(delay(1, 0.5, "Retry-After", "Sat, 21 Nov 2026 12:00:00 GMT", date), 500);
	assert_int_equal(delay(1, 0.5, "Retry-After", "Sat, 21 Nov 2026 13:00:09 GMT", NULL), 500);
	assert_int_equal(delay(1, 0.5, "x-amz-retry-after", "700", NULL), 700);
	assert_int_equal(delay(1, 0.5, "x-amz-retry-after", "7000", NULL), 5500);
	assert_int_equal(delay(1, 0.5, "x-amz-retry-after", "300", NULL), 500);
}

static void test_quota(void **state)
{
	struct retry_quota q;
	int64_t ms;
	int cost = 0;

	(void)state;
	retry_quota_init(&q, 18);
	assert_int_equal(retry_next(&q, 3, 1, RETRY_NO, 0, &none, &ms, &cost), RETRY_FINAL);
	assert_int_equal(retry_next(&q, 3, 3, RETRY_TRANSIENT, 0, &none, &ms, &cost),
			 RETRY_ATTEMPTS_SPENT);
	assert_int_equal(q.tokens, 18);
	assert_int_equal(retry_next(&q, 3, 1, RETRY_TRANSIENT, 0, &none, &ms, &cost), RETRY_AGAIN);
	assert_int_equal(cost, 14);
	assert_int_equal(retry_next(&q, 3, 2, RETRY_THROTTLE, 0, &none, &ms, &cost),
			 RETRY_QUOTA_SPENT);
	assert_int_equal(q.tokens, 4);
	assert_int_equal(cost, 14);
	retry_quota_refund(&q, 0);
	assert_int_equal(q.tokens, 5);
	assert_int_equal(retry_next(&q, 3, 2, RETRY_THROTTLE, 0, &none, &ms, &cost), RETRY_AGAIN);
	assert_int_equal(q.tokens, 0);
	retry_quota_refund(&q, 14);
	assert_int_equal(q.tokens, 14);
	retry_quota_refund(&q, 14);
	assert_int_equal(q.tokens, 18);
	retry_quota_refund(&q, 0);
	assert_int_equal(q.tokens, 18);
	retry_quota_destroy(&q);
}

/* No window of a second, wherever it begins, has more calls than the limit. */
static void test_a_fixed_limit(void **state)
{
	struct rate_limiter *r = rate_limiter_new(5, 1, false);
	int64_t at[50], now = 1000;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(at); i++) {
		now += i == 20 ? 10000 : 0;
		at[i] = now + rate_limiter_reserve(r, now);
		assert_true(i < 5 || at[i] - at[i - 5] >= 1000);
		rate_limiter_report(r, true, now);
	}
	assert_int_equal(at[0], 1000);
	assert_int_equal(at[19], 1000 + 19 * 200);
	assert_int_equal(at[20], 11000);
	rate_limiter_free(r);
}

static void test_no_limit(void **state)
{
	struct rate_limiter *r = rate_limiter_new(0, 1, true);

	(void)state;
	for (int i = 0; i < 1000; i++) {
		assert_int_equal(rate_limiter_reserve(r, 1000), 0);
		rate_limiter_report(r, false, 1000);
	}
	rate_limiter_free(r);
	rate_limiter_free(NULL);
}

/* It slows down after throttling, and speeds up again a while later. */
static void test_an_adaptive_limit(void **state)
{
	struct rate_limiter *r = rate_limiter_new(0, 1, true);
	int64_t now = 0, slow = 0;

	(void)state;
	for (int i = 0; i < 100; i++, now += 20)
		rate_limiter_report(r, false, now);
	for (int i = 0; i < 10; i++, now += 20)
		rate_limiter_report(r, true, now);
	for (int i = 0; i < 20; i++)
		slow = rate_limiter_reserve(r, now);
	assert_true(slow > 500);
	for (now += slow; now < 60000; now += 10) {
		now += rate_limiter_reserve(r, now);
		rate_limiter_report(r, false, now);
	}
	assert_true(rate_limiter_reserve(r, now) < 20);
	rate_limiter_free(r);
}

static void test_a_clock_set_back(void **state)
{
	struct rate_limiter *r = rate_limiter_new(1, 1, true);

	(void)state;
	rate_limiter_report(r, true, 10 * MS_HOUR);
	rate_limiter_reserve(r, 10 * MS_HOUR);
	assert_true(rate_limiter_reserve(r, MS_HOUR) <= 5000);
	assert_true(rate_limiter_reserve(r, -MS_HOUR) <= 10000);
	rate_limiter_free(r);
}

struct shared {
	struct rate_limiter *limiter;
	struct retry_quota quota;
	int64_t longest[4];
};

struct worker {
	struct shared *shared;
	int id;
};

static void *work(void *data)
{
	struct worker *w = data;
	int64_t ms;
	int cost;

	for (int i = 0; i < 1000; i++) {
		int64_t wait = rate_limiter_reserve(w->shared->limiter, 5000);

		if (wait > w->shared->longest[w->id])
			w->shared->longest[w->id] = wait;
		if (retry_next(&w->shared->quota, 9, 1, RETRY_TRANSIENT, 0, &none, &ms, &cost) ==
		    RETRY_AGAIN)
			retry_quota_refund(&w->shared->quota, cost);
	}
	return NULL;
}

static void test_threads(void **state)
{
	struct shared s = { .limiter = rate_limiter_new(100, 1, false) };
	struct worker w[4];
	pthread_t t[4];
	int64_t longest = 0;

	(void)state;
	retry_quota_init(&s.quota, 50);
	for (int i = 0; i < 4; i++) {
		w[i] = (struct worker){ &s, i };
		assert_int_equal(pthread_create(&t[i], NULL, work, &w[i]), 0);
	}
	for (int i = 0; i < 4; i++) {
		pthread_join(t[i], NULL);
		longest = s.longest[i] > longest ? s.longest[i] : longest;
	}
	assert_int_equal(longest, 3999 * 10);
	assert_int_equal(s.quota.tokens, 50);
	retry_quota_destroy(&s.quota);
	rate_limiter_free(s.limiter);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_classes),
		cmocka_unit_test(test_delays),
		cmocka_unit_test(test_the_reply_asks_for_more),
		cmocka_unit_test(test_quota),
		cmocka_unit_test(test_a_fixed_limit),
		cmocka_unit_test(test_no_limit),
		cmocka_unit_test(test_an_adaptive_limit),
		cmocka_unit_test(test_a_clock_set_back),
		cmocka_unit_test(test_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
