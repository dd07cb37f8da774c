/* SPDX-License-Identifier: MIT */
/*
 * Where some times lie: so many ranges at most, however many times there are.
 * Ranges that are nearest to each other are merged.
 */
#ifndef VERIFY_SPANS_H
#define VERIFY_SPANS_H

#include <stddef.h>
#include <stdint.h>

#include "archive/window.h"

#define SPANS_MAX 32

struct spans {
	struct window v[SPANS_MAX + 1]; /* sorted, none touches another */
	size_t n;                       /* at most SPANS_MAX */
};
void spans_add(struct spans *s, struct window w);
void spans_merge(struct spans *s, const struct spans *more);

#endif
