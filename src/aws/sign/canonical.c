/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "aws/sign/canonical.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/xalloc.h"
#include "net/message.h"

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
	/* Kept from one request to the next, so not GROW(). */
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

static size_t segment_length(const char *s, size_t len)
{
	const char *slash = memchr(s, '/', len);

	return slash ? (size_t)(slash - s) : len;
}

/*
 * Removes "." and ".." segments, and also doubled slashes, as AWS requires. Unlike in RFC
 * 3986, 5.2.4, a dot segment at the end leaves no slash: so do the SDKs, and AWS agrees.
 */
static void normalize_path(const char *path, size_t len, struct buf *out)
{
	size_t start_len = out->len;

	for (size_t i = 0, n; i < len; i += n) {
		n = segment_length(path + i, len - i);
		if (n == 2 && memcmp(path + i, "..", 2) == 0) {
			while (out->len > start_len && out->data[--out->len] != '/')
				;
			if (out->cap)
				out->data[out->len] = '\0';
		} else if (n > 1 || (n == 1 && path[i] != '.')) {
			buf_addc(out, '/');
			buf_add(out, path + i, n);
		}
		n++;
	}
	if (out->len == start_len || (len && path[len - 1] == '/'))
		buf_addc(out, '/');
}

/* The byte that the escape at s encodes, or -1 if there is no escape. */
static int escaped_byte(const char *s, const char *end)
{
	int high, low;

	if (end - s < 3 || *s != '%')
		return -1;
	high = str_hex_digit(s[1]);
	low = str_hex_digit(s[2]);
	return high < 0 || low < 0 ? -1 : high << 4 | low;
}

/*
 * Encodes what is not encoded yet. An escape is kept, or (respell) written in the canonical
 * form.
 */
static void encode_rest(const char *s, size_t len, bool keep_slash, bool respell, struct buf *out)
{
	const char *end = s + len;

	while (s < end) {
		const char *run = s;
		int byte = -1;

		while ((s = memchr(s, '%', (size_t)(end - s))) && (byte = escaped_byte(s, end)) < 0)
			s++;
		if (!s)
			s = end;
		buf_add_uri(out, run, (size_t)(s - run), keep_slash);
		if (s == end)
			break;
		if (respell)
			buf_add_uri(out, &(char){ (char)byte }, 1, false);
		else
			buf_add(out, s, 3);
		s += 3;
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
		encode_rest(path, len, true, false, out);
	else
		buf_add_uri(out, path, len, true);
}

/* All spellings of a value are signed alike. */
static size_t add_encoded(struct buf *out, const char *s, size_t n)
{
	size_t before = out->len;

	encode_rest(s, n, false, true, out);
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

/* Headers that proxies and HTTP libraries change or add: the SDKs' list. */
static bool is_unsigned(const char *name)
{
	static const char *const names[] = {
		"authorization",
		"baggage",
		"connection",
		"expect",
		"keep-alive",
		"proxy-authenticate",
		"proxy-authorization",
		"te",
		"traceparent",
		"tracestate",
		"trailer",
		"transfer-encoding",
		"upgrade",
		"user-agent",
		"x-amzn-trace-id",
	};

	if (str_starts_nocase(name, "x-amz-")) /* most are */
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if ((*name | 32) == *names[i] && str_eq_nocase(name, names[i]))
			return true;
	return false;
}

static bool is_space(char ch)
{
	return ch == ' ' || (ch >= '\t' && ch <= '\r');
}

/* Both ends trimmed, white space inside as one space. No longer than s; returns out's end. */
static char *fold(const char *s, char *out)
{
	char *start_out = out;

	for (; *s; s++) {
		if (!is_space(*s))
			*out++ = *s;
		else if (out > start_out && out[-1] != ' ')
			*out++ = ' ';
	}
	return out > start_out && out[-1] == ' ' ? out - 1 : out;
}

/* Every header of every request passes here, so it writes in place. */
static void add_header(struct canonical *c, const char *name, const char *value)
{
	struct canonical_pair *p = add_pair(c);
	size_t n = strlen(name);
	char *out;

	if (!buf_reserve(&c->text, n + strlen(value)))
		return;
	out = c->text.data + c->text.len;
	for (size_t i = 0; i < n; i++)
		out[i] = (char)(name[i] >= 'A' && name[i] <= 'Z' ? name[i] | 32 : name[i]);
	p->name_len = n;
	p->value = p->name + n;
	p->value_len = (size_t)(fold(value, out + n) - (out + n));
	c->text.len += n + p->value_len;
	c->text.data[c->text.len] = '\0';
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
	const char *text = c->text.data;
	char *at;

	/* Each pair as it is, followed by ':' or ',' and a newline. */
	if (!buf_reserve(out, c->text.len + 2 * c->n + 1))
		return;
	at = out->data + out->len;
	for (size_t i = 0; i < c->n; i++) {
		const struct canonical_pair *p = &c->pairs[i];

		if (i && same_name(c, i, i - 1)) {
			*at++ = ',';
		} else {
			if (i)
				*at++ = '\n';
			at = mempcpy(at, text + p->name, p->name_len);
			*at++ = ':';
		}
		at = mempcpy(at, text + p->value, p->value_len);
	}
	*at++ = '\n';
	*at = '\0';
	out->len = (size_t)(at - out->data);
}

void canonical_headers_names(const struct canonical *c, struct buf *out)
{
	char *at;

	if (!buf_reserve(out, c->text.len + c->n))
		return;
	at = out->data + out->len;
	for (size_t i = 0; i < c->n; i++) {
		if (i && same_name(c, i, i - 1))
			continue;
		if (i)
			*at++ = ';';
		at = mempcpy(at, c->text.data + c->pairs[i].name, c->pairs[i].name_len);
	}
	*at = '\0';
	out->len = (size_t)(at - out->data);
}
