/* SPDX-License-Identifier: MIT */
/*
 * What a profile says: keys, a role by other credentials, web identity, SSO, a
 * login session or a process. The order is botocore's.
 */
#include "config.h"

#include "aws/config/file.h"
#include "aws/config/settings.h"
#include "aws/cred/lookup.h"
#include "aws/cred/provider.h"
#include "aws/cred/role.h"
#include "base/buf.h"
#include "base/env.h"
#include "base/error.h"
#include "base/str.h"
#include "base/xalloc.h"

/* One search through profiles that name each other. */
struct walk {
	const struct cred_context *ctx;
	struct strv seen;
};

static enum cred_answer resolve(struct walk *w, const char *name, struct credentials *ret,
				struct error **err);

/* err holds the whole sentence. */
static enum cred_answer stop(int err_result)
{
	return err_result == 0 ? CRED_FOUND : CRED_MISCONFIGURED;
}

static bool has_keys(const struct cred_context *ctx, const char *name)
{
	return cred_profile_get(ctx, name, "aws_access_key_id") ||
	       cred_profile_get(ctx, name, "aws_secret_access_key");
}

static int static_keys(const struct cred_context *ctx, const char *name, struct credentials *ret,
		       struct error **err)
{
	const char *id = cred_profile_get(ctx, name, "aws_access_key_id");
	const char *secret = cred_profile_get(ctx, name, "aws_secret_access_key");
	const char *token = cred_profile_get(ctx, name, "aws_session_token");

	if (!id || !secret) {
		err_set(err, ERR_USAGE, "profile '%s' has %s, but no %s", name,
			id ? "aws_access_key_id" : "aws_secret_access_key",
			id ? "aws_secret_access_key" : "aws_access_key_id");
		return err_hint(err, "'aws configure --profile %s' sets both", name);
	}
	if (!token)
		token = cred_profile_get(ctx, name, "aws_security_token");
	*ret = (struct credentials){
		.access_key_id = xstrdup(id),
		.secret_access_key = xstrdup(secret),
		.session_token = xstrdup(token),
		.account_id = xstrdup(cred_profile_get(ctx, name, "aws_account_id")),
		.provider = xasprintf("profile '%s'", name),
	};
	return 0;
}

/*
 * Keys of the credentials file go before a process, keys of the config file
 * after it. The two files are merged in settings, so the one is read again.
 */
static bool keys_are_in_credentials_file(const struct cred_context *ctx, const char *name)
{
	cleanup_free char *path = aws_credentials_path(ctx->env);
	cleanup_buf struct buf text = BUF_SECRET;
	cleanup(aws_config_freep) struct aws_config *config = NULL;

	return path && env_read_file(ctx->env, path, &text, NULL, NULL) == 0 &&
	       aws_config_parse(NULL, 0, NULL, text.data, text.len, path, &config, NULL) == 0 &&
	       aws_config_get(config, CONFIG_PROFILE, name, "aws_access_key_id");
}

static int web_identity(const struct cred_context *ctx, const char *name, struct credentials *ret,
			struct error **err)
{
	struct role role = {
		.arn = cred_profile_get(ctx, name, "role_arn"),
		.session_name = cred_profile_get(ctx, name, "role_session_name"),
		.duration = cred_profile_get(ctx, name, "duration_seconds"),
		.profile = name,
	};

	if (!role.arn) {
		err_set(err, ERR_USAGE, "profile '%s' has web_identity_token_file, but no role_arn",
			name);
		return err_hint(err, "add role_arn to the profile");
	}
	if (role_assume_with_web_identity(ctx, &role,
					  cred_profile_get(ctx, name, "web_identity_token_file"),
					  ret, err) < 0)
		return -1;
	ret->provider = xasprintf("profile '%s' (web identity, assumed role %s)", name, role.arn);
	return 0;
}

/* Everything but a role by other credentials. */
static enum cred_answer base(const struct cred_context *ctx, const char *name,
			     struct credentials *ret, struct error **err)
{
	const char *session = cred_profile_get(ctx, name, "login_session");
	const char *process = cred_profile_get(ctx, name, "credential_process");
	bool keys = has_keys(ctx, name);

	if (cred_profile_get(ctx, name, "web_identity_token_file"))
		return stop(web_identity(ctx, name, ret, err));
	if (cred_profile_get(ctx, name, "sso_account_id") ||
	    cred_profile_get(ctx, name, "sso_role_name"))
		return stop(cred_sso(ctx, name, ret, err));
	if (keys && ((!session && !process) || keys_are_in_credentials_file(ctx, name)))
		return stop(static_keys(ctx, name, ret, err));
	if (session)
		return stop(cred_login(ctx, name, session, ret, err));
	if (process)
		return stop(cred_process(ctx, name, process, ret, err));
	err_set(err, ERR_REFUSED, "'%s' has no credentials", name);
	return CRED_NOT_CONFIGURED;
}

static enum cred_answer named_source(const struct cred_context *ctx, const char *profile,
				     const char *source, struct credentials *ret,
				     struct error **err)
{
	static const struct {
		const char *name;
		const struct cred_provider *provider;
	} sources[] = {
		{ "Environment", &cred_environment },
		{ "EcsContainer", &cred_container },
		{ "Ec2InstanceMetadata", &cred_imds },
	};

	for (size_t i = 0; i < ARRAY_SIZE(sources); i++)
		if (str_eq_nocase(source, sources[i].name))
			return sources[i].provider->resolve(ctx, ret, err);
	err_set(err, ERR_USAGE, "profile '%s': there is no credential_source '%s'", profile,
		source);
	err_hint(err, "it can be Environment, EcsContainer or Ec2InstanceMetadata");
	return CRED_MISCONFIGURED;
}

static enum cred_answer source_of_role(struct walk *w, const char *name, struct credentials *ret,
				       struct error **err)
{
	const char *profile = cred_profile_get(w->ctx, name, "source_profile");
	const char *source = cred_profile_get(w->ctx, name, "credential_source");

	if (profile && source) {
		err_set(err, ERR_USAGE,
			"profile '%s' has both source_profile and credential_source", name);
		err_hint(err, "keep the one that holds the credentials to assume the role with");
		return CRED_MISCONFIGURED;
	}
	if (!profile && !source) {
		err_set(err, ERR_USAGE,
			"profile '%s' has role_arn, but neither source_profile nor "
			"credential_source",
			name);
		err_hint(err, "add one of them: it says with which credentials to assume the role");
		return CRED_MISCONFIGURED;
	}
	if (source)
		return named_source(w->ctx, name, source, ret, err);
	/* A role may be assumed with the keys in its own profile. */
	if (str_eq(profile, name))
		return base(w->ctx, name, ret, err);
	return resolve(w, profile, ret, err);
}

static enum cred_answer assume(struct walk *w, const char *name, struct credentials *ret,
			       struct error **err)
{
	const struct cred_context *ctx = w->ctx;
	struct role role = {
		.arn = cred_profile_get(ctx, name, "role_arn"),
		.session_name = cred_profile_get(ctx, name, "role_session_name"),
		.external_id = cred_profile_get(ctx, name, "external_id"),
		.duration = cred_profile_get(ctx, name, "duration_seconds"),
		.mfa_serial = cred_profile_get(ctx, name, "mfa_serial"),
		.profile = name,
	};
	cleanup_credentials struct credentials source = { 0 };

	switch (source_of_role(w, name, &source, err)) {
	case CRED_FOUND:
		break;
	case CRED_NOT_CONFIGURED:
		err_wrap(err, "profile '%s' has no credentials to assume role '%s' with", name,
			 role.arn);
		err_hint(err, "see what source_profile or credential_source of the profile names");
		return CRED_MISCONFIGURED;
	case CRED_MISCONFIGURED:
		return CRED_MISCONFIGURED;
	}
	if (role_assume(ctx, &role, &source, ret, err) < 0)
		return CRED_MISCONFIGURED;
	ret->provider = xasprintf("profile '%s' (assumed role %s, with %s)", name, role.arn,
				  source.provider);
	return CRED_FOUND;
}

static enum cred_answer missing(const struct walk *w, const char *name, struct error **err)
{
	const struct aws_settings *s = w->ctx->settings;

	if (w->seen.n > 0) {
		err_set(err, ERR_USAGE,
			"profile '%s' has source_profile '%s', which does not exist",
			w->seen.v[w->seen.n - 1], name);
		err_hint(err, "'aws configure list-profiles' lists the profiles");
		return CRED_MISCONFIGURED;
	}
	err_set(err, s->profile_explicit ? ERR_USAGE : ERR_REFUSED, "there is no profile '%s'",
		name);
	if (!s->profile_explicit)
		return CRED_NOT_CONFIGURED;
	err_hint(err, "'aws configure list-profiles' lists the profiles");
	return CRED_MISCONFIGURED;
}

static enum cred_answer loop(const struct walk *w, const char *name, struct error **err)
{
	cleanup_buf struct buf path = BUF_INIT;

	for (size_t i = 0; i < w->seen.n; i++)
		buf_addf(&path, "'%s' -> ", w->seen.v[i]);
	err_set(err, ERR_USAGE, "the source profiles form a loop: %s'%s'", path.data, name);
	err_hint(err, "one of them must hold credentials of its own");
	return CRED_MISCONFIGURED;
}

static enum cred_answer resolve(struct walk *w, const char *name, struct credentials *ret,
				struct error **err)
{
	const struct cred_context *ctx = w->ctx;
	bool is_source = w->seen.n > 0;

	if (!ctx->settings->config || !aws_config_has(ctx->settings->config, CONFIG_PROFILE, name))
		return missing(w, name, err);
	if (strv_has(&w->seen, name))
		return loop(w, name, err);
	strv_add(&w->seen, name);
	/* The chosen profile assumes its role; one that it refers to provides its keys first. */
	if (is_source && has_keys(ctx, name))
		return stop(static_keys(ctx, name, ret, err));
	if (cred_profile_get(ctx, name, "role_arn") &&
	    !cred_profile_get(ctx, name, "web_identity_token_file"))
		return assume(w, name, ret, err);
	return base(ctx, name, ret, err);
}

static enum cred_answer profile(const struct cred_context *ctx, struct credentials *ret,
				struct error **err)
{
	struct walk w = { .ctx = ctx, .seen = STRV_INIT };
	enum cred_answer answer = resolve(&w, ctx->settings->profile, ret, err);

	strv_release(&w.seen);
	return answer;
}

const struct cred_provider cred_profile = { "profile", false, profile };
