/* SPDX-License-Identifier: MIT */
/* One line that says what is going on, rewritten in place; only on a terminal. */
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
/* Clears the line; before anything else is written to the terminal. */
void progress_clear(struct progress *p);

#endif
