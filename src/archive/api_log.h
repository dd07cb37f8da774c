/* SPDX-License-Identifier: MIT */
/* A log group, and the API and stage whose logs it holds. */
#ifndef ARCHIVE_API_LOG_H
#define ARCHIVE_API_LOG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

enum log_kind { KIND_EXECUTION = 1, KIND_ACCESS = 2, KIND_BOTH = 3 };
/* "execution", "access" */
const char *log_kind_name(enum log_kind kind);
/* The reverse; 0 for another name or NULL. */
enum log_kind log_kind_parse(const char *name);

struct api_log {
	char *api_id, *stage; /* both NULL for --log-group */
	char *api_name;       /* NULL also if it is not known */
	enum log_kind kind;   /* 0 for --log-group */
	char *log_group;
	bool expected; /* the stage is set up to write to it */
	bool gone;     /* the stage no longer exists or logs elsewhere: no further events */
};
struct api_logs {
	struct api_log *v;
	size_t n;
	/* Why a stage has no log group of a kind, as text to print. */
	struct strv notes;
};
void api_logs_release(struct api_logs *l);
#define cleanup_api_logs cleanup(api_logs_release)

/* The entry for a log group, or NULL. Borrowed. */
const struct api_log *api_logs_find(const struct api_logs *l, const char *log_group);
/* Appends a copy. */
void api_logs_add(struct api_logs *l, const struct api_log *log);

/* "API-Gateway-Execution-Logs_<api id>/<stage>". Caller frees. */
char *execution_log_group(const char *api_id, const char *stage);
#define EXECUTION_LOG_GROUPS "API-Gateway-Execution-Logs_"
/* The reverse. Returns false if it is not such a name. Caller frees both. */
bool execution_log_group_parse(const char *log_group, char **ret_api_id, char **ret_stage);

#endif
