/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "cli/table.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/env.h"
#include "base/str.h"
#include "base/text.h"
#include "base/xalloc.h"

#define GAP 2
/* Below this width of the last column, the others are shortened. */
#define LAST_MIN 24
/* No column is shortened to less than this. */
#define SHORT_MIN 9
#define COLUMNS_MAX 10000

void table_init(struct table *t, size_t columns)
{
	*t = (struct table){ .columns = columns };
}

void table_release(struct table *t)
{
	for (size_t i = 0; i < t->n; i++)
		free(t->cells[i].text);
	free(t->cells);
	*t = (struct table){ 0 };
}

static void add(struct table *t, enum style style, const char *text)
{
	GROW(t->cells, t->n);
	/* Escaped first, because the width is that of the text as it is shown. */
	t->cells[t->n++] = (struct table_cell){ text ? text_escaped(text, false) : NULL, style };
}

void table_add(struct table *t, const char *fmt, ...)
{
	cleanup_free char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	add(t, STYLE_PLAIN, text);
}

void table_add_word(struct table *t, enum style style, const char *word)
{
	add(t, style, word);
}

void table_add_heading(struct table *t, const char *heading)
{
	t->indent = TABLE_INDENT;
	add(t, STYLE_PLAIN, heading);
	for (size_t c = 1; c < t->columns; c++)
		add(t, STYLE_PLAIN, NULL);
}

static bool begins_character(char c)
{
	return ((unsigned char)c & 0xC0) != 0x80;
}

/* Width on the screen: the number of UTF-8 characters. */
static size_t width(const char *s)
{
	size_t n = 0;

	for (; *s; s++)
		n += begins_character(*s);
	return n;
}

/* The bytes of the first n characters, or of all if there are fewer. */
static size_t bytes_of(const char *s, size_t n)
{
	size_t i = 0;

	for (; s[i]; i++)
		if (begins_character(s[i]) && n-- == 0)
			break;
	return i;
}

/* s, with its middle left out if it is wider than columns. Caller frees. */
static char *shortened(const char *s, size_t columns)
{
	size_t n = width(s), head, tail;

	if (n <= columns)
		return xstrdup(s);
	tail = (columns - 3) / 2;
	head = columns - 3 - tail;
	return xasprintf("%.*s...%s", (int)bytes_of(s, head), s, s + bytes_of(s, n - tail));
}

/* How many bytes of s fit a line: up to a blank, or else up to one of "/:,". */
static size_t line_length(const char *s, size_t columns)
{
	size_t all = bytes_of(s, columns), n = all;

	if (!s[all])
		return all;
	while (n > all / 2 && s[n] != ' ')
		n--;
	if (s[n] == ' ')
		return n;
	for (n = all; n > all / 2; n--)
		if (strchr("/:,", s[n - 1]))
			return n;
	return all;
}

static void print_wrapped(const struct output *o, enum style style, const char *text, size_t at,
			  size_t screen)
{
	size_t columns = screen > at + SHORT_MIN ? screen - at : SHORT_MIN;

	for (;;) {
		size_t n = line_length(text, columns);
		cleanup_free char *line = xstrndup(text, n);

		print_word(o, style, line);
		text += n + strspn(text + n, " ");
		if (!*text)
			return;
		print_text(o, "\n%*s", (int)at, "");
	}
}

static size_t screen_width(const struct output *o)
{
	const char *columns = env_get(o->env, "COLUMNS");
	struct winsize w;
	int64_t n;

	if (columns && str_to_int64(columns, 1, COLUMNS_MAX, &n))
		return (size_t)n;
	if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) < 0 || w.ws_col == 0)
		return SIZE_MAX;
	return w.ws_col;
}

static void print_row(const struct output *o, const struct table_cell *row, size_t columns,
		      const size_t widths[], size_t at, size_t screen)
{
	/* No trailing blanks. */
	while (columns && !*row[columns - 1].text)
		columns--;
	for (size_t c = 0; c + 1 < columns; c++) {
		cleanup_free char *text = shortened(row[c].text, widths[c]);

		print_word(o, row[c].style, text);
		print_text(o, "%*s", (int)(widths[c] - width(text) + GAP), "");
		at += widths[c] + GAP;
	}
	if (columns)
		print_wrapped(o, row[columns - 1].style, row[columns - 1].text, at, screen);
	print_text(o, "\n");
}

/* The widths of all columns but the last, reduced until that one has room. */
static void fit(const struct table *t, size_t screen, size_t widths[])
{
	size_t others = t->columns - 1, used = t->indent, *widest;

	for (size_t c = 0; c < others; c++)
		widths[c] = t->min_widths ? t->min_widths[c] : 0;
	for (size_t i = 0; i < t->n; i++) {
		size_t c = i % t->columns;

		if (c < others && t->cells[i - c + 1].text && width(t->cells[i].text) > widths[c])
			widths[c] = width(t->cells[i].text);
	}
	for (size_t c = 0; c < others; c++)
		used += widths[c] + GAP;
	while (screen < used + LAST_MIN) {
		widest = &widths[0];
		for (size_t c = 1; c < others; c++)
			if (widths[c] > *widest)
				widest = &widths[c];
		if (*widest <= SHORT_MIN)
			return;
		--*widest;
		used--;
	}
}

void table_print(const struct output *o, const struct table *t)
{
	size_t *widths = xcalloc(t->columns, sizeof(*widths));
	size_t screen = screen_width(o);

	fit(t, screen, widths);
	for (size_t i = 0; i + t->columns <= t->n; i += t->columns) {
		if (!t->cells[i + 1].text) {
			print_wrapped(o, t->cells[i].style, t->cells[i].text, 2 * TABLE_INDENT,
				      screen);
			print_text(o, "\n");
			continue;
		}
		print_text(o, "%*s", (int)t->indent, "");
		print_row(o, &t->cells[i], t->columns, widths, t->indent, screen);
	}
	free(widths);
}
