/* SPDX-License-Identifier: MIT */
/*
 * IAM Identity Center: a role's credentials for the token of `aws sso login`.
 * Source: "IAM Identity Center credential provider" in the AWS SDKs and Tools
 * Reference Guide; botocore's SSOProvider and SSOTokenProvider.
 */
#include "config.h"

#include "aws/config/file.h"
#include "aws/config/settings.h"
#include "aws/cred/cache.h"
#include "aws/cred/fetch.h"
#include "aws/cred/keys.h"
#include "aws/cred/lookup.h"
#include "aws/cred/provider.h"
#include "base/buf.h"
#include "base/crypto.h"
#include "base/env.h"
#include "base/error.h"
#include "base/json.h"
#include "base/str.h"
#include "base/time.h"
#include "base/xalloc.h"
#include "net/message.h"

/* When to refresh a token: botocore's advisory time. */
#define TOKEN_REFRESH_MS (15 * MS_MINUTE)

/* All borrowed from the configuration. */
struct sso {
	const struct cred_context *ctx;
	const char *profile;
	const char *session; /* NULL: the old form, without sso-session */
	const char *start_url, *region, *account, *role;
};

static int log_in_again(const struct sso *s, struct error **err)
{
	return err_hint(err, "log in with 'aws sso login --profile %s'", s->profile);
}

/* In the section of the session, or, as botocore also takes it, in the profile if they agree. */
static int shared_setting(const struct sso *s, const char *key, const char **ret,
			  struct error **err)
{
	const char *own = cred_profile_get(s->ctx, s->profile, key);
	const char *v = s->session ? aws_config_get(s->ctx->settings->config, CONFIG_SSO_SESSION,
						    s->session, key)
				   : own;

	if (str_empty(v)) {
		err_set(err, ERR_USAGE, "%s '%s' has no %s", s->session ? "sso-session" : "profile",
			s->session ? s->session : s->profile, key);
		return err_hint(err, "'aws configure sso --profile %s' sets it", s->profile);
	}
	if (own && !str_eq(own, v))
		return err_set(err, ERR_USAGE,
			       "%s in profile '%s' is not the one of its sso-session '%s'", key,
			       s->profile, s->session);
	*ret = v;
	return 0;
}

static int configure(struct sso *s, struct error **err)
{
	s->session = cred_profile_get(s->ctx, s->profile, "sso_session");
	s->account = cred_profile_get(s->ctx, s->profile, "sso_account_id");
	s->role = cred_profile_get(s->ctx, s->profile, "sso_role_name");
	if (!s->account || !s->role) {
		err_set(err, ERR_USAGE, "profile '%s' has %s, but no %s", s->profile,
			s->role ? "sso_role_name" : "sso_account_id",
			s->role ? "sso_account_id" : "sso_role_name");
		return err_hint(err, "'aws configure sso --profile %s' sets both", s->profile);
	}
	if (s->session &&
	    !aws_config_has(s->ctx->settings->config, CONFIG_SSO_SESSION, s->session)) {
		err_set(err, ERR_USAGE, "profile '%s' names sso-session '%s', which does not exist",
			s->profile, s->session);
		return err_hint(err, "'aws configure sso-session' creates it");
	}
	if (shared_setting(s, "sso_start_url", &s->start_url, err) < 0)
		return -1;
	return shared_setting(s, "sso_region", &s->region, err);
}

static int token_time(const json_t *token, const char *key, int64_t *ret)
{
	const char *text = keys_str(token, key);

	return text ? keys_time(text, ret) : -1;
}

static int create_token(const struct sso *s, const json_t *old, json_t **ret, struct error **err)
{
	cleanup_keys json_t *in =
		json_pack("{s:s, s:s, s:s, s:s}", "clientId", keys_str(old, "clientId"),
			  "clientSecret", keys_str(old, "clientSecret"), "grantType",
			  "refresh_token", "refreshToken", keys_str(old, "refreshToken"));
	cleanup_http_request struct http_request req = { 0 };
	cleanup_http_response struct http_response reply = { 0 };
	cleanup_buf struct buf body = BUF_SECRET;

	http_request_init(&req, "POST");
	http_response_init(&reply);
	json_add_compact(&body, in);
	buf_adds(&req.path, "/token");
	http_header_set(&req.headers, "Content-Type", "application/json");
	req.body = body.data;
	req.body_len = body.len;
	if (s->ctx->call(s->ctx->call_data, AWS_SSO_OIDC, s->region, NULL, &req, &reply, err) < 0)
		return -1;
	return json_parse(reply.body.data, reply.body.len, "the reply of CreateToken", ret, err);
}

/* The rest of the file stays as it is: the AWS CLI reads it, too. */
static int refresh(const struct sso *s, const char *path, json_t *token, struct error **err)
{
	cleanup_keys json_t *new = NULL;
	const char *access, *again;
	char expires[TIME_ISO_SIZE];

	if (create_token(s, token, &new, err) < 0)
		return -1;
	access = keys_str(new, "accessToken");
	again = keys_str(new, "refreshToken");
	if (str_empty(access) || !cache_expiry(s->ctx, new, expires))
		return err_set(err, ERR_UNREACHABLE, "the reply of CreateToken has no token");
	keys_replace(token, "accessToken", json_string(access));
	keys_replace(token, "expiresAt", json_string(expires));
	if (again)
		keys_replace(token, "refreshToken", json_string(again));
	/* The token is valid even if the file cannot be written. */
	cache_write(s->ctx, path, token, NULL);
	return 0;
}

static bool can_refresh(const struct sso *s, const json_t *token, int64_t now)
{
	int64_t registration = 0;

	return s->session && keys_str(token, "refreshToken") && keys_str(token, "clientId") &&
	       keys_str(token, "clientSecret") &&
	       token_time(token, "registrationExpiresAt", &registration) == 0 && registration > now;
}

static int read_token(const struct sso *s, char **ret_path, json_t **ret, struct error **err)
{
	const char *key = s->session ? s->session : s->start_url;
	uint8_t digest[SHA1_SIZE];
	bool missing = false;

	sha1_once(key, strlen(key), digest);
	if (cache_path(s->ctx, NULL, "~/.aws/sso/cache", digest, sizeof(digest), ret_path, err) < 0)
		return -1;
	if (cache_read(s->ctx, *ret_path, ret, &missing, err) == 0)
		return 0;
	if (missing) {
		error_clear(err);
		err_set(err, ERR_REFUSED, "profile '%s' is not logged in: there is no '%s'",
			s->profile, *ret_path);
	} else {
		err_wrap(err, "profile '%s'", s->profile);
	}
	return log_in_again(s, err);
}

static int get_token(const struct sso *s, char **ret, struct error **err)
{
	cleanup_keys json_t *token = NULL;
	cleanup_free char *path = NULL;
	cleanup_error struct error *why = NULL;
	int64_t now = env_now_ms(s->ctx->env), expires = 0;

	if (read_token(s, &path, &token, err) < 0)
		return -1;
	if (token_time(token, "expiresAt", &expires) < 0 || !keys_str(token, "accessToken")) {
		err_set(err, ERR_REFUSED, "profile '%s': '%s' has no token", s->profile, path);
		return log_in_again(s, err);
	}
	if (expires - TOKEN_REFRESH_MS <= now && can_refresh(s, token, now) &&
	    refresh(s, path, token, &why) == 0)
		token_time(token, "expiresAt", &expires);
	if (expires <= now) {
		err_set(err, ERR_REFUSED, "the SSO login of profile '%s' has expired%s%s",
			s->profile, why ? ", and could not be renewed: " : "", why ? why->msg : "");
		return log_in_again(s, err);
	}
	if (!cred_header_ok(keys_str(token, "accessToken")))
		return err_set(err, ERR_REFUSED, "profile '%s': the token in '%s' is broken",
			       s->profile, path);
	*ret = xstrdup(keys_str(token, "accessToken"));
	return 0;
}

static int decode(const struct sso *s, const struct buf *body, struct credentials *ret,
		  struct error **err)
{
	static const char what[] = "the reply of GetRoleCredentials";
	cleanup_keys json_t *doc = NULL;
	const json_t *role;

	if (json_parse(body->data, body->len, what, &doc, err) < 0)
		return -1;
	role = json_obj(doc, "roleCredentials");
	if (keys_decode(role, KEYS_NEED_TOKEN, what, ret, err) < 0)
		return -1;
	/* Milliseconds, where all others write text. */
	ret->expires_ms = json_int(role, "expiration", ret->expires_ms);
	free(ret->account_id);
	ret->account_id = xstrdup(s->account);
	ret->provider = xasprintf("profile '%s' (SSO, role '%s' of account %s)", s->profile,
				  s->role, s->account);
	return 0;
}

static int get_role_credentials(const struct sso *s, const char *token, struct credentials *ret,
				struct error **err)
{
	cleanup_http_request struct http_request req = { 0 };
	cleanup_http_response struct http_response reply = { 0 };

	http_request_init(&req, "GET");
	http_response_init(&reply);
	buf_adds(&req.path, "/federation/credentials");
	http_query_add(&req, "account_id", s->account);
	http_query_add(&req, "role_name", s->role);
	http_header_set(&req.headers, "x-amz-sso_bearer_token", token);
	if (s->ctx->call(s->ctx->call_data, AWS_SSO, s->region, NULL, &req, &reply, err) == 0)
		return decode(s, &reply.body, ret, err);
	err_wrap(err, "cannot get SSO credentials for profile '%s'", s->profile);
	if (reply.status == 401)
		return log_in_again(s, err);
	if (reply.status == 403)
		return err_hint(err, "check that you have role '%s' in account %s", s->role,
				s->account);
	return -1;
}

int cred_sso(const struct cred_context *ctx, const char *profile, struct credentials *ret,
	     struct error **err)
{
	struct sso s = { .ctx = ctx, .profile = profile };
	cleanup_secret char *token = NULL;

	if (configure(&s, err) < 0 || get_token(&s, &token, err) < 0)
		return -1;
	return get_role_credentials(&s, token, ret, err);
}
