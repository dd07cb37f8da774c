/* SPDX-License-Identifier: MIT */
/*
 * Where things are in the bucket:
 *
 *	<prefix>/region=<r>/api=<id>/stage=<s>/kind=<k>/dt=<YYYY-MM-DD>[/hh=<HH>]/<task id>/<stream>/000000.gz
 *	<prefix>/region=<r>/group=<escaped name>/dt=…
 *	<prefix>/_ledger/<region>/<escaped log group>/<from ms>-<to ms>.json
 *
 * CloudWatch Logs makes <task id>/<stream>/000000.gz itself; all before it is
 * the task's destination prefix. A name is escaped by percent-encoding all but
 * RFC 3986's unreserved characters. Strings are the caller's to free.
 */
#ifndef ARCHIVE_LAYOUT_H
#define ARCHIVE_LAYOUT_H

#include <stdbool.h>
#include <stdint.h>

#include "archive/window.h"

struct api_log;
struct strv;

/*
 * Without '/' at the end. It depends on the window alone, whatever --window cut
 * it, so that a run finds what another began: hh= is there for all but whole days.
 */
char *layout_destination(const char *prefix, const char *region, const struct api_log *log,
			 const struct window *w);
/*
 * Where the log group's days lie, however the group was selected: first where this
 * selection has them, then where --log-group or, by the name of an execution log, --api
 * would have them. "…/kind=access", without '/' at the end. Appended to ret.
 */
void layout_folders(const char *prefix, const char *region, const struct api_log *log,
		    struct strv *ret);
/* The same for a window of it: layout_destination() in each of these folders. */
void layout_destinations(const char *prefix, const char *region, const struct api_log *log,
			 const struct window *w, struct strv *ret);
/* With '/' at the end: of all log groups of a region, and of one. */
char *layout_ledger_folder(const char *prefix, const char *region);
char *layout_ledger_prefix(const char *prefix, const char *region, const char *log_group);
char *layout_ledger_key(const char *prefix, const char *region, const char *log_group,
			const struct window *w);
/* The window in a ledger entry's key; false if the key is none. */
bool layout_ledger_window(const char *key, struct window *ret);
/* What CloudWatch Logs writes to see if it may: it says "Permission Check Successful". */
char *layout_write_test_key(const char *destination);

/* "<task id>/<stream>/000000.gz" behind destination + '/': false if key is of another form. */
bool layout_split_object(const char *destination, const char *key, char **ret_task_id,
			 char **ret_stream);
/* How the names of this program's export tasks begin. */
#define TASK_NAME_PREFIX "apigw-logs-"
/* True if the name of a folder, up to its '/' or end, has the form of a task id: a UUID. */
bool layout_is_task_id(const char *folder);
/* A stream's name as the export writes it: '/' becomes '-'. */
char *layout_stream_folder(const char *stream);

#endif
