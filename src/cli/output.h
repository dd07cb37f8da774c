/* SPDX-License-Identifier: MIT */
/* stdout is the result, stderr is everything else. */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/json.h"

struct app;
struct error;

/* The one JSON document of a run, on stdout; consumed. schema_version is added. */
void print_json(json_t *document);

/* Text on stdout; nothing with --output json. */
void print_text(const struct app *app, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* A note on stderr; nothing with --quiet. */
void note(const struct app *app, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* A note that only --verbose shows. */
void detail(const struct app *app, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* A warning on stderr, always. */
void warning(const struct app *app, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* A string of a JSON document; bytes that are no UTF-8, which JSON has no way to write, as \xHH. */
json_t *text_json(const char *s);
/* An error as text or as a JSON document, on stderr. */
void error_print(const struct app *app, const struct error *err);
/* For aws_session_options.trace; data is the app. */
void trace_line(void *data, const char *line);

/* Words that say how something is: coloured on a terminal. */
enum mood { MOOD_PLAIN, MOOD_GOOD, MOOD_BAD, MOOD_UNSURE };
/* In a buffer, ready for stdout. */
void add_mood(const struct app *app, struct buf *out, enum mood mood, const char *word);

/* A table whose columns are as wide as need be; the last is cut to fit a terminal. */
struct table {
	struct table_cell {
		char *text;
		enum mood mood;
	} * cells;
	size_t n, columns;
};
void table_init(struct table *t, size_t columns);
void table_release(struct table *t);
void table_add(struct table *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void table_add_mood(struct table *t, enum mood mood, const char *word);
void table_print(const struct app *app, const struct table *t);
#define cleanup_table cleanup(table_release)

/* "1,234,567". */
#define COUNT_SIZE 32
char *count_str(uint64_t n, char out[COUNT_SIZE]);
/* "3.4 MiB". */
char *size_str(uint64_t bytes, char out[COUNT_SIZE]);
/* "1,234 events, 1 object, 3.2 KiB". Caller frees. */
char *amounts_str(uint64_t events, uint64_t objects, uint64_t size);
/* Control characters and what is no UTF-8 as \xHH, so that foreign text cannot drive a terminal.
 * Caller frees. */
char *escaped(const char *s);

/* One line that says what is going on, rewritten in place; only on a terminal. */
struct progress {
	const struct app *app;
	int64_t shown_ms;
	bool on, visible;
};
void progress_init(struct progress *p, const struct app *app);
void progress_show(struct progress *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Clears the line; before anything else is written to the terminal. */
void progress_clear(struct progress *p);

#endif
