/* SPDX-License-Identifier: MIT */
/* Decides which of two ledger entries stands if their windows overlap. */
#ifndef ARCHIVE_CLAIM_H
#define ARCHIVE_CLAIM_H

struct archive;
struct error;
struct ledger_entry;
struct window;

/*
 * To be called after ledger_write(). Runs that cut their windows differently write to
 * different keys, so their conditional puts do not exclude each other, and both may
 * record the same time. The run whose entry is later, by S3's clock and then by key,
 * removes its own. The other run waits for that; if the entry does not go away, its run
 * had ended before it could see ours, and so ours is removed. Returns 1 if the entry
 * stands, 0 if it was removed and ret_other is the window that stands, -1 on error.
 */
int claim_confirm(const struct archive *a, const struct ledger_entry *e, struct window *ret_other,
		  struct error **err);

#endif
