/* SPDX-License-Identifier: MIT */
/* A role by the token that the environment names: EKS, and OIDC of CI systems. */
#include "config.h"

#include "aws/cred/lookup.h"
#include "aws/cred/provider.h"
#include "aws/cred/role.h"
#include "base/error.h"
#include "base/xalloc.h"

static enum cred_answer web_identity(const struct cred_context *ctx, struct credentials *ret,
				     struct error **err)
{
	const char *file = cred_env(ctx, "AWS_WEB_IDENTITY_TOKEN_FILE");
	struct role role = {
		.arn = cred_env(ctx, "AWS_ROLE_ARN"),
		.session_name = cred_env(ctx, "AWS_ROLE_SESSION_NAME"),
	};

	if (!file) {
		err_set(err, ERR_REFUSED, "AWS_WEB_IDENTITY_TOKEN_FILE is not set");
		return CRED_NOT_CONFIGURED;
	}
	if (!role.arn) {
		err_set(err, ERR_USAGE,
			"AWS_WEB_IDENTITY_TOKEN_FILE is set, but AWS_ROLE_ARN is not");
		err_hint(err, "set AWS_ROLE_ARN to the role that trusts the token's issuer");
		return CRED_MISCONFIGURED;
	}
	if (role_assume_with_web_identity(ctx, &role, file, ret, err) < 0)
		return CRED_MISCONFIGURED;
	ret->provider = xasprintf("web identity (assumed role %s)", role.arn);
	return CRED_FOUND;
}

const struct cred_provider cred_web_identity = { "web identity", true, web_identity };
