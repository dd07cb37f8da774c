/* SPDX-License-Identifier: MIT */
/*
 * Reading an archive's objects: fetched, inflated and handed on as they come,
 * in flat memory. What becomes of the text is the sink's business.
 */
#ifndef ARCHIVE_READER_H
#define ARCHIVE_READER_H

#include <stddef.h>

struct archive;
struct archive_object;
struct error;
struct workers;

/*
 * Each attempt at an object has a state of the sink's: begin makes it with the
 * first byte, text and end fill it, free ends it. Objects are read side by side,
 * so but for done, which is called by one thread at a time, the functions must
 * keep to their own state.
 */
struct reader_sink {
	void *data;
	void *(*begin)(void *data, const struct archive_object *o);
	int (*text)(void *state, const char *p, size_t n, struct error **err);
	/* Every gzip member is whole. ERR_FOUND if the text is not what it should be. */
	int (*end)(void *state, struct archive_object *o, struct error **err);
	void (*free)(void *state);
	/* For each object that was tried, in any order; state is NULL where o->error is set. */
	void (*done)(void *data, void *state, struct archive_object *o);
};

/*
 * Reads the n objects, each of which must be listed: found's etag and size. What is
 * wrong with one is in its error, and the rest goes on. Damage counts only if it is
 * there twice: what broke on the way is whole when it is fetched again. After
 * ERR_UNREACHABLE no further object is begun; -1 only if interrupted.
 */
int archive_read(const struct archive *a, struct workers *w, struct archive_object *const *v,
		 size_t n, const struct reader_sink *sink, struct error **err);

#endif
