/* SPDX-License-Identifier: MIT */
/*
 * Reads objects of an archive: they are fetched and inflated, and their text is
 * handed to a sink as it arrives, so that memory does not grow with their size.
 */
#ifndef ARCHIVE_READER_H
#define ARCHIVE_READER_H

#include <stddef.h>

struct archive;
struct archive_object;
struct error;
struct workers;

/* After each object that was tried, in any order; state is NULL if o->error is set. */
typedef void reader_done(void *data, void *state, struct archive_object *o);

/*
 * The sink has a state of its own for each attempt at an object: begin makes it
 * with the first byte, text and end fill it, free ends it. Objects are read in
 * parallel, so these may use nothing else; done is called by one thread at a time.
 */
struct reader_sink {
	void *data;
	void *(*begin)(void *data, const struct archive_object *o);
	int (*text)(void *state, const char *p, size_t n, struct error **err);
	/* The text has ended, and all gzip members are intact. ERR_FOUND if the text is not right. */
	int (*end)(void *state, struct archive_object *o, struct error **err);
	void (*free)(void *state);
	reader_done *done;
};

/*
 * Reads the n objects, each of which must be listed: found's etag and size. What is
 * wrong with one is in its error, and the rest goes on. Damage counts only if it is
 * there twice: what broke on the way is whole when it is fetched again. After
 * ERR_UNREACHABLE no further object is begun; -1 only if interrupted.
 */
int archive_read(const struct archive *a, struct workers *w, struct archive_object *const *v,
		 size_t n, const struct reader_sink *sink, struct error **err);
/*
 * The same without reading: sets found.meta of each by HeadObject. ERR_FOUND if it is
 * no longer as listed. done gets no state.
 */
int archive_ask(const struct archive *a, struct workers *w, struct archive_object *const *v,
		size_t n, reader_done *done, void *data, struct error **err);

#endif
