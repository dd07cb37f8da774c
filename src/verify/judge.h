/* SPDX-License-Identifier: MIT */
/* Judges an object: compares what was found with what the ledger recorded. */
#ifndef VERIFY_JUDGE_H
#define VERIFY_JUDGE_H

#include <stdbool.h>
#include <stddef.h>

#include "verify/report.h"

struct archive_object;
struct window;

/*
 * What is in the bucket is read; a changed object, too, to report what it holds now. For a
 * quick check, S3 is asked for its checksum if there is one to compare it with.
 */
bool object_is_to_be_read(const struct archive_object *o, bool quick);
/* Returns true if something is wrong: which problem, and a text, which the caller frees. */
bool object_judge(const struct archive_object *o, const struct window *w, enum problem *ret,
		  char **ret_text);

/*
 * The key of a file that is missing from the numbers of its stream, 000000.gz and so on,
 * among n objects sorted by key; caller frees. *at is where to look, and where to go on;
 * NULL at the end.
 */
char *objects_next_gap(const struct archive_object *v, size_t n, size_t *at);

#endif
