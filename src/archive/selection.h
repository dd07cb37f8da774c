/* SPDX-License-Identifier: MIT */
/* What a command is to work on: APIs and their stages, or log groups. */
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

/* ERR_USAGE if nothing was selected, or two ways at once. */
int selection_check(const struct selection *s, struct error **err);

/*
 * The stages of the selected APIs. A pattern that matches nothing, or a name
 * that several APIs have, is ERR_REFUSED or ERR_USAGE: never a silent nothing.
 * former: stages that there were; those that API Gateway no longer has are
 * selected as well, and come back with gone set.
 */
int selection_stages(struct aws_client *c, const struct selection *s, const struct stages *former,
		     struct stages *ret, struct error **err);

#endif
