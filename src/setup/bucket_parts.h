/* SPDX-License-Identifier: MIT */
/* What the parts of a bucket's set-up share: the wanted state, a look, and a change of it. */
#ifndef SETUP_BUCKET_PARTS_H
#define SETUP_BUCKET_PARTS_H

#include <stdbool.h>
#include <stdint.h>

#include "archive/archive.h"
#include "base/json.h"
#include "setup/change.h"
#include "setup/common.h"
#include "setup/lifecycle.h"

struct aws_client;
struct buf;
struct xml;

struct bucket_setup {
	/* What is wanted. */
	struct archive_place place;
	bool require_tls, versioning; /* false: left as it is */
	const char *kms_key;          /* id, ARN or alias; NULL: left as it is */
	const char *lock_mode;        /* "GOVERNANCE" or "COMPLIANCE", of a new bucket; or NULL */
	int64_t lock_days;
	const json_t *tags;         /* an object of strings, or NULL; borrowed, as kms_key */
	struct lifecycle lifecycle; /* none: left as it is */

	/* What bucket_look() found. */
	struct setup_common common;
	char *key;        /* the KMS key that encrypts objects, or NULL */
	char *encryption; /* "AES256", "aws:kms" …; NULL if there is no bucket yet */
};
/* Frees what was found and keeps what is wanted. */
void bucket_setup_release(struct bucket_setup *s);

#define S3_XMLNS " xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\""

/* A bucket that is being inspected. */
struct bucket_look {
	struct aws_client *client;
	struct bucket_setup *setup;
	bool there; /* false: it is to be created, and nothing of it is set */
	const char *resource;
	struct changes *ret;
};

/*
 * Reads a part of the bucket's configuration. Returns 1 and its text and XML, 0 if none is
 * set, or -1. ret may be NULL.
 */
int bucket_get_config(const struct bucket_look *l, const char *name, struct buf *text,
		      struct xml **ret, struct error **err);
/* A change that puts one. */
void bucket_add_config(const struct bucket_look *l, const char *property, const char *current,
		       const char *desired, const char *name, const char *text);
change_fn bucket_apply_config;
struct s3_bucket bucket_of(struct aws_client *c, const struct bucket_setup *s);
json_t *bucket_config_args(const struct bucket_setup *s, const char *name, const char *text);

int bucket_plan_encryption(const struct bucket_look *l, struct error **err);
int bucket_plan_policy(const struct bucket_look *l, struct error **err);
/*
 * The statements that allow CloudWatch Logs in a region to export an account's
 * logs below a prefix. Their Sids are ours and the same in every run.
 */
json_t *export_acl_statement(const char *region, const char *account, const char *bucket);
json_t *export_write_statement(const char *region, const char *account, const char *bucket,
			       const char *prefix);
/* The statements that the owner of a bucket of another account must add. Always returns -1. */
int bucket_hint_owner(const struct bucket_setup *s, struct error **err);

#endif
