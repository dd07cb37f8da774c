/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "aws/retry/quotas.h"

#include <stddef.h>

#include "aws/retry/ratelimit.h"
#include "base/str.h"

struct quota {
	enum aws_service service;
	const char *operation; /* NULL: all others of the service together */
	double tps;
	int burst; /* 1: the quota is for every second */
};

static const struct quota quotas[] = {
	{ AWS_LOGS, "CreateExportTask", 5, 1 },
	{ AWS_LOGS, "DescribeExportTasks", 5, 1 },
	{ AWS_LOGS, "DescribeLogGroups", 10, 1 },
	{ AWS_LOGS, "FilterLogEvents", 10, 1 },
	/* AWS allows bursts of 40; the rest is left to other callers. */
	{ AWS_APIGATEWAY, NULL, 10, 30 },
};

/* Only the quota of FilterLogEvents differs by region. */
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

const struct quota *quota_find(enum aws_service service, const char *operation)
{
	for (size_t i = 0; i < ARRAY_SIZE(quotas); i++)
		if (quotas[i].service == service &&
		    (!quotas[i].operation || str_eq(quotas[i].operation, operation)))
			return &quotas[i];
	return NULL;
}

struct rate_limiter *quota_limiter_new(const struct quota *q, const char *region, bool adaptive)
{
	return rate_limiter_new(tps_in(q, region), q->burst, adaptive);
}
