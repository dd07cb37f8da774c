/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "aws/cred/lookup.h"
#include "aws/cred/provider.h"
#include "base/error.h"
#include "base/str.h"
#include "base/time.h"
#include "base/xalloc.h"

static enum cred_answer environment(const struct cred_context *ctx, struct credentials *ret,
				    struct error **err)
{
	const char *id = cred_env(ctx, "AWS_ACCESS_KEY_ID");
	const char *secret = cred_env(ctx, "AWS_SECRET_ACCESS_KEY");
	const char *token = cred_env(ctx, "AWS_SESSION_TOKEN");
	const char *expires = cred_env(ctx, "AWS_CREDENTIAL_EXPIRATION");
	int64_t expires_ms = 0;

	if (!id) {
		err_set(err, ERR_REFUSED, "AWS_ACCESS_KEY_ID is not set");
		return CRED_NOT_CONFIGURED;
	}
	if (!secret) {
		err_set(err, ERR_USAGE,
			"AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not");
		err_hint(err, "set both, or neither to use a profile");
		return CRED_MISCONFIGURED;
	}
	if (expires && !time_parse_iso(expires, &expires_ms)) {
		err_set(err, ERR_USAGE, "AWS_CREDENTIAL_EXPIRATION is not a time: '%s'", expires);
		return CRED_MISCONFIGURED;
	}
	/* An older name, which botocore still reads. */
	if (!token)
		token = cred_env(ctx, "AWS_SECURITY_TOKEN");
	*ret = (struct credentials){
		.access_key_id = xstrdup(id),
		.secret_access_key = xstrdup(secret),
		.session_token = xstrdup(token),
		.account_id = xstrdup(cred_env(ctx, "AWS_ACCOUNT_ID")),
		.expires_ms = expires_ms,
		.provider = xstrdup("environment"),
	};
	return CRED_FOUND;
}

const struct cred_provider cred_environment = { "environment", true, environment };
