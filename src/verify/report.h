/* SPDX-License-Identifier: MIT */
/* The options and results of a check, which check.c and everything below it share. */
#ifndef VERIFY_REPORT_H
#define VERIFY_REPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "archive/window.h"

struct against;
struct api_log;
struct archive;
struct error;
struct ledger_entry;
struct storage;
struct workers;

/* What can be wrong. */
enum problem {
	PROBLEM_NOT_EXPORTED, /* no ledger entry covers this time */
	PROBLEM_LEDGER,       /* an entry is damaged, or was removed during the run */
	PROBLEM_OVERLAP,      /* two entries cover the same time, so its events are there twice */
	PROBLEM_MISSING,      /* an object does not exist */
	PROBLEM_CHANGED,      /* an object is not the one that was recorded */
	PROBLEM_DAMAGED,      /* an object's gzip data or lines are damaged */
	PROBLEM_UNRECORDED,   /* an object in no entry: its events may be there twice */
	PROBLEM_SOURCE,       /* CloudWatch Logs holds other events */
	PROBLEM_REPORT,       /* it is not as an earlier report has it (against.h) */
	PROBLEMS
};
/* "not_exported" and so on, as in JSON. */
const char *problem_name(enum problem p);

struct check_options {
	const struct archive *archive;
	struct window range; /* the time that must be recorded */
	int64_t settled_ms;  /* a window that ends later cannot be exported yet */
	bool all;            /* check everything that is recorded, instead of a range */
	bool quick;          /* sizes and ETags only: no object is read */
	bool compare;        /* with CloudWatch Logs */
	bool counts;         /* first by numbers of events, and by events only where these differ */
	struct workers *workers; /* borrowed */
	struct against *against; /* an earlier report; borrowed; NULL: none */
};

enum check_state {
	CHECK_WHOLE,
	CHECK_EMPTY,   /* recorded, and without events */
	CHECK_EXPIRED, /* CloudWatch Logs had deleted some or all of it before it was exported */
	CHECK_WRONG,
	CHECK_UNSETTLED, /* neither recorded nor due */
	CHECK_UNCHECKED, /* because of an error */
};
/* "whole" and so on, as in JSON. */
const char *check_state_name(enum check_state s);

/* The result for a window. source_events is -1 if CloudWatch Logs was not asked. */
struct check_result {
	const struct api_log *log;
	struct window window;
	enum check_state state;
	uint64_t objects, events, size, bytes;
	int64_t source_events;
	bool counted;      /* source_events is a count; the events were not compared */
	unsigned readings; /* that are possible by then (archive/readings.h) */
	int64_t due_ms;    /* of CHECK_UNSETTLED: when it can be exported */
	const struct ledger_entry *entry; /* borrowed; NULL: none was read */
};

/* How far the run has got. */
struct check_progress {
	uint64_t windows, windows_total;
	uint64_t objects, size; /* read */
	double part;            /* of all the work, 0 to 1 */
};

/* Receives the results, by log group and time; arguments are borrowed. */
struct check_sink {
	void *data;
	void (*window)(void *data, const struct check_result *r);
	/* key may be NULL. A window's problems are reported before its result. */
	void (*problem)(void *data, enum problem p, const struct api_log *log,
			const struct window *w, const char *key, const char *message);
	/* Called by one thread at a time. */
	void (*progress)(void *data, const struct check_progress *p);
	/*
	 * This many events are stamped in the window but, by ingestion, belong to a
	 * later one that was not compared with CloudWatch Logs.
	 */
	void (*elsewhere)(void *data, const struct api_log *log, const struct window *w,
			  uint64_t events);
	/* The stage is set up to log, but its log group does not exist. */
	void (*absent)(void *data, const struct api_log *log);
	/* The objects of a task are still there although its entry gave way to another. */
	void (*replaced)(void *data, const struct api_log *log, const struct window *w,
			 const char *key);
	void (*note)(void *data, const char *message);
	/* At the end: how the objects are stored. NULL: that is of no interest. */
	void (*storage)(void *data, const struct storage *s);
};

#endif
