/* SPDX-License-Identifier: MIT */
/*
 * Compares the archive with an earlier report of verify. Whoever may write to the
 * bucket can rewrite an object and its ledger entry so that they agree, but not a
 * report that an auditor keeps.
 */
#ifndef VERIFY_AGAINST_H
#define VERIFY_AGAINST_H

#include <stddef.h>
#include <stdint.h>

#include "archive/api_log.h"
#include "archive/object.h"
#include "archive/window.h"

struct check_options;
struct check_sink;
struct error;
struct ledger_entry;

struct against_window {
	struct api_log log;
	struct window window;
	struct archive_object *objects; /* as recorded; sorted by key */
	size_t n_objects;
	bool seen;
};
struct against {
	struct against_window *v; /* sorted by log group, then by time */
	size_t n;
	int64_t made_ms;
	char *bucket, *prefix; /* of the archive */
	uint64_t added;        /* windows that were recorded since */
};
void against_release(struct against *a);
#define cleanup_against cleanup(against_release)

/* Fails with ERR_USAGE if it is not a report, or one of a newer program. */
int against_parse(const char *text, size_t len, struct against *ret, struct error **err);

/*
 * Reports how a window differs, and returns the number of differences. Those between
 * the objects and the entry were reported before and are not repeated. e is NULL if the
 * entry exists but could not be checked.
 */
unsigned against_window(struct against *a, const struct check_sink *sink, const struct api_log *log,
			const struct window *w, const struct ledger_entry *e);
/* Reports the windows of the range that were not seen. */
void against_end(const struct against *a, const struct check_sink *sink,
		 const struct check_options *opts);

#endif
