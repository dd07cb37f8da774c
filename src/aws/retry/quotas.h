/* SPDX-License-Identifier: MIT */
/*
 * The account's quotas of calls a second, so that a command that lists a lot stays below
 * them and is not throttled.
 * Source: "CloudWatch Logs service quotas", "API Gateway quotas".
 */
#ifndef AWS_RETRY_QUOTAS_H
#define AWS_RETRY_QUOTAS_H

#include <stdbool.h>

#include "aws/service.h"

struct rate_limiter;

/* A known quota; it applies to each region separately. */
struct quota;
/* That of an operation, or NULL: a constant, so that pointers can be compared. */
const struct quota *quota_find(enum aws_service service, const char *operation);
/* The caller frees it with rate_limiter_free(). adaptive as there. */
struct rate_limiter *quota_limiter_new(const struct quota *q, const char *region, bool adaptive);

#endif
