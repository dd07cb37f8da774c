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
	char *folder; /* owned; with '/' at the end, unless the object lies in no folder */
	char *key;    /* owned; of its first object */
	size_t objects;
	struct window window; /* the task's, or when one in this place may begin and end */
	bool under_way;       /* the task is, or it has just ended: its entry is to come */
};
struct strangers {
	struct stranger *v;
	size_t n;
};
void strangers_release(struct strangers *l);

/* An object of a day's folder ("…/dt=2026-11-21/"). They come in the order of their keys. */
void strangers_add(struct strangers *l, const char *day_folder, int64_t day_ms, const char *key);
/*
 * Asks AWS about the folders that are named like a task, and drops those that are
 * of another log group or outside the range. Where AWS refuses to say, none is known.
 */
int strangers_ask(struct strangers *l, const struct check_options *opts, const struct api_log *log,
		  struct aws_client *c, struct error **err);
/* A note or a problem for each folder. */
void strangers_report(const struct strangers *l, const struct api_log *log,
		      const struct check_sink *sink);

#endif
