/* SPDX-License-Identifier: MIT */
/*
 * A table that fits the screen: the last column is wrapped, and if the others
 * leave it too little room, the widest of them is shortened in the middle.
 * COLUMNS or the terminal gives the width. Output to a file or a pipe is neither
 * wrapped nor shortened, so that it can be searched.
 */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include "base/cleanup.h"
#include "cli/output.h"

/* Indentation of rows below a heading. */
#define TABLE_INDENT 2

struct table {
	struct table_cell {
		char *text; /* NULL in a heading's row, except in the first cell */
		enum style style;
	} * cells;
	size_t n, columns;
	size_t indent;            /* of the rows */
	const size_t *min_widths; /* of all columns but the last, borrowed; or NULL */
};
/* columns: at least 2. */
void table_init(struct table *t, size_t columns);
void table_release(struct table *t);
#define cleanup_table cleanup(table_release)

/* The next cell; a row is full with its last column. */
void table_add(struct table *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void table_add_word(struct table *t, enum style style, const char *word);
/* A row across all columns. The other rows of the table are indented. */
void table_add_heading(struct table *t, const char *heading);

void table_print(const struct output *o, const struct table *t);

#endif
