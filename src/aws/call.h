/* SPDX-License-Identifier: MIT */
/* aws_call() with explicit credentials, for the credential chain. */
#ifndef AWS_CALL_H
#define AWS_CALL_H

struct aws_client;
struct aws_request;
struct credentials;
struct error;
struct http_response;

/* What signs the call: the chain's credentials, the ones given, or nothing. */
enum auth { AUTH_CHAIN, AUTH_GIVEN, AUTH_NONE };
int aws_call_as(struct aws_client *c, struct aws_request *req, enum auth auth,
		const struct credentials *given, struct http_response *ret, struct error **err);

#endif
