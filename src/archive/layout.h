/* SPDX-License-Identifier: MIT */
/*
 * The keys of objects in the bucket:
 *
 *	<prefix>/region=<r>/api=<id>/stage=<s>/kind=<k>/dt=<YYYY-MM-DD>[/hh=<HH>]/<task id>/<stream>/000000.gz
 *	<prefix>/region=<r>/group=<escaped name>/dt=…
 *	<prefix>/_ledger/<region>/<escaped log group>/<from ms>-<to ms>.json
 *	<prefix>/_ledger/_replaced/<region>/<escaped log group>/<from ms>-<to ms>.<id>.json
 *
 * CloudWatch Logs appends <task id>/<stream>/000000.gz to the task's destination
 * prefix. Names are escaped by percent-encoding all but RFC 3986's unreserved
 * characters. The caller frees the strings that are returned.
 */
#ifndef ARCHIVE_LAYOUT_H
#define ARCHIVE_LAYOUT_H

#include <stdbool.h>
#include <stdint.h>

#include "archive/window.h"

struct api_log;
struct strv;

/*
 * Without '/' at the end. It depends on the window alone and not on --window, so that
 * any run finds the task that another created: hh= is there for all but whole days.
 */
char *layout_destination(const char *prefix, const char *region, const struct api_log *log,
			 const struct window *w);
/*
 * Appends the folders that may hold the log group's days, depending on how it was
 * selected when it was exported: first that of the present selection, then that of
 * --log-group and, for an execution log, that of --api. "…/kind=access", without '/' at
 * the end.
 */
void layout_folders(const char *prefix, const char *region, const struct api_log *log,
		    struct strv *ret);
/* Appends the window's layout_destination() in each of these folders. */
void layout_destinations(const char *prefix, const char *region, const struct api_log *log,
			 const struct window *w, struct strv *ret);
/* The ledgers of all log groups of a region, and that of one. With '/' at the end. */
char *layout_ledger_folder(const char *prefix, const char *region);
char *layout_ledger_prefix(const char *prefix, const char *region, const char *log_group);
char *layout_ledger_key(const char *prefix, const char *region, const char *log_group,
			const struct window *w);
/* Where the entries of a log group are kept that gave way (replace.h). With '/' at the end. */
char *layout_replaced_prefix(const char *prefix, const char *region, const char *log_group);
/* The window in the key of a ledger entry; false if it is not such a key. */
bool layout_ledger_window(const char *key, struct window *ret);
/*
 * The object that CloudWatch Logs writes to test its permissions ("Permission Check
 * Successful").
 */
char *layout_write_test_key(const char *destination);
bool layout_is_write_test(const char *key);

/* The folder of a destination's day, "…/dt=2026-11-21/". */
char *layout_day_folder(const char *destination);
/* Parses the name of such a folder, "dt=2026-11-21/", with its '/'. False if it is another. */
bool layout_parse_day(const char *folder, int64_t *ret_ms);
/*
 * Skips "hh=05/" at the beginning of what follows a day's folder. *ret_ms is how far into the
 * day it is, 0 if there is none.
 */
const char *layout_skip_hour(const char *rest, int64_t *ret_ms);

/*
 * Splits what follows destination + '/', "<task id>/<stream>/000000.gz". False if it
 * has another form.
 */
bool layout_split_object(const char *destination, const char *key, char **ret_task_id,
			 char **ret_stream);
/* The beginning of the names of this program's export tasks. */
#define TASK_NAME_PREFIX "apigw-logs-"
/* True if the folder's name, up to a '/' or its end, has the form of a task id: a UUID. */
bool layout_is_task_id(const char *folder);
/* The name of a stream as an export writes it, with '-' for '/'. */
char *layout_stream_folder(const char *stream);

#endif
