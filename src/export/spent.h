/* SPDX-License-Identifier: MIT */
/*
 * Export tasks of a window that no longer count, because its entry has given way to another
 * or is about to. Their objects are removed only when the entry that replaces theirs is
 * written, so a run that is killed before leaves both sets of objects, and the next one
 * completes it: it finds the earlier tasks by the entries that are kept (replace.h).
 */
#ifndef EXPORT_SPENT_H
#define EXPORT_SPENT_H

#include "base/str.h"

struct api_log;
struct error;
struct export_run;
struct window;

struct spent {
	struct strv ids, folders; /* of each task and each place that its objects may be in */
};
void spent_release(struct spent *s);
#define cleanup_spent cleanup(spent_release)

/* Takes the folder, which has '/' at its end. */
void spent_add(struct spent *s, const char *task_id, char *folder);
/* The tasks of all entries of the window that have given way. */
int spent_add_replaced(struct spent *s, const struct export_run *run, const struct api_log *log,
		       const struct window *w, struct error **err);
/*
 * Removes the objects of all but one task, which may be NULL. Where the bucket does not let
 * them go, a warning says so: the ledger does not have them, so they are no damage.
 */
int spent_remove(const struct spent *s, struct export_run *run, const char *but,
		 struct error **err);

#endif
