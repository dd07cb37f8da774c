/* SPDX-License-Identifier: MIT */
/* Odd replies of the services, a row each: what is refused, and what is read all the same. */
#include "config.h"

#include "calls.h"

#include "aws/service/apigateway.h"
#include "aws/service/iam.h"
#include "aws/service/logs.h"
#include "aws/service/s3.h"
#include "aws/service/sts.h"
#include "base/json.h"

/* The next calls are answered so. Borrowed. */
static void answer(const struct reply *replies, size_t n)
{
	forget_sent();
	calls.replies = replies;
	calls.n_replies = n;
}

struct odd {
	const char *body, *words;
};

/* Each body is refused by what reads it. */
static void refuse_all(int (*read)(struct error **err), const struct odd *cases, size_t n)
{
	calls_start(NULL);
	for (size_t i = 0; i < n; i++) {
		const struct reply reply = { 200, cases[i].body };
		struct error *err = NULL;

		answer(&reply, 1);
		assert_int_equal(read(&err), -1);
		assert_failed(err, ERR_UNREACHABLE, cases[i].words);
	}
}

#define REFUSE(read, ...)                                                                          \
	do {                                                                                       \
		static const struct odd cases[] = { __VA_ARGS__ };                                 \
		refuse_all(read, cases, ARRAY_SIZE(cases));                                        \
	} while (0)

static struct s3_bucket bucket(void)
{
	return (struct s3_bucket){ calls.client, "b", NULL };
}

static int read_object(struct error **err)
{
	cleanup_s3_list struct s3_list l = { 0 };
	const struct s3_bucket b = bucket();
	struct s3_object o;

	s3_list_init(&l, &b, "p/", NULL);
	return s3_list_next(&l, &o, err);
}

static int read_prefix(struct error **err)
{
	cleanup_s3_list struct s3_list l = { 0 };
	const struct s3_bucket b = bucket();
	char *prefix;

	s3_list_init(&l, &b, "p/", "/");
	return s3_list_next_prefix(&l, &prefix, err);
}

#define OBJECT(inside) "<R><Contents>" inside "</Contents></R>"

static void test_objects(void **state)
{
	(void)state;
	REFUSE(read_object, { OBJECT("<Size>1</Size>"), "without a key or size" },
	       { OBJECT("<Key>p/a</Key>"), "without a key or size" },
	       { OBJECT("<Key>p/a</Key><Size>-1</Size>"), "without a key or size" },
	       { OBJECT("<Key>p/a</Key><Size>9223372036854775808</Size>"),
		 "without a key or size" },
	       { OBJECT("<Key>p/%4</Key><Size>1</Size>"), "not URL-encoded" },
	       { OBJECT("<Key>p/%00</Key><Size>1</Size>"), "not URL-encoded" },
	       { OBJECT("<Key>q/a</Key><Size>1</Size>"), "outside the prefix" });
}

static void test_prefixes(void **state)
{
	(void)state;
	REFUSE(read_prefix, { "<R><CommonPrefixes/></R>", "outside the prefix" },
	       { "<R><CommonPrefixes><Prefix>q/</Prefix></CommonPrefixes></R>",
		 "outside the prefix" });
}

/* A '+' is a space, an ETag may be missing, and a time that is none is 0. */
static void test_an_object_that_is_read(void **state)
{
	cleanup_s3_list struct s3_list l = { 0 };
	cleanup_s3_object struct s3_object o = { 0 };
	struct s3_bucket b;

	(void)state;
	calls_start(NULL);
	b = bucket();
	REPLIES({ 200, OBJECT("<Key>p/a+b%2Bc</Key><Size>7</Size>"
			      "<LastModified>soon</LastModified>") });
	s3_list_init(&l, &b, "p/", NULL);
	assert_int_equal(s3_list_next(&l, &o, NULL), 1);
	assert_string_equal(o.key, "p/a b+c");
	assert_string_equal(o.etag, "");
	assert_int_equal(o.modified_ms, 0);
	s3_object_release(&o);
	assert_int_equal(s3_list_next(&l, &o, NULL), 0);
}

static void test_puts_and_deletes(void **state)
{
	struct s3_bucket b;
	struct error *err = NULL;

	(void)state;
	calls_start(NULL);
	b = bucket();
	/* A proxy's 200 is not S3's. */
	REPLIES({ 200, "" });
	assert_int_equal(s3_put_object(&b, "k", "x", 1, "text/plain", NULL, &err), -1);
	assert_failed(TAKE(err), ERR_UNREACHABLE, "has no ETag");
	assert_int_equal(s3_delete_object(&b, "k", &err), -1);
	assert_failed(TAKE(err), ERR_UNREACHABLE, "status 200, not 204");
	REPLIES({ 412, "<Error><Code>PreconditionFailed</Code></Error>" });
	assert_int_equal(s3_put_object(&b, "k", "x", 1, "text/plain", NULL, NULL), 0);
	assert_int_equal(s3_put_object(&b, "k", "x", 1, "text/plain", "etag", NULL), 0);
	/* What was to be replaced is gone; without that, it is an error like others. */
	REPLIES({ 404, "<Error><Code>NoSuchKey</Code></Error>" });
	assert_int_equal(s3_put_object(&b, "k", "x", 1, "text/plain", "etag", NULL), 0);
	assert_int_equal(s3_put_object(&b, "k", "x", 1, "text/plain", NULL, &err), -1);
	assert_failed(err, ERR_REFUSED, "s3:PutObject");
}

static int read_group(struct error **err)
{
	cleanup_aws_pages struct aws_pages p = { 0 };
	struct log_group g;

	logs_groups_init(&p, calls.client, NULL);
	return logs_groups_next(&p, &g, err);
}

static int read_task(struct error **err)
{
	struct export_task t;

	return logs_get_export_task(calls.client, "i", &t, err);
}

static void test_groups_and_tasks(void **state)
{
	struct log_group g;
	struct export_task t;

	(void)state;
	REFUSE(read_group, { "{\"logGroups\":[{}]}", "without a name" },
	       { "{\"logGroups\":[null]}", "without a name" },
	       { "{\"logGroups\":[{\"logGroupName\":1}]}", "without a name" });
	calls_teardown(NULL);
	calls_setup(NULL);
	REFUSE(read_task, { "{\"exportTasks\":[{}]}", "without an id or a status" },
	       { "{\"exportTasks\":[{\"taskId\":\"i\"}]}", "without an id or a status" },
	       { "{\"exportTasks\":[{\"taskId\":\"i\",\"status\":[]}]}",
		 "without an id or a status" });
	/* A retention that cannot be is none; one of another name is not the one. */
	REPLIES({ 200, "{\"logGroups\":[{\"logGroupName\":\"ga\"},{\"logGroupName\":\"g\","
		       "\"retentionInDays\":-1}]}" });
	assert_int_equal(logs_get_group(calls.client, "g", &g, NULL), 1);
	assert_int_equal(g.retention_days, 0);
	log_group_release(&g);
	assert_int_equal(logs_get_group(calls.client, "h", &g, NULL), 0);
	/* AWS does not know it: under either name. */
	REPLIES({ 400, "{\"__type\":\"ResourceNotFoundException\"}" });
	assert_int_equal(logs_get_export_task(calls.client, "i", &t, NULL), 0);
	REPLIES({ 400, "{\"__type\":\"InvalidParameterException\"}" });
	assert_int_equal(logs_get_export_task(calls.client, "i", &t, NULL), 0);
	/* A status that is new to us. */
	REPLIES({ 200, "{\"exportTasks\":[{\"taskId\":\"i\",\"status\":{\"code\":\"PAUSED\"}}]}" });
	assert_int_equal(logs_get_export_task(calls.client, "i", &t, NULL), 1);
	assert_int_equal(t.status, EXPORT_UNKNOWN);
	export_task_release(&t);
}

static int create_task(struct error **err)
{
	const struct export_spec spec = { "n", "g", "b", "p", 0, 1 };
	char *id = NULL;

	return logs_create_export_task(calls.client, &spec, &id, err);
}

static void test_a_task_without_an_id(void **state)
{
	(void)state;
	REFUSE(create_task, { "{}", "has no task id" }, { "{\"taskId\":\"\"}", "has no task id" },
	       { "{\"taskId\":7}", "has no task id" }, { "", "is not JSON" });
}

static int read_role(struct error **err)
{
	struct iam_role role;

	return iam_get_role(calls.client, "r", &role, err);
}

#define ROLE(inside) "<R><GetRoleResult><Role>" inside "</Role></GetRoleResult></R>"
#define NAMED "<RoleName>r</RoleName><Arn>a</Arn>"

static void test_roles(void **state)
{
	cleanup_iam_role struct iam_role role = { 0 };

	(void)state;
	REFUSE(read_role, { "<R/>", "has no GetRoleResult" },
	       { ROLE("<Arn>a</Arn>"), "no role name or ARN" },
	       { ROLE("<RoleName>r</RoleName>"), "no role name or ARN" },
	       { ROLE(NAMED "<AssumeRolePolicyDocument>%4</AssumeRolePolicyDocument>"),
		 "percent-encoded" },
	       { ROLE(NAMED "<AssumeRolePolicyDocument>x</AssumeRolePolicyDocument>"),
		 "not JSON" });
	/* A tag needs both of its halves. */
	REPLIES({ 200,
		  ROLE(NAMED "<Tags><member><Key>k</Key></member><member><Value>v</Value>"
			     "</member><member><Key>a</Key><Value>b</Value></member></Tags>") });
	assert_int_equal(iam_get_role(calls.client, "r", &role, NULL), 1);
	assert_null(role.trust);
	assert_int_equal(json_object_size(role.tags), 1);
	assert_string_equal(json_str(role.tags, "a"), "b");
}

static int read_identity(struct error **err)
{
	struct sts_identity who;

	return sts_get_caller_identity(calls.client, &who, err);
}

#define WHO(inside) "<R><GetCallerIdentityResult>" inside "</GetCallerIdentityResult></R>"

static void test_identity(void **state)
{
	(void)state;
	REFUSE(read_identity, { WHO(""), "no account" },
	       { WHO("<Account>1</Account>"), "no account" },
	       { WHO("<Account>123456789012</Account><Arn>a</Arn>"), "no account" },
	       { WHO("<Account>12345678901</Account><Arn>a</Arn><UserId>u</UserId>"),
		 "no account" },
	       { WHO("<Account>../123456789</Account><Arn>a</Arn><UserId>u</UserId>"),
		 "no account" },
	       { "<html></html>", "has no GetCallerIdentityResult" });
}

/* What a method says that is not in the form which API Gateway has, or says nothing of levels. */
static void test_methods(void **state)
{
	const struct api rest = { API_REST, (char *)"a", (char *)"n" };
	const struct api http = { API_WEBSOCKET, (char *)"a", (char *)"n" };
	cleanup_stages struct stages stages = { 0 };

	(void)state;
	calls_start(NULL);
	REPLIES({ 200, "{\"item\":[{\"stageName\":\"s\",\"methodSettings\":{\"x~y\":"
		       "{\"loggingLevel\":\"INFO\"},\"~1p/GET\":{\"loggingLevel\":\"OFF\"},"
		       "\"~1q/GET\":{}}}]}" });
	assert_int_equal(apigateway_get_stages(calls.client, &rest, &stages, NULL), 0);
	assert_null(stages.v[0].level);
	assert_int_equal(stages.v[0].n_overrides, 2);
	assert_string_equal(stages.v[0].overrides[0].name, "* x~y");
	assert_string_equal(stages.v[0].overrides[0].level, "INFO");
	REPLIES({ 200, "{\"items\":[{\"stageName\":\"s\",\"routeSettings\":{\"a\":{},\"b\":"
		       "{\"loggingLevel\":\"OFF\"},\"c\":{\"loggingLevel\":\"INFO\"}}}]}" });
	assert_int_equal(apigateway_get_stages(calls.client, &http, &stages, NULL), 0);
	assert_int_equal(stages.v[1].n_overrides, 2);
	assert_string_equal(stages.v[1].overrides[1].name, "c");
	assert_string_equal(stages.v[1].overrides[1].level, "INFO");
	REPLIES({ 200, "{\"items\":[{}]}" });
	assert_int_equal(apigateway_get_stages(calls.client, &http, &stages, NULL), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_objects),
		TEST(test_prefixes),
		TEST(test_an_object_that_is_read),
		TEST(test_puts_and_deletes),
		TEST(test_groups_and_tasks),
		TEST(test_a_task_without_an_id),
		TEST(test_roles),
		TEST(test_identity),
		TEST(test_methods),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
