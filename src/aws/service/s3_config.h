/* SPDX-License-Identifier: MIT */
/* The documents that configure an S3 bucket: its policy, encryption, life cycle … */
#ifndef AWS_SERVICE_S3_CONFIG_H
#define AWS_SERVICE_S3_CONFIG_H

struct buf;
struct error;
struct s3_bucket;

/*
 * A bucket's configuration by its query name: "policy", "publicAccessBlock",
 * "ownershipControls", "encryption", "lifecycle", "versioning", …
 * get: 1 with the raw text, 0 if none is set, -1.
 */
int s3_get_config(const struct s3_bucket *b, const char *name, struct buf *ret, struct error **err);
/* minimum: of the life cycle, see s3_get_lifecycle(); else NULL. */
int s3_put_config(const struct s3_bucket *b, const char *name, const struct buf *text,
		  const char *minimum, struct error **err);
/* Succeeds if none is set. */
int s3_delete_config(const struct s3_bucket *b, const char *name, struct error **err);
/*
 * The life cycle comes with what the smallest object is that moves, "varies_by_storage_class"
 * (caller frees) or NULL, and a PUT without it sets it back.
 */
int s3_get_lifecycle(const struct s3_bucket *b, struct buf *ret, char **ret_minimum,
		     struct error **err);

#endif
