/* SPDX-License-Identifier: MIT */
/* What -vv shows of a request and its reply, without the secrets in them. */
#ifndef AWS_TRACE_H
#define AWS_TRACE_H

struct aws_request;
struct aws_session;
struct error;
struct http_request;
struct http_response;

/*
 * These do nothing if the session has no trace. token: the session token of the request, or
 * NULL; it is never shown.
 */
void trace_request(struct aws_session *s, const struct aws_request *req,
		   const struct http_request *wire, const char *token, int attempt);
void trace_reply(struct aws_session *s, const struct aws_request *req,
		 const struct http_response *reply, const char *token, const struct error *err);

#endif
