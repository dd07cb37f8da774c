/* SPDX-License-Identifier: MIT */
/* AssumeRole and AssumeRoleWithWebIdentity, by the call that is passed in. */
#ifndef AWS_CRED_ROLE_H
#define AWS_CRED_ROLE_H

struct cred_context;
struct credentials;
struct error;

/* All borrowed. */
struct role {
	const char *arn;
	const char *session_name; /* NULL: "apigw-logs-" and the time */
	const char *external_id;  /* or NULL */
	const char *duration;     /* seconds, in text; or NULL */
	const char *mfa_serial;   /* or NULL: else the code is asked for */
	const char *profile;      /* where it is written, for the errors; NULL: the environment */
};

/* with signs the call. ret->provider is the caller's. */
int role_assume(const struct cred_context *ctx, const struct role *role,
		const struct credentials *with, struct credentials *ret, struct error **err);
/* With the token that is in the file now; unsigned. */
int role_assume_with_web_identity(const struct cred_context *ctx, const struct role *role,
				  const char *token_file, struct credentials *ret,
				  struct error **err);

#endif
