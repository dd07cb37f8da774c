/* SPDX-License-Identifier: MIT */
/* Lists a day's folders: which objects of each window exist, and which are in no entry. */
#ifndef VERIFY_LISTING_H
#define VERIFY_LISTING_H

#include <stdbool.h>
#include <stddef.h>

#include "archive/ledger.h"
#include "base/str.h"
#include "verify/strangers.h"
#include "verify/tally.h"

struct api_log;
struct aws_client;
struct check_options;
struct error;
struct plan;
struct plan_item;

/* A window that is being checked. */
struct batch_window {
	const struct plan_item *item;
	struct ledger_entry entry; /* objects sorted by key; destination is NULL until it is read */
	struct tally tally;
	/* By the numbers of events, before any object is read; bytes that were scanned for it. */
	enum { COUNTS_UNKNOWN, COUNTS_EQUAL, COUNTS_DIFFERENT } counts;
	uint64_t scanned;
	struct error *uncounted; /* owned; why they are unknown, if they were asked for */
	bool by_content;         /* its events are compared, so its objects are read */
	bool listed;             /* so that found is set in each object that exists */
	struct strv unrecorded;  /* keys in the folder of its task that the entry does not list */
	struct strangers strangers; /* of the whole day */
	struct error *error; /* owned; ERR_FOUND: the entry is damaged; else why it is unchecked */
};
void batch_window_release(struct batch_window *w);

/*
 * Lists every folder in which the n windows, of one day and log group, may have
 * objects. What is in no entry is added to the strangers of the first window that is in
 * the range.
 */
int list_day(const struct check_options *opts, struct aws_client *c, struct batch_window *v,
	     size_t n, struct error **err);
/*
 * Lists the days of the log group that may lie in the range and for which no window was
 * planned: a run that was killed may have left objects there.
 */
int list_other_days(const struct check_options *opts, struct aws_client *c,
		    const struct api_log *log, const struct plan *plan, struct strangers *ret,
		    struct error **err);

#endif
