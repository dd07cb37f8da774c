/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "aws/cred/fetch.h"

#include "aws/cred/cred.h"
#include "base/env.h"
#include "base/error.h"
#include "base/str.h"
#include "net/http.h"
#include "net/url.h"

/* The delay before the second attempt, which then doubles. These endpoints are nearby. */
#define FETCH_DELAY_MS 200

static bool try_again(const struct fetch *f, int sent, const struct http_response *reply)
{
	if (sent == 0)
		return reply->status == 429 || reply->status >= 500;
	switch (reply->failure) {
	case HTTP_CONNECT:
	case HTTP_TIMEOUT:
		return f->patient;
	case HTTP_BROKEN:
		return true;
	default:
		return false;
	}
}

int cred_fetch(const struct cred_context *ctx, const struct fetch *f, struct http_request *req,
	       struct http_response *ret, struct error **err)
{
	int64_t delay = FETCH_DELAY_MS;

	req->timeout_ms = f->timeout_ms;
	req->response_max = CRED_REPLY_MAX;
	for (int attempt = 1;; attempt++) {
		cleanup_error struct error *why = NULL;
		int sent = http_send(ctx->http, req, ret, &why);

		if (attempt >= f->attempts || !try_again(f, sent, ret)) {
			if (sent == 0)
				return 0;
			err_wrap(&why, "%s", f->what);
			return err_move(&why, err);
		}
		if (!env_sleep_ms(ctx->env, (int64_t)((double)delay * env_random(ctx->env)) + 1))
			return err_set(err, ERR_INTERRUPTED, "%s: interrupted", f->what);
		delay *= 2;
		http_response_release(ret);
	}
}

int cred_set_url(struct http_request *req, const char *url, struct error **err)
{
	cleanup_http_url struct http_url u = { 0 };

	if (http_url_parse(url, &u, err) < 0)
		return -1;
	free(req->origin);
	req->origin = TAKE(u.origin);
	buf_clear(&req->path);
	buf_adds(&req->path, u.path);
	buf_clear(&req->query);
	buf_adds(&req->query, u.query);
	return 0;
}

bool cred_header_ok(const char *text)
{
	if (str_empty(text))
		return false;
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return false;
	return true;
}
