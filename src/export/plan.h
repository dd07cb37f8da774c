/* SPDX-License-Identifier: MIT */
/* Which windows of a log group are recorded, and which are to be exported. */
#ifndef EXPORT_PLAN_H
#define EXPORT_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "archive/window.h"
#include "aws/service/logs.h"
#include "base/cleanup.h"

struct api_log;
struct error;
struct export_run;

/* What is known of a log group when its windows are planned. */
struct export_plan {
	struct log_group group;
	struct windows recorded; /* of the range; with since_last only for a redo */
	struct windows todo;
	int64_t recorded_to_ms; /* the end of the last recorded window; 0 without any */
	bool made;
	struct error *error; /* owned; why it could not be made */
};

void export_plan_release(struct export_plan *p);
#define cleanup_export_plan cleanup(export_plan_release)

/*
 * Splits the range into windows that are recorded and windows that are not, and learns how
 * AWS read the last one. ret->group is the caller's: its name is NULL if it does not exist.
 */
int export_plan_make(struct export_run *run, const struct api_log *log, struct export_plan *ret,
		     struct error **err);
/* The parts of the window that no other run has recorded since the plan was made. */
int export_plan_again(struct export_run *run, const struct api_log *log, const struct window *w,
		      struct windows *ret, struct error **err);

#endif
