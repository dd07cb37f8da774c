/* SPDX-License-Identifier: MIT */
/* What replies of the services must not cause: endless lists, other paths, overflow. */
#include "config.h"

#include "calls.h"

#include "aws/service/apigateway.h"
#include "aws/service/iam.h"
#include "aws/service/logs.h"
#include "aws/service/s3.h"
#include "base/time.h"

static void same_token_twice(struct error *err)
{
	/* The first page, and the one that names the same token. */
	assert_int_equal(calls.n, 2);
	assert_failed(err, ERR_UNREACHABLE, "the same page token twice");
}

static void test_endless_apis(void **state)
{
	cleanup_api_pages struct api_pages p = { 0 };
	struct error *err = NULL;
	struct api a;

	(void)state;
	calls_start(NULL);
	REPLIES({ 200, "{\"item\":[],\"position\":\"p\"}" });
	api_pages_init(&p, calls.client);
	assert_int_equal(api_pages_next(&p, &a, &err), -1);
	same_token_twice(err);
}

static void test_endless_stages(void **state)
{
	const struct api api = { API_HTTP, (char *)"abc", (char *)"pets" };
	struct stages stages = { 0 };
	struct error *err = NULL;

	(void)state;
	calls_start(NULL);
	REPLIES({ 200, "{\"items\":[],\"nextToken\":\"p\"}" });
	assert_int_equal(apigateway_get_stages(calls.client, &api, &stages, &err), -1);
	stages_release(&stages);
	same_token_twice(err);
}

static void test_endless_policies(void **state)
{
	cleanup_strv struct strv policies = { 0 };
	struct error *err = NULL;

	(void)state;
	calls_start(NULL);
	REPLIES({ 200, "<ListAttachedRolePoliciesResponse><ListAttachedRolePoliciesResult>"
		       "<IsTruncated>true</IsTruncated><Marker>m</Marker>"
		       "</ListAttachedRolePoliciesResult></ListAttachedRolePoliciesResponse>" });
	assert_int_equal(iam_list_attached_role_policies(calls.client, "r", &policies, &err), -1);
	same_token_twice(err);
}

static int next_event(const char *reply, struct error **err)
{
	cleanup_aws_pages struct aws_pages p = { 0 };
	const struct reply told = { 200, reply };
	const json_t *e;

	forget_sent();
	calls.replies = &told;
	calls.n_replies = 1;
	logs_events_init(&p, calls.client, "g", 0, MS_DAY, 100);
	return aws_pages_next(&p, &e, err);
}

/* If these were taken for windows without events, they would be recorded as empty. */
static void test_a_list_that_is_not_there(void **state)
{
	static const struct {
		const char *reply, *words;
	} cases[] = {
		{ "", "is not JSON" },
		{ "[]", "is not a JSON object" },
		{ "{}", "has no list 'events'" },
		{ "{\"events\":null}", "has no list 'events'" },
		{ "{\"events\":{}}", "has no list 'events'" },
		{ "{\"events\":[],\"nextToken\":\"\"}", "an empty page token" },
		{ "{\"events\":[],\"nextToken\":\"t\"}", "the same page token twice" },
	};

	(void)state;
	calls_start(NULL);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct error *err = NULL;

		assert_int_equal(next_event(cases[i].reply, &err), -1);
		assert_failed(err, ERR_UNREACHABLE, cases[i].words);
	}
	assert_int_equal(next_event("{\"events\":[]}", NULL), 0);
}

static void test_truncated_without_a_token(void **state)
{
	cleanup_strv struct strv policies = { 0 };
	cleanup_s3_list struct s3_list list = { 0 };
	struct s3_bucket bucket = { .name = "b" };
	struct s3_object o;
	struct error *err = NULL;

	(void)state;
	calls_start(NULL);
	REPLIES({ 200, "<R><ListAttachedRolePoliciesResult><IsTruncated>true</IsTruncated>"
		       "</ListAttachedRolePoliciesResult></R>" });
	assert_int_equal(iam_list_attached_role_policies(calls.client, "r", &policies, &err), -1);
	assert_failed(TAKE(err), ERR_UNREACHABLE, "an empty page token");
	REPLIES({ 200, "<R><IsTruncated>true</IsTruncated></R>" });
	bucket.client = calls.client;
	s3_list_init(&list, &bucket, "p/", NULL);
	assert_int_equal(s3_list_next(&list, &o, &err), -1);
	assert_failed(err, ERR_UNREACHABLE, "an empty page token");
}

static void test_an_api_without_an_id(void **state)
{
	cleanup_api_pages struct api_pages p = { 0 };
	struct error *err = NULL;
	struct api a;

	(void)state;
	calls_start(NULL);
	REPLIES({ 200, "{\"item\":[{\"name\":\"a\"},{\"id\":\"b\"}]}" });
	api_pages_init(&p, calls.client);
	assert_int_equal(api_pages_next(&p, &a, &err), -1);
	assert_failed(err, ERR_UNREACHABLE, "without an id");
}

static void test_id_stays_in_its_segment(void **state)
{
	const struct api api = { API_REST, (char *)"../v2/a?b c", (char *)"pets" };
	struct stages stages = { 0 };

	(void)state;
	calls_start(NULL);
	REPLIES({ 200, "{\"item\":[]}" });
	assert_int_equal(apigateway_get_stages(calls.client, &api, &stages, NULL), 0);
	stages_release(&stages);
	assert_non_null(
		strstr(calls.sent[0].url, "amazonaws.com/restapis/..%2Fv2%2Fa%3Fb%20c/stages"));
}

static void test_retention_is_bounded(void **state)
{
	cleanup_aws_pages struct aws_pages p = { 0 };
	struct log_group g;

	(void)state;
	calls_start(NULL);
	REPLIES({ 200, "{\"logGroups\":[{\"logGroupName\":\"g\","
		       "\"retentionInDays\":9223372036854775807}]}" });
	logs_groups_init(&p, calls.client, "g");
	assert_int_equal(logs_groups_next(&p, &g, NULL), 1);
	assert_true(g.retention_days >= 0 && g.retention_days < INT64_MAX / MS_DAY);
	log_group_release(&g);
}

static void test_an_event_and_half_of_one(void **state)
{
	cleanup_aws_pages struct aws_pages p = { 0 };
	struct error *err = NULL;
	struct log_event e;

	(void)state;
	calls_start(NULL);
	REPLIES({ 200, "{\"events\":[{\"logStreamName\":\"a/b\",\"timestamp\":5,"
		       "\"ingestionTime\":7,\"message\":\"x\\u0000y\"},"
		       "{\"logStreamName\":\"a/b\",\"timestamp\":5,\"message\":\"x\"}]}" });
	logs_events_init(&p, calls.client, "g", 0, 10, 100);
	assert_int_equal(logs_events_next(&p, &e, NULL), 1);
	assert_string_equal(e.stream, "a/b");
	assert_int_equal(e.message_len, 3);
	assert_memory_equal(e.message, "x\0y", 3);
	assert_int_equal(e.stamp_ms, 5);
	assert_int_equal(e.ingested_ms, 7);
	assert_int_equal(logs_events_next(&p, &e, &err), -1);
	assert_failed(err, ERR_UNREACHABLE, "without stream, message or times");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_endless_apis),
		TEST(test_endless_stages),
		TEST(test_endless_policies),
		TEST(test_id_stays_in_its_segment),
		TEST(test_a_list_that_is_not_there),
		TEST(test_truncated_without_a_token),
		TEST(test_an_api_without_an_id),
		TEST(test_retention_is_bounded),
		TEST(test_an_event_and_half_of_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
