/* SPDX-License-Identifier: MIT */
/* A table whose columns are as wide as need be; the last is cut to fit a terminal. */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include "base/cleanup.h"
#include "cli/output.h"

struct table {
	struct table_cell {
		char *text;
		enum style style;
	} * cells;
	size_t n, columns;
};
void table_init(struct table *t, size_t columns);
void table_release(struct table *t);
#define cleanup_table cleanup(table_release)

/* The next cell; a row is full with its last column. */
void table_add(struct table *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void table_add_word(struct table *t, enum style style, const char *word);

/* With so many blanks before each row. */
void table_print(const struct output *o, const struct table *t, size_t indent);

#endif
