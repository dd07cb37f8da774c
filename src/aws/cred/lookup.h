/* SPDX-License-Identifier: MIT */
/*
 * Look-ups that the providers share, in the environment and in profiles. Blank counts as
 * absent.
 */
#ifndef AWS_CRED_LOOKUP_H
#define AWS_CRED_LOOKUP_H

struct cred_context;

/* An environment variable, or NULL if it is unset, empty or blank; borrowed. */
const char *cred_env(const struct cred_context *ctx, const char *name);
/* A property of a profile, or NULL if it is absent or empty; borrowed. */
const char *cred_profile_get(const struct cred_context *ctx, const char *profile, const char *key);

#endif
