/* SPDX-License-Identifier: MIT */
/*
 * Puts events in order of time, however many: what does not fit into memory goes to a
 * temporary file in sorted runs, which are merged at the end. The file has no name, so
 * that nothing is left of it, whatever ends the program.
 *
 * Events with the same time stamp are in the order of their objects, and within an
 * object in the order in which they were added.
 */
#ifndef READ_SORTER_H
#define READ_SORTER_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct error;

/* A line, and those of its message that follow it, without the last '\n'. */
struct event {
	int64_t ms;
	size_t object; /* whose: an index that the caller knows */
	const char *p; /* borrowed */
	size_t n;
};

/* -1 ends the merge. */
typedef int event_sink(void *data, const struct event *e, struct error **err);

struct sorter;
/* folder: where the file is created when it is needed. Borrowed. */
struct sorter *sorter_new(const char *folder);
void sorter_free(struct sorter *s);
/* Hands over all events, in order; it is empty then. */
int sorter_merge(struct sorter *s, event_sink *sink, void *data, struct error **err);

/*
 * The events of one object while it is read. They count only once they are committed,
 * because an object may have to be read again. Batches can be filled in parallel.
 */
struct sorter_batch;
struct sorter_batch *sorter_batch_new(struct sorter *s, size_t object);
void sorter_batch_free(struct sorter_batch *b);
DEFINE_CLEANUP(struct sorter_batch *, sorter_batch_free)
int sorter_batch_add(struct sorter_batch *b, int64_t ms, const char *p, size_t n,
		     struct error **err);
/* Only one thread at a time. The batch is empty then. */
int sorter_batch_commit(struct sorter_batch *b, struct error **err);

#endif
