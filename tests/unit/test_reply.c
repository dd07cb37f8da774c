/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "unit.h"

#include "aws/reply.h"
#include "base/buf.h"
#include "base/xml.h"
#include "net/message.h"

#define XML "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"

static const struct {
	enum aws_protocol protocol;
	const char *header, *value, *body;
	const char *code, *message, *request_id, *region;
} cases[] = {
	/* The header, then code, then Code, then __type. */
	{ PROTOCOL_JSON, "x-amzn-errortype", "a#One:http://x#y", "{\"code\":\"Two\"}", "One" },
	{ PROTOCOL_JSON, "X-Amzn-ErrorType", "", "{\"code\":\"Two\",\"__type\":\"Three\"}", "Two" },
	{ PROTOCOL_REST_JSON, "X-Amzn-ErrorType", ":http://x", "{\"code\":7,\"Code\":\"Two\"}",
	  "Two" },
	{ PROTOCOL_JSON, NULL, NULL, "{\"code\":null,\"__type\":\"a.b#Three\"}", "Three" },
	{ PROTOCOL_JSON, NULL, NULL, "{\"Code\":\"Two\",\"code\":\"One\"}", "One" },
	{ PROTOCOL_JSON, NULL, NULL, "{\"__type\":\"#\"}", NULL },
	{ PROTOCOL_JSON, NULL, NULL, "{\"__type\":\" Three \",\"message\":\"\",\"Message\":\"m\"}",
	  "Three", "m" },
	/* Smithy's awsQueryCompatible. */
	{ PROTOCOL_JSON, "x-amzn-query-error", "Q;Sender", "{\"__type\":\"J\"}", "Q" },
	{ PROTOCOL_JSON, "x-amzn-query-error", "Q", "{\"__type\":\"J\"}", "J" },
	{ PROTOCOL_JSON, "x-amzn-query-error", ";Sender", "{\"__type\":\"J\"}", "J" },
	{ PROTOCOL_JSON, "x-amzn-query-error", "Q;a;b", "{\"__type\":\"J\"}", "J" },
	/* IAM Identity Center speaks OAuth. */
	{ PROTOCOL_REST_JSON, "x-amzn-errortype", "InvalidGrantException",
	  "{\"error\":\"invalid_grant\",\"error_description\":\"gone\"}", "InvalidGrantException",
	  "gone" },
	/* Bodies that do not have the form of the protocol. */
	{ PROTOCOL_JSON, "x-amzn-errortype", "E", "no JSON\n", "E", "no JSON" },
	{ PROTOCOL_REST_JSON, NULL, NULL, "<html>busy</html>", NULL, NULL },
	{ PROTOCOL_JSON, NULL, NULL, "[]", NULL, NULL },
	{ PROTOCOL_JSON, NULL, NULL, "{\"__type\":\"\xff\"}", NULL, NULL },
	{ PROTOCOL_JSON, "x-amzn-requestid", "r-1", "", NULL, NULL, "r-1" },
	/* Query, EC2's kind of it, REST-XML. */
	{ PROTOCOL_QUERY, NULL, NULL,
	  "<ErrorResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><Error><Type>Sender"
	  "</Type><Code>NoSuchEntity</Code><Message>not found</Message></Error>"
	  "<RequestId>r-2</RequestId></ErrorResponse>",
	  "NoSuchEntity", "not found", "r-2" },
	{ PROTOCOL_QUERY, "x-amzn-requestid", "r-3",
	  "<Response><Errors><Error><Code>C</Code><Message/></Error></Errors>"
	  "<RequestID>r-4</RequestID></Response>",
	  "C", NULL, "r-3" },
	{ PROTOCOL_QUERY, NULL, NULL, "<Response><RequestID>r-4</RequestID></Response>", NULL, NULL,
	  "r-4" },
	{ PROTOCOL_QUERY, NULL, NULL, "Service Unavailable", NULL, "Service Unavailable" },
	/* S3. */
	{ PROTOCOL_S3, NULL, NULL,
	  XML "<Error><Code>AuthorizationHeaderMalformed</Code><Message>m</Message>"
	      "<Region>eu-west-1</Region><RequestId>r-5</RequestId></Error>",
	  "AuthorizationHeaderMalformed", "m", "r-5", "eu-west-1" },
	{ PROTOCOL_S3, "x-amz-bucket-region", "eu-west-2",
	  "<Error><Code>PermanentRedirect</Code><Region>eu-west-1</Region></Error>",
	  "PermanentRedirect", NULL, NULL, "eu-west-2" },
	{ PROTOCOL_S3, "x-amz-bucket-region", "eu-west-2", "", NULL, NULL, NULL, "eu-west-2" },
	{ PROTOCOL_S3, "x-amz-request-id", "r-6", "<Error><Code>Slow", NULL, NULL, "r-6" },
	{ PROTOCOL_S3, NULL, NULL, "<!DOCTYPE Error><Error><Code>C</Code></Error>", NULL },
};

static void check(const char *body, const char *what, const char *got, const char *want)
{
	if (!str_eq0(got, want))
		fail_msg("%s of %s: '%s', want '%s'", what, body, got ? got : "(none)",
			 want ? want : "(none)");
}

static void test_decoding(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct http_response reply;
		struct reply_error e;

		http_response_init(&reply);
		reply.status = 400;
		if (cases[i].header)
			http_header_add(&reply.headers, cases[i].header, cases[i].value);
		buf_adds(&reply.body, cases[i].body);
		reply_error_decode(cases[i].protocol, &reply, &e);
		check(cases[i].body, "code", e.code, cases[i].code);
		check(cases[i].body, "message", e.message, cases[i].message);
		check(cases[i].body, "request id", e.request_id, cases[i].request_id);
		check(cases[i].body, "region", e.region, cases[i].region);
		reply_error_release(&e);
		http_response_release(&reply);
	}
}

static bool failure(const char *body)
{
	struct http_response reply;
	struct xml *root = NULL;
	bool ok;

	http_response_init(&reply);
	reply.status = 200;
	buf_adds(&reply.body, body);
	ok = reply_read_xml(&reply, &root);
	assert_int_equal(ok, root != NULL);
	xml_freep(&root);
	http_response_release(&reply);
	return !ok;
}

static void test_failures_that_say_200(void **state)
{
	(void)state;
	assert_true(failure(XML "<Error><Code>InternalError</Code></Error>"));
	assert_true(failure(XML "<ListBucketResult><Name>x</Name>"));
	assert_true(failure(""));
	assert_false(failure(XML "<ListBucketResult><Error/></ListBucketResult>"));
	assert_false(failure("<LocationConstraint/>"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_decoding),
		cmocka_unit_test(test_failures_that_say_200),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
