/* SPDX-License-Identifier: MIT */
/* Listing the folders of a day: which objects of each window exist, and which are in no entry. */
#ifndef VERIFY_LISTING_H
#define VERIFY_LISTING_H

#include <stdbool.h>
#include <stddef.h>

#include "archive/ledger.h"
#include "verify/tally.h"

struct aws_client;
struct check_options;
struct error;
struct plan_item;

/* An object in no entry: left by a killed run, written by a run in progress, or foreign. */
struct unrecorded {
	char *key;    /* owned */
	bool of_task; /* it lies in the folder of a recorded task */
};

/* A window while it is checked. */
struct batch_window {
	const struct plan_item *item;
	struct ledger_entry entry; /* objects sorted by key; destination is NULL until it is read */
	struct tally tally;
	bool listed; /* found is set in each object that exists */
	struct unrecorded *unrecorded;
	size_t n_unrecorded;
	struct error *error; /* owned; ERR_FOUND: the entry is damaged; else why it is unchecked */
};
void batch_window_release(struct batch_window *w);

/*
 * Lists every folder of n windows of one day and log group, with the client given.
 * Unrecorded objects are added to the first of the windows that is in the range.
 */
int list_day(const struct check_options *opts, struct aws_client *c, struct batch_window *v,
	     size_t n, struct error **err);

#endif
