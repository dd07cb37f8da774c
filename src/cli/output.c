/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "cli/output.h"

#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/env.h"
#include "base/error.h"
#include "base/str.h"
#include "base/text.h"
#include "base/xalloc.h"

void output_write(FILE *to, const char *text)
{
	cleanup_free char *safe = text_escaped(text, true);

	fputs(safe, to);
}

static bool color_on(const struct output *o, FILE *to)
{
	const char *term = env_get(o->env, "TERM");

	if (o->color != COLOR_AUTO)
		return o->color == COLOR_ALWAYS;
	return isatty(fileno(to)) && !env_get(o->env, "NO_COLOR") &&
	       !(term && str_eq(term, "dumb"));
}

static void write_word(const struct output *o, FILE *to, enum style style, const char *word)
{
	static const char *const codes[] = { "", "\033[32m", "\033[31m", "\033[33m" };
	bool color = style != STYLE_PLAIN && color_on(o, to);

	fputs(color ? codes[style] : "", to);
	output_write(to, word);
	fputs(color ? "\033[m" : "", to);
}

void write_json(const struct output *o, FILE *to, const json_t *document)
{
	cleanup_buf struct buf b = BUF_INIT_MAX((size_t)1 << 30);

	/* ASCII on a terminal, because JSON does not escape C1 and bidirectional controls. */
	if (o->format == OUTPUT_NDJSON)
		json_add_compact_ascii(&b, document);
	else if (isatty(fileno(to)))
		json_add_indented_ascii(&b, document);
	else
		json_add_indented(&b, document);
	buf_addc(&b, '\n');
	fwrite(b.data, 1, b.len, to);
}

void document_add(const struct output *o, json_t *list, const char *type, json_t *item)
{
	cleanup_json json_t *own = item;
	cleanup_json json_t *line = NULL;

	if (o->format == OUTPUT_JSON)
		json_array_append(list, own);
	if (o->format != OUTPUT_NDJSON)
		return;
	line = json_pack("{ss}", "type", type);
	json_object_update(line, own);
	write_json(o, stdout, line);
}

static void add_json(struct buf *b, const json_t *j)
{
	if (isatty(STDOUT_FILENO))
		json_add_indented_ascii(b, j);
	else
		json_add_compact(b, j);
}

void print_json_begin(const char *array)
{
	fprintf(stdout, "{\"%s\":[", array);
}

void print_json_item(json_t *item, bool first)
{
	cleanup_json json_t *owned = item;
	cleanup_buf struct buf b = BUF_INIT_MAX((size_t)1 << 30);

	add_json(&b, owned);
	fputs(first ? "\n" : ",\n", stdout);
	fwrite(b.data, 1, b.len, stdout);
}

void print_json_end(json_t *rest)
{
	cleanup_json json_t *owned = rest;
	cleanup_buf struct buf b = BUF_INIT_MAX((size_t)1 << 30);

	add_json(&b, owned);
	fprintf(stdout, "\n],\n%s\n", b.data + 1);
}

void print_logged(const struct output *o, const char *p, size_t n)
{
	cleanup_free char *text = NULL;

	if (!o->terminal) {
		fwrite(p, 1, n, stdout);
	} else {
		text = text_from_bytes(p, n);
		output_write(stdout, text);
	}
	fputc('\n', stdout);
}

void print_text(const struct output *o, const char *fmt, ...)
{
	cleanup_free char *text = NULL;
	va_list ap;

	if (o->format != OUTPUT_TEXT || o->quiet)
		return;
	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	output_write(stdout, text);
}

void print_word(const struct output *o, enum style style, const char *word)
{
	if (o->format == OUTPUT_TEXT && !o->quiet)
		write_word(o, stdout, style, word);
}

void print_screen(const struct output *o, bool first)
{
	if (o->format != OUTPUT_TEXT || o->quiet)
		return;
	if (isatty(STDOUT_FILENO))
		fputs("\033[H\033[2J\033[3J", stdout);
	else if (!first)
		fputc('\n', stdout);
}

/* Prints one line, so line feeds in it are escaped as well. */
static void message(const char *text)
{
	cleanup_free char *safe = text_escaped(text, false);

	fprintf(stderr, "%s\n", safe);
}

void problem(const struct output *o, const char *word, const char *fmt, ...)
{
	cleanup_free char *text = NULL;
	va_list ap;

	if (o->format != OUTPUT_TEXT)
		return;
	/* Keep the order of stdout and stderr on a terminal. */
	fflush(stdout);
	write_word(o, stderr, STYLE_BAD, word);
	fputs("  ", stderr);
	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	message(text);
}

static void keep(const struct output *o, const char *text)
{
	json_array_append_new(o->notes, json_text(text));
}

void warning(const struct output *o, const char *fmt, ...)
{
	cleanup_free char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	keep(o, text);
	fflush(stdout);
	write_word(o, stderr, STYLE_UNSURE, "warning:");
	fputc(' ', stderr);
	message(text);
}

void note(const struct output *o, const char *fmt, ...)
{
	cleanup_free char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	keep(o, text);
	if (o->quiet)
		return;
	fflush(stdout);
	message(text);
}

void detail(const struct output *o, const char *fmt, ...)
{
	cleanup_free char *text = NULL;
	va_list ap;

	if (!o->verbose)
		return;
	fflush(stdout);
	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	message(text);
}

void trace_line(void *data, const char *line)
{
	cleanup_free char *safe = text_escaped(line, false);

	(void)data;
	fprintf(stderr, "%s\n", safe);
}

static json_t *error_json(const struct error *err)
{
	json_t *e = json_pack("{ss so}", "kind", err_kind_name(err->kind), "message",
			      json_text(err->msg));

	if (err->aws_code)
		json_set_text(e, "aws_code", err->aws_code);
	if (err->http_status)
		json_set_int(e, "http_status", err->http_status);
	if (err->request_id)
		json_set_text(e, "request_id", err->request_id);
	if (err->hint)
		json_set_text(e, "hint", err->hint);
	return json_pack("{so}", "error", e);
}

void error_print(const struct output *o, const struct error *err)
{
	cleanup_buf struct buf b = BUF_INIT;
	cleanup_free char *safe = NULL;

	fflush(stdout);
	if (o->format != OUTPUT_TEXT) {
		cleanup_json json_t *document = error_json(err);

		write_json(o, stderr, document);
		return;
	}
	buf_adds(&b, err->msg);
	if (err->aws_code || err->request_id) {
		buf_addf(&b, " (%s", err->aws_code ? err->aws_code : "");
		if (err->request_id)
			buf_addf(&b, "%srequest %s", err->aws_code ? ", " : "", err->request_id);
		buf_addc(&b, ')');
	}
	safe = text_escaped(b.data, false);
	write_word(o, stderr, STYLE_BAD, "apigw-logs:");
	fprintf(stderr, " %s\n", safe);
	if (err->hint) {
		cleanup_free char *hint = text_escaped(err->hint, false);

		fprintf(stderr, "  %s\n", hint);
	}
}
