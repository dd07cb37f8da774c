/* SPDX-License-Identifier: MIT */
/*
 * What has to be read for a range of time: the ledger entries whose objects may hold
 * events of it, in parts that follow each other in time. All events of a part are older
 * than those of the next one, so that a part can be sorted for itself.
 */
#ifndef READ_PLAN_H
#define READ_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "archive/window.h"

struct api_log;
struct api_logs;
struct archive;
struct error;
struct workers;

struct read_item {
	const struct api_log *log;
	struct window window; /* of the entry */
	struct window span;   /* of the events that its objects may hold; to_ms is included */
	bool has_others;      /* some lie outside the window */
	bool followed;        /* by an entry whose window begins where this one ends */
	bool shares_end;      /* what is stamped window.to_ms is in the objects of that one, too */
	bool begins_part;
};

/* In order of time. */
struct read_plan {
	struct read_item *v;
	size_t n;
	/*
	 * The time of the range that no entry covers: in how many log groups, and the
	 * first of them.
	 */
	size_t n_incomplete;
	const struct api_log *incomplete;
	struct window missing;
};
void read_plan_release(struct read_plan *p);
#define cleanup_read_plan cleanup(read_plan_release)

/* Fails if any part of the ledger cannot be read, because nobody could tell what is missing. */
int read_plan_make(const struct archive *a, struct workers *w, const struct api_logs *logs,
		   const struct window *range, struct read_plan *ret, struct error **err);
#endif
