/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "read/field.h"

#include <stdint.h>
#include <string.h>

#include "base/str.h"

/* What is left of a line. */
struct cursor {
	const char *p, *end;
};

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void skip_space(struct cursor *c)
{
	while (c->p < c->end && is_space(*c->p))
		c->p++;
}

static bool skip_char(struct cursor *c, char want)
{
	if (c->p == c->end || *c->p != want)
		return false;
	c->p++;
	return true;
}

/* From the quote that opens it past the one that closes it. */
static bool skip_string(struct cursor *c)
{
	const char *p = c->p, *end = c->end;

	if (p == end || *p++ != '"')
		return false;
	while (p < end && *p != '"')
		p += *p == '\\' ? 2 : 1;
	if (p >= end)
		return false;
	c->p = p + 1;
	return true;
}

/* An object or array is skipped by its brackets alone. */
static bool skip_nested(struct cursor *c)
{
	size_t depth = 0;

	while (c->p < c->end) {
		char ch = *c->p;

		if (ch == '"') {
			if (!skip_string(c))
				return false;
			continue;
		}
		c->p++;
		if (ch == '{' || ch == '[')
			depth++;
		else if ((ch == '}' || ch == ']') && --depth == 0)
			return true;
	}
	return false;
}

static bool skip_value(struct cursor *c)
{
	const char *begin = c->p;

	if (c->p == c->end)
		return false;
	if (*c->p == '"')
		return skip_string(c);
	if (*c->p == '{' || *c->p == '[')
		return skip_nested(c);
	while (c->p < c->end && *c->p != ',' && *c->p != '}' && *c->p != ']' && !is_space(*c->p))
		c->p++;
	return c->p > begin;
}

/* The value of a member of the object that begins at c. */
static bool find_member(struct cursor c, const char *name, size_t n, struct cursor *ret)
{
	if (!skip_char(&c, '{'))
		return false;
	for (;;) {
		const char *key, *value;
		size_t len;

		skip_space(&c);
		key = c.p;
		if (!skip_string(&c))
			return false;
		len = (size_t)(c.p - key) - 2;
		skip_space(&c);
		if (!skip_char(&c, ':'))
			return false;
		skip_space(&c);
		value = c.p;
		if (!skip_value(&c))
			return false;
		if (len == n && memcmp(key + 1, name, n) == 0) {
			*ret = (struct cursor){ value, c.p };
			return true;
		}
		skip_space(&c);
		if (!skip_char(&c, ','))
			return false;
	}
}

/* A name with dots is that of a member, or of one in a member. */
static bool find_path(struct cursor c, const char *name, struct cursor *ret)
{
	struct cursor inner;

	if (find_member(c, name, strlen(name), ret))
		return true;
	for (const char *dot = strchr(name, '.'); dot; dot = strchr(dot + 1, '.'))
		if (find_member(c, name, (size_t)(dot - name), &inner) &&
		    find_path(inner, dot + 1, ret))
			return true;
	return false;
}

static void add_utf8(struct buf *b, uint32_t c)
{
	if (c < 0x80) {
		buf_addc(b, (char)c);
	} else if (c < 0x800) {
		buf_addc(b, (char)(0xc0 | c >> 6));
		buf_addc(b, (char)(0x80 | (c & 0x3f)));
	} else if (c < 0x10000) {
		buf_addc(b, (char)(0xe0 | c >> 12));
		buf_addc(b, (char)(0x80 | (c >> 6 & 0x3f)));
		buf_addc(b, (char)(0x80 | (c & 0x3f)));
	} else {
		buf_addc(b, (char)(0xf0 | c >> 18));
		buf_addc(b, (char)(0x80 | (c >> 12 & 0x3f)));
		buf_addc(b, (char)(0x80 | (c >> 6 & 0x3f)));
		buf_addc(b, (char)(0x80 | (c & 0x3f)));
	}
}

static bool read_hex4(struct cursor *c, uint32_t *ret)
{
	uint32_t value = 0;

	for (int i = 0; i < 4; i++, c->p++) {
		int digit = c->p < c->end ? str_hex_digit(*c->p) : -1;

		if (digit < 0)
			return false;
		value = value << 4 | (uint32_t)digit;
	}
	*ret = value;
	return true;
}

/* Behind "\u". */
static bool read_unicode(struct cursor *c, uint32_t *ret)
{
	uint32_t high, low;

	if (!read_hex4(c, &high))
		return false;
	if (high < 0xd800 || high > 0xdfff) {
		*ret = high;
		return true;
	}
	if (high > 0xdbff || !skip_char(c, '\\') || !skip_char(c, 'u') || !read_hex4(c, &low) ||
	    low < 0xdc00 || low > 0xdfff)
		return false;
	*ret = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
	return true;
}

/* What is between the quotes. */
static bool add_unescaped(struct buf *b, struct cursor c)
{
	static const char letters[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";

	while (c.p < c.end) {
		const char *at = memchr(c.p, '\\', (size_t)(c.end - c.p));
		uint32_t code;

		buf_add(b, c.p, (size_t)((at ? at : c.end) - c.p));
		if (!at)
			return true;
		c.p = at + 1;
		if (c.p == c.end)
			return false;
		if (*c.p == 'u') {
			c.p++;
			if (!read_unicode(&c, &code))
				return false;
			add_utf8(b, code);
			continue;
		}
		at = *c.p ? strchr(letters, *c.p++) : NULL;
		if (!at)
			return false;
		buf_addc(b, values[at - letters]);
	}
	return true;
}

static bool get_json(struct cursor line, const char *name, struct buf *ret)
{
	struct cursor v;

	if (!find_path(line, name, &v))
		return false;
	if (*v.p == '"')
		return add_unescaped(ret, (struct cursor){ v.p + 1, v.end - 1 });
	buf_add(ret, v.p, (size_t)(v.end - v.p));
	return true;
}

/* The text up to the next `end`, which c is behind then. */
static bool take_until(struct cursor *c, const char *end, struct cursor *ret)
{
	const char *p = memmem(c->p, (size_t)(c->end - c->p), end, strlen(end));

	if (!p)
		return false;
	*ret = (struct cursor){ c->p, p };
	c->p = p + strlen(end);
	return true;
}

/* <request id="…"><name>value</name>…: API Gateway escapes nothing in the values. */
static bool get_xml(struct cursor line, const char *name, struct buf *ret)
{
	cleanup_buf struct buf open = BUF_INIT, close = BUF_INIT;
	struct cursor v;

	buf_addf(&open, str_eq(name, "requestId") ? "<request id=\"" : "<%s>", name);
	buf_addf(&close, str_eq(name, "requestId") ? "\"" : "</%s>", name);
	if (!take_until(&line, open.data, &v) || !take_until(&line, close.data, &v))
		return false;
	buf_add(ret, v.p, (size_t)(v.end - v.p));
	return true;
}

/* What a place of CLF ends with, and the names that it has in the formats of the kinds of API. */
static const struct place {
	const char *end, *names[3];
} clf[] = {
	{ " ", { "ip" } },
	{ " ", { "caller" } },
	{ " [", { "user" } },
	{ "] \"", { "requestTime" } },
	{ " ", { "httpMethod", "eventType" } },
	{ " ", { "path", "resourcePath", "routeKey" } },
	{ "\" ", { "protocol", "connectionId" } },
	{ " ", { "status" } },
	{ " ", { "responseLength" } },
	{ " ", { "requestId" } },
	{ NULL, { "extendedRequestId" } },
};

static bool get_clf(struct cursor line, const char *name, struct buf *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(clf); i++) {
		struct cursor v = line;

		if (clf[i].end && !take_until(&line, clf[i].end, &v))
			return false;
		for (size_t k = 0; k < ARRAY_SIZE(clf[i].names); k++) {
			if (!str_eq0(clf[i].names[k], name))
				continue;
			buf_add(ret, v.p, (size_t)(v.end - v.p));
			return true;
		}
	}
	return false;
}

bool field_get(const char *line, size_t n, const char *name, struct buf *ret)
{
	struct cursor c = { line, line + n };

	skip_space(&c);
	if (c.p == c.end)
		return false;
	buf_clear(ret);
	if (*c.p == '{')
		return get_json(c, name, ret);
	if (*c.p == '<')
		return get_xml(c, name, ret);
	return get_clf(c, name, ret);
}
