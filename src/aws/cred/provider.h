/* SPDX-License-Identifier: MIT */
/* The providers, and the kinds of profile. */
#ifndef AWS_CRED_PROVIDER_H
#define AWS_CRED_PROVIDER_H

#include "aws/cred/cred.h"

enum cred_answer {
	CRED_FOUND,
	CRED_NOT_CONFIGURED, /* ask the next; *err, if set, says why, to follow "name: " */
	CRED_MISCONFIGURED,  /* stop, *err is set */
};

/* One provider; a file each. */
struct cred_provider {
	const char *name; /* for the user */
	/* Of the environment: --profile passes it over, as it does for aws. */
	bool of_environment;
	enum cred_answer (*resolve)(const struct cred_context *ctx, struct credentials *ret,
				    struct error **err);
};
extern const struct cred_provider cred_environment, cred_profile, cred_web_identity, cred_container,
	cred_imds;

/* The kinds of profile; each sets ret->provider. */
int cred_process(const struct cred_context *ctx, const char *profile, const char *command,
		 struct credentials *ret, struct error **err);
int cred_sso(const struct cred_context *ctx, const char *profile, struct credentials *ret,
	     struct error **err);
int cred_login(const struct cred_context *ctx, const char *profile, const char *session,
	       struct credentials *ret, struct error **err);

#endif
