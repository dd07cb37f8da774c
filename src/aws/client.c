/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "aws/client.h"

#include <stdlib.h>

#include "aws/call.h"
#include "aws/config/settings.h"
#include "aws/cred/cred.h"
#include "aws/session.h"
#include "aws/sign/sigv4.h"
#include "base/env.h"
#include "base/error.h"
#include "base/xalloc.h"
#include "net/http.h"

static struct http_transport *transport_new(struct aws_session *s)
{
	const struct http_options o = {
		.connect_timeout_ms = s->settings->connect_timeout_ms,
		.read_timeout_ms = s->settings->read_timeout_ms,
		.ca_bundle = s->settings->ca_bundle,
		.user_agent = PACKAGE_NAME "/" PACKAGE_VERSION,
		.env = s->env,
	};

	if (s->transport)
		return s->transport(s->transport_data, &o);
	return http_curl_new(&o);
}

static const char *chain_operation(enum aws_service service, const struct credentials *with)
{
	if (service == AWS_SSO)
		return "GetRoleCredentials";
	if (service == AWS_SSO_OIDC)
		return "CreateToken";
	return with ? "AssumeRole" : "AssumeRoleWithWebIdentity";
}

/* The chain's calls to STS and SSO: cred_context.call. */
static int call_for_chain(void *data, enum aws_service service, const char *region,
			  const struct credentials *with, struct http_request *http,
			  struct http_response *ret, struct error **err)
{
	struct aws_session *s = data;
	struct aws_request req = {
		.http = *http,
		.service = service,
		.operation = chain_operation(service, with),
		.region = region,
	};
	int r;

	req.http.response_max = CRED_REPLY_MAX;
	if (!s->chain_client)
		s->chain_client = aws_client_new(s);
	r = aws_call_as(s->chain_client, &req, with ? AUTH_GIVEN : AUTH_NONE, with, ret, err);
	*http = req.http;
	return r;
}

struct aws_session *aws_session_new(const struct aws_session_options *opts)
{
	struct aws_session *s = xcalloc(1, sizeof(*s));
	struct cred_context ctx = {
		.env = opts->env,
		.settings = opts->settings,
		.call = call_for_chain,
		.call_data = s,
		.ask = opts->ask,
		.ask_data = opts->ask_data,
	};

	s->env = opts->env;
	s->settings = opts->settings;
	s->trace = opts->trace;
	s->trace_data = opts->trace_data;
	s->transport = opts->transport;
	s->transport_data = opts->transport_data;
	pthread_mutex_init(&s->lock, NULL);
	retry_quota_init(&s->quota, RETRY_QUOTA_MAX);
	s->metadata_http = transport_new(s);
	ctx.http = s->metadata_http;
	s->chain = cred_chain_new(&ctx);
	return s;
}

void aws_session_free(struct aws_session *s)
{
	if (!s)
		return;
	cred_chain_free(s->chain);
	aws_client_free(s->chain_client);
	http_transport_free(s->metadata_http);
	session_limiters_release(s);
	free(s->moved_bucket);
	free(s->moved_region);
	retry_quota_destroy(&s->quota);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

unsigned aws_session_throttles(struct aws_session *s)
{
	return atomic_load(&s->throttles);
}

struct aws_client *aws_client_new(struct aws_session *s)
{
	struct aws_client *c = xcalloc(1, sizeof(*c));

	c->session = s;
	c->http = transport_new(s);
	c->signer = sigv4_new();
	return c;
}

void aws_client_free(struct aws_client *c)
{
	if (!c)
		return;
	http_transport_free(c->http);
	sigv4_free(c->signer);
	free(c);
}

const struct env *aws_client_env(const struct aws_client *c)
{
	return c->session->env;
}

const struct aws_settings *aws_client_settings(const struct aws_client *c)
{
	return c->session->settings;
}

struct aws_session *aws_client_session(const struct aws_client *c)
{
	return c->session;
}

int64_t aws_client_clock_offset_ms(const struct aws_client *c)
{
	return atomic_load(&c->session->clock_offset_ms);
}

int64_t aws_client_now_ms(const struct aws_client *c)
{
	return env_now_ms(c->session->env) + aws_client_clock_offset_ms(c);
}

int64_t aws_client_earlier_now_ms(const struct aws_client *c)
{
	int64_t offset = aws_client_clock_offset_ms(c);

	return env_now_ms(c->session->env) + (offset < 0 ? offset : 0);
}

int aws_client_credentials(struct aws_client *c, struct credentials *ret, struct error **err)
{
	return cred_resolve(c->session->chain, ret, err);
}

int aws_call(struct aws_client *c, struct aws_request *req, struct http_response *ret,
	     struct error **err)
{
	return aws_call_as(c, req, AUTH_CHAIN, NULL, ret, err);
}
