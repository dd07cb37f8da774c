/* SPDX-License-Identifier: MIT */
/* CloudWatch Logs. Times are ms since the epoch, as the service has them. */
#ifndef AWS_SERVICE_LOGS_H
#define AWS_SERVICE_LOGS_H

#include <stdbool.h>
#include <stdint.h>

#include "aws/pages.h"
#include "base/cleanup.h"

struct aws_client;
struct error;

struct log_group {
	char *name, *arn; /* the ARN without ":*" */
	char *class;      /* "STANDARD" */
	int64_t created_ms;
	int64_t retention_days; /* 0: never expires */
	char *kms_key;          /* the ARN of the key that encrypts it, or NULL */
	char *retention_policy; /* the account-level policy that sets it, or NULL */
};
void log_group_release(struct log_group *g);
#define cleanup_log_group cleanup(log_group_release)
/*
 * True if CloudWatch Logs may have deleted events of that time by now_ms, as the group's
 * retention tells it to. An account-level policy that overrides it is what
 * DescribeLogGroups shows, so it is in retention_days.
 */
bool log_group_has_expired(const struct log_group *g, int64_t ms, int64_t now_ms);

/* Groups whose names begin with prefix (NULL: all). Next: 1, 0, -1. */
void logs_groups_init(struct aws_pages *p, struct aws_client *c, const char *prefix);
int logs_groups_next(struct aws_pages *p, struct log_group *ret, struct error **err);
/* The group with exactly that name: 1, 0 if there is none, -1. */
int logs_get_group(struct aws_client *c, const char *name, struct log_group *ret,
		   struct error **err);
/* Succeeds if it exists already. */
int logs_create_group(struct aws_client *c, const char *name, const char *kms_key,
		      struct error **err);
/* Encrypts what comes in from now on. kms_key: an ARN. */
int logs_associate_key(struct aws_client *c, const char *name, const char *kms_key,
		       struct error **err);
int logs_put_retention(struct aws_client *c, const char *name, int64_t days, struct error **err);
/* True if the service accepts that number of days. */
bool logs_retention_is_valid(int64_t days);
/* The nearest valid number of days; the larger one of two. */
int64_t logs_retention_nearest(int64_t days);

struct export_spec {
	const char *task_name, *log_group, *bucket,
		*prefix; /* borrowed; prefix without '/' at the end */
	/* AWS's pages contradict each other: an event that is stamped to_ms may be exported, too. */
	int64_t from_ms, to_ms;
};
/* In the order in which a task goes through them. */
enum export_status {
	EXPORT_PENDING,
	EXPORT_RUNNING,
	EXPORT_PENDING_CANCEL,
	EXPORT_COMPLETED,
	EXPORT_FAILED,
	EXPORT_CANCELLED,
	EXPORT_UNKNOWN, /* a word that is new to us: taken for a task that is under way */
};
/* "PENDING", … as AWS has them. */
const char *export_status_name(enum export_status s);

struct export_task {
	char *id, *name, *log_group, *bucket, *prefix;
	enum export_status status;
	char *message; /* or NULL */
	int64_t from_ms, to_ms, created_ms, completed_ms;
};
void export_task_release(struct export_task *t);
#define cleanup_export_task cleanup(export_task_release)

/*
 * Not idempotent: a lost reply is ERR_UNREACHABLE, and the caller looks for the task before
 * it tries again. If the slot is taken, returns LOGS_SLOT_TAKEN; that is not a throttle.
 */
enum { LOGS_SLOT_TAKEN = 1 };
int logs_create_export_task(struct aws_client *c, const struct export_spec *spec,
			    char **ret_task_id, struct error **err);
/* 1, 0 if AWS does not know it, or no longer does, -1. */
int logs_get_export_task(struct aws_client *c, const char *id, struct export_task *ret,
			 struct error **err);
/* For a task that is neither pending nor running: InvalidOperationException. */
int logs_cancel_export_task(struct aws_client *c, const char *id, struct error **err);
/* Tasks of one status. Next: 1, 0, -1. */
void logs_tasks_init(struct aws_pages *p, struct aws_client *c, enum export_status status);
int logs_tasks_next(struct aws_pages *p, struct export_task *ret, struct error **err);

/* Strings are borrowed, until the next call; the message may hold any character, NUL too. */
struct log_event {
	const char *stream, *message;
	size_t message_len;
	int64_t stamp_ms;    /* what the sender says */
	int64_t ingested_ms; /* when CloudWatch Logs took it */
};
/*
 * Events with from_ms <= timestamp < to_ms of all streams. limit: events a
 * page, at most 10000. Next: 1, 0, -1.
 */
void logs_events_init(struct aws_pages *p, struct aws_client *c, const char *log_group,
		      int64_t from_ms, int64_t to_ms, int64_t limit);
int logs_events_next(struct aws_pages *p, struct log_event *ret, struct error **err);

#endif
