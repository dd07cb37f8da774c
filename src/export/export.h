/* SPDX-License-Identifier: MIT */
/* The options and the results of an export, and what its parts share. */
#ifndef EXPORT_EXPORT_H
#define EXPORT_EXPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "archive/window.h"

struct api_log;
struct archive;
struct aws_client;
struct error;
struct ledger_entry;
struct redo;
struct workers;

/* How what was exported is compared with CloudWatch Logs. */
enum source_check {
	SOURCE_AUTO,   /* event by event, or by counts where that would take long */
	SOURCE_EVENTS, /* event by event */
	SOURCE_COUNTS, /* by counts, and event by event only where these differ */
	SOURCE_NONE,
};

struct export_options {
	const struct archive *archive;
	struct window range;
	/*
	 * The range of each log group begins with its first recorded window, or else with its
	 * first event; range.from_ms is 0.
	 */
	bool since_last;
	int64_t window_ms;   /* the length of a window; divides a day */
	int64_t settle_ms;   /* how long a window takes to settle after its end */
	int64_t settled_ms;  /* a window that ends later has not settled by both clocks */
	int64_t deadline_ms; /* 0: none */
	enum source_check source;
	int64_t recheck_from_ms; /* recorded windows that end later are rechecked; 0: none */
	bool redo;               /* export again what is damaged, and resolve overlaps */
	bool dry_run;
};

enum window_state {
	WINDOW_PLANNED, /* --dry-run */
	WINDOW_EXPORTED,
	WINDOW_EMPTY,     /* recorded as without events */
	WINDOW_EXPIRED,   /* no event was left: it begins before the retention of the log group */
	WINDOW_RECORDED,  /* by an earlier run */
	WINDOW_UNSETTLED, /* ended too recently: left for a later run */
	WINDOW_ABSENT, /* of the whole range: the stage is set up to log, but its group does not exist */
	WINDOW_FAILED,
};
const char *window_state_name(enum window_state s);
/* Of a window that was just recorded. */
enum window_state window_state_of(const struct ledger_entry *e);

struct export_result {
	const struct api_log *log;
	struct window window;
	enum window_state state;
	const struct ledger_entry *entry; /* of WINDOW_EXPORTED and WINDOW_EMPTY */
	bool adopted;                     /* the task was created by an earlier run */
	bool rechecked;                   /* CloudWatch Logs was asked for late events */
	const char *redone;               /* why an earlier entry is replaced, or NULL */
	const struct error *error;        /* of WINDOW_FAILED */
};

/* What is being waited for. */
struct export_progress {
	const struct api_log *log;
	struct window window;
	const char *state; /* a word or two: "RUNNING" */
	const char *what;  /* all of it: "export task … is RUNNING" */
	size_t n, total;   /* windows: which of how many this is; total 0: not known */
};

/* Arguments are borrowed. */
struct export_sink {
	void *data;
	void (*window)(void *data, const struct export_result *r);
	void (*progress)(void *data, const struct export_progress *p);
	void (*note)(void *data, const char *message);
	void (*warning)(void *data, const char *message);
};

/* What the windows of a run share. */
struct export_run {
	struct aws_client *client; /* the archive's */
	struct workers *workers;   /* they read the exported objects */
	const struct export_options *opts;
	const struct export_sink *sink;
	size_t begun, total; /* windows; total is 0 while it is not known */
	struct redo *redo;   /* NULL without opts->redo */
	unsigned known;      /* the readings that AWS may follow, so far (archive/readings.h) */
	bool counts_told;    /* a note said that Logs Insights is charged for */
	bool leftovers_told; /* a warning said that replaced objects cannot be removed */
	/* The last of which a note said that no event is late, by ingestion; borrowed. */
	const struct api_log *ingestion_told;
	bool refusal_told; /* a note said that windows are recorded without a comparison */
};

#endif
