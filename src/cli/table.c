/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/str.h"
#include "base/xalloc.h"
#include "cli/app.h"
#include "cli/output.h"

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

static struct table_cell *add(struct table *t, char *text)
{
	t->cells = xreallocarray(t->cells, t->n + 1, sizeof(*t->cells));
	t->cells[t->n] = (struct table_cell){ .text = escaped(text) };
	free(text);
	return &t->cells[t->n++];
}

void table_add(struct table *t, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add(t, xvasprintf(fmt, ap));
	va_end(ap);
}

void table_add_mood(struct table *t, enum mood mood, const char *word)
{
	add(t, xstrdup(word))->mood = mood;
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

static void pad(struct buf *out, size_t n)
{
	while (n--)
		buf_addc(out, ' ');
}

static void add_row(const struct app *app, struct buf *out, const struct table *t,
		    const struct table_cell *row, const size_t widths[], size_t screen)
{
	size_t used = 0;

	for (size_t c = 0; c < t->columns; c++) {
		bool last = c + 1 == t->columns;
		cleanup_free char *text = xstrdup(row[c].text);
		size_t w = width(text);

		if (last && screen > used + LAST_MIN && w > screen - used) {
			cut(text, screen - used);
			w = screen - used;
		}
		add_mood(app, out, row[c].mood, text);
		if (!last)
			pad(out, widths[c] - w + GAP);
		used += widths[c] + GAP;
	}
	while (out->len && out->data[out->len - 1] == ' ')
		out->len--;
	buf_addc(out, '\n');
}

void table_print(const struct app *app, const struct table *t)
{
	cleanup_buf struct buf out = BUF_INIT_MAX((size_t)1 << 30);
	size_t *widths = xcalloc(t->columns, sizeof(*widths));
	size_t screen = screen_width();

	for (size_t i = 0; i < t->n; i++)
		if (width(t->cells[i].text) > widths[i % t->columns])
			widths[i % t->columns] = width(t->cells[i].text);
	for (size_t i = 0; i + t->columns <= t->n; i += t->columns)
		add_row(app, &out, t, &t->cells[i], widths, screen);
	free(widths);
	if (app->output == OUTPUT_TEXT)
		fwrite(out.data, 1, out.len, stdout);
}
