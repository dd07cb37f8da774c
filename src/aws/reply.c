/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "aws/reply.h"

#include <string.h>

#include "base/json.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "base/xml.h"
#include "net/message.h"

/* The length up to which a body in another format is shown as the message. */
#define PLAIN_TEXT_MAX 512

const char *reply_request_id(const struct http_response *reply)
{
	static const char *const names[] = { "x-amzn-requestid", "x-amz-request-id",
					     "x-amzn-request-id" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const char *id = http_header_get(&reply->headers, names[i]);

		if (!str_empty(id))
			return id;
	}
	return NULL;
}

/* A copy of s[0..n) without white space at its ends; NULL where nothing is left. */
static char *trimmed(const char *s, size_t n)
{
	cleanup_free char *copy = xstrndup(s, n);
	const char *inner = str_trim(copy);

	return *inner ? xstrdup(inner) : NULL;
}

static char *copy_text(const char *s)
{
	return str_empty(s) ? NULL : xstrdup(s);
}

/* "aws.protocoltests#FooError:http://internal.amazon.com/coral/" is FooError. */
static char *short_code(const char *s)
{
	size_t n = s ? strcspn(s, ":") : 0;
	const char *hash = n ? memrchr(s, '#', n) : NULL;

	if (hash) {
		n -= (size_t)(hash + 1 - s);
		s = hash + 1;
	}
	return n ? trimmed(s, n) : NULL;
}

/* Smithy's awsQueryCompatible trait: "AWS.SimpleQueueService.NonExistentQueue;Sender". */
static char *query_compatible_code(const struct http_response *reply)
{
	const char *s = http_header_get(&reply->headers, "x-amzn-query-error");
	const char *semicolon = s ? strchr(s, ';') : NULL;

	if (!semicolon || strchr(semicolon + 1, ';'))
		return NULL;
	return trimmed(s, (size_t)(semicolon - s));
}

static char *json_code(enum aws_protocol protocol, const struct http_response *reply,
		       const json_t *body)
{
	const char *const places[] = {
		http_header_get(&reply->headers, "X-Amzn-Errortype"),
		json_str(body, "code"),
		json_str(body, "Code"),
		json_str(body, "__type"),
	};
	char *code = protocol == PROTOCOL_JSON ? query_compatible_code(reply) : NULL;

	for (size_t i = 0; !code && i < ARRAY_SIZE(places); i++)
		code = short_code(places[i]);
	return code;
}

static char *json_message(const json_t *body)
{
	/* error_description is OAuth's (RFC 6749, 5.2), which IAM Identity Center uses. */
	static const char *const keys[] = { "message", "Message", "errorMessage",
					    "error_description" };

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		const char *s = json_str(body, keys[i]);

		if (!str_empty(s))
			return xstrdup(s);
	}
	return NULL;
}

/*
 * The few plain words that a proxy or load balancer may answer with. Mark-up is of no use
 * to the user.
 */
static char *plain_text(const struct buf *body)
{
	if (!body->len || body->len > PLAIN_TEXT_MAX || body->data[0] == '<')
		return NULL;
	for (size_t i = 0; i < body->len; i++) {
		unsigned char c = (unsigned char)body->data[i];

		if (c >= 0x7f || (c < 0x20 && !strchr("\t\r\n", c)) || c == '\0')
			return NULL;
	}
	return trimmed(body->data, body->len);
}

static void decode_json(enum aws_protocol protocol, const struct http_response *reply,
			struct reply_error *ret)
{
	cleanup_json json_t *body = NULL;

	if (json_parse(reply->body.data, reply->body.len, "error", &body, NULL) < 0)
		ret->message = plain_text(&reply->body);
	else
		ret->message = json_message(body);
	ret->code = json_code(protocol, reply, body);
}

/*
 * S3 has <Error> as the root, Query and REST-XML have <ErrorResponse><Error>,
 * EC2's kind of Query has <Response><Errors><Error>.
 */
static const struct xml *xml_error(const struct xml *root)
{
	const struct xml *error;

	if (str_eq(root->name, "Error"))
		return root;
	error = xml_child(root, "Error");
	return error ? error : xml_path(root, "Errors/Error");
}

static const char *first_text(const struct xml *x, const char *const names[])
{
	for (; *names; names++) {
		const char *s = xml_text(x, *names);

		if (!str_empty(s))
			return s;
	}
	return NULL;
}

static void decode_xml(const struct http_response *reply, struct reply_error *ret)
{
	static const char *const message[] = { "Message", "message", NULL };
	static const char *const id[] = { "RequestId", "RequestID", "requestId", NULL };
	cleanup_xml struct xml *root = NULL;
	const struct xml *error;
	const char *s;

	if (xml_parse(reply->body.data, reply->body.len, "error", &root, NULL) < 0) {
		ret->message = plain_text(&reply->body);
		return;
	}
	if (!ret->request_id)
		ret->request_id = copy_text(first_text(root, id));
	error = xml_error(root);
	if (!error)
		return;
	ret->code = (s = xml_text(error, "Code")) ? short_code(s) : NULL;
	ret->message = copy_text(first_text(error, message));
	if (!ret->request_id)
		ret->request_id = copy_text(first_text(error, id));
	if (!ret->region)
		ret->region = copy_text(xml_text(error, "Region"));
}

void reply_error_decode(enum aws_protocol protocol, const struct http_response *reply,
			struct reply_error *ret)
{
	*ret = (struct reply_error){
		.request_id = copy_text(reply_request_id(reply)),
		.region = copy_text(http_header_get(&reply->headers, "x-amz-bucket-region")),
	};
	switch (protocol) {
	case PROTOCOL_JSON:
	case PROTOCOL_REST_JSON:
		decode_json(protocol, reply, ret);
		break;
	case PROTOCOL_QUERY:
	case PROTOCOL_S3:
		decode_xml(reply, ret);
		break;
	}
}

void reply_error_release(struct reply_error *e)
{
	free(e->code);
	free(e->message);
	free(e->request_id);
	free(e->region);
	*e = (struct reply_error){ 0 };
}

bool reply_read_xml(const struct http_response *reply, struct xml **ret)
{
	cleanup_xml struct xml *root = NULL;

	if (xml_parse(reply->body.data, reply->body.len, "reply", &root, NULL) < 0 ||
	    str_eq(root->name, "Error"))
		return false;
	*ret = TAKE(root);
	return true;
}
