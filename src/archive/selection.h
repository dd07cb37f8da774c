/* SPDX-License-Identifier: MIT */
/* What a command works on: APIs and their stages, or log groups. */
#ifndef ARCHIVE_SELECTION_H
#define ARCHIVE_SELECTION_H

#include <stdbool.h>

#include "archive/api_log.h"
#include "aws/service/apigateway.h"
#include "base/str.h"

struct aws_client;
struct error;

struct selection {
	struct strv apis, stages, log_groups; /* ids, names or globs */
	bool all_apis;
	enum log_kind kind; /* 0: both */
};
void selection_release(struct selection *s);

/* Fails with ERR_USAGE if nothing was selected, or in two ways at once. */
int selection_check(const struct selection *s, struct error **err);

/*
 * Finds the stages of the selected APIs. A pattern that matches nothing is ERR_REFUSED,
 * a name that several APIs have is ERR_USAGE. former: stages that existed at some time.
 * Those that API Gateway no longer has are selected as well, and returned with gone
 * set.
 */
int selection_stages(struct aws_client *c, const struct selection *s, const struct stages *former,
		     struct stages *ret, struct error **err);

#endif
