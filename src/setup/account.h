/* SPDX-License-Identifier: MIT */
/* The role that API Gateway logs with in a region, for all REST and WebSocket APIs of the account. */
#ifndef SETUP_ACCOUNT_H
#define SETUP_ACCOUNT_H

#include <stdbool.h>

#include "aws/service/iam.h"
#include "base/cleanup.h"

#define APIGATEWAY_PRINCIPAL "apigateway.amazonaws.com"

struct aws_client;
struct error;
struct setup_common;

struct account_role {
	char *arn; /* NULL: none is set */
	/*
	 * The role exists. One of another account counts as live, for it cannot be
	 * inspected: then role has the ARN as name and nothing else.
	 */
	bool live;
	struct iam_role role;
};
void account_role_release(struct account_role *a);
#define cleanup_account_role cleanup(account_role_release)

/* For the account and region in s. */
int account_role_look(struct aws_client *c, const struct setup_common *s, struct account_role *ret,
		      struct error **err);

#endif
