/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "setup/logformat.h"

#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "base/xalloc.h"

const char *const log_format_styles[] = { "json", "clf", "csv", "xml", NULL };

/* Which kinds of API have a variable: a bit for each api_protocol. */
#define REST (1u << API_REST)
#define HTTP (1u << API_HTTP)
#define WEBSOCKET (1u << API_WEBSOCKET)
#define ALL (REST | HTTP | WEBSOCKET)

static const struct field {
	unsigned apis;
	const char *name, *variable;
} fields[] = {
	{ ALL, "requestId", "requestId" },
	{ ALL, "extendedRequestId", "extendedRequestId" },
	{ ALL, "ip", "identity.sourceIp" },
	{ REST | WEBSOCKET, "caller", "identity.caller" },
	{ REST | WEBSOCKET, "user", "identity.user" },
	{ ALL, "requestTime", "requestTime" },
	{ ALL, "requestTimeEpoch", "requestTimeEpoch" },
	{ REST | HTTP, "httpMethod", "httpMethod" },
	{ WEBSOCKET, "eventType", "eventType" },
	{ REST, "resourcePath", "resourcePath" },
	{ HTTP | WEBSOCKET, "routeKey", "routeKey" },
	{ WEBSOCKET, "connectionId", "connectionId" },
	{ WEBSOCKET, "messageId", "messageId" },
	{ REST | HTTP, "path", "path" },
	{ REST | HTTP, "protocol", "protocol" },
	{ ALL, "status", "status" },
	{ REST | HTTP, "responseLength", "responseLength" },
	{ REST | HTTP, "responseLatency", "responseLatency" },
	{ ALL, "integrationLatency", "integration.latency" },
	{ ALL, "integrationStatus", "integration.status" },
	{ ALL, "errorType", "error.responseType" },
	{ ALL, "errorMessage", "error.message" },
	{ ALL, "integrationError", "integration.error" },
};

/* NCSA's common log format, with the request ids at its end. */
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

/* All JSON values are quoted, because API Gateway writes '-' for a missing one. */
static void add_field(struct buf *b, const char *style, const struct field *f, bool first)
{
	if (str_eq(style, "csv"))
		buf_addf(b, "%s$context.%s", first ? "" : ",", f->variable);
	else if (str_eq(style, "json"))
		buf_addf(b, "%s\"%s\":\"$context.%s\"", first ? "{" : ",", f->name, f->variable);
	else if (first)
		buf_addf(b, "<request id=\"$context.%s\">", f->variable);
	else
		buf_addf(b, "<%s>$context.%s</%s>", f->name, f->variable, f->name);
}

char *log_format(enum api_protocol protocol, const char *style)
{
	struct buf b = BUF_INIT;

	if (str_eq(style, "clf"))
		return xstrdup(clf_of[protocol]);
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
		if (fields[i].apis & 1u << protocol)
			add_field(&b, style, &fields[i], i == 0);
	buf_adds(&b, str_eq(style, "json") ? "}" : str_eq(style, "xml") ? "</request>" : "");
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

/* Those with '*' stand for any name of the API's own. */
static const char *const variables[] = { "accountId",
					 "apiId",
					 "authenticate.error",
					 "authenticate.latency",
					 "authenticate.status",
					 "authorize.error",
					 "authorize.latency",
					 "authorize.status",
					 "authorizer.*",
					 "awsEndpointRequestId",
					 "awsEndpointRequestId2",
					 "cipherSuite",
					 "connectedAt",
					 "connectionId",
					 "customDomain.basePathMatched",
					 "customDomain.routingRuleIdMatched",
					 "dataProcessed",
					 "deploymentId",
					 "disconnectReason",
					 "disconnectStatusCode",
					 "domainName",
					 "domainPrefix",
					 "endpointType",
					 "error.message",
					 "error.messageString",
					 "error.responseType",
					 "error.validationErrorString",
					 "eventType",
					 "extendedRequestId",
					 "httpMethod",
					 "identity.accountId",
					 "identity.apiKey",
					 "identity.apiKeyId",
					 "identity.caller",
					 "identity.clientCert.clientCertPem",
					 "identity.clientCert.issuerDN",
					 "identity.clientCert.serialNumber",
					 "identity.clientCert.subjectDN",
					 "identity.clientCert.validity.notAfter",
					 "identity.clientCert.validity.notBefore",
					 "identity.cognitoAuthenticationProvider",
					 "identity.cognitoAuthenticationType",
					 "identity.cognitoIdentityId",
					 "identity.cognitoIdentityPoolId",
					 "identity.principalOrgId",
					 "identity.sourceIp",
					 "identity.user",
					 "identity.userAgent",
					 "identity.userArn",
					 "identity.vpcId",
					 "identity.vpceId",
					 "integration.error",
					 "integration.integrationStatus",
					 "integration.latency",
					 "integration.requestId",
					 "integration.status",
					 "integrationErrorMessage",
					 "integrationLatency",
					 "integrationStatus",
					 "isCanaryRequest",
					 "messageDirection",
					 "messageId",
					 "path",
					 "protocol",
					 "requestId",
					 "requestOverride.*",
					 "requestTime",
					 "requestTimeEpoch",
					 "resourceId",
					 "resourcePath",
					 "responseLatency",
					 "responseLength",
					 "responseOverride.*",
					 "routeKey",
					 "stage",
					 "status",
					 "tlsVersion",
					 "waf.error",
					 "waf.latency",
					 "waf.status",
					 "wafResponseCode",
					 "webaclArn",
					 "xrayTraceId",
					 NULL };

static bool is_known(const char *variable)
{
	for (size_t i = 0; variables[i]; i++)
		if (str_glob(variables[i], variable))
			return true;
	return false;
}

/* Without a full stop at its end, which belongs to the text. Caller frees. */
static char *variable_at(const char *text)
{
	size_t n =
		strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-");

	while (n && strchr(".-", text[n - 1]))
		n--;
	return xstrndup(text, n);
}

void log_format_unknown(const char *format, struct strv *ret)
{
	static const char begin[] = "$context.";

	for (const char *at = format; (at = strstr(at, begin));) {
		cleanup_free char *variable = variable_at(at + strlen(begin));

		if (!is_known(variable) && !strv_has(ret, variable))
			strv_add(ret, variable);
		at += strlen(begin);
	}
}

const char *log_format_nearest(const char *variable)
{
	return str_nearest(variable, variables);
}
