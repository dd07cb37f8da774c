/* SPDX-License-Identifier: MIT */
/* Whether a window needs a task; and where CloudWatch Logs does not say what it holds. */
#ifndef EXPORT_EMPTY_H
#define EXPORT_EMPTY_H

struct error;
struct export_run;
struct ledger_entry;
struct log_group;

/*
 * 1 if the window is to have an export task, 0, -1. One that ends before the
 * group was made may hold events all the same, since CloudWatch Logs takes some
 * that are older, and so may one that is past the group's retention; but a task for
 * each such window of a long range would take hours, so only one that may have
 * events gets one. e: log_group and window are set; source becomes what was asked.
 */
int window_needs_task(struct export_run *run, const struct log_group *group, struct ledger_entry *e,
		      struct error **err);
/*
 * CloudWatch Logs refused to say what it holds, as for some log classes and without the
 * permission: 0, the task is taken at its word, e->source says so, and a note,
 * once a run. -1 where the error own is of another kind; it is moved to err.
 */
int source_refused(struct export_run *run, struct ledger_entry *e, struct error **own,
		   struct error **err);
/* The same where it answered, but has deleted events since. */
void source_not_comparable(struct export_run *run, struct ledger_entry *e, const struct error *why);

#endif
