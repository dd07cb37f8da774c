/* SPDX-License-Identifier: MIT */
/* What an export task wrote: whether it is whole, and what CloudWatch Logs holds. */
#ifndef EXPORT_PROVE_H
#define EXPORT_PROVE_H

#include <stdbool.h>

struct api_log;
struct error;
struct export_run;
struct ledger_entry;
struct log_group;

/*
 * Lists and reads the objects of e's task, compares them with CloudWatch Logs, and
 * fills in what the entry says of it; the run learns how AWS reads windows.
 * adopted: this run did not see the task from its making on, so its objects count
 * only if they are compared, where that is possible. ERR_FOUND: they are not what
 * they should be. ret_again is true then where CloudWatch Logs still has all of the
 * window, so that they may be removed, and the window exported anew.
 */
int window_prove(struct export_run *run, const struct api_log *log, const struct log_group *group,
		 struct ledger_entry *e, bool adopted, bool *ret_again, struct error **err);

#endif
