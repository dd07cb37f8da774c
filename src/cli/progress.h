/* SPDX-License-Identifier: MIT */
/* A line on the terminal that shows the progress and is rewritten in place. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct output;

struct progress {
	const struct output *output;
	int64_t shown_ms;
	bool on, visible;
};
void progress_init(struct progress *p, const struct output *o);
void progress_show(struct progress *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/*
 * "WHAT, 3.4 GiB, 120.5 MiB/s, 2m10s left", for work that began at started_ms and of
 * which a part (1: all) is done, which was this many bytes.
 */
void progress_show_work(struct progress *p, const char *what, uint64_t bytes, double part,
			int64_t started_ms);
/* Clears the line. Must be called before anything else is printed. */
void progress_clear(struct progress *p);

#endif
