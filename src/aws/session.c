/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "aws/session.h"

#include <stdlib.h>

#include "aws/config/settings.h"
#include "aws/retry/quotas.h"
#include "aws/retry/ratelimit.h"
#include "base/str.h"
#include "base/xalloc.h"

struct rate_limiter *session_limiter(struct aws_session *s, const struct aws_request *req,
				     const char *region)
{
	const struct quota *q = quota_find(req->service, req->operation);
	struct rate_limiter *found = NULL;

	if (!q || !region)
		return NULL;
	pthread_mutex_lock(&s->lock);
	for (size_t i = 0; i < s->n_limiters && !found; i++)
		if (s->limiters[i].quota == q && str_eq(s->limiters[i].region, region))
			found = s->limiters[i].limiter;
	if (!found && s->n_limiters < ARRAY_SIZE(s->limiters)) {
		bool adaptive = s->settings->retry_mode == RETRY_ADAPTIVE;

		found = quota_limiter_new(q, region, adaptive);
		s->limiters[s->n_limiters++] = (struct limiter){ q, xstrdup(region), found };
	}
	pthread_mutex_unlock(&s->lock);
	return found;
}

void session_limiters_release(struct aws_session *s)
{
	for (size_t i = 0; i < s->n_limiters; i++) {
		rate_limiter_free(s->limiters[i].limiter);
		free(s->limiters[i].region);
	}
	s->n_limiters = 0;
}
