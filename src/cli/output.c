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

static json_t *error_json(const struct error *err)
{
	json_t *e = json_pack("{ss ss}", "kind", err_kind_name(err->kind), "message", err->msg);

	if (err->aws_code)
		json_object_set_new(e, "aws_code", json_string(err->aws_code));
	if (err->http_status)
		json_object_set_new(e, "http_status", json_integer(err->http_status));
	if (err->request_id)
		json_object_set_new(e, "request_id", json_string(err->request_id));
	if (err->hint)
		json_object_set_new(e, "hint", json_string(err->hint));
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

char *escaped(const char *s)
{
	struct buf b = BUF_INIT_MAX((size_t)1 << 28);

	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;

		/* C1 controls are two bytes in UTF-8: 0xC2 and 0x80 to 0x9F. */
		if (c == 0xC2 && (unsigned char)s[1] >= 0x80 && (unsigned char)s[1] <= 0x9F) {
			buf_addf(&b, "\\u%04X", (unsigned char)s[1]);
			s++;
		} else if ((c < ' ' && c != '\t') || c == 0x7F) {
			buf_addf(&b, "\\x%02X", c);
		} else {
			buf_addc(&b, (char)c);
		}
	}
	return buf_take(&b);
}
