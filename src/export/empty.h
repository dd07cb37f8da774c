/* SPDX-License-Identifier: MIT */
/* Whether a window needs a task, and what to do if CloudWatch Logs cannot be compared with. */
#ifndef EXPORT_EMPTY_H
#define EXPORT_EMPTY_H

struct error;
struct export_run;
struct ledger_entry;
struct log_group;

/*
 * 1 if the window needs an export task, 0 if not, -1. A window that ends before the log
 * group was created, or that is past its retention, may still hold events: CloudWatch Logs
 * accepts older ones, and deletes late. A task for each such window of a long range
 * would take hours, so only those that may have events get one. e->log_group and
 * e->window must be set; e->source is set if CloudWatch Logs was asked and there is no task.
 */
int window_needs_task(struct export_run *run, const struct log_group *group, struct ledger_entry *e,
		      struct error **err);
/*
 * For an error own of a request for the window's events. 0 if CloudWatch Logs refused it,
 * as it does for some log classes and without the permission: the task is then trusted,
 * e->source says so, and the first time in a run a note does. Otherwise -1, and own is
 * moved to err.
 */
int source_refused(struct export_run *run, struct ledger_entry *e, struct error **own,
		   struct error **err);
/* The same if it answered, but has deleted events since; why says what differs. */
void source_not_comparable(struct export_run *run, struct ledger_entry *e, const struct error *why);

#endif
