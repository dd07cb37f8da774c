/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "unit.h"

#include "aws/service/apigateway.h"
#include "aws/service/logs.h"
#include "base/json.h"
#include "setup/bucket_parts.h"
#include "setup/logformat.h"
#include "setup/bucket_parts.h"
#include "setup/policy.h"

/* JSON with ' for ". */
static json_t *parse(const char *text)
{
	cleanup_free char *s = strdup(text);
	json_t *j = NULL;

	for (char *p = s; *p; p++)
		if (*p == '\'')
			*p = '"';
	assert_int_equal(json_parse(s, strlen(s), "test", &j, NULL), 0);
	return j;
}

static bool equal(const char *a, const char *b)
{
	cleanup_json json_t *x = parse(a), *y = parse(b);

	assert_true(policy_statement_equal(x, x) && policy_statement_equal(y, y));
	assert_int_equal(policy_statement_equal(x, y), policy_statement_equal(y, x));
	return policy_statement_equal(x, y);
}

static void test_statements_that_say_the_same(void **state)
{
	(void)state;
	assert_true(equal("{'Sid':'a','Effect':'Allow'}", "{'Effect':'Allow','Sid':'b'}"));
	assert_true(equal("{'Action':'s3:PutObject'}", "{'Action':['S3:putobject']}"));
	assert_true(equal("{'Action':['a','b','a']}", "{'Action':['b','a']}"));
	assert_true(equal("{'Principal':{'Service':['x','y']}}",
			  "{'Principal':{'Service':['y','x']}}"));
	assert_true(equal("{'Condition':{'Bool':{'aws:SecureTransport':'false'}}}",
			  "{'Condition':{'bool':{'AWS:securetransport':[false]}}}"));
	assert_true(equal("{'Effect':'Allow','Condition':{}}", "{'Effect':'Allow'}"));
}

static void test_statements_that_differ(void **state)
{
	(void)state;
	assert_false(equal("{'Effect':'Allow'}", "{'Effect':'Deny'}"));
	assert_false(equal("{'Action':'a'}", "{'NotAction':'a'}"));
	assert_false(equal("{'Resource':'x/A/*'}", "{'Resource':'x/a/*'}"));
	assert_false(equal("{'Resource':['a','b']}", "{'Resource':['a']}"));
	assert_false(equal("{'Principal':{'Service':'x'}}", "{'Principal':{'AWS':'x'}}"));
	assert_false(equal("{'Principal':{'Service':'X'}}", "{'Principal':{'Service':'x'}}"));
	assert_false(equal("{'Condition':{'StringEquals':{'k':'V'}}}",
			   "{'Condition':{'StringEquals':{'k':'v'}}}"));
	assert_false(equal("{'Condition':{'StringEquals':{'k':'v'}}}",
			   "{'Condition':{'StringLike':{'k':'v'}}}"));
	assert_false(equal("{'Effect':'Allow','Condition':{'Null':{'k':'true'}}}",
			   "{'Effect':'Allow'}"));
}

static void merged(const char *document, const char *statement, enum policy_found found,
		   const char *wanted)
{
	cleanup_json json_t *d = parse(document), *s = parse(statement), *w = parse(wanted);

	assert_int_equal(policy_find(d, s), found);
	if (found != POLICY_THERE)
		policy_merge(d, s);
	assert_true(json_equal(d, w));
	assert_int_equal(policy_find(d, s), POLICY_THERE);
}

static void test_merging(void **state)
{
	(void)state;
	merged("{'Version':'2008-10-17','Id':'i','Statement':[{'Sid':'x','Effect':'Deny'}]}",
	       "{'Sid':'o','Effect':'Allow'}", POLICY_ABSENT,
	       "{'Version':'2008-10-17','Id':'i','Statement':[{'Sid':'x','Effect':'Deny'},"
	       "{'Sid':'o','Effect':'Allow'}]}");
	merged("{'Statement':{'Effect':'Deny'}}", "{'Effect':'Allow'}", POLICY_ABSENT,
	       "{'Statement':[{'Effect':'Deny'},{'Effect':'Allow'}]}");
	merged("{'Statement':[{'Sid':'o','Action':'old'},{'Action':'x'}]}",
	       "{'Sid':'o','Action':'new'}", POLICY_OUTDATED,
	       "{'Statement':[{'Sid':'o','Action':'new'},{'Action':'x'}]}");
	/* Their statement grants it already, so ours is not needed, outdated or not. */
	merged("{'Statement':[{'Sid':'o','Action':'old'},{'Action':['new']}]}",
	       "{'Sid':'o','Action':'new'}", POLICY_THERE,
	       "{'Statement':[{'Sid':'o','Action':'old'},{'Action':['new']}]}");
	merged("{}", "{'Effect':'Allow'}", POLICY_ABSENT, "{'Statement':[{'Effect':'Allow'}]}");
}

static void test_documents(void **state)
{
	static const char *const bad[] = { "[]", "{}", "{\"Statement\":1}", "{\"Statement\":[1]}",
					   "{" };
	cleanup_json json_t *fresh = NULL;
	json_t *j;

	(void)state;
	assert_int_equal(policy_parse("", 0, "it", &fresh, NULL), 0);
	assert_string_equal(json_str(fresh, "Version"), "2012-10-17");
	assert_int_equal(json_array_size(json_arr(fresh, "Statement")), 0);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_error(policy_parse(bad[i], strlen(bad[i]), "it", &j, &err), ERR_REFUSED);
}

static bool trusts(const char *document)
{
	cleanup_json json_t *j = parse(document);

	cleanup_free char *conditions = NULL;
	enum policy_trust found = policy_trust(j, "x.amazonaws.com", &conditions);

	assert_int_equal(found == POLICY_TRUST_IF, conditions != NULL);
	return found == POLICY_TRUST;
}

static void test_trust(void **state)
{
	(void)state;
	assert_true(
		trusts("{'Statement':{'Effect':'Allow','Principal':{'Service':'x.amazonaws.com'},"
		       "'Action':'sts:AssumeRole'}}"));
	assert_true(trusts("{'Statement':[{'Effect':'Allow','Principal':{'Service':['y',"
			   "'x.amazonaws.com']},'Action':['sts:TagSession','STS:Assume*']}]}"));
	assert_false(
		trusts("{'Statement':[{'Effect':'Deny','Principal':{'Service':'x.amazonaws.com'},"
		       "'Action':'sts:AssumeRole'}]}"));
	assert_false(trusts("{'Statement':[{'Effect':'Allow','Principal':{'AWS':'x.amazonaws.com'},"
			    "'Action':'sts:AssumeRole'}]}"));
	assert_false(
		trusts("{'Statement':[{'Effect':'Allow','Principal':{'Service':'x.amazonaws.com'},"
		       "'Action':'sts:TagSession'}]}"));
	assert_false(trusts("{'Statement':[{'Effect':'Allow','Principal':'x.amazonaws.com'}]}"));
	assert_true(trusts("{'Statement':[{'Effect':'Allow','Principal':{'Service':"
			   "'x.amazonaws.com'},'Action':'sts:*','Condition':{}}]}"));
}

static void test_trust_under_conditions(void **state)
{
	cleanup_json json_t *j = parse(
		"{'Statement':[{'Effect':'Allow','Principal':{'Service':'x'},'Action':'sts:*',"
		"'Condition':{'StringEquals':{'a:b':'1','c:d':'2'}}},"
		"{'Effect':'Allow','Principal':{'Service':'x'},'Action':'sts:AssumeRole',"
		"'Condition':{'Bool':{'e:f':'true'}}},"
		"{'Effect':'Allow','Principal':{'Service':'y'},'Action':'sts:AssumeRole'}]}");
	cleanup_free char *conditions = NULL, *none = NULL;

	(void)state;
	assert_int_equal(policy_trust(j, "x", &conditions), POLICY_TRUST_IF);
	assert_string_equal(conditions, "StringEquals a:b, StringEquals c:d, Bool e:f");
	assert_int_equal(policy_trust(j, "y", &none), POLICY_TRUST);
	assert_int_equal(policy_trust(j, "z", &none), POLICY_NO_TRUST);
	assert_null(none);
}

static void test_sids_and_partitions(void **state)
{
	cleanup_json json_t *a = export_write_statement("eu-west-1", "1", "b", "p/q");
	cleanup_json json_t *b = export_write_statement("eu-west-1", "1", "b", "p-q");
	cleanup_json json_t *cn = export_acl_statement("cn-north-1", "1", "b");
	const char *sid = json_str(a, "Sid");

	(void)state;
	assert_string_not_equal(sid, json_str(b, "Sid"));
	assert_int_equal(
		strspn(sid, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"),
		strlen(sid));
	assert_string_equal(json_str(a, "Resource"), "arn:aws:s3:::b/p/q/*");
	assert_string_equal(json_str(cn, "Resource"), "arn:aws-cn:s3:::b");
	assert_string_equal(json_str(json_obj(cn, "Principal"), "Service"),
			    "logs.cn-north-1.amazonaws.com.cn");
}

static void test_formats(void **state)
{
	(void)state;
	for (enum api_protocol p = API_REST; p <= API_WEBSOCKET; p++)
		for (size_t i = 0; log_format_styles[i]; i++) {
			cleanup_free char *f = log_format(p, log_format_styles[i]);

			assert_null(log_format_problem(f));
			assert_non_null(strstr(f, "$context.requestId"));
			/* API Gateway accepts up to 3 KB. */
			assert_true(strlen(f) < 3072);
			if (str_eq(log_format_styles[i], "json")) {
				cleanup_json json_t *j = parse(f);

				assert_string_equal(json_str(j, "ip"),
						    "$context.identity.sourceIp");
			}
		}
	assert_non_null(log_format_problem(""));
	assert_non_null(log_format_problem("$context.status"));
	assert_non_null(log_format_problem("$context.requestId\nx"));
}

static void test_retentions(void **state)
{
	(void)state;
	assert_true(logs_retention_is_valid(1) && logs_retention_is_valid(3653));
	assert_false(logs_retention_is_valid(0) || logs_retention_is_valid(2));
	assert_int_equal(logs_retention_nearest(31), 30);
	assert_int_equal(logs_retention_nearest(0), 1);
	assert_int_equal(logs_retention_nearest(2), 3);
	assert_int_equal(logs_retention_nearest(99999), 3653);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_statements_that_say_the_same),
		cmocka_unit_test(test_statements_that_differ),
		cmocka_unit_test(test_merging),
		cmocka_unit_test(test_documents),
		cmocka_unit_test(test_trust),
		cmocka_unit_test(test_trust_under_conditions),
		cmocka_unit_test(test_sids_and_partitions),
		cmocka_unit_test(test_formats),
		cmocka_unit_test(test_retentions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
