/* SPDX-License-Identifier: MIT */
/*
 * The numbers of a window's events by stream, as Logs Insights counts them. That is
 * quicker than reading every event, but says less: equal numbers are not the same
 * lines, and different ones may have a reason that only the events tell.
 */
#ifndef VERIFY_COUNTS_H
#define VERIFY_COUNTS_H

#include <stddef.h>
#include <stdint.h>

struct archive_object;
struct aws_client;
struct error;
struct window;

/*
 * 1 if each stream has as many events in the objects, which were read, as CloudWatch Logs
 * has with a stamp in the window, without those that came after the task was
 * made; 0 if not, or if there are too many streams to tell; -1.
 */
int counts_compare(struct aws_client *c, const char *log_group, const struct window *w,
		   int64_t task_ms, const struct archive_object *objects, size_t n,
		   struct error **err);

#endif
