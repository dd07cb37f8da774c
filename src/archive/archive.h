/* SPDX-License-Identifier: MIT */
/* An archive: where in which bucket, and of which region's logs. */
#ifndef ARCHIVE_ARCHIVE_H
#define ARCHIVE_ARCHIVE_H

#include <stdbool.h>

#include "aws/service/s3.h"
#include "base/cleanup.h"

struct aws_client;
struct error;

/*
 * What archive_open() found. A thread with a client of its own takes a copy
 * with another bucket.client; only the first is released.
 */
struct archive {
	struct s3_bucket bucket; /* its client is that of CloudWatch Logs, too */
	const char *prefix;      /* borrowed; no '/' at its ends */
	const char *region;      /* of the logs; borrowed from the client's settings */
	char *account;           /* the caller's */
};
void archive_release(struct archive *a);
#define cleanup_archive cleanup(archive_release)

/* What the command line says of it; all borrowed. */
struct archive_place {
	const char *bucket, *prefix;
	const char *owner; /* the account that must own the bucket; NULL: the caller's */
};

/*
 * Asks whose credentials these are, and whether the bucket is there, is that
 * owner's, and may be read. export: it must be in the region of the logs, too.
 * ERR_REFUSED says what to do.
 */
int archive_open(struct aws_client *c, const struct archive_place *place, bool export,
		 struct archive *ret, struct error **err);

/* 1 if the bucket is there, is b->owner's, may be read, and is in region (NULL: anywhere); 0; -1. */
int bucket_check(const struct s3_bucket *b, const char *region, struct error **err);

#endif
