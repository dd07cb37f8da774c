/* SPDX-License-Identifier: MIT */
/*
 * The bucket that CloudWatch Logs may export to.
 * Source: "Export log data to Amazon S3", CloudWatch Logs User Guide.
 */
#ifndef SETUP_BUCKET_H
#define SETUP_BUCKET_H

#include "setup/bucket_parts.h"

/* Inspects the bucket and appends what is to change. setup: a struct bucket_setup. */
int bucket_look(struct aws_client *c, void *setup, struct changes *ret, struct error **err);

#endif
