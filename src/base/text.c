/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/text.h"

#include "base/buf.h"
#include "base/str.h"

static bool is_between(char c, unsigned char low, unsigned char high)
{
	return (unsigned char)c >= low && (unsigned char)c <= high;
}

size_t utf8_length(const char *s)
{
	static const struct {
		unsigned char first, last; /* of the first byte */
		unsigned char low, high;   /* of the second */
		size_t length;
	} forms[] = {
		{ 0xC2, 0xDF, 0x80, 0xBF, 2 }, { 0xE0, 0xE0, 0xA0, 0xBF, 3 },
		{ 0xE1, 0xEC, 0x80, 0xBF, 3 }, { 0xED, 0xED, 0x80, 0x9F, 3 },
		{ 0xEE, 0xEF, 0x80, 0xBF, 3 }, { 0xF0, 0xF0, 0x90, 0xBF, 4 },
		{ 0xF1, 0xF3, 0x80, 0xBF, 4 }, { 0xF4, 0xF4, 0x80, 0x8F, 4 },
	};

	if (is_between(*s, 0, 0x7F))
		return 1;
	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		size_t n = 2;

		if (!is_between(s[0], forms[i].first, forms[i].last) ||
		    !is_between(s[1], forms[i].low, forms[i].high))
			continue;
		while (n < forms[i].length && is_between(s[n], 0x80, 0xBF))
			n++;
		return n == forms[i].length ? n : 0;
	}
	return 0;
}

/* The code point of a character of two or three bytes; 0 for all others. */
static unsigned code_point(const char *s, size_t n)
{
	const unsigned char *u = (const unsigned char *)s;

	if (n == 2)
		return (u[0] & 0x1FU) << 6 | (u[1] & 0x3FU);
	if (n == 3)
		return (u[0] & 0x0FU) << 12 | (u[1] & 0x3FU) << 6 | (u[2] & 0x3FU);
	return 0;
}

/* Source: Unicode Standard Annex #9, 2.1 to 2.6, for what reorders text. */
static bool is_control(unsigned c)
{
	return (c >= 0x80 && c <= 0x9F) || c == 0x061C || c == 0x200E || c == 0x200F ||
	       (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

char *text_escaped(const char *s, bool keep_lines)
{
	struct buf b = BUF_INIT_MAX((size_t)1 << 30);

	for (size_t n; *s; s += n ? n : 1) {
		unsigned char c = (unsigned char)*s;
		bool plain = c == '\t' || (c == '\n' && keep_lines);

		n = utf8_length(s);
		if (is_control(code_point(s, n)))
			buf_addf(&b, "\\u%04X", code_point(s, n));
		else if (n == 0 || (c < ' ' && !plain) || c == 0x7F)
			buf_addf(&b, "\\x%02X", c);
		else
			buf_add(&b, s, n);
	}
	return buf_take(&b);
}

char *text_from_bytes(const char *p, size_t n)
{
	struct buf b = BUF_INIT_MAX(SIZE_MAX / 2);
	const char *end = p + n, *nul;

	for (; (nul = memchr(p, 0, (size_t)(end - p))); p = nul + 1) {
		buf_add(&b, p, (size_t)(nul - p));
		buf_adds(&b, "\\x00");
	}
	buf_add(&b, p, (size_t)(end - p));
	return buf_take(&b);
}
