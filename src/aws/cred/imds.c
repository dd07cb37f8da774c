/* SPDX-License-Identifier: MIT */
/*
 * The metadata service of an EC2 instance, version 2 only.
 * Source: "IMDS credential provider" in the AWS SDKs and Tools Reference Guide;
 * botocore's InstanceMetadataFetcher; the Rust SDK's published test cases.
 */
#include "config.h"

#include "aws/config/settings.h"
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
#include "net/url.h"

#define IMDS_IPV4 "http://169.254.169.254"
#define IMDS_IPV6 "http://[fd00:ec2::254]"
#define IMDS_ROLES "/latest/meta-data/iam/security-credentials/"
#define IMDS_TOKEN_TTL_S "21600"
/*
 * Where the service returns expired credentials, AWS still accepts them; after this time
 * they are asked for again.
 */
#define IMDS_EXTEND_MS (10 * MS_MINUTE)
#define IMDS_EXTEND_RANDOM_MS (5 * MS_MINUTE)

struct imds {
	const struct cred_context *ctx;
	struct fetch how;
	char *endpoint, *token;
};

static void imds_release(struct imds *i)
{
	free(i->endpoint);
	secret_free(i->token);
}

/* An environment variable, else a property of the profile. */
static const char *setting(const struct cred_context *ctx, const char *variable, const char *key)
{
	const char *v = cred_env(ctx, variable);

	return v ? v : cred_profile_get(ctx, ctx->settings->profile, key);
}

static int number(const struct cred_context *ctx, const char *variable, const char *key,
		  int64_t fallback, int64_t *ret, struct error **err)
{
	const char *v = setting(ctx, variable, key);
	int64_t n = fallback;

	if (v && !str_to_int64(v, 1, 3600, &n))
		return err_set(err, ERR_USAGE, "%s must be a number from 1 to 3600, not '%s'",
			       variable, v);
	*ret = n;
	return 0;
}

static int find_endpoint(const struct cred_context *ctx, char **ret, struct error **err)
{
	const char *url =
		setting(ctx, "AWS_EC2_METADATA_SERVICE_ENDPOINT", "ec2_metadata_service_endpoint");
	const char *mode = setting(ctx, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
				   "ec2_metadata_service_endpoint_mode");
	cleanup_http_url struct http_url u = { 0 };
	size_t n;

	if (!url && mode && !str_eq_nocase(mode, "IPv4") && !str_eq_nocase(mode, "IPv6"))
		return err_set(err, ERR_USAGE,
			       "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE is IPv4 or "
			       "IPv6, not '%s'",
			       mode);
	if (!url)
		url = mode && str_eq_nocase(mode, "IPv6") ? IMDS_IPV6 : IMDS_IPV4;
	else if (http_url_parse(url, &u, err) < 0)
		return err_wrap(err, "AWS_EC2_METADATA_SERVICE_ENDPOINT");
	for (n = strlen(url); n && url[n - 1] == '/'; n--)
		;
	*ret = xstrndup(url, n);
	return 0;
}

static int imds_setup(const struct cred_context *ctx, struct imds *ret, struct error **err)
{
	int64_t seconds, attempts;

	if (number(ctx, "AWS_METADATA_SERVICE_TIMEOUT", "metadata_service_timeout", 1, &seconds,
		   err) < 0 ||
	    number(ctx, "AWS_METADATA_SERVICE_NUM_ATTEMPTS", "metadata_service_num_attempts", 0,
		   &attempts, err) < 0 ||
	    find_endpoint(ctx, &ret->endpoint, err) < 0)
		return -1;
	ret->ctx = ctx;
	/* Few attempts unless configured, so that no time is lost on machines that are not EC2. */
	ret->how = (struct fetch){
		.what = "instance metadata",
		.attempts = attempts ? (int)attempts : 4,
		.patient = attempts != 0,
		.timeout_ms = seconds * MS_SECOND,
	};
	return 0;
}

static int imds_send(struct imds *i, const char *method, const char *path,
		     struct http_response *reply, struct error **err)
{
	cleanup_http_request struct http_request req = { 0 };
	cleanup_free char *url = xasprintf("%s%s", i->endpoint, path);

	http_request_init(&req, method);
	if (i->token)
		http_header_set(&req.headers, "x-aws-ec2-metadata-token", i->token);
	else
		http_header_set(&req.headers, "x-aws-ec2-metadata-token-ttl-seconds",
				IMDS_TOKEN_TTL_S);
	if (cred_set_url(&req, url, err) < 0)
		return -1;
	return cred_fetch(i->ctx, &i->how, &req, reply, err);
}

static enum cred_answer get_token(struct imds *i, struct error **err)
{
	cleanup_http_response struct http_response reply = { 0 };

	http_response_init(&reply);
	if (imds_send(i, "PUT", "/latest/api/token", &reply, err) < 0)
		return CRED_NOT_CONFIGURED;
	if (reply.status == 403) {
		err_set(err, ERR_REFUSED, "request forbidden: IMDS is disabled or unreachable");
		return CRED_NOT_CONFIGURED;
	}
	/* Something that answers here with another protocol is not an EC2 metadata service. */
	if (reply.status == 404 || reply.status == 405) {
		err_set(err, ERR_REFUSED, "'%s' has no IMDSv2", i->endpoint);
		return CRED_NOT_CONFIGURED;
	}
	if (reply.status != 200 || !cred_header_ok(reply.body.data)) {
		err_set(err, ERR_UNREACHABLE,
			"instance metadata: cannot get a token from '%s': it answered %d%s",
			i->endpoint, reply.status, reply.status == 200 ? " with no token" : "");
		return CRED_MISCONFIGURED;
	}
	i->token = xstrdup(reply.body.data);
	i->how.patient = true;
	return CRED_FOUND;
}

static enum cred_answer get(struct imds *i, const char *path, struct http_response *reply,
			    struct error **err)
{
	if (imds_send(i, "GET", path, reply, err) < 0)
		return CRED_MISCONFIGURED;
	if (reply->status == 200)
		return CRED_FOUND;
	if (reply->status == 404) {
		err_set(err, ERR_REFUSED, "this instance has no IAM role");
		return CRED_NOT_CONFIGURED;
	}
	err_set(err, reply->status >= 500 ? ERR_UNREACHABLE : ERR_REFUSED,
		"instance metadata: '%s%s' answered %d", i->endpoint, path, reply->status);
	return CRED_MISCONFIGURED;
}

static enum cred_answer get_role(struct imds *i, char **ret, struct error **err)
{
	cleanup_http_response struct http_response reply = { 0 };
	enum cred_answer answer;
	char *name;

	http_response_init(&reply);
	answer = get(i, IMDS_ROLES, &reply, err);
	if (answer != CRED_FOUND)
		return answer;
	name = str_trim(reply.body.data);
	name[strcspn(name, "\r\n")] = '\0';
	if (!cred_header_ok(name)) {
		err_set(err, ERR_REFUSED, "this instance has no IAM role");
		return CRED_NOT_CONFIGURED;
	}
	*ret = xstrdup(name);
	return CRED_FOUND;
}

static int decode(struct imds *i, const char *role, const struct http_response *reply,
		  struct credentials *ret, struct error **err)
{
	static const char what[] = "the reply of the instance metadata";
	cleanup_keys json_t *doc = NULL;
	const char *code, *message;
	int64_t now = env_now_ms(i->ctx->env);

	if (json_parse(reply->body.data, reply->body.len, what, &doc, err) < 0)
		return -1;
	code = keys_str(doc, "Code");
	message = keys_str(doc, "Message");
	if (code && !str_eq_nocase(code, "Success")) {
		err_set(err, ERR_REFUSED,
			"instance metadata gives no credentials for role '%s': %s%s%s", role, code,
			message ? ": " : "", message ? message : "");
		return err_hint(err, "see that the role trusts ec2.amazonaws.com");
	}
	if (keys_decode(doc, KEYS_NEED_TOKEN | KEYS_NEED_EXPIRY, what, ret, err) < 0)
		return -1;
	if (ret->expires_ms <= now)
		ret->expires_ms =
			now + IMDS_EXTEND_MS +
			(int64_t)((double)IMDS_EXTEND_RANDOM_MS * env_random(i->ctx->env));
	ret->provider = xasprintf("instance metadata (role '%s')", role);
	return 0;
}

static enum cred_answer get_credentials(struct imds *i, struct credentials *ret, struct error **err)
{
	cleanup_http_response struct http_response reply = { 0 };
	cleanup_buf struct buf path = BUF_INIT;
	cleanup_free char *role = NULL;
	enum cred_answer answer;

	http_response_init(&reply);
	answer = get_token(i, err);
	if (answer == CRED_FOUND)
		answer = get_role(i, &role, err);
	if (answer != CRED_FOUND)
		return answer;
	buf_adds(&path, IMDS_ROLES);
	buf_add_uri(&path, role, strlen(role), false);
	answer = get(i, path.data, &reply, err);
	if (answer != CRED_FOUND)
		return answer;
	return decode(i, role, &reply, ret, err) == 0 ? CRED_FOUND : CRED_MISCONFIGURED;
}

static enum cred_answer imds(const struct cred_context *ctx, struct credentials *ret,
			     struct error **err)
{
	cleanup(imds_release) struct imds i = { 0 };
	const char *disabled = cred_env(ctx, "AWS_EC2_METADATA_DISABLED");

	if (disabled && str_eq_nocase(disabled, "true")) {
		err_set(err, ERR_REFUSED, "IMDS disabled by AWS_EC2_METADATA_DISABLED");
		return CRED_NOT_CONFIGURED;
	}
	if (imds_setup(ctx, &i, err) < 0)
		return CRED_MISCONFIGURED;
	return get_credentials(&i, ret, err);
}

const struct cred_provider cred_imds = { "instance metadata", false, imds };
