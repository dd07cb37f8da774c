/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "archive/window.h"

#include <stdlib.h>

#include "base/time.h"
#include "base/xalloc.h"

void windows_add(struct windows *l, int64_t from_ms, int64_t to_ms)
{
	GROW(l->v, l->n);
	l->v[l->n++] = (struct window){ from_ms, to_ms };
}

void windows_release(struct windows *l)
{
	free(l->v);
	*l = (struct windows){ 0 };
}

int window_order(const struct window *a, const struct window *b)
{
	if (a->from_ms != b->from_ms)
		return a->from_ms < b->from_ms ? -1 : 1;
	return (a->to_ms > b->to_ms) - (a->to_ms < b->to_ms);
}

bool window_is_day(const struct window *w)
{
	return w->to_ms - w->from_ms == MS_DAY && time_floor(w->from_ms, MS_DAY) == w->from_ms;
}

bool window_overlaps(const struct window *a, const struct window *b)
{
	return a->from_ms < b->to_ms && b->from_ms < a->to_ms;
}

void windows_missing(struct window range, const struct windows *covered, struct windows *ret)
{
	int64_t at = range.from_ms;

	for (size_t i = 0; i < covered->n && at < range.to_ms; i++) {
		const struct window *w = &covered->v[i];

		if (w->from_ms > at)
			windows_add(ret, at, w->from_ms < range.to_ms ? w->from_ms : range.to_ms);
		if (w->to_ms > at)
			at = w->to_ms;
	}
	if (at < range.to_ms)
		windows_add(ret, at, range.to_ms);
}

void windows_cut(struct window range, int64_t window_ms, struct windows *ret)
{
	for (int64_t at = range.from_ms; at < range.to_ms;) {
		int64_t end = time_floor(at, window_ms) + window_ms;

		if (end > range.to_ms)
			end = range.to_ms;
		windows_add(ret, at, end);
		at = end;
	}
}
