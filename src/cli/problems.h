/* SPDX-License-Identifier: MIT */
/* Problems of windows in the output: many of one kind in one window are one line. */
#ifndef CLI_PROBLEMS_H
#define CLI_PROBLEMS_H

#include <stddef.h>
#include <stdint.h>

#include "archive/window.h"

struct api_log;
struct output;

#define PROBLEM_KINDS_MAX 8
/* As many of a kind are printed one by one, or named as examples. */
#define PROBLEM_EXAMPLES 3

/* The problems of one window, not yet printed. */
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
/* Prints those of another window first. where: an object's URL, or NULL. */
void problem_list_add(struct problem_list *l, const struct api_log *log, const struct window *w,
		      const char *kind, const char *where, const char *message);
/* Prints what there is; before anything else is printed, and at the end. */
void problem_list_flush(struct problem_list *l);

#endif
