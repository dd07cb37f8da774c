/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "aws/cred/role.h"

#include <inttypes.h>
#include <stdlib.h>

#include "aws/arn.h"
#include "aws/config/settings.h"
#include "aws/cred/cred.h"
#include "aws/query.h"
#include "base/buf.h"
#include "base/env.h"
#include "base/error.h"
#include "base/str.h"
#include "base/time.h"
#include "base/xalloc.h"
#include "base/xml.h"
#include "net/message.h"

/* STS's own limits of DurationSeconds and WebIdentityToken. */
#define DURATION_MIN_S 900
#define DURATION_MAX_S 43200
#define TOKEN_MAX 20000

/* The tree holds keys in the clear. */
static void xml_wipe(struct xml *x)
{
	for (; x; x = x->next) {
		explicit_bzero(x->text, strlen(x->text));
		xml_wipe(x->child);
	}
}

static void xml_wipe_free(struct xml **x)
{
	xml_wipe(*x);
	xml_freep(x);
}

/* Of "arn:aws:sts::123456789012:assumed-role/…"; NULL if there is none. */
static char *account_of(const char *arn)
{
	struct arn a;

	if (!arn || !arn_parse(arn, &a) || !a.account.len ||
	    !str_is_digits(a.account.start, a.account.len))
		return NULL;
	return xstrndup(a.account.start, a.account.len);
}

static int decode(const char *action, const struct buf *body, struct credentials *ret,
		  struct error **err)
{
	cleanup(xml_wipe_free) struct xml *doc = NULL;
	const struct xml *r, *c;
	const char *expires;
	struct credentials found = { 0 };

	if (query_decode(AWS_STS, action, body, &doc, &r, err) < 0)
		return -1;
	c = xml_child(r, "Credentials");
	expires = xml_text(c, "Expiration");
	if (str_empty(xml_text(c, "AccessKeyId")) || str_empty(xml_text(c, "SecretAccessKey")) ||
	    str_empty(xml_text(c, "SessionToken")) || !expires ||
	    !time_parse_iso(expires, &found.expires_ms))
		return err_set(err, ERR_UNREACHABLE,
			       "the reply of STS to %s has no key, token or expiration", action);
	found.access_key_id = xstrdup(xml_text(c, "AccessKeyId"));
	found.secret_access_key = xstrdup(xml_text(c, "SecretAccessKey"));
	found.session_token = xstrdup(xml_text(c, "SessionToken"));
	found.account_id = account_of(xml_text(r, "AssumedRoleUser/Arn"));
	*ret = found;
	return 0;
}

static int call_sts(const struct cred_context *ctx, const char *action,
		    const struct credentials *with, struct buf *body, struct credentials *ret,
		    struct error **err)
{
	cleanup_http_request struct http_request req = { 0 };
	cleanup_http_response struct http_response reply = { 0 };
	const char *region = ctx->settings->region;

	http_request_init(&req, "POST");
	http_response_init(&reply);
	query_request(&req, body);
	/* Without a region, the home of STS's global endpoint is used. */
	if (ctx->call(ctx->call_data, AWS_STS, region ? region : "us-east-1", with, &req, &reply,
		      err) < 0)
		return -1;
	return decode(action, &reply.body, ret, err);
}

static void begin(const struct cred_context *ctx, const char *action, const struct role *role,
		  struct buf *body)
{
	cleanup_free char *made = NULL;

	if (!role->session_name)
		made = xasprintf("apigw-logs-%" PRId64, env_now_ms(ctx->env) / 1000);
	query_begin(body, AWS_STS, action);
	query_param(body, "RoleArn", role->arn);
	query_param(body, "RoleSessionName", made ? made : role->session_name);
}

static int check_duration(const struct role *role, struct error **err)
{
	int64_t seconds;

	if (!role->duration ||
	    str_to_int64(role->duration, DURATION_MIN_S, DURATION_MAX_S, &seconds))
		return 0;
	return err_set(err, ERR_USAGE,
		       "duration_seconds of profile '%s' must be a number from %d to %d, not '%s'",
		       role->profile, DURATION_MIN_S, DURATION_MAX_S, role->duration);
}

static int add_mfa(const struct cred_context *ctx, const struct role *role, struct buf *body,
		   struct error **err)
{
	cleanup_free char *question = NULL;
	cleanup_buf struct buf answer = BUF_SECRET_MAX(64);

	if (!role->mfa_serial)
		return 0;
	question = xasprintf("MFA code for %s: ", role->mfa_serial);
	if (!ctx->ask || ctx->ask(ctx->ask_data, question, &answer, err) < 0) {
		if (err && !*err)
			err_set(err, ERR_REFUSED, "there is no terminal to ask for it");
		err_wrap(err, "the role of profile '%s' needs an MFA code", role->profile);
		return err_hint(err, "run it on a terminal, or use a profile without mfa_serial");
	}
	query_param(body, "SerialNumber", role->mfa_serial);
	query_param(body, "TokenCode", str_trim(answer.data));
	return 0;
}

static int failed(const struct role *role, struct error **err)
{
	/* The general hint for AccessDenied is wrong where a trust policy decides. */
	if (err && *err && (*err)->aws_code && str_starts((*err)->aws_code, "AccessDenied"))
		err_drop_hint(err);
	if (role->profile)
		return err_wrap(err, "cannot assume role '%s' of profile '%s'", role->arn,
				role->profile);
	return err_wrap(err, "cannot assume role '%s' of AWS_ROLE_ARN", role->arn);
}

int role_assume(const struct cred_context *ctx, const struct role *role,
		const struct credentials *with, struct credentials *ret, struct error **err)
{
	cleanup_buf struct buf body = BUF_SECRET;

	begin(ctx, "AssumeRole", role, &body);
	query_param(&body, "ExternalId", role->external_id);
	query_param(&body, "DurationSeconds", role->duration);
	if (check_duration(role, err) < 0 || add_mfa(ctx, role, &body, err) < 0)
		return -1;
	if (call_sts(ctx, "AssumeRole", with, &body, ret, err) == 0)
		return 0;
	failed(role, err);
	return err_hint(err,
			"check that the role's trust policy allows %s, and "
			"that this identity may call sts:AssumeRole on the role",
			with->provider);
}

/* A JWT is base64 and dots; anything else is the wrong file. */
static bool is_jwt_like(const struct buf *token)
{
	for (size_t i = 0; i < token->len; i++)
		if ((unsigned char)token->data[i] >= 0x7f ||
		    ((unsigned char)token->data[i] < ' ' && !strchr("\t\r\n", token->data[i])) ||
		    token->data[i] == '\0')
			return false;
	return token->len > 0;
}

int role_assume_with_web_identity(const struct cred_context *ctx, const struct role *role,
				  const char *token_file, struct credentials *ret,
				  struct error **err)
{
	cleanup_buf struct buf token = BUF_SECRET_MAX(TOKEN_MAX), body = BUF_SECRET;

	if (env_read_file(ctx->env, token_file, &token, NULL, err) < 0) {
		failed(role, err);
		return err_hint(err,
				"check that the issuer of the web identity token works, and that "
				"web_identity_token_file or AWS_WEB_IDENTITY_TOKEN_FILE is "
				"right");
	}
	if (!is_jwt_like(&token))
		return err_set(err, ERR_USAGE,
			       "the web identity token in '%s' is empty or not text", token_file);
	begin(ctx, "AssumeRoleWithWebIdentity", role, &body);
	query_param(&body, "WebIdentityToken", token.data);
	query_param(&body, "DurationSeconds", role->duration);
	if (check_duration(role, err) < 0)
		return -1;
	if (call_sts(ctx, "AssumeRoleWithWebIdentity", NULL, &body, ret, err) == 0)
		return 0;
	failed(role, err);
	/* ExpiredToken is about the web identity token, not about the caller's session. */
	if (err && *err && (*err)->aws_code)
		err_drop_hint(err);
	return err_hint(err,
			"check that the role's trust policy allows the token's issuer and "
			"subject, and that the token in '%s' is fresh",
			token_file);
}
