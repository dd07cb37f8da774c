/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "aws/retry/ratelimit.h"

#include <math.h>
#include <pthread.h>

#include "base/xalloc.h"

/* botocore's retries/throttling.py, bucket.py and adaptive.py. */
#define CUBIC_SCALE 0.4
#define CUBIC_BETA 0.7
#define MIN_RATE 0.5
#define MAX_RATE_ADJUST 2.0
#define SMOOTHING 0.8
#define HALVES 2.0 /* the rate is measured over half seconds */

/*
 * Tokens arrive at rate a second, up to capacity; below zero are those that waiting calls
 * have reserved.
 */
struct bucket {
	double rate, capacity, tokens, last;
};

/* Measures how fast calls are made. */
struct meter {
	double rate, last;
	int count;
};

struct cubic {
	double w_max, k, last_fail;
};

struct rate_limiter {
	pthread_mutex_t lock;
	bool fixed, adaptive;
	bool started;   /* now has been set */
	bool throttled; /* from the first throttle on */
	double now;
	struct bucket tps, adapted;
	struct meter meter;
	struct cubic cubic;
};

static void bucket_refill(struct bucket *b, double now)
{
	b->tokens = fmin(b->capacity, b->tokens + (now - b->last) * b->rate);
	b->last = now;
}

static double bucket_take(struct bucket *b, double now)
{
	bucket_refill(b, now);
	b->tokens -= 1;
	return b->tokens >= 0 ? 0 : -b->tokens / b->rate;
}

static void bucket_set_rate(struct bucket *b, double rate, double now)
{
	bucket_refill(b, now);
	b->rate = fmax(rate, MIN_RATE);
	b->capacity = fmax(rate, 1);
	b->tokens = fmin(b->tokens, b->capacity);
}

static double meter_record(struct meter *m, double now)
{
	double half = floor(now * HALVES) / HALVES;

	m->count++;
	if (half > m->last) {
		double current = m->count / (half - m->last);

		m->rate = current * SMOOTHING + m->rate * (1 - SMOOTHING);
		m->count = 0;
		m->last = half;
	}
	return m->rate;
}

static void cubic_fail(struct cubic *c, double rate, double now)
{
	c->w_max = rate;
	c->k = cbrt(c->w_max * (1 - CUBIC_BETA) / CUBIC_SCALE);
	c->last_fail = now;
}

static double cubic_rate(const struct cubic *c, double now)
{
	return CUBIC_SCALE * pow(now - c->last_fail - c->k, 3) + c->w_max;
}

struct rate_limiter *rate_limiter_new(double tps, int burst, bool adaptive)
{
	struct rate_limiter *r = xcalloc(1, sizeof(*r));

	pthread_mutex_init(&r->lock, NULL);
	r->fixed = tps > 0;
	r->adaptive = adaptive;
	r->tps = (struct bucket){ .rate = tps, .capacity = burst, .tokens = burst };
	r->adapted = (struct bucket){ .rate = 1, .capacity = 1 };
	return r;
}

void rate_limiter_free(struct rate_limiter *r)
{
	if (!r)
		return;
	pthread_mutex_destroy(&r->lock);
	free(r);
}

/* Where the clock was set back, all times move with it, so that no wait gets longer. */
static void see_clock(struct rate_limiter *r, double now)
{
	double back = now - r->now;

	if (!r->started) {
		r->started = true;
		r->tps.last = r->adapted.last = r->cubic.last_fail = now;
		r->meter.last = floor(now);
	} else if (back < 0) {
		r->tps.last += back;
		r->adapted.last += back;
		r->cubic.last_fail += back;
		r->meter.last += back;
	}
	r->now = now;
}

int64_t rate_limiter_reserve(struct rate_limiter *r, int64_t now_ms)
{
	double now = (double)now_ms / 1000, wait = 0;

	pthread_mutex_lock(&r->lock);
	see_clock(r, now);
	if (r->fixed)
		wait = bucket_take(&r->tps, now);
	if (r->throttled)
		wait = fmax(wait, bucket_take(&r->adapted, now));
	pthread_mutex_unlock(&r->lock);
	return (int64_t)ceil(wait * 1000 - 1e-6);
}

void rate_limiter_report(struct rate_limiter *r, bool throttled, int64_t now_ms)
{
	double now = (double)now_ms / 1000, measured, rate;

	if (!r->adaptive)
		return;
	pthread_mutex_lock(&r->lock);
	see_clock(r, now);
	measured = meter_record(&r->meter, now);
	if (throttled) {
		double used = r->throttled ? fmin(measured, r->adapted.rate) : measured;

		cubic_fail(&r->cubic, used, now);
		rate = used * CUBIC_BETA;
		r->throttled = true;
	} else {
		rate = cubic_rate(&r->cubic, now);
	}
	bucket_set_rate(&r->adapted, fmin(rate, MAX_RATE_ADJUST * measured), now);
	pthread_mutex_unlock(&r->lock);
}
