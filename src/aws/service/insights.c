/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "aws/service/insights.h"

#include "aws/protocol.h"
#include "base/env.h"
#include "base/error.h"
#include "base/str.h"
#include "base/xalloc.h"

#define POLL_FIRST_MS 200
#define POLL_MAX_MS 5000

static int start(struct aws_client *c, const char *log_group, int64_t from_s, int64_t to_s,
		 const char *query, char **ret_id, struct error **err)
{
	cleanup_json json_t *reply = NULL;
	json_t *params = json_pack("{ss sI sI ss si}", "logGroupName", log_group, "startTime",
				   (json_int_t)from_s, "endTime", (json_int_t)to_s, "queryString",
				   query, "limit", INSIGHTS_ROWS_MAX);
	/* A second query after a lost reply costs a scan, and does no harm. */
	if (aws_json_call(c, AWS_LOGS, "StartQuery", params, NULL, &reply, err) < 0)
		return -1;
	if (str_empty(json_str(reply, "queryId")))
		return err_set(err, ERR_UNREACHABLE,
			       "the reply of logs:StartQuery has no query id");
	*ret_id = xstrdup(json_str(reply, "queryId"));
	return 0;
}

/* 1 at the end, and the result; 0 while it is under way; -1. */
static int poll(struct aws_client *c, const char *id, json_t **ret, uint64_t *ret_scanned,
		struct error **err)
{
	cleanup_json json_t *reply = NULL;
	const char *status;
	int64_t scanned;

	if (aws_json_call(c, AWS_LOGS, "GetQueryResults", json_pack("{ss}", "queryId", id), NULL,
			  &reply, err) < 0)
		return -1;
	status = json_str(reply, "status");
	if (str_eq0(status, "Scheduled") || str_eq0(status, "Running"))
		return 0;
	if (!str_eq0(status, "Complete") || !json_arr(reply, "results"))
		return err_set(err, ERR_UNREACHABLE,
			       "the Logs Insights query %s ended with status '%s'", id,
			       status ? status : "");
	*ret = json_incref(json_object_get(reply, "results"));
	scanned = json_int(json_obj(reply, "statistics"), "bytesScanned", 0);
	*ret_scanned = scanned > 0 ? (uint64_t)scanned : 0;
	return 1;
}

int insights_query(struct aws_client *c, const char *log_group, int64_t from_s, int64_t to_s,
		   const char *query, json_t **ret, uint64_t *ret_scanned, struct error **err)
{
	cleanup_free char *id = NULL;
	int64_t wait_ms = POLL_FIRST_MS;
	int r;

	if (start(c, log_group, from_s, to_s, query, &id, err) < 0)
		return -1;
	while ((r = poll(c, id, ret, ret_scanned, err)) == 0) {
		if (!env_sleep_ms(aws_client_env(c), wait_ms))
			return err_interrupted(err);
		wait_ms = wait_ms * 3 / 2 < POLL_MAX_MS ? wait_ms * 3 / 2 : POLL_MAX_MS;
	}
	return r < 0 ? -1 : 0;
}

const char *insights_field(const json_t *row, const char *field)
{
	const json_t *f;
	size_t i;

	json_array_foreach((json_t *)row, i, f)
		if (str_eq0(json_str(f, "field"), field))
			return json_str(f, "value");
	return NULL;
}
