/* SPDX-License-Identifier: MIT */
/*
 * Requests to endpoints that are not AWS service endpoints: container, instance metadata,
 * sign-in.
 */
#ifndef AWS_CRED_FETCH_H
#define AWS_CRED_FETCH_H

#include <stdbool.h>
#include <stdint.h>

struct cred_context;
struct error;
struct http_request;
struct http_response;

struct fetch {
	const char *what; /* names the endpoint in errors: "instance metadata" */
	int attempts;
	bool patient;       /* also try again where there is no connection */
	int64_t timeout_ms; /* of one attempt */
};
/*
 * Sends the request until the reply is not 429 or 5xx, or the attempts are used up; any
 * status is a success. ret is fresh from http_response_init().
 */
int cred_fetch(const struct cred_context *ctx, const struct fetch *f, struct http_request *req,
	       struct http_response *ret, struct error **err);
/* Splits an absolute URL into req's origin, path and query. */
int cred_set_url(struct http_request *req, const char *url, struct error **err);
/* True if text can be the value of a header: not empty, no control characters. */
bool cred_header_ok(const char *text);

#endif
