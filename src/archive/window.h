/* SPDX-License-Identifier: MIT */
/* Ranges of time, half-open: [from, to). */
#ifndef ARCHIVE_WINDOW_H
#define ARCHIVE_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/time.h"

/*
 * It may take CloudWatch Logs this long before it can export an event (the user guide,
 * "Exporting log data to Amazon S3"), so a window settles this long after its end.
 */
#define WINDOW_SETTLE_MS (12 * MS_HOUR)

struct window {
	int64_t from_ms, to_ms;
};
struct windows {
	struct window *v;
	size_t n;
};
void windows_add(struct windows *l, int64_t from_ms, int64_t to_ms);
/* Compares by beginning, then by end, as qsort() needs it. */
int window_order(const struct window *a, const struct window *b);
void windows_release(struct windows *l);
#define cleanup_windows cleanup(windows_release)

/* True if the window is one UTC day. */
bool window_is_day(const struct window *w);
bool window_overlaps(const struct window *a, const struct window *b);
/* Appends the parts of range that no window of covered, which is sorted, includes. */
void windows_missing(struct window range, const struct windows *covered, struct windows *ret);
/* Cuts range at multiples of window_ms since the epoch, that is, at UTC hours and days. */
void windows_cut(struct window range, int64_t window_ms, struct windows *ret);

#endif
