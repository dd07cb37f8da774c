/* SPDX-License-Identifier: MIT */
/* Problems in the output; many of one kind in one window are printed as one line. */
#ifndef CLI_PROBLEMS_H
#define CLI_PROBLEMS_H

#include <stddef.h>
#include <stdint.h>

#include "archive/window.h"

struct api_log;
struct output;

#define PROBLEM_KINDS_MAX 9
/* Up to this many of a kind are printed one by one; of more, this many are named. */
#define PROBLEM_EXAMPLES 3

/* The problems of one window that are not printed yet. */
struct problem_list {
	const struct output *output;
	const struct api_log *log; /* borrowed; NULL: there are none */
	struct window window;
	struct problem_kind {
		const char *name; /* borrowed */
		uint64_t n;
		char *where[PROBLEM_EXAMPLES], *message[PROBLEM_EXAMPLES];
	} kinds[PROBLEM_KINDS_MAX];
	size_t n;
};
void problem_list_init(struct problem_list *l, const struct output *o);
/* Prints those of a previous window first. where: an object's URL, or NULL. */
void problem_list_add(struct problem_list *l, const struct api_log *log, const struct window *w,
		      const char *kind, const char *where, const char *message);
/* Prints what is left; to be called before other output and at the end. */
void problem_list_flush(struct problem_list *l);

#endif
