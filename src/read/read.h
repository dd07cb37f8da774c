/* SPDX-License-Identifier: MIT */
/* Reads the events of a range of time from an archive, as they were logged. */
#ifndef READ_READ_H
#define READ_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct api_log;
struct archive;
struct error;
struct filter;
struct read_plan;
struct workers;

struct read_options {
	const struct archive *archive;
	struct workers *workers;
	const struct filter *filter;
	/*
	 * Where to sort what does not fit into memory; NULL: events come in any order, as fast
	 * as they arrive, but those of an object in its order.
	 */
	const char *sort_folder;
};

struct read_event {
	const struct api_log *log;
	const char *stream; /* as the export spells it */
	int64_t ms;
	const char *text; /* with the time stamp, and with the further lines of its message */
	size_t n;         /* without the last '\n' */
};

/* Both are called by one thread at a time. */
struct read_sink {
	void *data;
	/* -1 ends the run with that error. */
	int (*event)(void *data, const struct read_event *e, struct error **err);
	/* An object that is damaged, changed or not there; the others are read. */
	void (*problem)(void *data, const char *key, const struct error *why);
};

int read_events(const struct read_plan *plan, const struct read_options *o,
		const struct read_sink *sink, struct error **err);

#endif
