/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "verify/counts.h"

#include "archive/layout.h"
#include "archive/object.h"
#include "archive/window.h"
#include "aws/service/insights.h"
#include "base/error.h"
#include "base/str.h"
#include "base/time.h"
#include "base/xalloc.h"
#include "verify/tally.h"

/*
 * The query's own range is in whole seconds and includes both ends, so the filter sets
 * the exact limits.
 */
static int query(struct aws_client *c, const char *log_group, const struct window *w,
		 const char *ingested, int64_t ms, const char *by, json_t **ret,
		 uint64_t *ret_scanned, struct error **err)
{
	cleanup_free char *text =
		xasprintf("filter toMillis(@timestamp) >= %lld and toMillis(@timestamp) < %lld "
			  "and toMillis(@ingestionTime) %s %lld | stats count(*) as events%s",
			  (long long)w->from_ms, (long long)w->to_ms, ingested, (long long)ms, by);

	return insights_query(c, log_group, w->from_ms / MS_SECOND, w->to_ms / MS_SECOND + 1, text,
			      ret, ret_scanned, err);
}

static bool row_count(const json_t *row, int64_t *ret)
{
	const char *events = insights_field(row, "events");

	return events && str_to_int64(events, 0, INT64_MAX, ret);
}

/* Subtracts a row's count from that of its stream. */
static int subtract(struct tally *t, const json_t *row, struct error **err)
{
	const char *stream = insights_field(row, "@logStream");
	cleanup_free char *folder = NULL;
	int64_t n;

	if (!stream || !row_count(row, &n))
		return err_set(err, ERR_UNREACHABLE,
			       "Logs Insights returned a row without a stream or a number");
	folder = layout_stream_folder(stream);
	tally_stream(t, folder)->bucket.events -= (uint64_t)n;
	return 0;
}

int counts_compare(struct aws_client *c, const char *log_group, const struct window *w,
		   int64_t until_ms, const struct archive_object *objects, size_t n, bool recorded,
		   uint64_t *ret_scanned, struct error **err)
{
	cleanup_tally struct tally t = { .window = *w };
	cleanup_json json_t *rows = NULL;
	json_t *row;
	size_t i;

	for (i = 0; i < n; i++)
		tally_stream(&t, objects[i].stream)->bucket.events +=
			recorded ? objects[i].recorded.events : objects[i].found.events;
	if (query(c, log_group, w, "<", until_ms, " by @logStream", &rows, ret_scanned, err) < 0)
		return -1;
	if (json_array_size(rows) >= INSIGHTS_ROWS_MAX)
		return 0;
	json_array_foreach(rows, i, row)
		if (subtract(&t, row, err) < 0)
			return -1;
	for (i = 0; i < t.n; i++)
		if (t.v[i]->bucket.events != 0)
			return 0;
	return 1;
}

int counts_since(struct aws_client *c, const char *log_group, const struct window *w,
		 int64_t since_ms, uint64_t *ret, struct error **err)
{
	cleanup_json json_t *rows = NULL;
	uint64_t scanned;
	int64_t n = 0;

	if (query(c, log_group, w, ">=", since_ms, "", &rows, &scanned, err) < 0)
		return -1;
	/* Without an event there may be no row. */
	if (json_array_size(rows) && !row_count(json_array_get(rows, 0), &n))
		return err_set(err, ERR_UNREACHABLE,
			       "Logs Insights returned a row without a number");
	*ret = (uint64_t)n;
	return 0;
}
