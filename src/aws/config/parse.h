/* SPDX-License-Identifier: MIT */
/* The inside of file.c: named entries in a tree, and the parser that fills it. */
#ifndef AWS_CONFIG_PARSE_H
#define AWS_CONFIG_PARSE_H

#include <stdbool.h>
#include <stddef.h>

struct error;

struct config_entry;
/* Lookup is O(log n) even for a hostile file; iteration is in order of first appearance. */
struct config_map {
	void *root; /* of tsearch(3) */
	struct config_entry *first, *last;
};

/* A section and its properties, or a property and its nested ones. */
struct config_entry {
	char *name;
	char *value;      /* NULL in a section */
	const char *file; /* borrowed */
	size_t line;
	struct config_map entries;
	struct config_entry *next;
};

struct config_entry *config_map_find(const struct config_map *m, const char *name);
void config_map_release(struct config_map *m);

/* One file. sections has CONFIG_SECTION_KINDS maps; file outlives them. */
struct config_text {
	const char *file;
	const char *text;
	size_t len;
	bool credentials; /* sections are [x], not [profile x] */
};
/* Adds to sections; what is there already is overridden property by property. */
int config_parse_text(struct config_map *sections, const struct config_text *t, struct error **err);

#endif
