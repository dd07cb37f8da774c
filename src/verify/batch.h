/* SPDX-License-Identifier: MIT */
/*
 * Some windows of one log group, checked together, so that every core has
 * objects to work on and memory stays flat however long the range is.
 */
#ifndef VERIFY_BATCH_H
#define VERIFY_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "archive/ledger.h"
#include "verify/source.h"
#include "verify/tally.h"

struct check_options;
struct check_sink;
struct error;
struct api_log;

/* One window. */
struct batch_window {
	struct ledger_entry entry;
	bool wanted; /* false: only its objects are known, to tell them from strangers */
	struct tally tally;
	unsigned problems;
	size_t unread; /* objects that were not read, or could not be */
};

struct batch {
	const struct api_log *log;
	const struct check_options *opts;
	const struct check_sink *sink;
	struct source_check source;
	uint8_t key[TALLY_KEY_SIZE];
	struct batch_window *windows;
	size_t n, objects;
	uint64_t done_objects, done_size;
	struct error *first_error; /* of objects that could not be read */
};

void batch_init(struct batch *b, const struct api_log *log, const struct check_options *opts,
		const struct check_sink *sink);
void batch_release(struct batch *b);
/* Takes the entry. */
void batch_add(struct batch *b, struct ledger_entry *entry, bool wanted);
bool batch_is_full(const struct batch *b);
/* Checks what was added, reports it, and empties the batch. */
int batch_run(struct batch *b, struct error **err);

#endif
