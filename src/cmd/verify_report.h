/* SPDX-License-Identifier: MIT */
/* The output of verify: prints what check_logs() reports as text or JSON. */
#ifndef CMD_VERIFY_REPORT_H
#define CMD_VERIFY_REPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/json.h"
#include "cli/problems.h"
#include "cli/progress.h"
#include "cli/windows.h"
#include "verify/report.h"

struct app;

struct verify_report {
	struct app *app;
	const struct check_options *check;
	struct progress progress;
	int64_t started_ms;
	struct window_list list;
	struct problem_list problem_list;
	json_t *windows, *problems, *storage;
	bool keep; /* a report is to be written: what it has is kept in the next two */
	json_t *kept_windows, *kept_problems;
	unsigned readings;                   /* what is known of AWS (archive/readings.h) */
	uint64_t count[CHECK_UNCHECKED + 1]; /* of windows, by state */
	uint64_t n_windows;                  /* that were checked */
	uint64_t n_compared, n_counted, n_elsewhere, n_absent, n_problems, n_gaps, n_redo, objects,
		events, size;
};

/* All borrowed. The sink is for check_logs(). keep: verify_report_document() will be called. */
struct check_sink verify_report_init(struct verify_report *o, struct app *app,
				     const struct check_options *check, bool keep);
/* Prints the summary. complete: everything could be checked. */
void verify_report_end(struct verify_report *o, bool complete);
/* The document for --report, once the run has ended; caller frees. */
json_t *verify_report_document(const struct verify_report *o, bool complete);
void verify_report_release(struct verify_report *o);

#endif
