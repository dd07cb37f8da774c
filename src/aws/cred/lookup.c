/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "aws/cred/lookup.h"

#include <string.h>

#include "aws/config/file.h"
#include "aws/config/settings.h"
#include "aws/cred/cred.h"
#include "base/env.h"
#include "base/str.h"

const char *cred_env(const struct cred_context *ctx, const char *name)
{
	const char *v = env_get(ctx->env, name);

	return v && v[strspn(v, " \t\r\n")] ? v : NULL;
}

const char *cred_profile_get(const struct cred_context *ctx, const char *profile, const char *key)
{
	const char *v = ctx->settings->config ? aws_config_get(ctx->settings->config,
							       CONFIG_PROFILE, profile, key)
					      : NULL;

	return str_empty(v) ? NULL : v;
}
