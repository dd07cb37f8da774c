/* SPDX-License-Identifier: MIT */
/*
 * What the runners of published test data share: one line a case on stdout,
 *
 *	ok NAME
 *	FAILED NAME: why
 *	skipped NAME: why
 *
 * and "N passed, N failed, N skipped" at the end. Status 1 if a case failed,
 * 2 if the runner was called wrongly or its file cannot be read.
 */
#ifndef VECTORS_RUNNER_H
#define VECTORS_RUNNER_H

#include <jansson.h>

void runner_pass(const char *name);
void runner_fail(const char *name, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void runner_skip(const char *name, const char *why);
/* Prints the closing line and returns the exit status. No case at all is a failure too. */
int runner_finish(void);

/* "usage: PROGRAM WORDS" on stderr, and the end, with status 2. */
_Noreturn void runner_usage(const char *program, const char *words);
/* The parsed file, which the caller releases; ends the program with status 2 without one. */
json_t *runner_load(const char *path);
/* All of main() where the only argument is FILE, whose member of that name, or itself, is the cases. */
int runner_main(int argc, char **argv, const char *member, void (*run)(const json_t *test));

#endif
