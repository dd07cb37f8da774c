/* SPDX-License-Identifier: MIT */
/*
 * The number of a window's events in each stream, as Logs Insights counts them. This is
 * faster than reading every event but proves less: equal numbers do not mean equal
 * lines, and a difference may have a reason that only the events can tell.
 */
#ifndef VERIFY_COUNTS_H
#define VERIFY_COUNTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct archive_object;
struct aws_client;
struct error;
struct window;

/*
 * Compares what was read of the objects, or what is recorded of them. Returns 1 if the objects have, for each stream,
 * as many events as CloudWatch Logs has stamped in the window and ingested before
 * until_ms; 0 if not, or if there are too many streams to tell; -1 on error.
 * *ret_scanned: bytes that AWS charges for.
 */
int counts_compare(struct aws_client *c, const char *log_group, const struct window *w,
		   int64_t until_ms, const struct archive_object *objects, size_t n, bool recorded,
		   uint64_t *ret_scanned, struct error **err);
/* Counts the events that are stamped in the window and were ingested at since_ms or later. */
int counts_since(struct aws_client *c, const char *log_group, const struct window *w,
		 int64_t since_ms, uint64_t *ret, struct error **err);

#endif
