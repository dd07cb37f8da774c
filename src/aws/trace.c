/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "aws/trace.h"

#include <string.h>

#include "aws/session.h"
#include "base/error.h"
#include "base/str.h"

#define BODY_SHOWN 2048

/* One exchange. */
struct tracer {
	struct aws_session *session;
	char mark;         /* '>' or '<' */
	const char *token; /* the session token, or NULL */
	struct buf line;
};

static void tracer_release(struct tracer *t)
{
	buf_release(&t->line);
}

/*
 * Adds the first max of n bytes with the token hidden: a peer may quote what it received,
 * as SignatureDoesNotMatch does. The search goes past the end, since half a token is
 * secret, too.
 */
static void add_shown(struct buf *b, const char *p, size_t n, size_t max, const char *token)
{
	const char *end = p + (n < max ? n : max);
	size_t len = token ? strlen(token) : 0;

	while (p < end) {
		size_t left = (size_t)(end - p);
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

/* All lines are printed here, so that the token is hidden wherever it is quoted. */
static void put(struct tracer *t)
{
	cleanup_buf struct buf shown = BUF_INIT;

	buf_addf(&shown, "%c ", t->mark);
	add_shown(&shown, t->line.data, t->line.len, t->line.len, t->token);
	t->session->trace(t->session->trace_data, shown.data);
	buf_clear(&t->line);
}

static bool is_secret_header(const char *name)
{
	return str_eq_nocase(name, "authorization") ||
	       str_eq_nocase(name, "x-amz-security-token") ||
	       str_eq_nocase(name, "x-amz-sso_bearer_token") || str_eq_nocase(name, "dpop") ||
	       str_eq_nocase(name, "set-cookie");
}

static void headers(struct tracer *t, const struct http_headers *h)
{
	for (size_t i = 0; i < h->n; i++) {
		const char *value = is_secret_header(h->v[i].name) ? "(hidden)" : h->v[i].value;

		buf_addf(&t->line, "%s: %s", h->v[i].name, value);
		put(t);
	}
}

static void body(struct tracer *t, enum aws_service service, const char *p, size_t n)
{
	if (n == 0)
		return;
	if (aws_service_info(service)->secret_bodies) {
		buf_addf(&t->line, "(%zu bytes, hidden)", n);
	} else {
		add_shown(&t->line, p, n, BODY_SHOWN, t->token);
		if (n > BODY_SHOWN)
			buf_addf(&t->line, "… (%zu bytes)", n);
	}
	put(t);
}

void trace_request(struct aws_session *s, const struct aws_request *req,
		   const struct http_request *wire, const char *token, int attempt)
{
	cleanup(tracer_release) struct tracer t = { s, '>', token, BUF_INIT };

	if (!s->trace)
		return;
	buf_addf(&t.line, "%s:%s", aws_service_info(req->service)->name, req->operation);
	if (attempt > 1)
		buf_addf(&t.line, " (attempt %d)", attempt);
	put(&t);
	buf_addf(&t.line, "%s %s%s%s%s", wire->method, wire->origin, wire->path.data,
		 wire->query.len ? "?" : "", wire->query.data);
	put(&t);
	headers(&t, &wire->headers);
	body(&t, req->service, wire->body, wire->body_len);
}

void trace_reply(struct aws_session *s, const struct aws_request *req,
		 const struct http_response *reply, const char *token, const struct error *err)
{
	cleanup(tracer_release) struct tracer t = { s, '<', token, BUF_INIT };

	if (!s->trace)
		return;
	if (reply->failure != HTTP_OK) {
		buf_adds(&t.line, err ? err->msg : "no reply");
		put(&t);
		return;
	}
	buf_addf(&t.line, "%d, %llu bytes", reply->status, (unsigned long long)reply->body_bytes);
	put(&t);
	headers(&t, &reply->headers);
	body(&t, req->service, reply->body.data, reply->body.len);
}
