/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "aws/canonical.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/xalloc.h"
#include "net/http.h"

void canonical_release(struct canonical *c)
{
	buf_release(&c->text);
	free(c->pairs);
	c->pairs = NULL;
	c->n = c->cap = 0;
}

static void start(struct canonical *c)
{
	buf_clear(&c->text);
	c->n = 0;
}

static struct canonical_pair *add_pair(struct canonical *c)
{
	if (c->n == c->cap) {
		c->cap = c->cap ? 2 * c->cap : 16;
		c->pairs = xreallocarray(c->pairs, c->cap, sizeof(*c->pairs));
	}
	c->pairs[c->n] = (struct canonical_pair){ .name = c->text.len, .order = c->n };
	return &c->pairs[c->n++];
}

static int compare_bytes(const char *a, size_t a_len, const char *b, size_t b_len)
{
	size_t n = a_len < b_len ? a_len : b_len;
	int d = memcmp(a, b, n);

	return d ? d : (a_len > b_len) - (a_len < b_len);
}

static bool same_name(const struct canonical *c, size_t i, size_t j)
{
	const struct canonical_pair *a = &c->pairs[i], *b = &c->pairs[j];

	return a->name_len == b->name_len &&
	       memcmp(c->text.data + a->name, c->text.data + b->name, a->name_len) == 0;
}

/* Insertion sort: there are a dozen pairs, and most are in order already. */
static void sort(struct canonical *c, bool by_value)
{
	const char *t = c->text.data;

	for (size_t i = 1; i < c->n; i++) {
		struct canonical_pair p = c->pairs[i];
		size_t j = i;

		for (; j > 0; j--) {
			const struct canonical_pair *q = &c->pairs[j - 1];
			int d = compare_bytes(t + q->name, q->name_len, t + p.name, p.name_len);

			if (d == 0 && by_value)
				d = compare_bytes(t + q->value, q->value_len, t + p.value,
						  p.value_len);
			if (d <= 0)
				break;
			c->pairs[j] = *q;
		}
		c->pairs[j] = p;
	}
}

/* Removes "." and ".." segments and doubled slashes: RFC 3986, 5.2.4, and then some. */
static void normalize_path(const char *path, size_t len, struct buf *out)
{
	size_t start_len = out->len;
	bool trailing = true;

	for (size_t i = 0; i < len;) {
		size_t n = 0;

		while (i < len && path[i] == '/')
			i++;
		while (i + n < len && path[i + n] != '/')
			n++;
		trailing = i + n < len || n == 0;
		if (n == 2 && memcmp(path + i, "..", 2) == 0) {
			while (out->len > start_len && out->data[--out->len] != '/')
				;
			out->data[out->len] = '\0';
			trailing = true;
		} else if (n == 1 && path[i] == '.') {
			trailing = true;
		} else if (n) {
			buf_addc(out, '/');
			buf_add(out, path + i, n);
		}
		i += n;
	}
	if (trailing || out->len == start_len)
		buf_addc(out, '/');
}

static bool is_escape(const char *s, const char *end)
{
	return end - s >= 3 && s[0] == '%' && strchr("0123456789abcdefABCDEF", s[1]) &&
	       strchr("0123456789abcdefABCDEF", s[2]) && s[1] && s[2];
}

/* Encodes what is not encoded yet. */
static void encode_rest(const char *s, size_t len, struct buf *out)
{
	const char *end = s + len;

	while (s < end) {
		const char *run = s;

		while (s < end && !is_escape(s, end))
			s++;
		buf_add_uri(out, run, (size_t)(s - run), true);
		if (s < end) {
			buf_add(out, s, 3);
			s += 3;
		}
	}
}

void canonical_path(const char *path, size_t len, bool single, bool normalize, struct buf *out)
{
	cleanup_buf struct buf normal = BUF_INIT;

	if (len == 1 && path[0] == '/') {
		buf_addc(out, '/');
		return;
	}
	if (normalize) {
		normalize_path(path, len, &normal);
		path = normal.data;
		len = normal.len;
	}
	if (single)
		encode_rest(path, len, out);
	else
		buf_add_uri(out, path, len, true);
}

/* Decoded and encoded again, so that every spelling of a value signs alike. */
static size_t add_encoded(struct buf *out, const char *s, size_t n)
{
	size_t before = out->len;
	cleanup_free char *plain = NULL;

	if (memchr(s, '%', n) && str_uri_decode(s, n, &plain))
		buf_add_uri(out, plain, strlen(plain), false);
	else
		buf_add_uri(out, s, n, false);
	return out->len - before;
}

void canonical_query(struct canonical *c, const char *query, size_t len, struct buf *out)
{
	const char *end = query + len;

	start(c);
	for (const char *p = query; p < end;) {
		const char *amp = memchr(p, '&', (size_t)(end - p));
		const char *stop = amp ? amp : end;
		const char *eq = memchr(p, '=', (size_t)(stop - p));

		if (stop > p) {
			struct canonical_pair *pair = add_pair(c);
			const char *name_end = eq ? eq : stop;

			pair->name_len = add_encoded(&c->text, p, (size_t)(name_end - p));
			pair->value = c->text.len;
			if (eq)
				pair->value_len =
					add_encoded(&c->text, eq + 1, (size_t)(stop - eq - 1));
		}
		p = stop + 1;
	}
	sort(c, true);
	for (size_t i = 0; i < c->n; i++) {
		if (i)
			buf_addc(out, '&');
		buf_add(out, c->text.data + c->pairs[i].name, c->pairs[i].name_len);
		buf_addc(out, '=');
		buf_add(out, c->text.data + c->pairs[i].value, c->pairs[i].value_len);
	}
}

/* What proxies and HTTP libraries change or add on the way, as the SDKs have it. */
static bool is_unsigned(const char *name)
{
	static const char *const names[] = { "authorization", "connection", "expect",
					     "transfer-encoding", "user-agent",
					     "x-amzn-trace-id" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (str_eq_nocase(name, names[i]))
			return true;
	return false;
}

static bool is_space(char ch)
{
	return ch == ' ' || (ch >= '\t' && ch <= '\r');
}

static void add_folded(struct buf *out, const char *s)
{
	bool gap = false, any = false;

	while (*s) {
		const char *run = s;

		while (*s && !is_space(*s))
			s++;
		if (s > run) {
			if (gap && any)
				buf_addc(out, ' ');
			buf_add(out, run, (size_t)(s - run));
			any = true;
			gap = false;
		}
		while (is_space(*s)) {
			gap = true;
			s++;
		}
	}
}

static void add_header(struct canonical *c, const char *name, const char *value)
{
	struct canonical_pair *p = add_pair(c);

	buf_adds(&c->text, name);
	p->name_len = c->text.len - p->name;
	str_lower(c->text.data + p->name);
	p->value = c->text.len;
	add_folded(&c->text, value);
	p->value_len = c->text.len - p->value;
}

void canonical_headers_collect(struct canonical *c, const struct http_request *req)
{
	const char *host = strstr(req->origin, "://");

	start(c);
	add_header(c, "host", host ? host + 3 : req->origin);
	for (size_t i = 0; i < req->headers.n; i++)
		if (!is_unsigned(req->headers.v[i].name))
			add_header(c, req->headers.v[i].name, req->headers.v[i].value);
	sort(c, false);
}

void canonical_headers_add(const struct canonical *c, struct buf *out)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct canonical_pair *p = &c->pairs[i];

		if (i && same_name(c, i, i - 1)) {
			buf_addc(out, ',');
		} else {
			if (i)
				buf_addc(out, '\n');
			buf_add(out, c->text.data + p->name, p->name_len);
			buf_addc(out, ':');
		}
		buf_add(out, c->text.data + p->value, p->value_len);
	}
	buf_addc(out, '\n');
}

void canonical_headers_names(const struct canonical *c, struct buf *out)
{
	for (size_t i = 0; i < c->n; i++) {
		if (i && same_name(c, i, i - 1))
			continue;
		if (i)
			buf_addc(out, ';');
		buf_add(out, c->text.data + c->pairs[i].name, c->pairs[i].name_len);
	}
}
