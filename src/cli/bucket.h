/* SPDX-License-Identifier: MIT */
#ifndef CLI_BUCKET_H
#define CLI_BUCKET_H

struct aws_client;
struct error;

/* The bucket is there and may be looked at, in whatever region; else an error with what to do. */
int bucket_must_be_there(struct aws_client *c, const char *bucket, struct error **err);
/* And it is in the client's region, as CloudWatch Logs wants it. */
int bucket_must_be_here(struct aws_client *c, const char *bucket, struct error **err);

#endif
