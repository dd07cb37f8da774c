/* SPDX-License-Identifier: MIT */
/*
 * A table that fits the screen: the last column is wrapped, and where that would
 * leave it too little room, the widest of the others is shortened in the middle.
 * The screen is as wide as COLUMNS or the terminal says; output that goes
 * elsewhere is neither wrapped nor shortened, so that it can be searched.
 */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include "base/cleanup.h"
#include "cli/output.h"

/* How far rows stand in below a heading. */
#define TABLE_INDENT 2

struct table {
	struct table_cell {
		char *text; /* NULL in the rest of a heading's row */
		enum style style;
	} * cells;
	size_t n, columns;
	size_t indent;            /* of the rows */
	const size_t *min_widths; /* of each column but the last, borrowed; or NULL */
};
/* At least two columns. */
void table_init(struct table *t, size_t columns);
void table_release(struct table *t);
#define cleanup_table cleanup(table_release)

/* The next cell; a row is full with its last column. */
void table_add(struct table *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void table_add_word(struct table *t, enum style style, const char *word);
/* A row of its own across all columns. The rows below it are indented. */
void table_add_heading(struct table *t, const char *heading);

void table_print(const struct output *o, const struct table *t);

#endif
