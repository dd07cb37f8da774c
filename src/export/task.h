/* SPDX-License-Identifier: MIT */
/*
 * One export task. A region runs only one at a time.
 *
 * A task's name is a digest of what it exports and where to. By its name it is found again
 * after its run was killed or a reply was lost, and the export is not repeated.
 */
#ifndef EXPORT_TASK_H
#define EXPORT_TASK_H

#include <stdbool.h>
#include <stdint.h>

#include "archive/window.h"
#include "aws/service/logs.h"

struct archive;
struct error;
struct strv;

/* What a task is to do; all borrowed. */
struct task_order {
	const struct archive *archive;
	const char *log_group;
	/* Prefixes in the bucket: a new task gets the first, an existing one may have any. */
	const struct strv *destinations;
	const struct strv *spent; /* ids of tasks that do not count, or NULL */
	struct window window;
};

/* How to report that it waits, and how long it may. */
struct task_wait {
	int64_t deadline_ms; /* 0: as long as it takes */
	void (*progress)(void *data, const char *state, const char *what);
	void *data;
};

/*
 * Looks for a task of this order that is active or completed: 1 and the task, 0 if there is
 * none, -1. A failed or cancelled task does not count, and its objects are removed from the
 * bucket, because no ledger entry will ever refer to them.
 */
int task_adopt(const struct task_order *o, struct export_task *ret, struct error **err);
/* The same for a task that is done: it costs a list of a folder, and a call for each task in it. */
int task_find_done(const struct task_order *o, struct export_task *ret, struct error **err);

/* Waits until the region takes a task, and creates it, or adopts one of this order. */
int task_create(const struct task_order *o, const struct task_wait *wait, struct export_task *ret,
		struct error **err);

/* The aws_code of the error if a task failed, by itself or because it took AWS too long. */
#define TASK_FAILED "FAILED"

/*
 * Waits until the task ends, and updates t. FAILED and CANCELLED are errors; the task's
 * objects are removed first.
 */
int task_follow(const struct task_order *o, const struct task_wait *wait, struct export_task *t,
		struct error **err);

#endif
