/* SPDX-License-Identifier: MIT */
/*
 * The endpoint that ECS and EKS put beside a container.
 * Source: "Container credential provider" in the AWS SDKs and Tools Reference Guide.
 */
#include "config.h"

#include <stdlib.h>

#include "aws/cred/fetch.h"
#include "aws/cred/keys.h"
#include "aws/cred/lookup.h"
#include "aws/cred/provider.h"
#include "base/buf.h"
#include "base/env.h"
#include "base/error.h"
#include "base/json.h"
#include "base/str.h"
#include "base/time.h"
#include "base/xalloc.h"
#include "net/message.h"
#include "net/url.h"

#define ECS_ORIGIN "http://169.254.170.2"
#define TOKEN_MAX 65536

/* Without TLS the token may go only to this machine and to ECS's and EKS's own addresses. */
static bool host_is_allowed(const struct http_url *u)
{
	static const char *const hosts[] = {
		"169.254.170.2",
		"169.254.170.23",
		"fd00:ec2::23",
		"[fd00:ec2::23]",
	};

	if (str_eq(u->scheme, "https") || http_host_is_loopback(u->host))
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(hosts); i++)
		if (str_eq_nocase(u->host, hosts[i]))
			return true;
	return false;
}

static int check_full_uri(const char *uri, struct error **err)
{
	cleanup_http_url struct http_url u = { 0 };

	if (http_url_parse(uri, &u, err) < 0)
		return err_wrap(err, "AWS_CONTAINER_CREDENTIALS_FULL_URI");
	if (host_is_allowed(&u))
		return 0;
	err_set(err, ERR_USAGE,
		"AWS_CONTAINER_CREDENTIALS_FULL_URI '%s' is neither https, nor on "
		"this machine, nor an address of ECS or EKS",
		uri);
	return err_hint(err, "use an https:// address, or unset the variable");
}

static int find_url(const struct cred_context *ctx, char **ret, struct error **err)
{
	const char *relative = cred_env(ctx, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
	const char *full = cred_env(ctx, "AWS_CONTAINER_CREDENTIALS_FULL_URI");

	if (relative && *relative != '/')
		return err_set(err, ERR_USAGE,
			       "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI '%s' does "
			       "not begin with '/'",
			       relative);
	if (!relative && check_full_uri(full, err) < 0)
		return -1;
	*ret = relative ? xasprintf("%s%s", ECS_ORIGIN, relative) : xstrdup(full);
	return 0;
}

/* The file is read each time because EKS replaces it. */
static int add_token(const struct cred_context *ctx, struct http_request *req, struct error **err)
{
	const char *file = cred_env(ctx, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
	const char *token = cred_env(ctx, "AWS_CONTAINER_AUTHORIZATION_TOKEN");
	cleanup_buf struct buf text = BUF_SECRET_MAX(TOKEN_MAX);

	if (file) {
		if (env_read_file(ctx->env, file, &text, NULL, err) < 0)
			return err_wrap(err, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
		token = text.data;
	}
	if (!token)
		return 0;
	/* A line break would end the header and begin another. */
	if (!cred_header_ok(token) || (file && strlen(token) != text.len))
		return err_set(err, ERR_USAGE,
			       "the token in %s%s%s is empty or has a line break "
			       "or another control character in it",
			       file ? "'" : "", file ? file : "AWS_CONTAINER_AUTHORIZATION_TOKEN",
			       file ? "'" : "");
	http_header_set(&req->headers, "Authorization", token);
	return 0;
}

static int refused(const struct http_response *reply, const json_t *doc, struct error **err)
{
	const char *code = keys_str(doc, "code"), *message = keys_str(doc, "message");

	err_set(err, reply->status >= 500 ? ERR_UNREACHABLE : ERR_REFUSED,
		"the container's credential endpoint answered %d%s%s%s%s", reply->status,
		code ? " " : "", code ? code : "", message ? ": " : "", message ? message : "");
	return err_hint(err, "check that the task or pod has a role, and that "
			     "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or _FULL_URI is as the "
			     "platform set it");
}

static int decode(const struct http_response *reply, struct credentials *ret, struct error **err)
{
	static const char what[] = "the reply of the container's credential endpoint";
	cleanup_keys json_t *doc = NULL;
	cleanup_error struct error *why = NULL;

	json_parse(reply->body.data, reply->body.len, what, &doc, &why);
	if (reply->status != 200)
		return refused(reply, doc, err);
	if (doc)
		return keys_decode(doc, KEYS_NEED_TOKEN | KEYS_NEED_EXPIRY, what, ret, err);
	return err_move(&why, err);
}

static int unreachable(const char *url, struct error **err)
{
	/* The transport's own hint is about AWS's endpoints. */
	err_drop_hint(err);
	return err_hint(err, "is '%s' reachable from this container?", url);
}

static int ask(const struct cred_context *ctx, struct credentials *ret, struct error **err)
{
	/* Time-out and attempts: botocore's ContainerMetadataFetcher. */
	static const struct fetch how = {
		"the container's credential endpoint",
		3,
		true,
		2 * MS_SECOND,
	};
	cleanup_http_request struct http_request req = { 0 };
	cleanup_http_response struct http_response reply = { 0 };
	cleanup_free char *url = NULL;

	http_request_init(&req, "GET");
	http_response_init(&reply);
	http_header_set(&req.headers, "Accept", "application/json");
	if (find_url(ctx, &url, err) < 0 || cred_set_url(&req, url, err) < 0 ||
	    add_token(ctx, &req, err) < 0)
		return -1;
	if (cred_fetch(ctx, &how, &req, &reply, err) < 0)
		return unreachable(url, err);
	if (decode(&reply, ret, err) < 0)
		return -1;
	ret->provider = xasprintf("container (%s)", url);
	return 0;
}

static enum cred_answer container(const struct cred_context *ctx, struct credentials *ret,
				  struct error **err)
{
	if (!cred_env(ctx, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") &&
	    !cred_env(ctx, "AWS_CONTAINER_CREDENTIALS_FULL_URI")) {
		err_set(err, ERR_REFUSED, "AWS_CONTAINER_CREDENTIALS_FULL_URI is not set");
		return CRED_NOT_CONFIGURED;
	}
	return ask(ctx, ret, err) == 0 ? CRED_FOUND : CRED_MISCONFIGURED;
}

const struct cred_provider cred_container = { "container", false, container };
