/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "verify/check.h"

#include <inttypes.h>
#include <stdlib.h>

#include "archive/archive.h"
#include "archive/ledger.h"
#include "archive/api_log.h"
#include "archive/groups.h"
#include "aws/client.h"
#include "aws/service/logs.h"
#include "base/error.h"
#include "base/str.h"
#include "base/time.h"
#include "base/xalloc.h"
#include "verify/batch.h"
#include "verify/cloudwatch.h"

/*
 * A name that neither CloudWatch Logs nor the ledger knows: 1 if that is all
 * right, for the group of a stage appears with its first event.
 */
static int nothing_known(const struct api_log *log, const struct check_options *o,
			 const struct check_sink *sink, struct error **err)
{
	cleanup_free char *text = NULL;
	cleanup_log_group struct log_group g = { 0 };
	struct aws_client *c = o->archive->bucket.client;
	int there = logs_get_group(c, log->log_group, &g, err);

	if (there)
		return there < 0 ? -1 : 0;
	if (!log->api_id) {
		groups_not_found(c, log->log_group, err);
		return err_wrap(err, "nothing is recorded in 's3://%s/%s'", o->archive->bucket.name,
				o->archive->prefix);
	}
	if (log->expected) {
		sink->absent(sink->data, log);
		return 1;
	}
	text = xasprintf("log group '%s' does not exist, and nothing of it was exported",
			 log->log_group);
	sink->note(sink->data, text);
	return 1;
}

/*
 * True for the time behind the last event of a log that nothing writes to any more:
 * it needs no window. Of a log group that no longer exists nobody knows.
 */
static int is_behind_end(const struct api_log *log, const struct check_options *o,
			 const struct windows *recorded, const struct window *gap,
			 struct error **err)
{
	struct aws_client *c = o->archive->bucket.client;
	cleanup_error struct error *own = NULL;
	int r;

	if (!log->gone || (recorded->n && gap->from_ms < recorded->v[recorded->n - 1].to_ms))
		return 0;
	r = cloudwatch_has_ended(c, log->log_group, gap->from_ms, &own);
	if (r < 0 && err_is(own, "ResourceNotFoundException"))
		return 1;
	return r < 0 ? err_move(&own, err) : r;
}

static int report_gaps(const struct api_log *log, const struct check_options *o,
		       const struct check_sink *sink, const struct windows *recorded,
		       struct error **err)
{
	cleanup_windows struct windows gaps = { 0 };
	char from[TIME_ISO_SIZE], to[TIME_ISO_SIZE];

	windows_missing(o->range, recorded, &gaps);
	for (size_t i = 0; i < gaps.n; i++) {
		int end = is_behind_end(log, o, recorded, &gaps.v[i], err);
		cleanup_free char *text =
			xasprintf("nothing is recorded from %s to %s",
				  time_iso(gaps.v[i].from_ms, from), time_iso(gaps.v[i].to_ms, to));

		if (end < 0)
			return -1;
		if (!end)
			sink->problem(sink->data, PROBLEM_NOT_EXPORTED, log, &gaps.v[i], NULL,
				      text);
	}
	return 0;
}

static bool in_range(const struct check_options *o, const struct window *w)
{
	return o->all || window_overlaps(w, &o->range);
}

/* The windows are sorted, so one that overlaps an earlier one begins before the latest end. */
static void report_overlaps(const struct api_log *log, const struct check_options *o,
			    const struct check_sink *sink, const struct windows *recorded)
{
	char from[TIME_ISO_SIZE], to[TIME_ISO_SIZE];
	size_t longest = 0;

	for (size_t i = 1; i < recorded->n; i++) {
		const struct window *w = &recorded->v[i], *other = &recorded->v[longest];

		if (window_overlaps(w, other) && (in_range(o, w) || in_range(o, other))) {
			cleanup_free char *text = xasprintf(
				"a window from %s to %s is recorded as well, so events are "
				"there twice",
				time_iso(other->from_ms, from), time_iso(other->to_ms, to));

			sink->problem(sink->data, PROBLEM_OVERLAP, log, w, NULL, text);
		}
		if (w->to_ms > other->to_ms)
			longest = i;
	}
}

/* Its day is that of one in the range, so that its objects lie among theirs. */
static bool is_neighbour(const struct check_options *o, const struct window *w)
{
	int64_t day = time_floor(w->from_ms, MS_DAY);

	return day + MS_DAY > time_floor(o->range.from_ms, MS_DAY) && day < o->range.to_ms;
}

static int add_window(struct batch *b, const struct window *w, struct error **err)
{
	const struct check_options *o = b->opts;
	cleanup_error struct error *own = NULL;
	struct ledger_entry e;
	int r = ledger_read(o->archive, b->log->log_group, w, &e, &own);

	if (r > 0) {
		batch_add(b, &e, in_range(o, w));
		return 0;
	}
	if (r == 0)
		err_set(&own, ERR_FOUND, "the ledger entry was removed while we looked");
	if (own->kind != ERR_FOUND) {
		return err_move(&own, err);
	}
	b->sink->problem(b->sink->data, PROBLEM_LEDGER, b->log, w, NULL, own->msg);
	return 0;
}

int check_log(const struct api_log *log, const struct check_options *opts,
	      const struct check_sink *sink, struct error **err)
{
	cleanup_windows struct windows recorded = { 0 };
	cleanup(batch_release) struct batch b = { 0 };
	int r;

	batch_init(&b, log, opts, sink);
	if (ledger_windows(opts->archive, log->log_group, &recorded, err) < 0)
		return -1;
	if (!recorded.n) {
		r = nothing_known(log, opts, sink, err);
		if (r)
			return r < 0 ? -1 : 0;
	}
	if (!opts->all && report_gaps(log, opts, sink, &recorded, err) < 0)
		return -1;
	report_overlaps(log, opts, sink, &recorded);
	for (size_t i = 0; i < recorded.n; i++) {
		const struct window *w = &recorded.v[i];
		bool new_day = i > 0 && time_floor(w->from_ms, MS_DAY) !=
						time_floor(recorded.v[i - 1].from_ms, MS_DAY);

		if (!in_range(opts, w) && !is_neighbour(opts, w))
			continue;
		/* A day stays together: its windows share a folder. */
		if (new_day && batch_is_full(&b) && batch_run(&b, err) < 0)
			return -1;
		if (add_window(&b, w, err) < 0)
			return -1;
	}
	r = batch_run(&b, err);
	return r;
}
