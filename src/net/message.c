/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "net/message.h"

const char *http_header_get(const struct http_headers *h, const char *name)
{
	for (size_t i = 0; i < h->n; i++)
		if (str_eq_nocase(h->v[i].name, name))
			return h->v[i].value;
	return NULL;
}

void http_header_add(struct http_headers *h, const char *name, const char *value)
{
	GROW(h->v, h->n);
	h->v[h->n++] = (struct http_header){ xstrdup(name), xstrdup(value) };
}

static void header_release(struct http_header *h)
{
	secret_free(h->value); /* some hold a signature or a session token */
	free(h->name);
}

/* Removes those of that name from index i on. */
static void remove_from(struct http_headers *h, size_t i, const char *name)
{
	size_t kept = i;

	for (; i < h->n; i++) {
		if (str_eq_nocase(h->v[i].name, name))
			header_release(&h->v[i]);
		else
			h->v[kept++] = h->v[i];
	}
	h->n = kept;
}

void http_header_remove(struct http_headers *h, const char *name)
{
	remove_from(h, 0, name);
}

/*
 * A signer replaces its headers at each attempt: a value of the same length needs no
 * allocation.
 */
static void replace_value(struct http_header *h, const char *value)
{
	size_t n = strlen(value);

	if (strlen(h->value) == n) {
		memcpy(h->value, value, n);
		return;
	}
	secret_free(h->value);
	h->value = xstrdup(value);
}

void http_header_set(struct http_headers *h, const char *name, const char *value)
{
	for (size_t i = 0; i < h->n; i++)
		if (str_eq_nocase(h->v[i].name, name)) {
			replace_value(&h->v[i], value);
			remove_from(h, i + 1, name);
			return;
		}
	http_header_add(h, name, value);
}

void http_headers_release(struct http_headers *h)
{
	for (size_t i = 0; i < h->n; i++)
		header_release(&h->v[i]);
	free(h->v);
	*h = (struct http_headers){ 0 };
}

void http_request_init(struct http_request *r, const char *method)
{
	*r = (struct http_request){ .method = method, .path = BUF_INIT, .query = BUF_INIT };
}

void http_request_release(struct http_request *r)
{
	free(r->origin);
	buf_release(&r->path);
	buf_release(&r->query);
	http_headers_release(&r->headers);
	http_request_init(r, r->method);
}

void http_query_add(struct http_request *r, const char *name, const char *value)
{
	if (r->query.len)
		buf_addc(&r->query, '&');
	buf_add_uri(&r->query, name, strlen(name), false);
	buf_addc(&r->query, '=');
	if (value)
		buf_add_uri(&r->query, value, strlen(value), false);
}

void http_response_init(struct http_response *r)
{
	/* It may hold credentials. */
	*r = (struct http_response){ .body = BUF_SECRET_MAX(HTTP_RESPONSE_MAX) };
}

void http_response_release(struct http_response *r)
{
	http_headers_release(&r->headers);
	buf_release(&r->body);
	http_response_init(r);
}

/* "HTTP/1.1 200 OK" */
static int status_of(const char *line)
{
	const char *space = strchr(line, ' ');
	int64_t status = 0;

	if (space && str_is_digits(space + 1, 3)) {
		cleanup_free char *digits = xstrndup(space + 1, 3);

		str_to_int64(digits, 100, 999, &status);
	}
	return (int)status;
}

void http_head_line(struct http_response *r, const char *p, size_t n, bool *whole)
{
	cleanup_free char *line = xstrndup(p, n);
	char *colon = strchr(line, ':');

	if (line[0] == '\r' || line[0] == '\n') {
		*whole = true;
	} else if (str_starts(line, "HTTP/")) {
		http_headers_release(&r->headers);
		r->status = status_of(line);
		*whole = false;
	} else if (colon) {
		*colon = '\0';
		http_header_add(&r->headers, str_trim(line), str_trim(colon + 1));
	}
}
