/* SPDX-License-Identifier: MIT */
/* An exported object, as it goes from the ledger and the listing to the report. */
#ifndef ARCHIVE_OBJECT_H
#define ARCHIVE_OBJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "aws/service/s3.h"
#include "base/crypto.h"
#include "base/json.h"

struct error;

struct object_facts {
	char *etag;          /* owned; NULL: the object does not exist */
	char *storage_class; /* owned; found by a listing; NULL: not known */
	uint64_t size;       /* bytes in S3 */
	uint64_t bytes;  /* bytes of text; if the object was not read to its end: set if too many */
	uint64_t events; /* lines stamped in the window */
	uint64_t outside;          /* lines that look like events of another time */
	int64_t first_ms, last_ms; /* of events; 0 without any */
	/* Of the bytes in S3, in lower-case hex as sha256sum prints it; "": not known. */
	char sha256[2 * SHA256_SIZE + 1];
	struct s3_meta meta; /* found: only after archive_ask() */
};

struct archive_object {
	char *key, *stream;           /* owned; stream as in layout_stream_folder() */
	struct object_facts recorded; /* by the ledger */
	struct object_facts found;    /* etag and size by a listing, the rest by reading */
	/* The first of found.outside: the line's number, from 1, and its offset in the text. */
	uint64_t outside_line, outside_offset;
	int64_t outside_ms;
	bool asked;          /* found.meta is known */
	bool archived;       /* in a storage class that cannot be read at once */
	bool read;           /* to its end: found is complete */
	bool wrong;          /* a problem of it was reported */
	struct error *error; /* owned; ERR_FOUND: it is damaged; else why it could not be read */
	void *owner;         /* borrowed; for the use of the caller that has it read */
};
void archive_object_release(struct archive_object *o);
#define cleanup_archive_object cleanup(archive_object_release)

/* Sorts by key, as archive_objects_find() needs them. It returns NULL if there is no such key. */
void archive_objects_sort(struct archive_object *v, size_t n);
struct archive_object *archive_objects_find(struct archive_object *v, size_t n, const char *key);

/*
 * Its member in a ledger entry: made of what was found, and parsed into what was
 * recorded. False if it is not one.
 */
json_t *archive_object_json(const struct archive_object *o);
bool archive_object_parse(const json_t *j, struct archive_object *ret);

#endif
