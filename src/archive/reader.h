/* SPDX-License-Identifier: MIT */
/*
 * Reads objects of an archive. They are fetched and inflated, and their text is passed
 * to a sink as it arrives, so that memory use does not grow with their size.
 */
#ifndef ARCHIVE_READER_H
#define ARCHIVE_READER_H

#include <stddef.h>

struct archive;
struct archive_object;
struct error;
struct workers;

/* Called after each object that was tried, in any order; state is NULL if o->error is set. */
typedef void reader_done(void *data, void *state, struct archive_object *o);

/*
 * The sink has a state for each attempt at an object: begin creates it at the first
 * byte, text and end add to it, free releases it. Objects are read in parallel, so
 * these functions must not use anything else. done is called by one thread at a time.
 */
struct reader_sink {
	void *data;
	void *(*begin)(void *data, const struct archive_object *o);
	int (*text)(void *state, const char *p, size_t n, struct error **err);
	/*
	 * Called when the text has ended and all gzip members are intact. ERR_FOUND if
	 * the text is wrong.
	 */
	int (*end)(void *state, struct archive_object *o, struct error **err);
	void (*free)(void *state);
	reader_done *done;
};

/*
 * Reads n objects, whose found.etag and found.size must be set from a listing. One that
 * has far more text than was recorded (if recorded.etag is set) is not inflated to its end. An
 * object that fails has its error set, and the others are still read. A damaged object
 * is read a second time, in case it was damaged in transit. After ERR_UNREACHABLE, no
 * further object is started. Returns -1 only if interrupted.
 */
int archive_read(const struct archive *a, struct workers *w, struct archive_object *const *v,
		 size_t n, const struct reader_sink *sink, struct error **err);
/*
 * Sets found.meta of each object by HeadObject, without reading it. ERR_FOUND if it is
 * no longer as listed. done is passed no state.
 */
int archive_ask(const struct archive *a, struct workers *w, struct archive_object *const *v,
		size_t n, reader_done *done, void *data, struct error **err);

#endif
