/* SPDX-License-Identifier: MIT */
/*
 * The result goes to stdout, everything else to stderr.
 *
 * All text is printed through output_write(), which escapes what could drive a
 * terminal, because others choose the names of log groups, APIs and keys. Colours
 * are the exception; only output.c and progress.c write control sequences.
 */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/json.h"

struct env;
struct error;

enum output_format { OUTPUT_TEXT, OUTPUT_JSON, OUTPUT_NDJSON /* a document in lines */ };
enum color_when { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

/* What the user asked for. */
struct output {
	const struct env *env; /* for TERM and NO_COLOR */
	enum output_format format;
	enum color_when color;
	int verbose;   /* how many -v */
	bool terminal; /* stdout is one */
	bool quiet, no_progress;
	json_t *notes; /* array: what note() and warning() said, for the document */
};

/* Writes text, with all control characters but line feeds and tabs escaped. */
void output_write(FILE *to, const char *text);

/* Prints a document, on a terminal in ASCII: others choose what is in it. */
void write_json(const struct output *o, FILE *to, const json_t *document);
/*
 * What a document has many of: goes into the list that the document will have, or, as
 * ndjson, out at once on a line of its own with its type. Consumes it.
 */
void document_add(const struct output *o, json_t *list, const char *type, json_t *item);

/*
 * A document that is too long to be held: an array of this name, an item a line (first:
 * none came before it), and then the members of rest. Both consume what they print.
 */
void print_json_begin(const char *array);
void print_json_item(json_t *item, bool first);
void print_json_end(json_t *rest);

/* A line of logs, which may hold any bytes: as it is, but escaped on a terminal. */
void print_logged(const struct output *o, const char *p, size_t n);

/* The colour of a word that describes a state. */
enum style { STYLE_PLAIN, STYLE_GOOD, STYLE_BAD, STYLE_UNSURE };

/* The result as text, on stdout; nothing with --output json or --quiet. */
void print_text(const struct output *o, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void print_word(const struct output *o, enum style style, const char *word);

/* Begins a screen that replaces the one before; on anything but a terminal, an empty line does. */
void print_screen(const struct output *o, bool first);

/*
 * A problem on stderr, "WORD  message", also with --quiet. Prints nothing with --output
 * json, because the document has it.
 */
void problem(const struct output *o, const char *word, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* A warning on stderr, always. */
void warning(const struct output *o, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* A note on stderr; nothing with --quiet. */
void note(const struct output *o, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* A note that only --verbose shows. */
void detail(const struct output *o, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* An error as text or as a JSON document, on stderr. */
void error_print(const struct output *o, const struct error *err);
/* For aws_session_options.trace. */
void trace_line(void *data, const char *line);

#endif
