/* SPDX-License-Identifier: MIT */
/* One object: fetched, inflated and scanned as it arrives, in flat memory. */
#ifndef VERIFY_OBJECT_H
#define VERIFY_OBJECT_H

#include <stdint.h>

#include "archive/window.h"
#include "verify/tally.h"

struct aws_client;
struct error;
struct s3_bucket;

/* What to look at; all borrowed. */
struct object_job {
	const struct s3_bucket *bucket; /* its client is not used: each thread has its own */
	const char *key;
	const char *etag; /* the object must have it, or NULL */
	uint64_t size;    /* in S3 */
	uint64_t outside; /* so many of its lines are known to look like events of another time */
	struct window window;
	void *data; /* the caller's */
};

struct object_facts {
	uint64_t bytes;    /* of text */
	uint64_t members;  /* of gzip */
	uint64_t events;   /* in the window */
	uint64_t boundary; /* stamped exactly at its end, and not counted */
	uint64_t outside;  /* stamped with another time */
	int64_t first_ms, last_ms;
	struct line_sum lines; /* only with a hasher */
};

/*
 * Fails with ERR_FOUND if the object is not what it should be: no gzip,
 * damaged, cut, of another size or ETag, or with lines outside its window;
 * with another kind if it could not be looked at. Damage counts only if it is
 * there twice: what broke on the way is whole when it is fetched again. Where
 * all is well but for lines outside, ret is set all the same. hasher may be NULL.
 */
int object_check(struct aws_client *c, const struct object_job *job, struct line_hasher *hasher,
		 struct object_facts *ret, struct error **err);

/*
 * Many objects, by the workers. done is called for each, by one thread at a time, with err NULL or borrowed;
 * it may be called in any order. What could not be looked at goes to done as
 * well, and the rest goes on; but ERR_UNREACHABLE ends all that has not begun,
 * and ERR_INTERRUPTED all.
 */
struct workers;
typedef void object_done(void *data, const struct object_job *job, const struct object_facts *facts,
			 const struct error *err);
int objects_check(struct workers *workers, const struct object_job *v, size_t n,
		  const uint8_t *tally_key, object_done *done, void *data, struct error **err);

#endif
