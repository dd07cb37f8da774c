/* SPDX-License-Identifier: MIT */
/*
 * The batch: plan, do, prove, record. A window is recorded in the ledger only
 * after its objects were read and found whole; a run that was killed at any
 * point is finished by the next.
 */
#ifndef EXPORT_RUN_H
#define EXPORT_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "archive/window.h"

struct archive;
struct error;
struct api_log;
struct api_logs;

struct export_options {
	const struct archive *archive;
	struct window range;
	int64_t window_ms;   /* of the windows: a day, or what divides it */
	int64_t settled_ms;  /* what is younger may not be exportable yet */
	int64_t deadline_ms; /* 0: none */
	bool dry_run;
};

enum window_state {
	WINDOW_PLANNED, /* --dry-run */
	WINDOW_EXPORTED,
	WINDOW_EMPTY,     /* nothing was in it, and that is recorded */
	WINDOW_RECORDED,  /* by an earlier run */
	WINDOW_UNSETTLED, /* too young: left for a later run */
	WINDOW_FAILED,
};
const char *window_state_name(enum window_state s);

struct export_result {
	const struct api_log *log;
	struct window window;
	enum window_state state;
	const char *task_id; /* or NULL */
	bool adopted;        /* the task was made by an earlier run */
	const char *source;  /* the ledger entry's, or NULL */
	uint64_t objects, events, size, bytes;
	const struct error *error; /* of WINDOW_FAILED */
};

/* Where the results go; arguments are borrowed. */
struct export_sink {
	void *data;
	void (*window)(void *data, const struct export_result *r);
	void (*progress)(void *data, const struct api_log *log, const struct window *w,
			 const char *what);
	void (*note)(void *data, const char *message);
};

/*
 * All windows of all log groups. 0 if all are done or recorded. A window that fails
 * is left behind and the others go on, unless none can; then -1: the first error
 * itself, or ERR_PARTIAL if something was done.
 */
int export_run(const struct api_logs *logs, const struct export_options *opts,
	       const struct export_sink *sink, struct error **err);

#endif
