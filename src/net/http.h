/* SPDX-License-Identifier: MIT */
/*
 * Sends an HTTP request and receives the reply (message.h). libcurl is the real
 * transport; tests pass in others. Nothing here knows about AWS.
 *
 *	cleanup_http_request struct http_request req = { 0 };
 *	cleanup_http_response struct http_response reply = { 0 };
 *
 *	http_request_init(&req, "GET");
 *	http_response_init(&reply);
 *	req.origin = xstrdup("https://example.com");
 *	buf_adds(&req.path, "/");
 *	http_query_add(&req, "name", "any text");
 *	if (http_send(transport, &req, &reply, err) < 0)
 *		return -1;
 *	... reply.status, http_header_get(&reply.headers, "etag"), reply.body
 */
#ifndef NET_HTTP_H
#define NET_HTTP_H

#include <stdint.h>

#include "base/cleanup.h"
#include "net/message.h"

struct env;
struct error;

/*
 * Sends one request and waits for the whole reply; any status is a success. Redirects
 * are not followed. On -1, ret->failure says which kind of failure it is, and status
 * and headers may be set. ret must be fresh from http_response_init().
 */
struct http_transport {
	int (*send)(struct http_transport *t, const struct http_request *req,
		    struct http_response *ret, struct error **err);
	void (*free)(struct http_transport *t);
};
static inline int http_send(struct http_transport *t, const struct http_request *req,
			    struct http_response *ret, struct error **err)
{
	return t->send(t, req, ret, err);
}
void http_transport_free(struct http_transport *t);
DEFINE_CLEANUP(struct http_transport *, http_transport_free)

struct http_options {
	int64_t connect_timeout_ms; /* DNS, TCP and TLS together */
	int64_t read_timeout_ms;    /* a transfer without a byte for this long has stalled */
	/* A PEM file, or a folder as c_rehash makes it; NULL: the system's store. Borrowed. */
	const char *ca_bundle;
	const char *user_agent; /* borrowed */
	const struct env *env;  /* env_stopped() ends a transfer; borrowed */
};
/* Over libcurl, with connections kept alive. Not for concurrent use: each worker has its own. */
struct http_transport *http_curl_new(const struct http_options *opts);
/* "libcurl/8.1 OpenSSL/3.0", for --version. Borrowed. */
const char *http_engine(void);

#endif
