/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "verify/spans.h"

#include <string.h>

/* Merges v[i + 1], and the time between, into v[i]. */
static void join(struct spans *s, size_t i)
{
	if (s->v[i + 1].to_ms > s->v[i].to_ms)
		s->v[i].to_ms = s->v[i + 1].to_ms;
	memmove(&s->v[i + 1], &s->v[i + 2], (s->n - i - 2) * sizeof(*s->v));
	s->n--;
}

static void join_nearest(struct spans *s)
{
	size_t best = 0;

	for (size_t i = 1; i + 1 < s->n; i++)
		if (s->v[i + 1].from_ms - s->v[i].to_ms < s->v[best + 1].from_ms - s->v[best].to_ms)
			best = i;
	join(s, best);
}

void spans_add(struct spans *s, struct window w)
{
	size_t at = 0;

	while (at < s->n && s->v[at].from_ms <= w.from_ms)
		at++;
	/* Most times are close to the one before, and already covered. */
	if (at && w.to_ms <= s->v[at - 1].to_ms)
		return;
	memmove(&s->v[at + 1], &s->v[at], (s->n - at) * sizeof(*s->v));
	s->v[at] = w;
	s->n++;
	while (at + 1 < s->n && s->v[at + 1].from_ms <= s->v[at].to_ms)
		join(s, at);
	if (at && s->v[at].from_ms <= s->v[at - 1].to_ms)
		join(s, at - 1);
	if (s->n > SPANS_MAX)
		join_nearest(s);
}

void spans_merge(struct spans *s, const struct spans *more)
{
	for (size_t i = 0; i < more->n; i++)
		spans_add(s, more->v[i]);
}
