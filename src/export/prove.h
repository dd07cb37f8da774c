/* SPDX-License-Identifier: MIT */
/* Verifies what an export task wrote, also against CloudWatch Logs. */
#ifndef EXPORT_PROVE_H
#define EXPORT_PROVE_H

#include <stdbool.h>

struct api_log;
struct error;
struct export_run;
struct ledger_entry;
struct log_group;

/*
 * Lists and reads the objects of e's task, compares them with CloudWatch Logs, and completes
 * the entry with the results; run->known is narrowed by what the window shows.
 * adopted: an earlier run created the task, so its objects may have changed since and must
 * be compared if that is possible. ERR_FOUND: the objects are not what they should be;
 * *ret_again is then true if CloudWatch Logs still has the whole window, so that the
 * objects may be removed and the window exported again.
 */
int window_prove(struct export_run *run, const struct api_log *log, const struct log_group *group,
		 struct ledger_entry *e, bool adopted, bool *ret_again, struct error **err);

/* True if the window is to be compared by counts rather than event by event. */
bool prefers_counts(const struct export_run *run, const struct ledger_entry *e);
/*
 * Notes, once in a run, that counts are used and charged for. refused: why the events cannot
 * be read, or NULL.
 */
void note_counts(struct export_run *run, const struct error *refused);

#endif
