/* SPDX-License-Identifier: MIT */
/* What the services' replies may not do: list for ever, leave the path, overflow. */
#include "config.h"

#include "calls.h"

#include "aws/service/apigateway.h"
#include "aws/service/iam.h"
#include "aws/service/logs.h"
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
	cleanup_logs_pages struct logs_pages p = { 0 };
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
	cleanup_logs_pages struct logs_pages p = { 0 };
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
		TEST(test_endless_apis),         TEST(test_endless_stages),
		TEST(test_endless_policies),     TEST(test_id_stays_in_its_segment),
		TEST(test_retention_is_bounded), TEST(test_an_event_and_half_of_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
