/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "cli/output.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/json.h"
#include "base/str.h"
#include "base/time.h"
#include "base/xalloc.h"
#include "cli/app.h"

#define SCHEMA_VERSION 1

static bool color_on(const struct app *app, int fd)
{
	const char *term = env_get(&app->env, "TERM");

	if (app->color != COLOR_AUTO)
		return app->color == COLOR_ALWAYS;
	return isatty(fd) && !env_get(&app->env, "NO_COLOR") && !(term && str_eq(term, "dumb"));
}

void print_json(json_t *document)
{
	cleanup_json json_t *owned = document;
	cleanup_json json_t *whole = json_pack("{si}", "schema_version", SCHEMA_VERSION);
	cleanup_buf struct buf b = BUF_INIT_MAX((size_t)1 << 30);

	json_object_update(whole, owned);
	json_add_indented(&b, whole);
	buf_addc(&b, '\n');
	fwrite(b.data, 1, b.len, stdout);
}

void print_text(const struct app *app, const char *fmt, ...)
{
	va_list ap;

	if (app->output == OUTPUT_JSON)
		return;
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
}

static void message(const char *prefix, const char *fmt, va_list ap)
{
	cleanup_free char *text = xvasprintf(fmt, ap);
	cleanup_free char *safe = escaped(text);

	/* What came before on stdout stays before. */
	fflush(stdout);
	fprintf(stderr, "%s%s\n", prefix, safe);
}

void note(const struct app *app, const char *fmt, ...)
{
	va_list ap;

	if (app->quiet)
		return;
	va_start(ap, fmt);
	message("", fmt, ap);
	va_end(ap);
}

void detail(const struct app *app, const char *fmt, ...)
{
	va_list ap;

	if (!app->verbose)
		return;
	va_start(ap, fmt);
	message("", fmt, ap);
	va_end(ap);
}

void warning(const struct app *app, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	message(color_on(app, STDERR_FILENO) ? "\033[33mwarning:\033[m " : "warning: ", fmt, ap);
	va_end(ap);
}

void trace_line(void *data, const char *line)
{
	cleanup_free char *safe = escaped(line);

	(void)data;
	fprintf(stderr, "%s\n", safe);
}

json_t *text_json(const char *s)
{
	json_t *j = json_string(s);
	cleanup_free char *safe = j ? NULL : escaped(s);

	return j ? j : json_string(safe);
}

static json_t *error_json(const struct error *err)
{
	json_t *e = json_pack("{ss so}", "kind", err_kind_name(err->kind), "message",
			      text_json(err->msg));

	if (err->aws_code)
		json_object_set_new(e, "aws_code", text_json(err->aws_code));
	if (err->http_status)
		json_object_set_new(e, "http_status", json_integer(err->http_status));
	if (err->request_id)
		json_object_set_new(e, "request_id", text_json(err->request_id));
	if (err->hint)
		json_object_set_new(e, "hint", text_json(err->hint));
	return json_pack("{so}", "error", e);
}

void error_print(const struct app *app, const struct error *err)
{
	cleanup_buf struct buf b = BUF_INIT;

	fflush(stdout);
	if (app->output == OUTPUT_JSON) {
		cleanup_json json_t *doc = error_json(err);

		json_add_indented(&b, doc);
		fprintf(stderr, "%s\n", b.data);
		return;
	}
	buf_adds(&b, err->msg);
	if (err->aws_code || err->request_id) {
		buf_addf(&b, " (%s", err->aws_code ? err->aws_code : "");
		if (err->request_id)
			buf_addf(&b, "%srequest %s", err->aws_code ? ", " : "", err->request_id);
		buf_addc(&b, ')');
	}
	{
		cleanup_free char *safe = escaped(b.data);
		cleanup_free char *hint = err->hint ? escaped(err->hint) : NULL;
		bool color = color_on(app, STDERR_FILENO);

		fprintf(stderr, "%sapigw-logs:%s %s\n", color ? "\033[31m" : "",
			color ? "\033[m" : "", safe);
		if (hint)
			fprintf(stderr, "  %s\n", hint);
	}
}

void add_mood(const struct app *app, struct buf *out, enum mood mood, const char *word)
{
	static const char *const codes[] = { "", "32", "31", "33" };

	if (mood == MOOD_PLAIN || !color_on(app, STDOUT_FILENO))
		buf_adds(out, word);
	else
		buf_addf(out, "\033[%sm%s\033[m", codes[mood], word);
}

char *count_str(uint64_t n, char out[COUNT_SIZE])
{
	char digits[COUNT_SIZE];
	int len = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)n);
	char *p = out;

	for (int i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			*p++ = ',';
		*p++ = digits[i];
	}
	*p = '\0';
	return out;
}

char *size_str(uint64_t bytes, char out[COUNT_SIZE])
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
	double v = (double)bytes;
	size_t u = 0;

	while (v >= 1024 && u + 1 < ARRAY_SIZE(units)) {
		v /= 1024;
		u++;
	}
	snprintf(out, COUNT_SIZE, u ? "%.1f %s" : "%.0f %s", v, units[u]);
	return out;
}

char *amounts_str(uint64_t events, uint64_t objects, uint64_t size)
{
	char e[COUNT_SIZE], o[COUNT_SIZE], s[COUNT_SIZE];

	return xasprintf("%s event%s, %s object%s, %s", count_str(events, e),
			 events == 1 ? "" : "s", count_str(objects, o), objects == 1 ? "" : "s",
			 size_str(size, s));
}

static bool is_between(char c, unsigned char low, unsigned char high)
{
	return (unsigned char)c >= low && (unsigned char)c <= high;
}

/* The bytes of the character there by RFC 3629, 4; 0: it is none. */
static size_t utf8_length(const char *s)
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

char *escaped(const char *s)
{
	struct buf b = BUF_INIT_MAX((size_t)1 << 28);

	for (size_t n; *s; s += n ? n : 1) {
		unsigned char c = (unsigned char)*s;

		n = utf8_length(s);
		/* C1 controls are two bytes in UTF-8: 0xC2 and 0x80 to 0x9F. */
		if (c == 0xC2 && is_between(s[1], 0x80, 0x9F))
			buf_addf(&b, "\\u%04X", (unsigned char)s[1]);
		else if (n == 0 || (c < ' ' && c != '\t') || c == 0x7F)
			buf_addf(&b, "\\x%02X", c);
		else
			buf_add(&b, s, n);
	}
	return buf_take(&b);
}
