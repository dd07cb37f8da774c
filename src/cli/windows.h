/* SPDX-License-Identifier: MIT */
/* Windows of log groups in the output: a table that is printed row by row, and JSON. */
#ifndef CLI_WINDOWS_H
#define CLI_WINDOWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "archive/window.h"
#include "base/json.h"
#include "cli/output.h"

struct api_log;
struct archive;
struct ledger_entry;
struct window;

/* Consecutive windows of a log group without problems, as one row. */
struct window_row {
	const struct api_log *log; /* borrowed */
	struct window window;      /* from the first to the last of them */
	uint64_t n;                /* windows */
	uint64_t events, objects, size;
	const char *state, *remark; /* borrowed; remark: ", as in CloudWatch", or "" */
};

/* "GROUP (access log of API/STAGE)". Caller frees. */
char *log_title(const struct api_log *log);

/* The table of a run. Rows are printed immediately, below the name of their log group. */
struct window_list {
	const struct output *output;
	const struct api_log *log; /* of the last row; borrowed */
	struct window_row pending; /* by window_list_merge(); n is 0 if there is none */
	size_t widths[2];          /* of the state and of the window, which grows as needed */
};
/* state_width: that of the longest state. */
void window_list_init(struct window_list *l, const struct output *o, size_t state_width);

void window_list_add(struct window_list *l, const struct api_log *log, const struct window *w,
		     enum style style, const char *state, const char *fmt, ...)
	__attribute__((format(printf, 6, 7)));

/*
 * Adds a row that may still grow. It is printed when a row is added that does not
 * continue it, or by window_list_flush(), which must be called before any other output.
 */
void window_list_merge(struct window_list *l, const struct window_row *row);
void window_list_flush(struct window_list *l);

/*
 * "2026-11-21" for a whole day of UTC, "2026-11-19 to 2026-11-21" for several,
 * "2026-11-21 06:00-12:00" for a part of one, else both ends. Caller frees.
 */
char *window_label(const struct window *w);
/* log_group, api_id, api_name, stage, kind, from and to. */
json_t *log_window_json(const struct api_log *s, const struct window *w);
/* Sets objects, events and size. */
void json_set_amounts(json_t *j, uint64_t events, uint64_t objects, uint64_t size);

/* "range  FROM to TO"; since_last: each log group has a FROM of its own. */
void print_range(const struct output *o, const struct window *range, bool since_last);
/* The beginning of a result: bucket, prefix, region and range (may be NULL). */
json_t *archive_json(const struct archive *a, const struct window *range);
/* What was recorded of a window. */
void json_set_entry(json_t *j, const struct ledger_entry *e);
/* "window_by" and "to_included", null while not known (archive/readings.h). */
void json_set_readings(json_t *j, unsigned readings);
/* The same as a sentence, once something is known. */
void print_readings(const struct output *o, unsigned readings);

#endif
