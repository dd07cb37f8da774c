/* SPDX-License-Identifier: MIT */
/* What is wrong with an object: what was found of it beside what the ledger says. */
#ifndef VERIFY_JUDGE_H
#define VERIFY_JUDGE_H

#include <stdbool.h>

#include "verify/report.h"

struct archive_object;
struct window;

/* True if it has the size and ETag that were recorded. */
bool object_is_as_listed(const struct archive_object *o);
/* True if something is: which problem, and a text that the caller frees. */
bool object_judge(const struct archive_object *o, const struct window *w, enum problem *ret,
		  char **ret_text);

#endif
