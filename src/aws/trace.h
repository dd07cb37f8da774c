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
 * Nothing happens where the session has no trace. token: the session token that signs the
 * request, or NULL; it is shown nowhere.
 */
void trace_request(struct aws_session *s, const struct aws_request *req,
		   const struct http_request *wire, const char *token, int attempt);
void trace_reply(struct aws_session *s, const struct aws_request *req,
		 const struct http_response *reply, const char *token, const struct error *err);

#endif
