/* SPDX-License-Identifier: MIT */
/*
 * The account's quotas of calls a second, so that a command that lists much
 * stays below them instead of running into throttles.
 * Source: "CloudWatch Logs service quotas", "API Gateway quotas".
 */
#include "config.h"

#include "aws/internal.h"
#include "aws/settings.h"
#include "base/str.h"
#include "base/xalloc.h"

struct quota {
	enum aws_service service;
	const char *operation; /* NULL: all others of the service together */
	double tps;
	int burst; /* 1: the quota is for every second */
};

static const struct quota quotas[] = {
	{ AWS_LOGS, "CreateExportTask", 5, 1 },
	{ AWS_LOGS, "DescribeExportTasks", 5, 1 },
	{ AWS_LOGS, "CancelExportTask", 5, 1 },
	{ AWS_LOGS, "DescribeLogGroups", 10, 1 },
	{ AWS_LOGS, "DescribeLogStreams", 25, 1 },
	{ AWS_LOGS, "FilterLogEvents", 10, 1 },
	/* Bursts of 40; some are for others. */
	{ AWS_APIGATEWAY, NULL, 10, 30 },
};

/* FilterLogEvents is the one whose quota differs by region. */
static double tps_in(const struct quota *q, const char *region)
{
	static const char *const five[] = { "ap-northeast-3", "ap-southeast-3", "ca-west-1",
					    "eu-central-1", "il-central-1" };

	if (!q->operation || !str_eq(q->operation, "FilterLogEvents"))
		return q->tps;
	if (str_eq(region, "us-east-1"))
		return 25;
	for (size_t i = 0; i < ARRAY_SIZE(five); i++)
		if (str_eq(region, five[i]))
			return 5;
	return q->tps;
}

static const struct quota *quota_of(const struct aws_request *req)
{
	for (size_t i = 0; i < ARRAY_SIZE(quotas); i++)
		if (quotas[i].service == req->service &&
		    (!quotas[i].operation || str_eq(quotas[i].operation, req->operation)))
			return &quotas[i];
	return NULL;
}

struct rate_limiter *session_limiter(struct aws_session *s, const struct aws_request *req,
				     const char *region)
{
	const struct quota *q = quota_of(req);
	struct rate_limiter *found = NULL;

	if (!q || !region)
		return NULL;
	pthread_mutex_lock(&s->lock);
	for (size_t i = 0; i < s->n_limiters && !found; i++)
		if (s->limiters[i].quota == q && str_eq(s->limiters[i].region, region))
			found = s->limiters[i].limiter;
	if (!found && s->n_limiters < ARRAY_SIZE(s->limiters)) {
		bool adaptive = s->opts.settings->retry_mode == RETRY_ADAPTIVE;

		found = rate_limiter_new(tps_in(q, region), q->burst, adaptive);
		s->limiters[s->n_limiters++] = (struct limiter){ q, xstrdup(region), found };
	}
	pthread_mutex_unlock(&s->lock);
	return found;
}
