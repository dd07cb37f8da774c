/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "aws/refusal.h"

#include <string.h>

#include "aws/reply.h"
#include "aws/request.h"
#include "base/str.h"
#include "base/xalloc.h"

/* What to do where an error code is about the credentials, whatever the call was. */
static const char *credentials_hint(const char *code)
{
	static const struct {
		const char *code, *hint;
	} hints[] = {
		{ "ExpiredToken",
		  "renew the session, for instance with 'aws sso login', and run it again" },
		{ "ExpiredTokenException",
		  "renew the session, for instance with 'aws sso login', and run it again" },
		{ "InvalidAccessKeyId",
		  "AWS does not know this access key: check AWS_ACCESS_KEY_ID or the profile" },
		{ "UnrecognizedClientException", "AWS does not know this access key or token: "
						 "check AWS_ACCESS_KEY_ID or the profile" },
		{ "InvalidClientTokenId", "AWS does not know this access key or token: check "
					  "AWS_ACCESS_KEY_ID or the profile" },
		{ "InvalidToken",
		  "the session token does not belong to the access key: check AWS_SESSION_TOKEN" },
		{ "SignatureDoesNotMatch", "the secret access key is not that of the access key "
					   "id: check AWS_SECRET_ACCESS_KEY or the profile" },
		{ "InvalidSignatureException",
		  "the secret access key is not that of the access key id: check "
		  "AWS_SECRET_ACCESS_KEY or the profile" },
		{ "RequestTimeTooSkewed", "correct this machine's clock" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(hints); i++)
		if (str_eq(code, hints[i].code))
			return hints[i].hint;
	return NULL;
}

/* Where IAM's name of the permission is not that of the operation. */
static char *permission_of(const struct aws_request *req)
{
	static const struct {
		const char *operation, *permission;
	} names[] = {
		{ "HeadBucket", "ListBucket" },
		{ "ListObjectsV2", "ListBucket" },
		{ "HeadObject", "GetObject" },
		{ "GetPublicAccessBlock", "GetBucketPublicAccessBlock" },
		{ "PutPublicAccessBlock", "PutBucketPublicAccessBlock" },
		{ "GetBucketEncryption", "GetEncryptionConfiguration" },
		{ "PutBucketEncryption", "PutEncryptionConfiguration" },
		{ "GetBucketLifecycleConfiguration", "GetLifecycleConfiguration" },
		{ "PutBucketLifecycleConfiguration", "PutLifecycleConfiguration" },
		{ "DeleteBucketLifecycle", "PutLifecycleConfiguration" },
		{ "GetObjectLockConfiguration", "GetBucketObjectLockConfiguration" },
		{ "PutObjectLockConfiguration", "PutBucketObjectLockConfiguration" },
	};
	const char *name = req->operation;

	if (req->service == AWS_APIGATEWAY)
		name = req->http.method;
	for (size_t i = 0; req->service == AWS_S3 && i < ARRAY_SIZE(names); i++)
		if (str_eq(req->operation, names[i].operation))
			name = names[i].permission;
	return xasprintf("%s:%s", aws_service_info(req->service)->name, name);
}

/* A call may need more than its own permission: IAM says which one is missing. */
static char *missing_permission(const struct aws_request *req, const char *message)
{
	static const char words[] = "not authorized to perform: ";
	const char *at = message ? strstr(message, words) : NULL;
	size_t n;

	if (!at)
		return permission_of(req);
	at += strlen(words);
	n = strspn(at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:-");
	return memchr(at, ':', n) ? xstrndup(at, n) : permission_of(req);
}

static void add_code(struct error *err, const struct aws_request *req, const char *code)
{
	const char *hint = credentials_hint(code);
	cleanup_free char *permission = NULL;

	err->aws_code = xstrdup(code);
	err->credentials = hint != NULL;
	if (hint)
		err_hint(&err, "%s", hint);
	if (!str_starts(code, "AccessDenied"))
		return;
	permission = missing_permission(req, err->aws_message);
	err_hint(&err, "the caller needs the permission %s, and no policy on the way may deny it",
		 permission);
}

void refusal_set(struct error **err, enum err_kind kind, const struct aws_request *req,
		 const struct http_response *reply, const struct reply_error *e)
{
	const char *service = aws_service_info(req->service)->name;
	cleanup_free char *message = xstrdup(e->message ? e->message : "");
	char *said = str_trim(message);
	size_t n;

	/* After its first line, SignatureDoesNotMatch quotes what it would have signed. */
	said[strcspn(said, "\r\n")] = '\0';
	n = strlen(said);
	while (n && said[n - 1] == '.')
		said[--n] = '\0';
	for (char *p = said; *p; p++)
		if ((unsigned char)*p < ' ')
			*p = ' ';
	if (n)
		err_set(err, kind, "%s:%s: %.1000s", service, req->operation, said);
	else if (reply->status == 200)
		err_set(err, kind, "%s:%s: the XML of the reply is cut off or broken", service,
			req->operation);
	else
		err_set(err, kind, "%s:%s: AWS answered with status %d", service, req->operation,
			reply->status);
	(*err)->http_status = reply->status;
	(*err)->aws_message = n ? xstrdup(said) : NULL;
	(*err)->request_id = xstrdup(e->request_id ? e->request_id : reply_request_id(reply));
	if (e->code)
		add_code(*err, req, e->code);
}
