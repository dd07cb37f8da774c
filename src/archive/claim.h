/* SPDX-License-Identifier: MIT */
/* A ledger entry claims a time: which of two that overlap stands. */
#ifndef ARCHIVE_CLAIM_H
#define ARCHIVE_CLAIM_H

struct archive;
struct error;
struct ledger_entry;
struct window;

/*
 * After ledger_write(): runs that cut their windows differently do not meet in one
 * key, so two may have written entries that overlap. The later one, by S3's clock
 * and then by key, takes its own back. The other one waits for that: an entry that
 * stays is of a run that had ended before ours was there to see, and ours goes.
 * 1 if the entry stands, 0 if it was taken back, and ret_other is the window that
 * does; -1.
 */
int claim_confirm(const struct archive *a, const struct ledger_entry *e, struct window *ret_other,
		  struct error **err);

#endif
