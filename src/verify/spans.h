/* SPDX-License-Identifier: MIT */
/*
 * Ranges that cover a set of times: at most SPANS_MAX, however many times there are. If
 * there would be more, the two that are closest together are merged.
 */
#ifndef VERIFY_SPANS_H
#define VERIFY_SPANS_H

#include <stddef.h>
#include <stdint.h>

#include "archive/window.h"

#define SPANS_MAX 32

struct spans {
	struct window v[SPANS_MAX + 1]; /* sorted; no two touch */
	size_t n;                       /* at most SPANS_MAX */
};
void spans_add(struct spans *s, struct window w);
void spans_merge(struct spans *s, const struct spans *more);

#endif
