/* SPDX-License-Identifier: MIT */
/* aws_call(): what it corrects by itself, each once: the clock, credentials, a bucket's region. */
#include "config.h"

#include "calls.h"

#define QUERY_ERROR(code, message)                                                                 \
	"<ErrorResponse><Error><Code>" code "</Code><Message>" message "</Message></Error>"        \
	"</ErrorResponse>"
#define SKEWED(date)                                                                               \
	{                                                                                          \
		403, QUERY_ERROR("SignatureDoesNotMatch", ""), "Date", date                        \
	}

static void test_clock_skew(void **state)
{
	(void)state;
	REPLIES(SKEWED("Tue, 14 Nov 2023 23:13:20 GMT"), { 200, "{}" });
	assert_ok(call_sts());
	assert_int_equal(calls.n, 2);
	assert_int_equal(calls.fake.sleeps, 0);
	assert_string_equal(calls.sent[1].stamp, "20231114T231320Z");
	/* Remembered for the session. */
	REPLIES({ 200 });
	assert_ok(call_sts());
	assert_string_equal(calls.sent[0].stamp, "20231114T231320Z");
	/* Off again, the other way: once a call. */
	REPLIES(SKEWED("Tue, 14 Nov 2023 21:13:20 GMT"), SKEWED("Tue, 14 Nov 2023 20:13:20 GMT"));
	assert_failed(call_sts(), ERR_REFUSED, "403");
	assert_int_equal(calls.n, 2);
	assert_string_equal(calls.sent[1].stamp, "20231114T211320Z");
	/* A wrong secret and a right clock. */
	REPLIES(SKEWED("Tue, 14 Nov 2023 21:13:20 GMT"));
	assert_failed(call_sts(), ERR_REFUSED, "403");
	assert_int_equal(calls.n, 1);
}

static void found_by_another(void)
{
	struct aws_client *mine = calls.client;

	calls.during = NULL;
	calls.client = aws_client_new(calls.session);
	assert_ok(call_sts());
	aws_client_free(calls.client);
	calls.client = mine;
}

/* While one worker's request is under way, another worker finds that the clock is wrong. */
static void test_clock_skew_found_twice(void **state)
{
	(void)state;
	REPLIES(SKEWED("Tue, 14 Nov 2023 23:13:20 GMT"), { 200 },
		SKEWED("Tue, 14 Nov 2023 23:13:20 GMT"), { 200 });
	calls.during = found_by_another;
	assert_ok(call_sts());
	assert_int_equal(calls.n, 4);
	assert_string_equal(calls.sent[1].stamp, "20231114T231320Z");
	assert_string_equal(calls.sent[2].stamp, START_STAMP);
	assert_string_equal(calls.sent[3].stamp, "20231114T231320Z");
}

#define EXPIRED                                                                                    \
	{                                                                                          \
		403, QUERY_ERROR("ExpiredToken", "old.")                                           \
	}

static void test_expired_token(void **state)
{
	struct error *err;

	(void)state;
	REPLIES({ 200 });
	assert_ok(call_sts());
	assert_string_equal(calls.sent[0].token, "TOKEN-ONE");
	calls.fake.variables[3] = "AWS_SESSION_TOKEN=TOKEN-TWO";
	REPLIES(EXPIRED, { 200, "{}" });
	assert_ok(call_sts());
	assert_int_equal(calls.n, 2);
	assert_int_equal(calls.fake.sleeps, 0);
	assert_string_equal(calls.sent[0].token, "TOKEN-ONE");
	assert_string_equal(calls.sent[1].token, "TOKEN-TWO");
	REPLIES(EXPIRED);
	err = call_sts();
	assert_non_null(strstr(err->hint, "renew"));
	assert_true(err_is(err, "ExpiredToken"));
	assert_true(err->credentials);
	assert_failed(err, ERR_REFUSED, "sts:GetCallerIdentity: old");
	assert_int_equal(calls.n, 2);
}

static void test_s3_redirect(void **state)
{
	(void)state;
	REPLIES({ 301, "", "x-amz-bucket-region", "eu-central-1" }, { 200, "<a/>" });
	assert_ok(call_s3("one"));
	assert_int_equal(calls.n, 2);
	assert_int_equal(calls.fake.sleeps, 0);
	assert_string_equal(calls.sent[0].url, "GET https://one.s3.eu-west-1.amazonaws.com/key");
	assert_string_equal(calls.sent[1].url, "GET https://one.s3.eu-central-1.amazonaws.com/key");
	assert_non_null(strstr(calls.sent[1].authorization, "/20231114/eu-central-1/s3/"));
	/* Remembered for that bucket, and for no other. */
	REPLIES({ 200, "<a/>" });
	assert_ok(call_s3("one"));
	assert_ok(call_s3("two"));
	assert_string_equal(calls.sent[0].url, "GET https://one.s3.eu-central-1.amazonaws.com/key");
	assert_string_equal(calls.sent[1].url, "GET https://two.s3.eu-west-1.amazonaws.com/key");
	REPLIES({ 307, "", "x-amz-bucket-region", "us-west-2" }, { 200, "<a/>" });
	assert_ok(call_s3("three"));
	assert_string_equal(calls.sent[1].url, "GET https://three.s3.us-west-2.amazonaws.com/key");
	REPLIES({ 400, "<Error><Code>AuthorizationHeaderMalformed</Code>"
		       "<Region>ap-south-1</Region></Error>" },
		{ 200, "<a/>" });
	assert_ok(call_s3("four"));
	assert_string_equal(calls.sent[1].url, "GET https://four.s3.ap-south-1.amazonaws.com/key");
}

static void test_s3_redirect_once(void **state)
{
	(void)state;
	REPLIES({ 301, "", "x-amz-bucket-region", "eu-central-1" },
		{ 301, "", "x-amz-bucket-region", "eu-west-1" });
	assert_failed(call_s3("one"), ERR_REFUSED, "s3:GetObject");
	assert_int_equal(calls.n, 2);
	REPLIES({ 301, "", "x-amz-bucket-region", "eu-west-1" });
	assert_failed(call_s3("two"), ERR_REFUSED, "s3:GetObject");
	assert_int_equal(calls.n, 1);
	/* For S3 only, and a name that would change the host is not accepted as a region. */
	REPLIES({ 301, "", "x-amz-bucket-region", "eu-central-1" });
	assert_failed(call_sts(), ERR_REFUSED, "301");
	assert_int_equal(calls.n, 1);
	REPLIES({ 301, "", "x-amz-bucket-region", "evil.example.com/" });
	error_free(call_s3("three"));
	assert_int_equal(calls.n, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_clock_skew),  TEST(test_clock_skew_found_twice), TEST(test_expired_token),
		TEST(test_s3_redirect), TEST(test_s3_redirect_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
