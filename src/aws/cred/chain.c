/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "aws/cred/cred.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "aws/config/settings.h"
#include "aws/cred/provider.h"
#include "base/buf.h"
#include "base/env.h"
#include "base/error.h"
#include "base/str.h"
#include "base/time.h"
#include "base/xalloc.h"

/* How long before their expiration credentials are renewed: botocore's advisory refresh. */
#define REFRESH_BEFORE_MS (15 * MS_MINUTE)
/* The pause after a failed refresh, while the old ones are still valid. */
#define REFRESH_PAUSE_MS (30 * MS_SECOND)

struct cred_chain {
	struct cred_context ctx;
	pthread_mutex_t lock;
	struct credentials have; /* access_key_id is NULL while there are none */
	int64_t refresh_ms;      /* when to ask again; INT64_MAX: never */
};

struct cred_chain *cred_chain_new(const struct cred_context *ctx)
{
	struct cred_chain *c = xcalloc(1, sizeof(*c));

	c->ctx = *ctx;
	pthread_mutex_init(&c->lock, NULL);
	return c;
}

void cred_chain_free(struct cred_chain *c)
{
	credentials_release(&c->have);
	pthread_mutex_destroy(&c->lock);
	free(c);
}

/* Both go into headers unchanged. */
static bool is_header_text(const char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s <= ' ' || (unsigned char)*s >= 0x7f)
			return false;
	return true;
}

static int check(const struct cred_context *ctx, const struct credentials *c, struct error **err)
{
	char expired[TIME_ISO_SIZE];

	if (str_empty(c->access_key_id) || str_empty(c->secret_access_key))
		return err_set(err, ERR_USAGE, "the access key from %s is empty", c->provider);
	if (!is_header_text(c->access_key_id))
		return err_set(err, ERR_USAGE,
			       "the access key id from %s contains a blank or a control character",
			       c->provider);
	if (c->session_token && !is_header_text(c->session_token))
		return err_set(err, ERR_USAGE,
			       "the session token from %s contains a blank or a control character",
			       c->provider);
	if (c->expires_ms && c->expires_ms <= env_now_ms(ctx->env)) {
		err_set(err, ERR_REFUSED, "the credentials from %s expired at %s", c->provider,
			time_iso(c->expires_ms, expired));
		return err_hint(err, "renew them where they come from, and see that this machine's "
				     "clock is right");
	}
	return 0;
}

static int none_found(const struct buf *where, struct error **err)
{
	err_set(err, ERR_REFUSED, "no AWS credentials found (%s)", where->data);
	return err_hint(err, "set them up with 'aws configure', 'aws configure sso' or 'aws "
			     "login', or choose a profile that has them with --profile");
}

static int ask_all(const struct cred_context *ctx, struct credentials *ret, struct error **err)
{
	static const struct cred_provider *const order[] = {
		&cred_environment, &cred_profile, &cred_web_identity, &cred_container, &cred_imds,
	};
	cleanup_buf struct buf where = BUF_INIT;

	for (size_t i = 0; i < ARRAY_SIZE(order); i++) {
		cleanup_error struct error *why = NULL;
		enum cred_answer answer;

		if (order[i]->of_environment && ctx->settings->profile_by_option)
			continue;
		answer = order[i]->resolve(ctx, ret, &why);
		if (answer == CRED_FOUND)
			return 0;
		if (answer == CRED_MISCONFIGURED || (why && why->kind == ERR_INTERRUPTED)) {
			return err_move(&why, err);
		}
		buf_addf(&where, "%s%s: %s", where.len ? "; " : "", order[i]->name,
			 why ? why->msg : "none");
	}
	return none_found(&where, err);
}

static int64_t refresh_time(const struct credentials *c, int64_t now)
{
	int64_t left = c->expires_ms - now;

	if (!c->expires_ms)
		return INT64_MAX;
	/* Short-lived credentials must not be asked for at each call. */
	return c->expires_ms - (left / 3 < REFRESH_BEFORE_MS ? left / 3 : REFRESH_BEFORE_MS);
}

static int refresh(struct cred_chain *c, int64_t now, struct error **err)
{
	cleanup_credentials struct credentials found = { 0 };
	cleanup_error struct error *why = NULL;

	if (ask_all(&c->ctx, &found, &why) == 0 && check(&c->ctx, &found, &why) == 0) {
		credentials_release(&c->have);
		c->have = TAKE(found);
		c->refresh_ms = refresh_time(&c->have, now);
		return 0;
	}
	if (c->have.access_key_id && now < c->have.expires_ms && why->kind != ERR_INTERRUPTED) {
		c->refresh_ms = now + REFRESH_PAUSE_MS;
		return 0;
	}
	return err_move(&why, err);
}

int cred_resolve(struct cred_chain *c, struct credentials *ret, struct error **err)
{
	int64_t now = env_now_ms(c->ctx.env);
	int result = 0;

	pthread_mutex_lock(&c->lock);
	if (!c->have.access_key_id || now >= c->refresh_ms)
		result = refresh(c, now, err);
	if (result == 0)
		credentials_copy(&c->have, ret);
	pthread_mutex_unlock(&c->lock);
	return result;
}

void cred_invalidate(struct cred_chain *c, const struct credentials *expired)
{
	pthread_mutex_lock(&c->lock);
	if (str_eq0(c->have.access_key_id, expired->access_key_id) &&
	    str_eq0(c->have.session_token, expired->session_token))
		credentials_release(&c->have);
	pthread_mutex_unlock(&c->lock);
}
