/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

/* Shared by all empty buffers and never written to: their cap is 0. */
char buf_empty[1] = "";

void buf_init(struct buf *b, size_t max)
{
	*b = BUF_INIT_MAX(max);
}

static void free_data(struct buf *b)
{
	if (b->cap && b->secret)
		explicit_bzero(b->data, b->cap);
	if (b->cap)
		free(b->data);
}

static void forget(struct buf *b)
{
	*b = (struct buf){ .data = buf_empty, .max = b->max, .secret = b->secret };
}

void buf_release(struct buf *b)
{
	free_data(b);
	forget(b);
}

void buf_clear(struct buf *b)
{
	b->len = 0;
	b->full = false;
	if (b->cap)
		b->data[0] = '\0';
}

static void grow(struct buf *b, size_t cap)
{
	char *data;

	if (!b->secret) {
		b->data = xrealloc(b->cap ? b->data : NULL, cap);
	} else { /* realloc(3) would leave a copy behind when it moves the bytes */
		data = xmalloc(cap);
		memcpy(data, b->data, b->len);
		free_data(b);
		b->data = data;
	}
	b->cap = cap;
}

bool buf_reserve(struct buf *b, size_t n)
{
	size_t need, cap;

	if (b->full || n > b->max || b->len > b->max - n) {
		b->full = true;
		return false;
	}
	need = b->len + n + 1;
	if (need <= b->cap)
		return true;
	cap = b->cap ? b->cap : 64;
	while (cap < need)
		cap += cap / 2;
	if (cap - 1 > b->max)
		cap = b->max + 1;
	grow(b, cap);
	b->data[b->len] = '\0';
	return true;
}

void buf_add(struct buf *b, const void *p, size_t n)
{
	if (n == 0 || !buf_reserve(b, n))
		return;
	memcpy(b->data + b->len, p, n);
	b->len += n;
	b->data[b->len] = '\0';
}

void buf_adds(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void buf_addc(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}

void buf_vaddf(struct buf *b, const char *fmt, va_list ap)
{
	va_list again;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	if (n > 0 && buf_reserve(b, (size_t)n)) {
		vsnprintf(b->data + b->len, (size_t)n + 1, fmt, again);
		b->len += (size_t)n;
	}
	va_end(again);
}

void buf_addf(struct buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(b, fmt, ap);
	va_end(ap);
}

/* RFC 3986, 2.3: ALPHA DIGIT - . _ ~ */
static const unsigned char unreserved[256] = {
	['0' ... '9'] = 1, ['A' ... 'Z'] = 1, ['a' ... 'z'] = 1, ['-'] = 1,
	['.'] = 1,         ['_'] = 1,         ['~'] = 1,
};

void buf_add_uri(struct buf *b, const void *p, size_t n, bool keep_slash)
{
	static const char digits[] = "0123456789ABCDEF";
	const unsigned char *s = p, *end = s + n;

	while (s < end) {
		const unsigned char *run = s;

		while (s < end && (unreserved[*s] || (keep_slash && *s == '/')))
			s++;
		buf_add(b, run, (size_t)(s - run));
		if (s < end) {
			buf_add(b, (char[]){ '%', digits[*s >> 4], digits[*s & 15] }, 3);
			s++;
		}
	}
}

void buf_add_hex(struct buf *b, const void *p, size_t n)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *s = p;

	if (n > b->max / 2 || !buf_reserve(b, 2 * n)) {
		b->full = true;
		return;
	}
	for (size_t i = 0; i < n; i++) {
		b->data[b->len++] = digits[s[i] >> 4];
		b->data[b->len++] = digits[s[i] & 15];
	}
	b->data[b->len] = '\0';
}

bool buf_full(const struct buf *b)
{
	return b->full;
}

char *buf_take(struct buf *b)
{
	char *s = b->cap ? b->data : xstrdup("");

	forget(b);
	return s;
}
