/* SPDX-License-Identifier: MIT */
/* What a command works on: APIs, their stages, and the log groups of these. */
#ifndef ARCHIVE_SELECTION_H
#define ARCHIVE_SELECTION_H

#include <stdbool.h>

#include "aws/service/apigateway.h"
#include "base/str.h"

struct aws_client;
struct error;

enum log_kind { KIND_EXECUTION = 1, KIND_ACCESS = 2, KIND_BOTH = 3 };
/* "execution", "access" */
const char *log_kind_name(enum log_kind kind);

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
 */
int selection_stages(struct aws_client *c, const struct selection *s, struct stages *ret,
		     struct error **err);

/* One log group, and which API and stage it belongs to (NULL for --log-group). */
struct api_log {
	char *api_id, *api_name, *stage; /* or NULL, all three */
	enum log_kind kind;              /* 0 for --log-group */
	char *log_group;
};
struct api_logs {
	struct api_log *v;
	size_t n;
	/* Why a stage has no log group of a kind, for people: "stage 'prod' of …: …". */
	struct strv notes;
};
void api_logs_release(struct api_logs *l);
#define cleanup_api_logs cleanup(api_logs_release)
/* The log groups of the selection. The groups themselves may not exist yet. */
int selection_logs(struct aws_client *c, const struct selection *s, struct api_logs *ret,
		   struct error **err);

/* ERR_REFUSED, with the nearest name there is as a hint. Always returns -1. */
int selection_no_such_group(struct aws_client *c, const char *name, struct error **err);

/* "API-Gateway-Execution-Logs_<api id>/<stage>". Caller frees. */
char *execution_log_group(const char *api_id, const char *stage);

#endif
