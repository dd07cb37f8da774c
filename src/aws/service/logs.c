/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "aws/service/logs.h"

#include <stdlib.h>
#include <string.h>

#include "aws/protocol.h"
#include "base/error.h"
#include "base/str.h"
#include "base/time.h"
#include "base/xalloc.h"

#define RETENTION_DAYS_MAX 100000

void log_group_release(struct log_group *g)
{
	free(g->name);
	free(g->arn);
	free(g->class);
	free(g->kms_key);
	free(g->retention_policy);
	*g = (struct log_group){ 0 };
}

void logs_groups_init(struct aws_pages *p, struct aws_client *c, const char *prefix)
{
	json_t *params = json_object();

	if (prefix)
		json_set_text(params, "logGroupNamePrefix", prefix);
	aws_pages_init_json(p, c, AWS_LOGS, "DescribeLogGroups", "logGroups", params);
}

int logs_groups_next(struct aws_pages *p, struct log_group *ret, struct error **err)
{
	const json_t *j;
	const char *arn, *class;
	int r = aws_pages_next(p, &j, err);

	if (r <= 0)
		return r;
	if (!json_str(j, "logGroupName"))
		return err_set(err, ERR_UNREACHABLE,
			       "logs:DescribeLogGroups returned a group without a name");
	arn = json_str(j, "logGroupArn") ? json_str(j, "logGroupArn") : json_str(j, "arn");
	class = json_str(j, "logGroupClass");
	*ret = (struct log_group){
		.name = xstrdup(json_str(j, "logGroupName")),
		.arn = xstrdup(arn ? arn : ""),
		.class = xstrdup(class ? class : "STANDARD"),
		.created_ms = json_int(j, "creationTime", 0),
		.retention_days = json_int(j, "retentionInDays", 0),
		.kms_key = xstrdup(json_str(j, "kmsKeyId")),
		.retention_policy = xstrdup(json_str(j, "retentionPolicyName")),
	};
	/*
	 * Longer than AWS has existed: treated as no retention, so that it cannot overflow in
	 * milliseconds.
	 */
	if (ret->retention_days < 0 || ret->retention_days > RETENTION_DAYS_MAX)
		ret->retention_days = 0;
	if (str_ends(ret->arn, ":*"))
		ret->arn[strlen(ret->arn) - 2] = '\0';
	return 1;
}

bool log_group_has_expired(const struct log_group *g, int64_t ms, int64_t now_ms)
{
	return g->retention_days > 0 && g->retention_days <= RETENTION_DAYS_MAX &&
	       ms < now_ms - g->retention_days * MS_DAY;
}

int logs_get_group(struct aws_client *c, const char *name, struct log_group *ret,
		   struct error **err)
{
	cleanup_aws_pages struct aws_pages p = { 0 };
	struct log_group g;
	int r;

	logs_groups_init(&p, c, name);
	while ((r = logs_groups_next(&p, &g, err)) > 0) {
		if (str_eq(g.name, name)) {
			*ret = g;
			return 1;
		}
		log_group_release(&g);
	}
	return r;
}

int logs_create_group(struct aws_client *c, const char *name, const char *kms_key,
		      struct error **err)
{
	cleanup_error struct error *own = NULL;

	if (aws_json_call(c, AWS_LOGS, "CreateLogGroup",
			  json_pack("{ss ss*}", "logGroupName", name, "kmsKeyId", kms_key), NULL,
			  NULL, &own) == 0 ||
	    err_is(own, "ResourceAlreadyExistsException"))
		return 0;
	return err_move(&own, err);
}

int logs_associate_key(struct aws_client *c, const char *name, const char *kms_key,
		       struct error **err)
{
	return aws_json_call(c, AWS_LOGS, "AssociateKmsKey",
			     json_pack("{ss ss}", "logGroupName", name, "kmsKeyId", kms_key), NULL,
			     NULL, err);
}

int logs_put_retention(struct aws_client *c, const char *name, int64_t days, struct error **err)
{
	return aws_json_call(
		c, AWS_LOGS, "PutRetentionPolicy",
		json_pack("{sssI}", "logGroupName", name, "retentionInDays", (json_int_t)days),
		NULL, NULL, err);
}

/* Source: PutRetentionPolicy, CloudWatch Logs API Reference. */
static const int16_t retentions[] = {
	1,   3,   5,   7,   14,   30,   60,   90,   120,  150,  180,
	365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653
};

bool logs_retention_is_valid(int64_t days)
{
	return logs_retention_nearest(days) == days;
}

int64_t logs_retention_nearest(int64_t days)
{
	int64_t best = retentions[0];

	for (size_t i = 1; i < ARRAY_SIZE(retentions); i++)
		if (llabs(retentions[i] - days) <= llabs(best - days))
			best = retentions[i];
	return best;
}

static const char *const status_names[] = {
	[EXPORT_PENDING] = "PENDING",
	[EXPORT_RUNNING] = "RUNNING",
	[EXPORT_PENDING_CANCEL] = "PENDING_CANCEL",
	[EXPORT_COMPLETED] = "COMPLETED",
	[EXPORT_FAILED] = "FAILED",
	[EXPORT_CANCELLED] = "CANCELLED",
	[EXPORT_UNKNOWN] = "in a state that is not known",
};

const char *export_status_name(enum export_status s)
{
	return status_names[s];
}

static enum export_status status_parse(const char *name)
{
	enum export_status s = EXPORT_PENDING;

	while (s < EXPORT_UNKNOWN && !str_eq(name, status_names[s]))
		s++;
	return s;
}

void export_task_release(struct export_task *t)
{
	free(t->id);
	free(t->name);
	free(t->log_group);
	free(t->bucket);
	free(t->prefix);
	free(t->message);
	*t = (struct export_task){ 0 };
}

int logs_create_export_task(struct aws_client *c, const struct export_spec *spec,
			    char **ret_task_id, struct error **err)
{
	static const char *const final_codes[] = { "LimitExceededException", NULL };
	const struct json_call_options opts = { final_codes, .not_idempotent = true };
	cleanup_error struct error *own = NULL;
	cleanup_json json_t *reply = NULL;
	json_t *params = json_pack("{ss ss ss ss sI sI}", "taskName", spec->task_name,
				   "logGroupName", spec->log_group, "destination", spec->bucket,
				   "destinationPrefix", spec->prefix, "from",
				   (json_int_t)spec->from_ms, "to", (json_int_t)spec->to_ms);
	const char *id;

	if (aws_json_call(c, AWS_LOGS, "CreateExportTask", params, &opts, &reply, &own) < 0) {
		/* "Rate exceeded" has the same code, and waiting helps there, too. */
		if (err_is(own, "LimitExceededException"))
			return LOGS_SLOT_TAKEN;
		return err_move(&own, err);
	}
	id = json_str(reply, "taskId");
	if (str_empty(id))
		return err_set(err, ERR_UNREACHABLE,
			       "the reply of logs:CreateExportTask has no task id");
	*ret_task_id = xstrdup(id);
	return 0;
}

void logs_tasks_init(struct aws_pages *p, struct aws_client *c, enum export_status status)
{
	json_t *params = json_object();

	json_set_text(params, "statusCode", status_names[status]);
	aws_pages_init_json(p, c, AWS_LOGS, "DescribeExportTasks", "exportTasks", params);
}

int logs_tasks_next(struct aws_pages *p, struct export_task *ret, struct error **err)
{
	const json_t *j, *status, *info;
	int r = aws_pages_next(p, &j, err);

	if (r <= 0)
		return r;
	status = json_obj(j, "status");
	info = json_obj(j, "executionInfo");
	if (!json_str(j, "taskId") || !json_str(status, "code"))
		return err_set(
			err, ERR_UNREACHABLE,
			"logs:DescribeExportTasks returned a task without an id or a status");
	*ret = (struct export_task){
		.id = xstrdup(json_str(j, "taskId")),
		.name = xstrdup(json_str(j, "taskName")),
		.log_group = xstrdup(json_str(j, "logGroupName")),
		.bucket = xstrdup(json_str(j, "destination")),
		.prefix = xstrdup(json_str(j, "destinationPrefix")),
		.status = status_parse(json_str(status, "code")),
		.message = xstrdup(json_str(status, "message")),
		.from_ms = json_int(j, "from", 0),
		.to_ms = json_int(j, "to", 0),
		.created_ms = json_int(info, "creationTime", 0),
		.completed_ms = json_int(info, "completionTime", 0),
	};
	return 1;
}

int logs_get_export_task(struct aws_client *c, const char *id, struct export_task *ret,
			 struct error **err)
{
	cleanup_error struct error *own = NULL;
	cleanup_aws_pages struct aws_pages p = { 0 };
	int r;

	aws_pages_init_json(&p, c, AWS_LOGS, "DescribeExportTasks", "exportTasks",
			    json_pack("{ss}", "taskId", id));
	r = logs_tasks_next(&p, ret, &own);
	/* AWS does not know a task whose id is malformed, either. */
	if (r < 0 &&
	    (err_is(own, "ResourceNotFoundException") || err_is(own, "InvalidParameterException")))
		return 0;
	return r < 0 ? err_move(&own, err) : r;
}

int logs_cancel_export_task(struct aws_client *c, const char *id, struct error **err)
{
	return aws_json_call(c, AWS_LOGS, "CancelExportTask", json_pack("{ss}", "taskId", id), NULL,
			     NULL, err);
}

void logs_events_init(struct aws_pages *p, struct aws_client *c, const char *log_group,
		      int64_t from_ms, int64_t to_ms, int64_t limit)
{
	/* endTime is inclusive: "events with a timestamp later than this are not returned". */
	aws_pages_init_json(p, c, AWS_LOGS, "FilterLogEvents", "events",
			    json_pack("{ss sI sI sI}", "logGroupName", log_group, "startTime",
				      (json_int_t)from_ms, "endTime", (json_int_t)(to_ms - 1),
				      "limit", (json_int_t)limit));
}

int logs_events_next(struct aws_pages *p, struct log_event *ret, struct error **err)
{
	const json_t *j, *message;
	int r = aws_pages_next(p, &j, err);

	if (r <= 0)
		return r;
	message = json_object_get(j, "message");
	if (!json_str(j, "logStreamName") || !json_is_string(message) ||
	    !json_is_integer(json_object_get(j, "timestamp")) ||
	    !json_is_integer(json_object_get(j, "ingestionTime")))
		return err_set(
			err, ERR_UNREACHABLE,
			"logs:FilterLogEvents gave an event without stream, message or times");
	*ret = (struct log_event){
		.stream = json_str(j, "logStreamName"),
		.message = json_string_value(message),
		.message_len = json_string_length(message),
		.stamp_ms = json_int(j, "timestamp", 0),
		.ingested_ms = json_int(j, "ingestionTime", 0),
	};
	return 1;
}
