/* SPDX-License-Identifier: MIT */
/* Whether a window is empty: before it has a task, and after one that brought nothing. */
#ifndef EXPORT_EMPTY_H
#define EXPORT_EMPTY_H

struct error;
struct export_run;
struct ledger_entry;
struct log_group;

/*
 * 1 if the window is to have an export task, 0, -1. One that ends before the
 * group was made may hold events all the same, since CloudWatch Logs takes some
 * that are older; but a task for each such window of a long range would take
 * hours, so only one that may have events gets one. e: log_group and window are
 * set; source becomes what was asked.
 */
int window_needs_task(struct export_run *run, const struct log_group *group, struct ledger_entry *e,
		      struct error **err);
/*
 * After a task without events CloudWatch Logs must be empty too, or something
 * went wrong that nobody said. Where it refuses to look, the task is taken at
 * its word: e->source says so, and a note, once a run.
 */
int window_prove_empty(struct export_run *run, struct ledger_entry *e, struct error **err);

#endif
