/* SPDX-License-Identifier: MIT */
/* A call with the credentials of one's choice: the inside of aws_call(), which see. */
#ifndef AWS_CALL_H
#define AWS_CALL_H

struct aws_client;
struct aws_request;
struct credentials;
struct error;
struct http_response;

/* Who signs: the chain's credentials, those given, or nobody. */
enum auth { AUTH_CHAIN, AUTH_GIVEN, AUTH_NONE };
int aws_call_as(struct aws_client *c, struct aws_request *req, enum auth auth,
		const struct credentials *given, struct http_response *ret, struct error **err);

#endif
