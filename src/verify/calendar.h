/* SPDX-License-Identifier: MIT */
/*
 * The state of each day of a log group, according to the ledger, the group's retention
 * and the export tasks. Only ledger entries are read, so a year takes seconds.
 */
#ifndef VERIFY_CALENDAR_H
#define VERIFY_CALENDAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "archive/window.h"
#include "base/cleanup.h"

struct api_logs;
struct archive;
struct error;
struct export_task;
struct workers;

/* From the least to the most that a user has to do about it. */
enum day_state {
	DAY_NOT_DUE,     /* not recorded, and it has not settled */
	DAY_WHOLE,       /* recorded */
	DAY_EMPTY,       /* recorded as without events */
	DAY_PROVISIONAL, /* recorded before it settled, or only in part while the rest is not due */
	DAY_RUNNING,     /* an export task for it is under way */
	DAY_EXPIRED,     /* CloudWatch Logs deleted some or all of it before it was exported */
	DAY_MISSING,     /* due, and not recorded */
	DAY_FAILED,      /* the same, and an export task for it failed or was cancelled */
	DAY_ENDANGERED,  /* the same, and CloudWatch Logs deletes it within CALENDAR_DANGER_MS */
	DAY_DAMAGED,     /* a ledger entry of it cannot be read */
	DAY_STATES
};
#define CALENDAR_DANGER_MS (3 * MS_DAY)
/* "not_due" and so on, as in JSON. */
const char *day_state_name(enum day_state s);

/* The calendar of a log group. */
struct calendar {
	int64_t first_ms; /* midnight of the first day */
	uint8_t *days;    /* enum day_state */
	size_t n;         /* 0: nothing of the range is recorded, or could be */
	bool exists;      /* in CloudWatch Logs */
	int64_t retention_days;
	unsigned readings; /* that its entries leave possible (archive/readings.h) */
};
void calendars_free(struct calendar *v, size_t n);

/* Export tasks of the region, of this program and of others. */
struct tasks {
	struct export_task *v;
	size_t n;
};
void tasks_release(struct tasks *t);
#define cleanup_tasks cleanup(tasks_release)
/* Appends those that are under way; or those that failed or were cancelled. */
int tasks_list(const struct archive *a, bool under_way, struct tasks *ret, struct error **err);

struct calendar_options {
	const struct archive *archive;
	struct workers *workers;
	struct window range; /* of whole days; a calendar begins with the first recorded one */
	int64_t now_ms;      /* by AWS's clock */
	const struct tasks *active, *failed;
};
/* One calendar for each log group; the caller frees them by calendars_free(). */
int calendars_make(const struct api_logs *logs, const struct calendar_options *opts,
		   struct calendar **ret, struct error **err);

#endif
