/* SPDX-License-Identifier: MIT */
/* An archive: a prefix in a bucket, for the logs of one region. */
#ifndef ARCHIVE_ARCHIVE_H
#define ARCHIVE_ARCHIVE_H

#include <stdbool.h>

#include "aws/service/s3.h"
#include "base/cleanup.h"

struct aws_client;
struct error;

/*
 * The result of archive_open(). A thread with its own client uses a copy with another
 * bucket.client; only the original is released.
 */
struct archive {
	struct s3_bucket bucket; /* its client also serves CloudWatch Logs */
	const char *prefix;      /* borrowed; no '/' at its ends */
	const char *region;      /* of the logs; borrowed from the client's settings */
	char *account, *caller;  /* whose credentials: the account, and an ARN */
};
void archive_release(struct archive *a);
#define cleanup_archive cleanup(archive_release)

/* The archive as the command line names it; all borrowed. */
struct archive_place {
	const char *bucket, *prefix;
	const char *owner; /* the account that must own the bucket; NULL: the caller's own */
};

/*
 * Looks up the caller's account, and checks that the bucket exists, has that owner and
 * may be read. export: it must also be in the region of the logs. On ERR_REFUSED, the
 * hint says what to do.
 */
int archive_open(struct aws_client *c, const struct archive_place *place, bool export,
		 struct archive *ret, struct error **err);

/*
 * Returns 1 if the bucket exists, belongs to b->owner, may be read and is in region
 * (NULL: any), 0 if it does not exist, -1 on error.
 */
int bucket_check(const struct s3_bucket *b, const char *region, struct error **err);

#endif
