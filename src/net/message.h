/* SPDX-License-Identifier: MIT */
/* An HTTP request and its reply, as http.h sends and receives them. */
#ifndef NET_MESSAGE_H
#define NET_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/cleanup.h"

struct error;

struct http_header {
	char *name, *value;
};
struct http_headers {
	struct http_header *v;
	size_t n;
};

/* The first of that name (any case), or NULL. */
const char *http_header_get(const struct http_headers *h, const char *name);
/* Adds one more; http_header_set replaces all of that name, where the first was. Copies both strings. */
void http_header_add(struct http_headers *h, const char *name, const char *value);
void http_header_set(struct http_headers *h, const char *name, const char *value);
void http_header_remove(struct http_headers *h, const char *name);
void http_headers_release(struct http_headers *h);

/*
 * Takes the body of a 2xx reply as it arrives; anything but 0 stops the transfer, with *err
 * set.
 */
typedef int http_sink(void *data, const char *p, size_t n, struct error **err);

struct http_request {
	const char *method;          /* borrowed */
	char *origin;                /* "https://host" or "http://host:port", no slash at the end */
	struct buf path;             /* percent-encoded as it is sent; begins with '/' */
	struct buf query;            /* the same; no '?' */
	struct http_headers headers; /* without Host, which comes from origin */
	const void *body;            /* borrowed */
	size_t body_len;
	http_sink *sink; /* NULL: the body goes to http_response.body */
	void *sink_data;
	size_t response_max; /* bytes of body kept; 0: HTTP_RESPONSE_MAX */
	int64_t timeout_ms;  /* for the whole exchange; 0: only the stall time-out */
	/*
	 * libcurl resends a request by itself when a kept-alive connection breaks before the reply.
	 * A call that must not be sent twice needs a new connection.
	 */
	bool fresh_connection;
};

#define HTTP_RESPONSE_MAX ((size_t)64 << 20)
#define HTTP_HEADERS_MAX ((size_t)256 << 10)

void http_request_init(struct http_request *r, const char *method);
void http_request_release(struct http_request *r);
/* Appends "name=value", both percent-encoded; value NULL means "name=". */
void http_query_add(struct http_request *r, const char *name, const char *value);
#define cleanup_http_request cleanup(http_request_release)

/* Why there is no whole reply. */
enum http_failure {
	HTTP_OK = 0,
	HTTP_CONNECT,   /* no connection: the request was not sent */
	HTTP_TIMEOUT,   /* connecting took too long, or the transfer stalled */
	HTTP_BROKEN,    /* the connection broke, or the reply was cut short or is not HTTP */
	HTTP_TOO_LARGE, /* the reply exceeded a limit */
	HTTP_TLS,       /* the peer could not be verified, or no TLS could be agreed on */
	HTTP_SINK,      /* the sink stopped it */
	HTTP_STOPPED,   /* env_stopped() */
};

struct http_response {
	int status; /* 0 if none arrived */
	enum http_failure failure;
	struct http_headers headers;
	struct buf body;     /* what the sink did not take */
	uint64_t body_bytes; /* all of the body that arrived, the sink's part included */
};
void http_response_init(struct http_response *r);
void http_response_release(struct http_response *r);
#define cleanup_http_response cleanup(http_response_release)
/*
 * Parses a line of a reply's head, including its CRLF: "HTTP/1.1 200 OK", "name: value", or
 * the empty line, at which *whole becomes true. A status line begins a new reply, since the
 * one before was an interim one or a proxy's; a header may also come after the body. Other
 * lines are ignored.
 */
void http_head_line(struct http_response *r, const char *p, size_t n, bool *whole);

#endif
