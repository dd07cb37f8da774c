/* SPDX-License-Identifier: MIT */
/* What is to be checked, as the names of the ledger entries tell it. */
#ifndef VERIFY_PLAN_H
#define VERIFY_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "archive/window.h"

struct api_log;
struct api_logs;
struct check_options;
struct check_sink;
struct error;
struct ledger_list;

enum plan_kind {
	PLAN_ENTRY,     /* a recorded window of the range */
	PLAN_NEIGHBOUR, /* outside the range, but in the same folder as windows of it */
	PLAN_GAP,       /* no entry covers this time */
	PLAN_EXPIRED,   /* the same, and CloudWatch Logs has deleted it by now */
	PLAN_UNSETTLED, /* the same, but it cannot be exported yet */
	PLAN_OVERLAP,   /* an entry that covers time that another one also covers */
};

struct plan_item {
	enum plan_kind kind;
	const struct api_log *log;
	struct window window;
	uint64_t size; /* of the entry itself, in bytes */
	union {
		struct window other; /* of PLAN_OVERLAP: the other one */
		int64_t due_ms;      /* of PLAN_UNSETTLED: when it can be exported */
	};
};

/* True if the item has a ledger entry to read. */
bool plan_is_entry(const struct plan_item *i);

/* Sorted by log group, in the order of the selection, then by time. */
struct plan {
	struct plan_item *v;
	size_t n, entries;
	uint64_t size; /* of all entries that are to be read */
};
void plan_release(struct plan *p);
#define cleanup_plan cleanup(plan_release)

/* True if an entry of the log group is planned. */
bool plan_has_entries(const struct plan *p, const struct api_log *log);
/* True if an entry of the log group that begins on that day is planned. */
bool plan_has_day(const struct plan *p, const struct api_log *log, int64_t day_ms);

/*
 * Lists the ledgers of all log groups in parallel. If some fail, the others are still
 * planned: returns -1 and the first error with ret set. Only a fatal error leaves ret
 * untouched.
 */
int plan_make(const struct api_logs *logs, const struct check_options *opts,
	      const struct check_sink *sink, struct plan *ret, struct error **err);

/* The --window that a group is exported with, as its last window tells. */
int64_t plan_window_length(const struct ledger_list *list);

#endif
