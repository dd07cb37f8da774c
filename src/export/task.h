/* SPDX-License-Identifier: MIT */
/*
 * One export task, on the one slot that a region has.
 *
 * A task is found again by its name, which says what it exports and where to,
 * so that a run that was killed, or whose reply was lost, is not repeated.
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
	/* Prefixes in the bucket: the first is for a new task, one that is there may have any. */
	const struct strv *destinations;
	struct window window;
};

/* How waiting is told to people, and how long it may last. */
struct task_wait {
	int64_t deadline_ms; /* 0: as long as it takes */
	void (*progress)(void *data, const char *what);
	void *data;
};

/* "apigw-logs-" and a digest of the order with this destination. Caller frees. */
char *task_name(const struct task_order *o, const char *destination);

/*
 * Looks for a task of this order that is under way or done: 1 and the task,
 * 0, -1. A task that failed or was cancelled does not count; what it left in
 * the bucket is removed, for nothing else will ever own it.
 */
int task_adopt(const struct task_order *o, struct export_task *ret, struct error **err);
/* The same for a task that is done: it costs a list of a folder, and a call for each task in it. */
int task_find_done(const struct task_order *o, struct export_task *ret, struct error **err);

/* Waits for the slot and creates the task. ret is as AWS describes it afterwards. */
int task_create(const struct task_order *o, const struct task_wait *wait, struct export_task *ret,
		struct error **err);

/*
 * Waits for its end. FAILED and CANCELLED are errors, after what the task left
 * was removed; t is brought up to date.
 */
int task_follow(const struct task_order *o, const struct task_wait *wait, struct export_task *t,
		struct error **err);

#endif
