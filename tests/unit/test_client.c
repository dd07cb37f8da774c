/* SPDX-License-Identifier: MIT */
/* aws_call(): attempts, refusals, and what it reveals. */
#include "config.h"

#include "calls.h"

#include "aws/call.h"

static void test_retries_sign_anew(void **state)
{
	(void)state;
	REPLIES({ 429 }, { 429 }, { 200, "ok" });
	assert_ok(call_sts());
	assert_int_equal(calls.n, 3);
	/* Half of 1 s, then half of 2 s. */
	assert_int_equal(calls.fake.slept_ms, 500 + 1000);
	assert_string_equal(calls.sent[0].stamp, START_STAMP);
	assert_string_equal(calls.sent[1].stamp, START_STAMP);
	assert_string_equal(calls.sent[2].stamp, "20231114T221321Z");
	assert_string_not_equal(calls.sent[1].authorization, calls.sent[2].authorization);
	for (int i = 0; i < 3; i++)
		assert_string_equal(calls.sent[i].body, "Action=GetCallerIdentity");
}

static void test_attempts_spent(void **state)
{
	struct error *err;

	(void)state;
	REPLIES({ 500 });
	err = call_sts();
	assert_int_equal(err->http_status, 500);
	assert_failed(err, ERR_UNREACHABLE, "sts:GetCallerIdentity: AWS answered with status 500");
	assert_int_equal(calls.n, 3);
	REPLIES({ .failure = HTTP_BROKEN });
	assert_failed(call_sts(), ERR_UNREACHABLE, "sts:GetCallerIdentity: lost on the way");
	assert_int_equal(calls.n, 3);
	REPLIES({ .failure = HTTP_TLS });
	assert_failed(call_sts(), ERR_UNREACHABLE, "lost on the way");
	assert_int_equal(calls.n, 1);
}

static void test_retry_after(void **state)
{
	(void)state;
	REPLIES({ 429, "", "Retry-After", "7" }, { 200 });
	assert_ok(call_sts());
	assert_int_equal(calls.fake.slept_ms, 7000);
	assert_string_equal(calls.sent[1].stamp, "20231114T221327Z");
}

static int swallow(void *data, const char *p, size_t n, struct error **err)
{
	(void)data, (void)p, (void)n, (void)err;
	return 0;
}

/* A reply that trickles forever is cut off, unless it is the stream of an object. */
static void test_attempt_is_bounded(void **state)
{
	cleanup_aws_request struct aws_request req = { 0 };

	(void)state;
	REPLIES({ 200 });
	assert_ok(call_sts());
	assert_int_equal(calls.sent[0].timeout_ms, 300000);
	aws_request_init(&req, AWS_S3, "GET", "GetObject");
	req.bucket = "bucket";
	req.http.sink = swallow;
	assert_ok(call(&req));
	assert_int_equal(calls.sent[1].timeout_ms, 0);
}

static void test_quota(void **state)
{
	(void)state;
	REPLIES({ 500 });
	/* Two retries a call cost 28 of 500, and one more 14. */
	for (int i = 0; i < 17; i++) {
		forget_sent();
		error_free(call_sts());
		assert_int_equal(calls.n, 3);
	}
	forget_sent();
	assert_failed(call_sts(), ERR_UNREACHABLE, "500");
	assert_int_equal(calls.n, 2);
	forget_sent();
	assert_failed(call_sts(), ERR_UNREACHABLE, "500");
	assert_int_equal(calls.n, 1);
	/* Each success gives one back: ten are left, and a retry takes fourteen. */
	for (int i = 0; i < 4; i++) {
		REPLIES({ 200 });
		assert_ok(call_sts());
	}
	REPLIES({ 500 }, { 200 });
	assert_ok(call_sts());
}

static void test_final_codes(void **state)
{
	static const char *const final[] = { "LimitExceededException", NULL };
	cleanup_aws_request struct aws_request req = { 0 };

	(void)state;
	aws_request_init(&req, AWS_LOGS, "POST", "CreateExportTask");
	REPLIES({ 400, "{\"__type\":\"LimitExceededException\"}" });
	assert_failed(call(&req), ERR_UNREACHABLE, "logs:CreateExportTask");
	assert_int_equal(calls.n, 3);
	forget_sent();
	req.final_codes = final;
	assert_failed(call(&req), ERR_REFUSED, "logs:CreateExportTask");
	assert_int_equal(calls.n, 1);
}

static void test_not_idempotent(void **state)
{
	static const enum http_failure lost[] = { HTTP_BROKEN, HTTP_TIMEOUT, HTTP_TOO_LARGE };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lost); i++) {
		struct reply told[] = { { .failure = lost[i] }, { 200, "{}" } };

		forget_sent();
		calls.replies = told;
		calls.n_replies = 2;
		assert_failed(call_once(), ERR_UNREACHABLE,
			      "logs:CreateExportTask: lost on the way");
		assert_int_equal(calls.n, 1);
		assert_true(calls.sent[0].fresh);
	}
	/* These certainly had no effect. */
	REPLIES({ .failure = HTTP_CONNECT }, { 400, "{\"__type\":\"ThrottlingException\"}" },
		{ 200, "{}" });
	assert_ok(call_once());
	assert_int_equal(calls.n, 3);
	REPLIES({ .failure = HTTP_BROKEN }, { 200 });
	assert_ok(call_sts());
	assert_int_equal(calls.n, 2);
	assert_false(calls.sent[0].fresh);
}

#define S3_ERROR "<Error><Code>InternalError</Code><Message>Try again.</Message></Error>"

static void test_200_with_error(void **state)
{
	struct error *err;

	(void)state;
	REPLIES({ 200, S3_ERROR }, { 200, "<a>cut" }, { 200, "<a/>" });
	assert_ok(call_s3("one"));
	assert_int_equal(calls.n, 3);
	REPLIES({ 200, S3_ERROR });
	err = call_s3("one");
	assert_true(err_is(err, "InternalError"));
	assert_failed(err, ERR_UNREACHABLE, "s3:GetObject: Try again");
	assert_int_equal(calls.n, 3);
}

/* Assuming a role with a web identity token, which is not signed. */
static void bearer(const char *url, bool ok)
{
	cleanup_error struct error *err = NULL;
	cleanup_http_response struct http_response reply = { 0 };
	cleanup_aws_request struct aws_request req = { 0 };
	int r;

	calls_teardown(NULL);
	calls_setup(NULL);
	calls_start(url);
	REPLIES({ 200 });
	http_response_init(&reply);
	aws_request_init(&req, AWS_STS, "POST", "AssumeRoleWithWebIdentity");
	r = aws_call_as(calls.client, &req, AUTH_NONE, NULL, &reply, &err);
	assert_int_equal(r, ok ? 0 : -1);
	assert_int_equal(calls.n, ok);
	if (!ok)
		assert_non_null(strstr(err->msg, "no TLS"));
}

static void test_tokens_need_tls(void **state)
{
	(void)state;
	bearer("http://127.0.0.1:4566", true);
	bearer("https://example.com", true);
	bearer("http://example.com", false);
	bearer("http://localhost.example.com", false);
	bearer("http://10.0.0.1", false);
	bearer("http://127.0.0.1.example.com", false);
	bearer("HTTP://example.com", false);
}

static void assert_endpoint(const char *url, bool ok)
{
	calls_teardown(NULL);
	calls_setup(NULL);
	calls_start(url);
	REPLIES({ 200 });
	if (ok)
		assert_ok(call_sts());
	else
		assert_failed(call_sts(), ERR_USAGE, "has no TLS");
	assert_int_equal(calls.n, ok);
}

static void test_plain_http(void **state)
{
	(void)state;
	assert_endpoint("http://127.0.0.1:4566", true);
	assert_endpoint("http://127.1.2.3", true);
	assert_endpoint("http://[::1]:80", true);
	assert_endpoint("http://localhost", true);
	assert_endpoint("http://s3.localhost:80", true);
	assert_endpoint("https://example.com", true);
	assert_endpoint("http://example.com", true);
	assert_endpoint("http://10.0.0.1", true);
}

static void test_interrupted(void **state)
{
	(void)state;
	REPLIES({ 500 });
	calls.fake.stop_from_ms = 1;
	assert_failed(call_sts(), ERR_INTERRUPTED, "interrupted");
	assert_int_equal(calls.n, 1);
	REPLIES({ .failure = HTTP_STOPPED });
	assert_failed(call_sts(), ERR_INTERRUPTED, "lost");
	assert_int_equal(calls.n, 1);
}

static void test_error_sentence(void **state)
{
	struct error *err;

	(void)state;
	REPLIES({ 400,
		  "{\"__type\":\"com.amazonaws#InvalidParameterException\","
		  "\"message\":\"\\n bad\\t\\u001b[31m thing.\\nmore\"}",
		  "x-amzn-RequestId", "r-1" });
	err = call_once();
	assert_true(err_is(err, "InvalidParameterException"));
	assert_string_equal(err->request_id, "r-1");
	assert_string_equal(err->aws_message, "bad  [31m thing");
	assert_int_equal(err->http_status, 400);
	assert_failed(err, ERR_REFUSED, "logs:CreateExportTask: bad  [31m thing");
	REPLIES({ 403, "<Error><Code>AccessDenied</Code><Message>Access Denied</Message>"
		       "<RequestId>r-2</RequestId></Error>" });
	err = call_s3("one");
	assert_string_equal(err->request_id, "r-2");
	assert_non_null(strstr(err->hint, "s3:GetObject"));
	assert_false(err->credentials);
	assert_failed(err, ERR_REFUSED, "s3:GetObject: Access Denied");
	REPLIES({ 404, "<!DOCTYPE html>" });
	err = call_s3("one");
	assert_null(err->aws_code);
	assert_failed(err, ERR_REFUSED, "s3:GetObject: AWS answered with status 404");
}

static void test_secrets_stay(void **state)
{
	static const char *const secrets[] = { SECRET, "TOKEN-ONE", "Signature=", "CREDENTIALS",
					       "COOKIE" };

	(void)state;
	REPLIES({ 500, "", "set-cookie", "COOKIE" }, { 200, "<x>CREDENTIALS</x>" });
	assert_ok(call_sts());
	assert_non_null(strstr(calls.trace.data, "> X-Amz-Security-Token: (hidden)\n"));
	assert_non_null(strstr(calls.trace.data, "> Authorization: (hidden)\n"));
	assert_non_null(strstr(calls.trace.data, "(attempt 2)"));
	for (size_t i = 0; i < ARRAY_SIZE(secrets); i++)
		if (strstr(calls.trace.data, secrets[i]))
			fail_msg("'%s' is in:\n%s", secrets[i], calls.trace.data);
	/* But a bucket's listing may be seen. */
	REPLIES({ 200, "<a>LISTING</a>" });
	assert_ok(call_s3("one"));
	assert_non_null(strstr(calls.trace.data, "LISTING"));
}

/* A header, or what a listing calls an ETag, may be the token: it is shown nowhere. */
static void test_a_quoted_token_is_hidden(void **state)
{
	(void)state;
	REPLIES({ 500, "", "x-you-said", "a TOKEN-ONE b", "x-TOKEN-ONE", "c" }, { 200, "<a/>" });
	assert_ok(call_s3("TOKEN-ONE"));
	assert_non_null(strstr(calls.trace.data, "< x-you-said: a (hidden) b\n"));
	assert_non_null(strstr(calls.trace.data, "< x-(hidden): c\n"));
	assert_null(strstr(calls.trace.data, "TOKEN-ONE"));
}

/* Neither a range nor a condition was requested; repeating the request does not help. */
static void test_a_part_is_not_all(void **state)
{
	(void)state;
	REPLIES({ 206, "<a/>" }, { 200, "<a/>" });
	assert_ok(call_s3("one"));
	assert_int_equal(calls.n, 2);
	REPLIES({ 206, "<a/>" });
	assert_failed(call_s3("one"), ERR_UNREACHABLE, "status 206");
	REPLIES({ 304, "<a/>" });
	assert_failed(call_s3("one"), ERR_REFUSED, "status 304");
	assert_int_equal(calls.n, 1);
}

static void test_no_region(void **state)
{
	(void)state;
	calls.fake.variables[0] = "AWS_REGION=";
	REPLIES({ 200 });
	assert_failed(call_sts(), ERR_USAGE, "region");
	assert_int_equal(calls.n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_retries_sign_anew),
		TEST(test_attempts_spent),
		TEST(test_retry_after),
		TEST(test_retries_sign_anew),
		TEST(test_attempts_spent),
		TEST(test_attempt_is_bounded),
		TEST(test_quota),
		TEST(test_final_codes),
		TEST(test_not_idempotent),
		TEST(test_200_with_error),
		TEST(test_plain_http),
		TEST(test_tokens_need_tls),
		TEST(test_interrupted),
		TEST(test_error_sentence),
		TEST(test_secrets_stay),
		TEST(test_a_quoted_token_is_hidden),
		TEST(test_a_part_is_not_all),
		TEST(test_no_region),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
