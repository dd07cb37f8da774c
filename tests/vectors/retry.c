/* SPDX-License-Identifier: MIT */
/*
 * vectors/retry FILE: drives retry_next() through sequences of replies.
 *
 * FILE is a list of { name, given { max_attempts, initial_retry_tokens,
 * exponential_base, exponential_power, max_backoff_time }, responses [{ response
 * { status_code, error_code, timeout, headers, service }, expected { outcome,
 * retry_quota, delay } }] }. exponential_base stands for the random number. A
 * response after the end of a call begins the next one, on the same quota.
 */
#include "config.h"

#include "aws/retry/retry.h"

#include <math.h>
#include "base/json.h"
#include "base/str.h"
#include "net/message.h"
#include "runner.h"

struct run {
	struct retry_quota quota;
	int max_attempts, attempt, cost;
	double random;
};

static const char *outcome_name(enum retry_outcome outcome)
{
	switch (outcome) {
	case RETRY_AGAIN:
		return "retry_request";
	case RETRY_FINAL:
		return "not_retryable";
	case RETRY_ATTEMPTS_SPENT:
		return "max_attempts_exceeded";
	case RETRY_QUOTA_SPENT:
		return "retry_quota_exceeded";
	}
	return "?";
}

static const char *class_name(enum retry_class why)
{
	static const char *const names[] = {
		[RETRY_NO] = "no",
		[RETRY_TRANSIENT] = "transient",
		[RETRY_THROTTLE] = "throttle",
	};

	return names[why];
}

static enum http_failure failure_by_name(const char *name)
{
	if (str_eq0(name, "connect"))
		return HTTP_CONNECT;
	if (str_eq0(name, "timeout"))
		return HTTP_TIMEOUT;
	return str_eq0(name, "broken") ? HTTP_BROKEN : HTTP_OK;
}

static enum retry_class classify(const json_t *response)
{
	enum aws_service service = AWS_LOGS;
	const char *name = json_str(response, "service");

	if (name)
		aws_service_by_name(name, &service);
	return retry_classify(service, failure_by_name(json_str(response, "failure")),
			      (int)json_int(response, "status_code", 0),
			      json_str(response, "error_code"));
}

/* An attempt, its classification by the code, and the delay that it requests. */
static const char *attempt(struct run *run, const json_t *response, int64_t *ret_delay_ms)
{
	int status = (int)json_int(response, "status_code", 0);
	json_t *from = json_object_get(response, "headers"), *value;
	struct http_headers headers = { 0 };
	enum retry_outcome outcome;
	const char *name;

	if (run->attempt++ == 0)
		run->cost = 0;
	if (status >= 200 && status < 300) {
		retry_quota_refund(&run->quota, run->cost);
		run->attempt = 0;
		return "success";
	}
	json_object_foreach(from, name, value)
		http_header_add(&headers, name, json_string_value(value));
	outcome = retry_next(&run->quota, run->max_attempts, run->attempt, classify(response),
			     run->random, &headers, ret_delay_ms, &run->cost);
	http_headers_release(&headers);
	if (outcome != RETRY_AGAIN)
		run->attempt = 0;
	return outcome_name(outcome);
}

static bool step(struct run *run, const char *name, size_t i, const json_t *one)
{
	const json_t *expected = json_obj(one, "expected");
	const json_t *delay = json_object_get(expected, "delay");
	int64_t delay_ms = 0, quota = json_int(expected, "retry_quota", -1);
	const char *got = attempt(run, json_obj(one, "response"), &delay_ms);
	const char *want = json_str(expected, "outcome"), *class = json_str(expected, "class");
	enum retry_class why = classify(json_obj(one, "response"));

	if (class && !str_eq(class, class_name(why)))
		runner_fail(name, "reply %zu: class %s, want %s", i + 1, class_name(why), class);
	else if (!str_eq0(got, want))
		runner_fail(name, "reply %zu: %s, want %s", i + 1, got, want ? want : "(none)");
	else if (quota >= 0 && quota != run->quota.tokens)
		runner_fail(name, "reply %zu: quota %d, want %lld", i + 1, run->quota.tokens,
			    (long long)quota);
	else if (json_is_number(delay) &&
		 fabs(json_number_value(delay) * 1000 - (double)delay_ms) >= 1)
		runner_fail(name, "reply %zu: delay %lld ms, want %g s", i + 1, (long long)delay_ms,
			    json_number_value(delay));
	else
		return true;
	return false;
}

static void run_case(const json_t *vector)
{
	const char *name = json_str(vector, "name");
	const json_t *given = json_obj(vector, "given");
	json_t *responses = json_object_get(vector, "responses"), *one;
	struct run run = {
		.max_attempts = (int)json_int(given, "max_attempts", 3),
		.random = json_number_value(json_object_get(given, "exponential_base")),
	};
	bool ok = true;
	size_t i;

	if (json_int(given, "exponential_power", 2) != 2) {
		runner_skip(name, "the delay doubles, always");
		return;
	}
	retry_quota_init(&run.quota, (int)json_int(given, "initial_retry_tokens", RETRY_QUOTA_MAX));
	run.quota.backoff_max_ms = 1000 * json_int(given, "max_backoff_time", 20);
	for (i = 0; ok && i < json_array_size(responses); i++) {
		one = json_array_get(responses, i);
		ok = step(&run, name, i, one);
	}
	if (ok)
		runner_pass(name);
	retry_quota_destroy(&run.quota);
}

int main(int argc, char **argv)
{
	return runner_main(argc, argv, NULL, run_case);
}
