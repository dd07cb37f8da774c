/* SPDX-License-Identifier: MIT */
/* What a verification is asked, and what it says: the words of check.c and of what it calls. */
#ifndef VERIFY_REPORT_H
#define VERIFY_REPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "archive/window.h"

struct api_log;
struct archive;
struct workers;

/* What can be wrong. */
enum problem {
	PROBLEM_NOT_EXPORTED, /* no ledger entry has this time */
	PROBLEM_LEDGER,       /* an entry is damaged, or vanished while we looked */
	PROBLEM_OVERLAP,      /* two entries have the same time: its events are there twice */
	PROBLEM_MISSING,      /* an object is not there */
	PROBLEM_CHANGED,      /* an object has another size or ETag than recorded */
	PROBLEM_DAMAGED,      /* an object's gzip or its lines */
	PROBLEM_UNRECORDED, /* an object that no entry has: its lines are there twice, or too early */
	PROBLEM_SOURCE,     /* CloudWatch Logs holds other events */
};
/* "not_exported", … as in JSON. */
const char *problem_name(enum problem p);

struct check_options {
	const struct archive *archive;
	struct window range;     /* what must be there */
	bool all;                /* whatever is recorded, instead of a range */
	bool quick;              /* sizes and ETags only: nothing is fetched */
	bool compare;            /* with CloudWatch Logs */
	struct workers *workers; /* borrowed */
};

/* How a window came out. source_events is -1 where CloudWatch Logs was not asked. */
struct window_result {
	const struct api_log *log;
	struct window window;
	const char *state; /* the ledger's: "exported" or "empty" */
	uint64_t objects, events, size, bytes;
	int64_t source_events;
	unsigned problems;
};

/* Where the results go; called by one thread at a time, arguments are borrowed. */
struct check_sink {
	void *data;
	void (*window)(void *data, const struct window_result *r);
	/* key may be NULL. */
	void (*problem)(void *data, enum problem p, const struct api_log *log,
			const struct window *w, const char *key, const char *message);
	void (*progress)(void *data, uint64_t objects, uint64_t size);
	/* A stage is to log, and its log group does not exist. */
	void (*absent)(void *data, const struct api_log *log);
	void (*note)(void *data, const char *message);
};

#endif
