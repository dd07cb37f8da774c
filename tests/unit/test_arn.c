/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "unit.h"

#include "aws/arn.h"
#include "base/cleanup.h"

static bool is(struct arn_field f, const char *s)
{
	return f.len == strlen(s) && memcmp(f.start, s, f.len) == 0;
}

static void test_fields(void **state)
{
	struct arn a;

	(void)state;
	assert_true(arn_parse("arn:aws-cn:logs:cn-north-1:123456789012:log-group:/a:b:*", &a));
	assert_true(is(a.partition, "aws-cn") && is(a.service, "logs"));
	assert_true(is(a.region, "cn-north-1") && is(a.account, "123456789012"));
	assert_string_equal(a.resource, "log-group:/a:b:*");
	assert_true(arn_parse("arn:aws:s3:::bucket/a key", &a));
	assert_true(is(a.region, "") && is(a.account, ""));
	assert_true(arn_parse("arn:aws:iam::aws:policy/x", &a));
	assert_true(is(a.account, "aws"));
}

static void test_what_is_none(void **state)
{
	static const char *const bad[] = {
		"",
		"arn",
		"arn:aws:iam::1",
		"arn:aws:iam::1:",
		"arn::iam::1:role/x",
		"arn:aws:::1:role/x",
		"ARN:aws:iam::1:role/x",
		"arn:aws:iam::1 :role/x",
		"arn:aws:iam:eu west-1:1:role/x",
		"arn:aws:i/m::1:role/x",
	};
	struct arn a = { .resource = "untouched" };
	char text[ARN_MAX + 2] = "arn:aws:s3:::";

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_false(arn_parse(bad[i], &a));
	assert_string_equal(a.resource, "untouched");
	memset(text + strlen(text), 'x', ARN_MAX - strlen(text));
	assert_true(arn_parse(text, &a));
	text[ARN_MAX] = 'x';
	assert_false(arn_parse(text, &a));
}

static void test_resources(void **state)
{
	static const char group[] = "arn:aws:logs:eu-west-1:1:log-group:/a/b";

	(void)state;
	assert_string_equal(arn_resource("arn:aws:iam::1:role/p/r", "iam", "eu-west-1", "1"),
			    "role/p/r");
	assert_null(arn_resource("arn:aws:iam::2:role/r", "iam", "eu-west-1", "1"));
	assert_null(arn_resource("arn:aws:iam::1:role/r", "iam", "cn-north-1", "1"));
	assert_null(arn_resource("arn:aws:iam::1:role/r", "sts", "eu-west-1", "1"));
	assert_string_equal(arn_resource(group, "logs", "eu-west-1", "1"), "log-group:/a/b");
	assert_null(arn_resource(group, "logs", "eu-west-2", "1"));
	assert_null(arn_resource("no ARN", "logs", "eu-west-1", "1"));
}

static void test_log_groups(void **state)
{
	(void)state;
	assert_string_equal(arn_log_group("arn:aws:logs:eu-west-1:1:log-group:/a/b"), "/a/b");
	assert_null(
		arn_log_group("arn:aws:firehose:eu-west-1:1:deliverystream/amazon-apigateway-x"));
	assert_null(arn_log_group("arn:aws:firehose:eu-west-1:1:log-group:x"));
	assert_null(arn_log_group("arn:aws:logs:eu-west-1:1:log-group:"));
	assert_null(arn_log_group("log-group:x"));
	assert_null(arn_log_group(""));
}

static void test_making(void **state)
{
	cleanup_free char *bucket = arn_make("s3", "cn-north-1", NULL, "%s/%s/*", "b", "p");
	cleanup_free char *role = arn_make("iam", "us-gov-west-1", "1", "role%s%s", "/ops/", "r");
	cleanup_free char *group = arn_make("logs", "eu-west-1", "1", "log-group:%s", "/a/b");

	(void)state;
	assert_string_equal(bucket, "arn:aws-cn:s3:::b/p/*");
	assert_string_equal(role, "arn:aws-us-gov:iam::1:role/ops/r");
	assert_string_equal(group, "arn:aws:logs:eu-west-1:1:log-group:/a/b");
	assert_string_equal(arn_resource(bucket, "s3", "cn-north-1", NULL), "b/p/*");
	assert_string_equal(arn_log_group(group), "/a/b");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields),    cmocka_unit_test(test_what_is_none),
		cmocka_unit_test(test_resources), cmocka_unit_test(test_log_groups),
		cmocka_unit_test(test_making),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
