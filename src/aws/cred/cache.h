/* SPDX-License-Identifier: MIT */
/*
 * The token files that `aws sso login` and `aws login` leave under ~/.aws, and that all
 * SDKs share: read each time, and written back after a refresh.
 */
#ifndef AWS_CRED_CACHE_H
#define AWS_CRED_CACHE_H

#include <jansson.h>
#include <stdbool.h>

#include "base/time.h"

struct cred_context;
struct error;

/*
 * DIR/hex(digest).json, where DIR is what an environment variable (or NULL) says,
 * else dir, which begins with "~/". Caller frees *ret.
 */
int cache_path(const struct cred_context *ctx, const char *variable, const char *dir,
	       const void *digest, size_t digest_len, char **ret, struct error **err);
/* *ret is the caller's, to wipe with keys_wipe(). *ret_missing says that there is no such file. */
int cache_read(const struct cred_context *ctx, const char *path, json_t **ret, bool *ret_missing,
	       struct error **err);
/* Replaces the file atomically; only its owner may read it. */
int cache_write(const struct cred_context *ctx, const char *path, const json_t *doc,
		struct error **err);
/*
 * When a new token expires, from "expiresIn" of the reply, in the form that the caches use.
 * False where the reply has none or an implausible one.
 */
bool cache_expiry(const struct cred_context *ctx, const json_t *reply, char ret[TIME_ISO_SIZE]);

#endif
