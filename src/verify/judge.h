/* SPDX-License-Identifier: MIT */
/* Judges an object: compares what was found with what the ledger recorded. */
#ifndef VERIFY_JUDGE_H
#define VERIFY_JUDGE_H

#include <stdbool.h>

#include "verify/report.h"

struct archive_object;
struct window;

/* True if it has the size and ETag that were recorded. */
bool object_is_as_listed(const struct archive_object *o);
/* Returns true if something is wrong: which problem, and a text, which the caller frees. */
bool object_judge(const struct archive_object *o, const struct window *w, enum problem *ret,
		  char **ret_text);

#endif
