/* SPDX-License-Identifier: MIT */
/* The output of export: prints what export_run() reports as text or JSON. */
#ifndef CMD_EXPORT_REPORT_H
#define CMD_EXPORT_REPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "archive/window.h"
#include "base/json.h"
#include "cli/progress.h"
#include "cli/windows.h"
#include "export/export.h"

struct api_log;
struct app;

struct export_report {
	struct app *app;
	bool strict; /* an absent log group is a problem */
	struct progress progress;
	struct window_list list;
	char *last_failure, *last_step; /* printed last, and not to be repeated */
	int64_t started_ms;             /* of the first progress */
	int64_t step_ms, told_ms;       /* when last_step began, and was told last */
	struct {
		const struct api_log *log;
		struct window first;
		int64_t to_ms; /* of the last */
		uint64_t n;
	} recorded; /* consecutive recorded windows that are not printed yet */
	json_t *windows;
	uint64_t count[WINDOW_FAILED + 1], n_compared, n_counted, objects, events, size;
};

/* app is borrowed. The sink is for export_run(). */
struct export_sink export_report_init(struct export_report *o, struct app *app, bool strict);
/* Prints the summary. */
void export_report_end(struct export_report *o, const struct export_options *e);
void export_report_release(struct export_report *o);

#endif
