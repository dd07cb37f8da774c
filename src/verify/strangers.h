/* SPDX-License-Identifier: MIT */
/* Objects that are in no ledger entry, by the folder of the export task that wrote them. */
#ifndef VERIFY_STRANGERS_H
#define VERIFY_STRANGERS_H

#include <stdbool.h>
#include <stddef.h>

#include "archive/window.h"

struct api_log;
struct aws_client;
struct check_options;
struct check_sink;
struct error;

struct stranger {
	char *folder; /* owned; with '/' at the end, or the object's key if it is in no folder */
	char *key;    /* owned; of its first object */
	size_t objects;
	struct window window; /* the task's; if that is unknown, what the place allows */
	bool replaced;        /* an entry of the task gave way to another (archive/replace.h) */
	bool under_way;       /* the task runs or has just ended: its entry is yet to come */
};
struct strangers {
	struct stranger *v;
	size_t n;
};
void strangers_release(struct strangers *l);

/* Adds an object of a day's folder ("…/dt=2026-11-21/"). Objects must come sorted by key. */
void strangers_add(struct strangers *l, const char *day_folder, int64_t day_ms, const char *key);
/*
 * Asks AWS about the folders that are named like a task, and drops those of other log
 * groups or outside the range. A refusal counts as an unknown task.
 */
int strangers_ask(struct strangers *l, const struct check_options *opts, const struct api_log *log,
		  struct aws_client *c, struct error **err);
/* Reports a note or a problem for each folder. */
void strangers_report(const struct strangers *l, const struct api_log *log,
		      const struct check_sink *sink);

#endif
