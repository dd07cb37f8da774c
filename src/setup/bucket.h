/* SPDX-License-Identifier: MIT */
/*
 * The bucket that CloudWatch Logs may export to.
 * Source: "Export log data to Amazon S3", CloudWatch Logs User Guide.
 */
#ifndef SETUP_BUCKET_H
#define SETUP_BUCKET_H

#include <stdbool.h>

#include "archive/archive.h"
#include "base/json.h"
#include "setup/change.h"
#include "setup/common.h"
#include "setup/lifecycle.h"

struct bucket_setup {
	/* What is wanted. */
	struct archive_place place;
	bool require_tls, versioning; /* false: left as it is */
	struct lifecycle lifecycle;   /* none: left as it is */

	/* What bucket_look() found. */
	struct setup_common common;
	char *key;        /* the KMS key that encrypts objects, or NULL */
	char *encryption; /* "AES256", "aws:kms" …; NULL if there is no bucket yet */
};
/* Frees what was found and keeps what is wanted. */
void bucket_setup_release(struct bucket_setup *s);

/* Inspects the bucket and appends what is to change. setup: a struct bucket_setup. */
int bucket_look(struct aws_client *c, void *setup, struct changes *ret, struct error **err);

/*
 * The statements that allow CloudWatch Logs in a region to export an account's
 * logs below a prefix. Their Sids are ours and the same in every run.
 */
json_t *export_acl_statement(const char *region, const char *account, const char *bucket);
json_t *export_write_statement(const char *region, const char *account, const char *bucket,
			       const char *prefix);
/* The statement that denies all requests that do not use TLS. */
json_t *require_tls_statement(const char *region, const char *bucket);

#endif
