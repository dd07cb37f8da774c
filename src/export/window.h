/* SPDX-License-Identifier: MIT */
/* One window of a log group: from its export task to its ledger entry. */
#ifndef EXPORT_WINDOW_H
#define EXPORT_WINDOW_H

#include <stdbool.h>

struct api_log;
struct error;
struct export_run;
struct ledger_entry;
struct log_group;
struct stored_entry;
struct window;

/*
 * Exports, verifies and records the window, unless another run records it first. ret becomes
 * the entry in the ledger. old: the entry that it replaces, or NULL. Its objects stay until
 * the new ones are recorded, and for good if CloudWatch Logs holds fewer events by now.
 */
int export_window(struct export_run *run, const struct api_log *log, const struct log_group *group,
		  const struct window *w, const struct stored_entry *old, struct ledger_entry *ret,
		  bool *ret_adopted, struct error **err);

#endif
