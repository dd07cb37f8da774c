/* SPDX-License-Identifier: MIT */
/*
 * What --redo adds to a run. Recorded windows are checked first. Those whose entry or
 * objects are damaged are exported again, of two entries that overlap one gives way,
 * and the objects of tasks that no entry needs are removed.
 *
 * Whatever is removed was made superfluous before: an entry by its copy (replace.h),
 * objects by entries that cover their time. So a run may be killed at any point, and
 * another one completes it.
 */
#ifndef EXPORT_REDO_H
#define EXPORT_REDO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "archive/window.h"

struct api_log;
struct api_logs;
struct error;
struct export_run;
struct ledger_entry;
struct log_group;

/* A recorded window that is not as it should be. */
struct damage {
	const struct api_log *log; /* borrowed */
	struct window window;
	char *why;
	bool repaired;
};

/* A task's folder that no entry needs, as far as it is known. */
struct leftover {
	const struct api_log *log; /* borrowed */
	struct window window;
	char *folder; /* with '/' at the end */
	char *key;    /* of its first object; NULL: its entry gave way in this run */
};

struct redo {
	struct damage *v;
	size_t n;
	struct leftover *leftovers;
	size_t n_leftovers;
};

void redo_freep(struct redo **r);

/* Checks what is recorded of the log groups in the range. */
int redo_look(struct export_run *run, const struct api_logs *logs, struct redo **ret,
	      struct error **err);

/* The damage to a window, or NULL. */
struct damage *redo_find(const struct redo *r, const struct api_log *log, const struct window *w);
/* What is wrong with a recorded window and not repaired yet, borrowed, or NULL. */
const char *redo_reason(const struct redo *r, const struct api_log *log, const struct window *w);

/* Takes the folder; copies the key, which may be NULL. */
void redo_add_leftover(struct redo *r, const struct api_log *log, const struct window *w,
		       char *folder, const char *key);
/* Of an object that no entry records, and that may be anybody's. */
void redo_warn_unknown(struct export_run *run, const char *key);
/*
 * Why CloudWatch Logs no longer has all of a window that was recorded at that time, or NULL.
 * g: NULL if the log group no longer exists. Caller frees.
 */
char *redo_why_lost(struct export_run *run, const struct log_group *g, const struct window *w,
		    int64_t recorded_ms);

/* In overlap.c. */

/*
 * Removes entries of the log group until none overlap. The time that no other entry
 * covers is then missing. group: NULL if it no longer exists.
 */
int redo_overlaps(struct export_run *run, const struct api_log *log, const struct log_group *group,
		  struct error **err);
/* Exports a window again. ERR_FOUND: CloudWatch Logs no longer has it, and nothing is changed. */
int redo_window(struct export_run *run, const struct api_log *log, const struct log_group *group,
		const struct window *w, struct ledger_entry *ret, bool *ret_adopted,
		struct error **err);
/* At the end of a log group: removes objects whose time is recorded without them. */
int redo_sweep(struct export_run *run, const struct api_log *log, struct error **err);

#endif
