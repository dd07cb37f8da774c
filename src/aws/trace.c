/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "aws/trace.h"

#include <string.h>

#include "aws/session.h"
#include "base/error.h"
#include "base/str.h"

#define BODY_SHOWN 2048

static void line(struct aws_session *s, struct buf *b)
{
	s->trace(s->trace_data, b->data);
	buf_clear(b);
}

/* Replies and requests of these services hold credentials. */
static bool is_secret_body(enum aws_service service)
{
	return service == AWS_STS || service == AWS_SSO || service == AWS_SSO_OIDC;
}

static bool is_secret_header(const char *name)
{
	return str_eq_nocase(name, "authorization") ||
	       str_eq_nocase(name, "x-amz-security-token") ||
	       str_eq_nocase(name, "x-amz-sso_bearer_token") || str_eq_nocase(name, "dpop") ||
	       str_eq_nocase(name, "set-cookie");
}

static void headers(struct aws_session *s, struct buf *b, char mark, const struct http_headers *h)
{
	for (size_t i = 0; i < h->n; i++) {
		const char *value = is_secret_header(h->v[i].name) ? "(hidden)" : h->v[i].value;

		buf_addf(b, "%c %s: %s", mark, h->v[i].name, value);
		line(s, b);
	}
}

/* The beginning of a body. SignatureDoesNotMatch quotes the headers that it got, the token too. */
static void add_shown(struct buf *b, const char *p, size_t n, const char *token)
{
	const char *end = p + (n < BODY_SHOWN ? n : BODY_SHOWN);
	size_t len = token ? strlen(token) : 0;

	while (p < end) {
		size_t left = (size_t)(end - p);
		/* Looked for beyond the end: half a token is a secret, too. */
		const char *at =
			len ? memmem(p, left + len < n ? left + len : n, token, len) : NULL;

		buf_add(b, p, at && at < end ? (size_t)(at - p) : left);
		if (!at || at >= end)
			return;
		buf_adds(b, "(hidden)");
		n -= (size_t)(at - p) + len;
		p = at + len;
	}
}

static void body(struct aws_session *s, struct buf *b, char mark, enum aws_service service,
		 const char *p, size_t n, const char *token)
{
	if (n == 0)
		return;
	if (is_secret_body(service)) {
		buf_addf(b, "%c (%zu bytes, hidden)", mark, n);
	} else {
		buf_addf(b, "%c ", mark);
		add_shown(b, p, n, token);
		if (n > BODY_SHOWN)
			buf_addf(b, "… (%zu bytes)", n);
	}
	line(s, b);
}

void trace_request(struct aws_session *s, const struct aws_request *req,
		   const struct http_request *wire, int attempt)
{
	cleanup_buf struct buf b = BUF_INIT;

	if (!s->trace)
		return;
	buf_addf(&b, "> %s:%s", aws_service_info(req->service)->name, req->operation);
	if (attempt > 1)
		buf_addf(&b, " (attempt %d)", attempt);
	line(s, &b);
	buf_addf(&b, "> %s %s%s%s%s", wire->method, wire->origin, wire->path.data,
		 wire->query.len ? "?" : "", wire->query.data);
	line(s, &b);
	headers(s, &b, '>', &wire->headers);
	body(s, &b, '>', req->service, wire->body, wire->body_len, NULL);
}

void trace_reply(struct aws_session *s, const struct aws_request *req,
		 const struct http_response *reply, const char *token, const struct error *err)
{
	cleanup_buf struct buf b = BUF_INIT;

	if (!s->trace)
		return;
	if (reply->failure != HTTP_OK) {
		buf_addf(&b, "< %s", err ? err->msg : "no reply");
		line(s, &b);
		return;
	}
	buf_addf(&b, "< %d, %llu bytes", reply->status, (unsigned long long)reply->body_bytes);
	line(s, &b);
	headers(s, &b, '<', &reply->headers);
	body(s, &b, '<', req->service, reply->body.data, reply->body.len, token);
}
