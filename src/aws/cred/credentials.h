/* SPDX-License-Identifier: MIT */
/* A set of credentials. */
#ifndef AWS_CRED_CREDENTIALS_H
#define AWS_CRED_CREDENTIALS_H

#include <stdint.h>

struct credentials {
	char *access_key_id;
	char *secret_access_key;
	char *session_token; /* NULL for long-lived keys */
	char *account_id;    /* NULL where the provider does not say */
	int64_t expires_ms;  /* 0: never */
	char *provider; /* where they are from, for the user: "environment", "profile 'x' (static)" … */
};
/* Wipes what is secret. */
void credentials_release(struct credentials *c);
/* Copies into ret, which is released first. */
void credentials_copy(const struct credentials *c, struct credentials *ret);
#define cleanup_credentials cleanup(credentials_release)

#endif
