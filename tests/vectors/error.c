/* SPDX-License-Identifier: MIT */
/*
 * vectors/error FILE: holds reply_error_decode() against error replies.
 *
 * FILE is a list of { protocol, id, service_metadata { protocol }, response
 * { status_code, headers, body }, expected_code, expected_message } and, where
 * a case has them, expected_request_id and expected_region.
 */
#include "config.h"

#include "aws/reply.h"

#include "base/json.h"
#include "base/str.h"
#include "net/message.h"
#include "runner.h"

static bool protocol_by_name(const char *name, enum aws_protocol *ret)
{
	static const struct {
		const char *name;
		enum aws_protocol protocol;
	} table[] = {
		{ "json", PROTOCOL_JSON },   { "rest-json", PROTOCOL_REST_JSON },
		{ "query", PROTOCOL_QUERY }, { "ec2", PROTOCOL_QUERY },
		{ "s3", PROTOCOL_S3 },       { "rest-xml", PROTOCOL_S3 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		if (str_eq0(table[i].name, name)) {
			*ret = table[i].protocol;
			return true;
		}
	return false;
}

/* The case's own protocol may be finer, such as "json_1_0-query-compatible". */
static const char *protocol_name(const json_t *vector)
{
	const char *name = json_str(json_obj(vector, "service_metadata"), "protocol");

	return name ? name : json_str(vector, "protocol");
}

static void read_response(const json_t *from, struct http_response *ret)
{
	json_t *headers = json_object_get(from, "headers"), *value;
	const json_t *body = json_object_get(from, "body");
	const char *name;

	ret->status = (int)json_int(from, "status_code", 0);
	json_object_foreach(headers, name, value)
		if (json_is_string(value))
			http_header_add(&ret->headers, name, json_string_value(value));
	buf_add(&ret->body, json_string_value(body), json_string_length(body));
}

/* "" and nothing are the same for a reader. */
static bool same(const char *got, const char *want)
{
	return str_eq0(str_empty(got) ? NULL : got, str_empty(want) ? NULL : want);
}

static bool check(const json_t *vector, const char *id, const char *key, const char *got)
{
	const char *want = json_str(vector, key);

	if (same(got, want))
		return true;
	runner_fail(id, "%s: got '%s', want '%s'", key, got ? got : "(none)",
		    want ? want : "(none)");
	return false;
}

static void run_case(const json_t *vector)
{
	const char *id = json_str(vector, "id");
	enum aws_protocol protocol;
	struct http_response reply;
	struct reply_error e;
	bool ok;

	if (!protocol_by_name(protocol_name(vector), &protocol)) {
		runner_skip(id, "none of our protocols");
		return;
	}
	http_response_init(&reply);
	read_response(json_obj(vector, "response"), &reply);
	reply_error_decode(protocol, &reply, &e);
	ok = check(vector, id, "expected_code", e.code);
	/*
	 * null says that the error's own model has no message, not that the reply
	 * has none: see rest-xml's ComplexError.
	 */
	if (ok && json_str(vector, "expected_message"))
		ok = check(vector, id, "expected_message", e.message);
	if (ok && json_str(vector, "expected_request_id"))
		ok = check(vector, id, "expected_request_id", e.request_id);
	if (ok && json_str(vector, "expected_region"))
		ok = check(vector, id, "expected_region", e.region);
	if (ok)
		runner_pass(id);
	reply_error_release(&e);
	http_response_release(&reply);
}

int main(int argc, char **argv)
{
	return runner_main(argc, argv, NULL, run_case);
}
