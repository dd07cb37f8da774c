/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "cli/table.h"

#include <stdarg.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/text.h"
#include "base/xalloc.h"

#define GAP 2
/* A last column narrower than this is not cut any further. */
#define LAST_MIN 12

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
	/* Escaped here, for its width is that of what will be shown. */
	t->cells[t->n++] = (struct table_cell){ text_escaped(text, false), style };
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

/* Columns on the screen: the bytes that do not continue a UTF-8 character. */
static size_t width(const char *s)
{
	size_t n = 0;

	for (; *s; s++)
		n += ((unsigned char)*s & 0xC0) != 0x80;
	return n;
}

/* The first n characters. */
static void cut(char *s, size_t n)
{
	for (; *s; s++)
		if (((unsigned char)*s & 0xC0) != 0x80 && n-- == 0) {
			*s = '\0';
			return;
		}
}

static size_t screen_width(void)
{
	struct winsize w;

	if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) < 0 || w.ws_col == 0)
		return SIZE_MAX;
	return w.ws_col;
}

static void print_row(const struct output *o, const struct table_cell *row, size_t columns,
		      const size_t widths[], size_t used, size_t screen)
{
	/* No blanks at the end of a line. */
	while (columns && !*row[columns - 1].text)
		columns--;
	for (size_t c = 0; c < columns; c++) {
		cleanup_free char *text = xstrdup(row[c].text);
		bool last = c + 1 == columns;

		if (last && screen > used + LAST_MIN)
			cut(text, screen - used);
		print_word(o, row[c].style, text);
		if (!last)
			print_text(o, "%*s", (int)(widths[c] - width(text) + GAP), "");
		used += widths[c] + GAP;
	}
	print_text(o, "\n");
}

void table_print(const struct output *o, const struct table *t, size_t indent)
{
	size_t *widths = xcalloc(t->columns, sizeof(*widths));
	size_t screen = screen_width();

	for (size_t i = 0; i < t->n; i++)
		if (width(t->cells[i].text) > widths[i % t->columns])
			widths[i % t->columns] = width(t->cells[i].text);
	for (size_t i = 0; i + t->columns <= t->n; i += t->columns) {
		print_text(o, "%*s", (int)indent, "");
		print_row(o, &t->cells[i], t->columns, widths, indent, screen);
	}
	free(widths);
}
