/* SPDX-License-Identifier: MIT */
/*
 * Sessions of `aws login`: keys of 15 minutes in a cache, renewed at the
 * sign-in service by a refresh token and a proof of the cached key.
 * Source: botocore's LoginCredentialFetcher and its model of the signin
 * service; RFC 9449 (DPoP); RFC 7515 (JWS).
 */
#include "config.h"

#include <stdlib.h>

#include "aws/config/settings.h"
#include "aws/cred/cache.h"
#include "aws/cred/fetch.h"
#include "aws/cred/keys.h"
#include "aws/cred/provider.h"
#include "aws/endpoint/partition.h"
#include "base/buf.h"
#include "base/crypto.h"
#include "base/env.h"
#include "base/error.h"
#include "base/json.h"
#include "base/str.h"
#include "base/time.h"
#include "base/xalloc.h"
#include "net/message.h"

#define REFRESH_BEFORE_MS (5 * MS_MINUTE)

struct login {
	const struct cred_context *ctx;
	const char *profile, *session;
	char *path;    /* of the cache */
	json_t *token; /* what is in it */
};

static void login_release(struct login *l)
{
	free(l->path);
	keys_wipep(&l->token);
}

static int log_in_again(const struct login *l, struct error **err)
{
	return err_hint(err, "log in with 'aws login --profile %s'", l->profile);
}

static int read_token(struct login *l, struct error **err)
{
	static const char *const needed[] = { "refreshToken", "clientId", "dpopKey" };
	uint8_t digest[SHA256_SIZE];
	bool missing = false;

	sha256_once(l->session, strlen(l->session), digest);
	if (cache_path(l->ctx, "AWS_LOGIN_CACHE_DIRECTORY", "~/.aws/login/cache", digest,
		       sizeof(digest), &l->path, err) < 0)
		return -1;
	if (cache_read(l->ctx, l->path, &l->token, &missing, err) < 0) {
		if (!missing)
			return err_wrap(err, "profile '%s'", l->profile);
		error_clear(err);
		return err_set(err, ERR_REFUSED, "profile '%s' is not logged in: there is no '%s'",
			       l->profile, l->path);
	}
	for (size_t i = 0; i < ARRAY_SIZE(needed); i++)
		if (!keys_str(l->token, needed[i]))
			return err_set(err, ERR_REFUSED, "profile '%s': '%s' has no %s", l->profile,
				       l->path, needed[i]);
	return 0;
}

/* The partitions' hosts as in the rules of botocore's signin endpoint. */
static char *signin_url(const struct login *l)
{
	static const struct {
		const char *partition, *suffix;
	} hosts[] = {
		{ "aws", "signin.aws.amazon.com" },
		{ "aws-cn", "signin.amazonaws.cn" },
		{ "aws-us-gov", "signin.amazonaws-us-gov.com" },
	};
	const char *region = keys_str(l->token, "signInRegion");
	const struct partition *p;

	if (str_empty(region))
		region = l->ctx->settings->region ? l->ctx->settings->region : "us-east-1";
	p = partition_of(region);
	for (size_t i = 0; i < ARRAY_SIZE(hosts); i++)
		if (str_eq(p->id, hosts[i].partition))
			return xasprintf("https://%s.%s/v1/token", region, hosts[i].suffix);
	return xasprintf("https://%s.signin.%s/v1/token", region, p->dns_suffix);
}

static void add_part(struct buf *jws, json_t *part)
{
	cleanup_buf struct buf text = BUF_INIT;

	json_add_compact(&text, part);
	buf_add_base64url(jws, text.data, text.len);
	json_decref(part);
}

static json_t *proof_key(const struct es256 *key)
{
	cleanup_buf struct buf x = BUF_INIT, y = BUF_INIT;
	uint8_t point[2 * ES256_SIZE];

	es256_point(key, point);
	buf_add_base64url(&x, point, ES256_SIZE);
	buf_add_base64url(&y, point + ES256_SIZE, ES256_SIZE);
	return json_pack("{s:s, s:s, s:s, s:s}", "kty", "EC", "x", x.data, "y", y.data, "crv",
			 "P-256");
}

static int make_proof(const struct login *l, const char *url, struct buf *ret, struct error **err)
{
	cleanup(es256_freep) struct es256 *key = es256_new(keys_str(l->token, "dpopKey"));
	cleanup_buf struct buf id = BUF_INIT;
	uint8_t random[16], signature[2 * ES256_SIZE];

	if (!key)
		return err_set(err, ERR_REFUSED, "the dpopKey in '%s' is not a P-256 key", l->path);
	random_bytes(random, sizeof(random));
	buf_add_hex(&id, random, sizeof(random));
	add_part(ret, json_pack("{s:s, s:s, s:o}", "typ", "dpop+jwt", "alg", "ES256", "jwk",
				proof_key(key)));
	buf_addc(ret, '.');
	add_part(ret, json_pack("{s:s, s:s, s:s, s:I}", "jti", id.data, "htm", "POST", "htu", url,
				"iat", (json_int_t)(env_now_ms(l->ctx->env) / 1000)));
	es256_sign(key, ret->data, ret->len, signature);
	buf_addc(ret, '.');
	buf_add_base64url(ret, signature, sizeof(signature));
	return 0;
}

static int refused(const struct http_response *reply, struct error **err)
{
	cleanup_keys json_t *doc = NULL;
	const char *code;

	json_parse(reply->body.data, reply->body.len, "the refusal", &doc, NULL);
	code = keys_str(doc, "error");
	if (code && str_eq(code, "USER_CREDENTIALS_CHANGED"))
		return err_set(err, ERR_REFUSED, "the password has been changed since");
	if (code && str_eq(code, "INSUFFICIENT_PERMISSIONS"))
		return err_set(err, ERR_REFUSED,
			       "this user is not allowed to call signin:CreateOAuth2Token");
	return err_set(err, reply->status >= 500 ? ERR_UNREACHABLE : ERR_REFUSED,
		       "the sign-in service answered %d%s%s", reply->status, code ? " " : "",
		       code ? code : "");
}

static int create_token(const struct login *l, json_t **ret, struct error **err)
{
	static const struct fetch how = { "the sign-in service", 3, true, 30 * MS_SECOND };
	cleanup_free char *url = signin_url(l);
	cleanup_buf struct buf proof = BUF_SECRET, body = BUF_SECRET;
	cleanup_http_request struct http_request req = { 0 };
	cleanup_http_response struct http_response reply = { 0 };
	cleanup_keys json_t *in = json_pack(
		"{s:s, s:s, s:s}", "clientId", keys_str(l->token, "clientId"), "grantType",
		"refresh_token", "refreshToken", keys_str(l->token, "refreshToken"));

	http_request_init(&req, "POST");
	http_response_init(&reply);
	if (make_proof(l, url, &proof, err) < 0 || cred_set_url(&req, url, err) < 0)
		return -1;
	json_add_compact(&body, in);
	http_header_set(&req.headers, "Content-Type", "application/json");
	http_header_set(&req.headers, "DPoP", proof.data);
	req.body = body.data;
	req.body_len = body.len;
	if (cred_fetch(l->ctx, &how, &req, &reply, err) < 0)
		return -1;
	if (reply.status != 200)
		return refused(&reply, err);
	return json_parse(reply.body.data, reply.body.len, "the reply of the sign-in service", ret,
			  err);
}

static int refresh(struct login *l, struct error **err)
{
	cleanup_keys json_t *new = NULL;
	const json_t *old = json_obj(l->token, "accessToken"), *keys;
	const char *again;
	json_t *access;
	char expires[TIME_ISO_SIZE];

	if (create_token(l, &new, err) < 0)
		return -1;
	keys = json_obj(new, "accessToken");
	again = keys_str(new, "refreshToken");
	if (!keys_str(keys, "accessKeyId") || !keys_str(keys, "secretAccessKey") ||
	    !keys_str(keys, "sessionToken") || !again || !cache_expiry(l->ctx, new, expires))
		return err_set(err, ERR_UNREACHABLE,
			       "the reply of the sign-in service has no token");
	access = json_pack("{s:s, s:s, s:s, s:s}", "accessKeyId", keys_str(keys, "accessKeyId"),
			   "secretAccessKey", keys_str(keys, "secretAccessKey"), "sessionToken",
			   keys_str(keys, "sessionToken"), "expiresAt", expires);
	if (keys_str(old, "accountId"))
		json_set_text(access, "accountId", keys_str(old, "accountId"));
	keys_replace(l->token, "accessToken", access);
	keys_replace(l->token, "refreshToken", json_string(again));
	/* The keys are valid even if the file cannot be written; the next login writes it. */
	cache_write(l->ctx, l->path, l->token, NULL);
	return 0;
}

static int current(struct login *l, struct credentials *ret, struct error **err)
{
	return keys_decode(json_obj(l->token, "accessToken"), KEYS_NEED_TOKEN | KEYS_NEED_EXPIRY,
			   l->path, ret, err);
}

static int resolve(struct login *l, struct credentials *ret, struct error **err)
{
	cleanup_credentials struct credentials found = { 0 };
	cleanup_error struct error *why = NULL;
	int64_t now = env_now_ms(l->ctx->env);

	if (read_token(l, err) < 0 || current(l, &found, err) < 0)
		return -1;
	if (found.expires_ms - REFRESH_BEFORE_MS <= now) {
		if (refresh(l, &why) < 0 && found.expires_ms <= now)
			return err_set(err, why->kind,
				       "the login of profile '%s' has expired, and "
				       "could not be renewed: %s",
				       l->profile, why->msg);
		credentials_release(&found);
		if (current(l, &found, err) < 0)
			return -1;
	}
	*ret = TAKE(found);
	return 0;
}

int cred_login(const struct cred_context *ctx, const char *profile, const char *session,
	       struct credentials *ret, struct error **err)
{
	cleanup_free char *copy = xstrdup(session);
	cleanup(login_release) struct login l = {
		.ctx = ctx,
		.profile = profile,
		.session = str_trim(copy),
	};

	if (resolve(&l, ret, err) < 0)
		return log_in_again(&l, err);
	ret->provider = xasprintf("profile '%s' (aws login)", profile);
	return 0;
}
