/* SPDX-License-Identifier: MIT */
/* The way back from setup-bucket: its statements in the bucket's policy, and its life cycle. */
#ifndef SETUP_BUCKET_REMOVE_H
#define SETUP_BUCKET_REMOVE_H

#include "setup/bucket_parts.h"

/*
 * Appends what is to be removed: what setup-bucket merged for the prefix, and what it
 * merged for all of them if this is the last one. The bucket, its objects, its encryption
 * and its tags stay. setup: a struct bucket_setup, of which place is used.
 */
int bucket_remove_look(struct aws_client *c, void *setup, struct changes *ret, struct error **err);

#endif
