/* SPDX-License-Identifier: MIT */
/*
 * What --recheck adds to a run: recorded windows of which CloudWatch Logs now holds more than
 * was archived are exported again, and the new entry, a supplement, replaces the earlier one.
 *
 * PutLogEvents takes events that are up to 14 days old, so by event time a window may get
 * events long after its export. What came since its task was created is counted; nothing is
 * read that is in the bucket.
 */
#ifndef EXPORT_RECHECK_H
#define EXPORT_RECHECK_H

#include <stdbool.h>

struct api_log;
struct error;
struct export_options;
struct export_run;
struct log_group;
struct window;

/* True if --recheck covers a recorded window. */
bool recheck_covers(const struct export_options *o, const struct window *w);
/*
 * Asks for a recorded window, exports a supplement if there is more, unless it is a dry run, and
 * reports the window. Returns 1 if there is a supplement, 0 if not, -1 on error. The windows of
 * a log group come in order of time, for they tell how AWS reads them.
 */
int recheck_window(struct export_run *run, const struct api_log *log, const struct log_group *group,
		   const struct window *w, struct error **err);

#endif
