/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "aws/call.h"

#include <stdlib.h>
#include <string.h>

#include "aws/config/settings.h"
#include "aws/cred/cred.h"
#include "aws/endpoint/endpoint.h"
#include "aws/refusal.h"
#include "aws/reply.h"
#include "aws/retry/ratelimit.h"
#include "aws/retry/skew.h"
#include "aws/session.h"
#include "aws/sign/sigv4.h"
#include "aws/trace.h"
#include "base/env.h"
#include "base/error.h"
#include "base/str.h"
#include "base/time.h"
#include "base/xalloc.h"
#include "net/http.h"
#include "net/url.h"

/*
 * A reply that trickles in never counts as stalled. Replies kept in memory are small, so
 * this is ample for them; a streamed object may take as long as data keeps arriving.
 */
#define ATTEMPT_MAX_MS (5 * MS_MINUTE)

/* The state of one call across its attempts. Below aws_call_as(), err is never NULL. */
struct call {
	struct aws_client *c;
	struct aws_request *req;
	enum auth auth;
	const struct credentials *given;
	char *region; /* the request's, or the one S3 redirected to */
	struct credentials credentials;
	int attempt;             /* the current one, from 1 */
	int cost;                /* what the last retry took from the quota */
	int64_t clock_offset_ms; /* used to sign this attempt */
	/* Each of these recoveries is tried once and does not count as an attempt. */
	bool redirected, refreshed, clock_set;
};

/* The current time by AWS's clock, as far as it is known. */
static int64_t call_now_ms(const struct call *call)
{
	return env_now_ms(call->c->session->env) + call->clock_offset_ms;
}

/*
 * A signature does not reveal the secret key and is valid for one request only. An unsigned
 * request carries a token that anybody who reads it can use, so plain HTTP is allowed only
 * to this machine.
 */
static int check_bearer(const char *origin, struct error **err)
{
	cleanup_http_url struct http_url u = { 0 };

	if (!str_starts(origin, "http:"))
		return 0;
	if (http_url_parse(origin, &u, err) < 0)
		return -1;
	if (http_host_is_loopback(u.host))
		return 0;
	err_set(err, ERR_USAGE, "the endpoint '%s' has no TLS, and the request carries a token",
		origin);
	return err_hint(err, "use an https endpoint");
}

static int resolve(struct call *call, struct endpoint *ret, struct error **err)
{
	const struct aws_settings *s = call->c->session->settings;
	const char *source, *url = aws_settings_endpoint_url(s, call->req->service, &source);
	const struct endpoint_params p = {
		.service = call->req->service,
		.region = call->region,
		.use_fips = s->use_fips,
		.use_dualstack = s->use_dualstack,
		.url = url,
		.bucket = call->req->bucket,
		.use_global =
			call->req->service == AWS_S3 ? !s->s3_us_east_1_regional : s->sts_global,
		/* Few custom endpoints resolve a host name for each bucket. */
		.path_style = s->s3_path_style || url,
	};

	if (endpoint_resolve(&p, ret, err) < 0) {
		if (url && (s->use_fips || s->use_dualstack))
			err_hint(err, "the custom endpoint comes from %s: use one or the other",
				 source);
		return -1;
	}
	if (call->auth == AUTH_NONE && check_bearer(ret->origin, err) < 0) {
		endpoint_release(ret);
		return -1;
	}
	return 0;
}

/* The request as sent in this attempt, signed with the current time. */
static int make_wire(struct call *call, struct http_request *wire, struct error **err)
{
	const struct aws_request *req = call->req;
	cleanup_endpoint struct endpoint e = { 0 };
	struct sigv4_params p = {
		.credentials = call->auth == AUTH_GIVEN ? call->given : &call->credentials,
		.single_encoding = req->service == AWS_S3,
		.no_normalize = req->service == AWS_S3,
		.sign_body = true,
		.time_ms = call_now_ms(call),
	};

	if (resolve(call, &e, err) < 0)
		return -1;
	wire->origin = xstrdup(e.origin);
	buf_adds(&wire->path, e.path);
	buf_add(&wire->path, req->http.path.data, req->http.path.len);
	if (!wire->path.len)
		buf_addc(&wire->path, '/');
	buf_add(&wire->query, req->http.query.data, req->http.query.len);
	for (size_t i = 0; i < req->http.headers.n; i++)
		http_header_add(&wire->headers, req->http.headers.v[i].name,
				req->http.headers.v[i].value);
	if (req->expected_owner)
		http_header_add(&wire->headers, "x-amz-expected-bucket-owner", req->expected_owner);
	wire->body = req->http.body;
	wire->body_len = req->http.body_len;
	wire->sink = req->http.sink;
	wire->sink_data = req->http.sink_data;
	wire->response_max = req->http.response_max;
	wire->timeout_ms = req->http.timeout_ms;
	if (!wire->timeout_ms && !wire->sink)
		wire->timeout_ms = ATTEMPT_MAX_MS;
	wire->fresh_connection = req->not_idempotent;
	if (call->auth == AUTH_NONE)
		return 0;
	p.region = e.signing_region;
	p.service = e.signing_name;
	return sigv4_sign(call->c->signer, wire, &p, err);
}

static int wait_for_turn(struct call *call, struct rate_limiter *limiter, struct error **err)
{
	struct aws_session *s = call->c->session;
	int64_t wait = limiter ? rate_limiter_reserve(limiter, env_now_ms(s->env)) : 0;

	if (wait > 0 && !env_sleep_ms(s->env, wait))
		return err_interrupted(err);
	return 0;
}

/*
 * Only the first reply with a Date counts, whatever its status: later ones may have been
 * delayed.
 */
static void learn_clock(struct aws_session *s, const struct http_headers *reply, int64_t sent_ms)
{
	int64_t offset;

	if (!atomic_load(&s->clock_known) &&
	    clock_offset(reply, sent_ms, env_now_ms(s->env), &offset) &&
	    !atomic_exchange(&s->clock_known, true))
		atomic_store(&s->clock_offset_ms, offset);
}

/* One attempt: 0 if there is a reply, whatever its status. */
static int attempt(struct call *call, struct http_response *ret, struct error **err)
{
	struct aws_session *s = call->c->session;
	cleanup_http_request struct http_request wire = { 0 };
	int64_t sent_ms;
	int r;

	http_request_init(&wire, call->req->http.method);
	if (call->auth == AUTH_CHAIN && cred_resolve(s->chain, &call->credentials, err) < 0) {
		(*err)->credentials = true;
		return -1;
	}
	call->clock_offset_ms = atomic_load(&s->clock_offset_ms);
	if (call->attempt > 1 && call->req->retry)
		call->req->retry(call->req->retry_data, call->req);
	if (make_wire(call, &wire, err) < 0)
		return -1;
	trace_request(s, call->req, &wire, call->credentials.session_token, call->attempt);
	sent_ms = env_now_ms(s->env);
	r = http_send(call->c->http, &wire, ret, err);
	if (r == 0)
		learn_clock(s, &ret->headers, sent_ms);
	trace_reply(s, call->req, ret, call->credentials.session_token, *err);
	return r;
}

static bool is_success(const struct aws_request *req, const struct http_response *reply)
{
	/* Partial content is a success only for a request with a Range. */
	if (reply->status / 100 != 2 ||
	    (reply->status == 206 && !http_header_get(&req->http.headers, "Range")))
		return false;
	return !req->ret_xml || reply_read_xml(reply, req->ret_xml);
}

static void refuse(struct call *call, const struct http_response *reply,
		   const struct reply_error *e, enum retry_class why, struct error **err)
{
	bool final = why == RETRY_NO && reply->status >= 300;

	refusal_set(err, final ? ERR_REFUSED : ERR_UNREACHABLE, call->req, reply, e);
	if (call->redirected && e->region)
		err_hint(err,
			 "S3 redirected the request more than once, the last time to region '%s'",
			 e->region);
}

static bool is_expired(const char *code)
{
	return str_eq(code, "ExpiredToken") || str_eq(code, "ExpiredTokenException") ||
	       str_eq(code, "RequestExpired");
}

/* Later calls on that bucket, from any client, go there directly. */
static void remember_region(struct aws_session *s, const char *bucket, const char *region)
{
	if (!bucket)
		return;
	pthread_mutex_lock(&s->lock);
	free(s->moved_bucket);
	free(s->moved_region);
	s->moved_bucket = xstrdup(bucket);
	s->moved_region = xstrdup(region);
	pthread_mutex_unlock(&s->lock);
}

/* Caller frees; NULL if none is set. */
static char *first_region(struct aws_session *s, const struct aws_request *req)
{
	char *region = NULL;

	pthread_mutex_lock(&s->lock);
	if (req->bucket && str_eq0(req->bucket, s->moved_bucket))
		region = xstrdup(s->moved_region);
	pthread_mutex_unlock(&s->lock);
	if (region)
		return region;
	return xstrdup(req->region ? req->region : s->settings->region);
}

/* Recovers from what can be put right at once: true if the call may be sent again. */
static bool recover(struct call *call, const struct http_response *reply,
		    const struct reply_error *e)
{
	struct aws_session *s = call->c->session;
	/* The reply to a HEAD has no body, and so no error code. */
	bool mute = reply->status == 403 && str_eq(call->req->http.method, "HEAD");
	const char *code = e->code || !mute ? e->code : "RequestTimeTooSkewed";
	int64_t offset;

	if (code && !call->clock_set &&
	    clock_skew_detect(code, &reply->headers, call_now_ms(call), &offset)) {
		call->clock_set = true;
		/* Set, not added to: several workers may find the same offset at once. */
		atomic_store(&s->clock_offset_ms, call->clock_offset_ms + offset);
		return true;
	}
	if (e->code && call->auth == AUTH_CHAIN && !call->refreshed && is_expired(e->code)) {
		call->refreshed = true;
		cred_invalidate(s->chain, &call->credentials);
		return true;
	}
	if (call->req->service == AWS_S3 && e->region && !call->redirected && call->region &&
	    !str_eq(e->region, call->region)) {
		call->redirected = true;
		remember_region(s, call->req->bucket, e->region);
		free(call->region);
		call->region = xstrdup(e->region);
		return true;
	}
	return false;
}

static bool is_final(const struct aws_request *req, const char *code)
{
	for (size_t i = 0; code && req->final_codes && req->final_codes[i]; i++)
		if (str_eq(code, req->final_codes[i]))
			return true;
	return false;
}

/* Waits before a retry; true if the call may be sent again. */
static bool may_retry(struct call *call, enum retry_class why, const struct http_response *reply,
		      struct error **err)
{
	struct aws_session *s = call->c->session;
	const struct env *env = s->env;
	int64_t delay;

	if (retry_next(&s->quota, s->settings->max_attempts, call->attempt, why, env_random(env),
		       &reply->headers, &delay, &call->cost) != RETRY_AGAIN)
		return false;
	call->attempt++;
	error_clear(err);
	if (env_sleep_ms(env, delay))
		return true;
	err_interrupted(err);
	return false;
}

/* After a failed attempt: true if the call is to be sent again. */
static bool handle_failure(struct call *call, int sent, struct http_response *reply,
			   struct rate_limiter *limiter, struct error **err)
{
	struct aws_session *s = call->c->session;
	struct reply_error e = { 0 };
	enum retry_class why;
	bool again;

	if (sent < 0 && reply->failure == HTTP_OK)
		return false; /* nothing was sent: credentials, endpoint, signing */
	if (sent == 0)
		reply_error_decode(aws_service_info(call->req->service)->protocol, reply, &e);
	why = retry_classify(call->req->service, reply->failure, reply->status, e.code);
	if (why == RETRY_NO && sent == 0 && reply->status < 300)
		why = RETRY_TRANSIENT; /* S3's 200 with an error inside */
	if (is_final(call->req, e.code))
		why = RETRY_NO;
	if (why == RETRY_THROTTLE)
		atomic_fetch_add(&s->throttles, 1);
	if (limiter)
		rate_limiter_report(limiter, why == RETRY_THROTTLE, env_now_ms(s->env));
	again = sent == 0 && recover(call, reply, &e);
	if (!again) {
		if (sent == 0)
			refuse(call, reply, &e, why, err);
		else if (reply->failure != HTTP_SINK) /* the sink's error is not about the call */
			err_wrap(err, "%s:%s", aws_service_info(call->req->service)->name,
				 call->req->operation);
		/* Without a reply, it may have taken effect: the caller has to check. */
		if (!(call->req->not_idempotent && sent < 0 && reply->failure != HTTP_CONNECT))
			again = may_retry(call, why, reply, err);
	}
	reply_error_release(&e);
	return again;
}

static void succeeded(struct call *call, struct rate_limiter *limiter)
{
	retry_quota_refund(&call->c->session->quota, call->cost);
	if (limiter)
		rate_limiter_report(limiter, false, env_now_ms(call->c->session->env));
}

int aws_call_as(struct aws_client *c, struct aws_request *req, enum auth auth,
		const struct credentials *given, struct http_response *ret, struct error **err)
{
	const struct aws_settings *settings = c->session->settings;
	struct call call = { .c = c, .req = req, .auth = auth, .given = given, .attempt = 1 };
	cleanup_error struct error *own = NULL; /* err may be NULL */
	struct rate_limiter *limiter;
	int r = -1;

	call.region = first_region(c->session, req);
	if (!call.region)
		aws_settings_need_region(settings, &own);
	limiter = session_limiter(c->session, req, call.region);
	while (call.region) {
		if (wait_for_turn(&call, limiter, &own) < 0)
			break;
		r = attempt(&call, ret, &own);
		if (r == 0 && is_success(req, ret))
			break;
		if (!handle_failure(&call, r, ret, limiter, &own)) {
			r = -1;
			break;
		}
		http_response_release(ret);
	}
	if (r == 0)
		succeeded(&call, limiter);
	free(call.region);
	credentials_release(&call.credentials);
	return r == 0 ? 0 : err_move(&own, err);
}
