/* SPDX-License-Identifier: MIT */
/* Credentials as JSON, as the container, the instance metadata, a process and caches give them. */
#ifndef AWS_CRED_KEYS_H
#define AWS_CRED_KEYS_H

#include <jansson.h>
#include <stdint.h>

#include "base/cleanup.h"

struct credentials;
struct error;

/* A string member whose name is the same but for case, as the SDKs read it, or NULL; borrowed. */
const char *keys_str(const json_t *obj, const char *name);

enum keys_need {
	KEYS_NEED_TOKEN = 1,
	KEYS_NEED_EXPIRY = 2,
};
/*
 * AccessKeyId, SecretAccessKey, Token or SessionToken, AccountId, Expiration or
 * ExpiresAt. need is of enum keys_need. what names the document in the errors,
 * which are ERR_UNREACHABLE: a broken reply. ret->provider is the caller's.
 */
int keys_decode(const json_t *obj, unsigned int need, const char *what, struct credentials *ret,
		struct error **err);
/* ISO-8601, also with the "UTC" that old caches of the AWS CLI have for "Z". */
int keys_time(const char *text, int64_t *ret_ms);

/* Sets a member; value is consumed. What was there is wiped. */
void keys_replace(json_t *obj, const char *name, json_t *value);

/* Overwrites every string in it, then drops the reference. NULL is fine. */
void keys_wipe(json_t *j);
DEFINE_CLEANUP(json_t *, keys_wipe)
#define cleanup_keys cleanup(keys_wipep)

#endif
