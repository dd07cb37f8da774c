/* SPDX-License-Identifier: MIT */
/*
 * Ledger entries that give way: to another of the same window, which was exported again, or
 * to entries of other windows that cover the same time.
 *
 * What gives way is kept below _ledger/_replaced/ first, byte for byte, so a run that is
 * killed in between loses nothing. Objects are left to the caller: whoever removes them
 * does so last.
 */
#ifndef ARCHIVE_REPLACE_H
#define ARCHIVE_REPLACE_H

#include "archive/ledger.h"
#include "base/buf.h"

struct api_log;
struct archive;
struct error;
struct strv;
struct window;

/* An entry as S3 has it. */
struct stored_entry {
	struct buf text;
	char *etag;
	struct ledger_entry entry; /* log_group is NULL if it is damaged */
};
void stored_entry_release(struct stored_entry *s);
#define cleanup_stored_entry cleanup(stored_entry_release)

/*
 * Reads an entry, even a damaged one: returns 1, 0 if there is none, -1 on error. One of a
 * later schema version is ERR_REFUSED, for it is not this program's to replace.
 */
int stored_entry_read(const struct archive *a, const char *log_group, const struct window *w,
		      struct stored_entry *ret, struct error **err);
/* Writes e in its place: returns 1, 0 if another run has changed or removed it, -1 on error. */
int stored_entry_replace(const struct archive *a, const struct stored_entry *old,
			 const struct ledger_entry *e, struct error **err);
/* Removes it: returns 1, 0 if another run has changed or removed it, -1 on error. */
int stored_entry_retire(const struct archive *a, const char *log_group, const struct window *w,
			const struct stored_entry *old, struct error **err);
/*
 * The folder of its task, with '/' at the end, or NULL if there is none or it is not one of
 * the log group's: an entry may be forged, and the folder's objects are to be removed.
 * Caller frees.
 */
char *stored_entry_folder(const struct archive *a, const struct api_log *log,
			  const struct stored_entry *s);
/* Appends the ids of the tasks of the window's entries that have given way. */
int replaced_tasks(const struct archive *a, const char *log_group, const struct window *w,
		   struct strv *ret, struct error **err);
/* Returns 1 if an entry of that task has given way, 0 if not, -1 on error. */
int replaced_has_task(const struct archive *a, const char *log_group, const char *task_id,
		      struct error **err);

#endif
