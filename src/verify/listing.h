/* SPDX-License-Identifier: MIT */
/* The folders of a day, listed: what the bucket has of each window, and what no window has. */
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

/* An object of no entry: of a run that was killed or goes on, or foreign. */
struct unrecorded {
	char *key;    /* owned */
	bool of_task; /* it lies among the objects of a recorded task */
};

/* A recorded window on its way. */
struct batch_window {
	const struct plan_item *item;
	struct ledger_entry entry; /* its objects by key; without destination it was not read */
	struct tally tally;
	bool listed; /* found is set in all objects that the bucket has */
	struct unrecorded *unrecorded;
	size_t n_unrecorded;
	struct error *error; /* owned; ERR_FOUND: the entry's; else why it could not be checked */
};
void batch_window_release(struct batch_window *w);

/*
 * Lists every folder of n windows of one day and log group, through the client.
 * Each unrecorded object goes to the first window of the range.
 */
int list_day(const struct check_options *opts, struct aws_client *c, struct batch_window *v,
	     size_t n, struct error **err);

#endif
