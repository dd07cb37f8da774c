/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "setup/logformat.h"

#include <string.h>

#include "base/buf.h"
#include "base/str.h"

const char *const log_format_styles[] = { "json", "clf", "csv", "xml", NULL };

struct field {
	const char *name, *variable;
};

#define ID                                                                                         \
	{ "requestId", "requestId" },                                                              \
	{                                                                                          \
		"extendedRequestId", "extendedRequestId"                                           \
	}
#define IP                                                                                         \
	{                                                                                          \
		"ip", "identity.sourceIp"                                                          \
	}
#define WHEN                                                                                       \
	{ "requestTime", "requestTime" },                                                          \
	{                                                                                          \
		"requestTimeEpoch", "requestTimeEpoch"                                             \
	}
#define USER                                                                                       \
	{ "caller", "identity.caller" },                                                           \
	{                                                                                          \
		"user", "identity.user"                                                            \
	}

static const struct field rest_fields[] = {
	ID,
	IP,
	USER,
	WHEN,
	{ "httpMethod", "httpMethod" },
	{ "resourcePath", "resourcePath" },
	{ "path", "path" },
	{ "protocol", "protocol" },
	{ "status", "status" },
	{ "responseLength", "responseLength" },
	{ "responseLatency", "responseLatency" },
	{ "integrationLatency", "integration.latency" },
	{ "integrationStatus", "integration.status" },
	{ "errorType", "error.responseType" },
	{ "errorMessage", "error.message" },
	{ "integrationError", "integration.error" },
	{ NULL, NULL },
};

static const struct field http_fields[] = {
	ID,
	IP,
	WHEN,
	{ "httpMethod", "httpMethod" },
	{ "routeKey", "routeKey" },
	{ "path", "path" },
	{ "protocol", "protocol" },
	{ "status", "status" },
	{ "responseLength", "responseLength" },
	{ "responseLatency", "responseLatency" },
	{ "integrationLatency", "integration.latency" },
	{ "integrationStatus", "integration.status" },
	{ "errorType", "error.responseType" },
	{ "errorMessage", "error.message" },
	{ "integrationError", "integration.error" },
	{ NULL, NULL },
};

static const struct field websocket_fields[] = {
	ID,
	IP,
	USER,
	WHEN,
	{ "eventType", "eventType" },
	{ "routeKey", "routeKey" },
	{ "connectionId", "connectionId" },
	{ "messageId", "messageId" },
	{ "status", "status" },
	{ "integrationLatency", "integration.latency" },
	{ "integrationStatus", "integration.status" },
	{ "errorType", "error.responseType" },
	{ "errorMessage", "error.message" },
	{ "integrationError", "integration.error" },
	{ NULL, NULL },
};

static const struct field *const fields_of[] = {
	[API_REST] = rest_fields,
	[API_HTTP] = http_fields,
	[API_WEBSOCKET] = websocket_fields,
};

/* NCSA's common log format, with the request's id at its end. */
static const char *const clf_of[] = {
	[API_REST] = "$context.identity.sourceIp $context.identity.caller $context.identity.user "
		     "[$context.requestTime] \"$context.httpMethod $context.resourcePath "
		     "$context.protocol\" $context.status $context.responseLength "
		     "$context.requestId $context.extendedRequestId",
	[API_HTTP] = "$context.identity.sourceIp - - [$context.requestTime] \"$context.httpMethod "
		     "$context.path $context.protocol\" $context.status $context.responseLength "
		     "$context.requestId $context.extendedRequestId",
	[API_WEBSOCKET] = "$context.identity.sourceIp $context.identity.caller "
			  "$context.identity.user [$context.requestTime] \"$context.eventType "
			  "$context.routeKey $context.connectionId\" $context.status - "
			  "$context.requestId $context.extendedRequestId",
};

/* All values are in quotes: where there is none, API Gateway writes a '-'. */
static void add_json(struct buf *b, const struct field *f)
{
	buf_addc(b, '{');
	for (const char *comma = ""; f->name; f++, comma = ",")
		buf_addf(b, "%s\"%s\":\"$context.%s\"", comma, f->name, f->variable);
	buf_addc(b, '}');
}

static void add_csv(struct buf *b, const struct field *f)
{
	for (const char *comma = ""; f->name; f++, comma = ",")
		buf_addf(b, "%s$context.%s", comma, f->variable);
}

static void add_xml(struct buf *b, const struct field *f)
{
	buf_addf(b, "<request id=\"$context.%s\">", f->variable);
	for (f++; f->name; f++)
		buf_addf(b, "<%s>$context.%s</%s>", f->name, f->variable, f->name);
	buf_adds(b, "</request>");
}

char *log_format(enum api_protocol protocol, const char *style)
{
	const struct field *fields = fields_of[protocol];
	struct buf b = BUF_INIT;

	if (str_eq(style, "clf"))
		buf_adds(&b, clf_of[protocol]);
	else if (str_eq(style, "csv"))
		add_csv(&b, fields);
	else if (str_eq(style, "xml"))
		add_xml(&b, fields);
	else
		add_json(&b, fields);
	return buf_take(&b);
}

const char *log_format_problem(const char *format)
{
	if (!*format)
		return "it is empty";
	if (strpbrk(format, "\r\n"))
		return "it has more than one line";
	if (!strstr(format, "$context.requestId") && !strstr(format, "$context.extendedRequestId"))
		return "it lacks $context.requestId";
	return NULL;
}
