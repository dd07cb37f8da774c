/* SPDX-License-Identifier: MIT */
/*
 * The role with which API Gateway writes to CloudWatch Logs, and the account
 * setting of the region that names it.
 * Source: "Set up CloudWatch logging for REST APIs in API Gateway", API Gateway
 * Developer Guide.
 */
#ifndef SETUP_ROLE_H
#define SETUP_ROLE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/json.h"
#include "setup/change.h"
#include "setup/common.h"

/* The name of the role unless the user gives one. */
#define ROLE_NAME_DEFAULT "apigw-logs-cloudwatch"

/* By which a role is known as one that this program created. */
#define ROLE_DESCRIPTION "Lets API Gateway write to CloudWatch Logs (made by apigw-logs)"

/*
 * How long to wait until IAM has made a new role known to API Gateway; less if its
 * trust policy has conditions, which are then the likelier cause.
 */
#define ROLE_SETTLE_MS (INT64_C(120) * 1000)
#define ROLE_SETTLE_IF_MS (INT64_C(15) * 1000)

/* What lets the role write, besides its trust. */
#define ROLE_MANAGED_POLICY "AmazonAPIGatewayPushToCloudWatchLogs"
/* Its ARN, in the partition of the region. Caller frees. */
char *role_managed_policy(const struct setup_common *s);

struct role_setup {
	/* What is wanted; borrowed. */
	const char *name;            /* NULL: the role that is set, or ROLE_NAME_DEFAULT */
	const char *path, *boundary; /* or NULL */
	const json_t *tags;          /* an object of strings, or NULL */
	bool replace;                /* also a live role of another name */

	/* What role_look() found. */
	struct setup_common common;
	char *role_name, *role_arn; /* the one that is, or will be, set */
	char *conditions;           /* under which alone it trusts API Gateway, or NULL */
	bool foreign;               /* it is somebody else's live role, and is kept as it is */
};
/* Frees what was found and keeps what is wanted. */
void role_setup_release(struct role_setup *s);

/*
 * Looks at the account setting and the role, and appends what is to change.
 * ERR_USAGE if a live role of another name is set, and replace is not.
 * setup: a struct role_setup.
 */
int role_look(struct aws_client *c, void *setup, struct changes *ret, struct error **err);

#endif
