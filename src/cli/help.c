/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "cli/help.h"

#include <string.h>

/* Where an option's explanation begins. */
#define COLUMN 28

/* Appends the words of text from column `at` on; further lines are indented. */
static void add_wrapped(struct buf *out, const char *text, size_t at, size_t indent)
{
	bool begun = false;

	while (*text) {
		size_t n = strcspn(text, " ");

		if (begun && at + 1 + n > HELP_WIDTH) {
			buf_addf(out, "\n%*s", (int)indent, "");
			at = indent;
			begun = false;
		}
		buf_adds(out, begun ? " " : "");
		buf_add(out, text, n);
		at += n + begun;
		begun = true;
		text += n + strspn(text + n, " ");
	}
	buf_addc(out, '\n');
}

void help_add_text(struct buf *out, const char *text)
{
	add_wrapped(out, text, 0, 0);
}

void help_add_usage(struct buf *out, const char *text)
{
	add_wrapped(out, text, 0, strlen("Usage: "));
}

void help_add_row(struct buf *out, const char *left, const char *text, size_t column)
{
	size_t n = strlen(left);

	buf_adds(out, left);
	if (n + 2 > column)
		buf_addf(out, "\n%*s", (int)column, "");
	else
		buf_addf(out, "%*s", (int)(column - n), "");
	add_wrapped(out, text, column, column);
}

static void add_option(struct buf *out, const struct opt *o)
{
	cleanup_buf struct buf left = BUF_INIT;

	if (o->letter)
		buf_addf(&left, "  -%c, --%s", o->letter, o->name);
	else
		buf_addf(&left, "      --%s", o->name);
	if (o->arg && o->flags & OPT_VALUE_OPTIONAL)
		buf_addf(&left, "[=%s]", o->arg);
	else if (o->arg)
		buf_addf(&left, " %s", o->arg);
	help_add_row(out, left.data, o->help, COLUMN);
}

void help_add_groups(struct buf *out, const struct opt_group *groups, bool all)
{
	for (const struct opt_group *g = groups; g && g->title; g++) {
		buf_addf(out, "\n%s\n", g->title);
		for (const struct opt *o = g->opts; o->name; o++)
			if (all || !(o->flags & OPT_RARE))
				add_option(out, o);
	}
}
