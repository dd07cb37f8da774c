/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "export/run.h"

#include <stdlib.h>

#include "archive/archive.h"
#include "archive/ledger.h"
#include "archive/api_log.h"
#include "archive/groups.h"
#include "archive/readings.h"
#include "aws/client.h"
#include "aws/workers.h"
#include "aws/service/logs.h"
#include "base/amount.h"
#include "base/error.h"
#include "base/str.h"
#include "base/time.h"
#include "base/xalloc.h"
#include "export/export.h"
#include "export/window.h"
#include "verify/cloudwatch.h"

const char *window_state_name(enum window_state s)
{
	static const char *const names[] = {
		[WINDOW_PLANNED] = "planned",     [WINDOW_EXPORTED] = "exported",
		[WINDOW_EMPTY] = "empty",         [WINDOW_RECORDED] = "recorded",
		[WINDOW_UNSETTLED] = "unsettled", [WINDOW_EXPIRED] = "expired",
		[WINDOW_ABSENT] = "absent",       [WINDOW_FAILED] = "failed",
	};

	return names[s];
}

/* The results of the run so far. */
struct outcome {
	size_t done, failed;
	size_t left; /* not tried, because a fatal error came first */
	/* Windows of this log group that CloudWatch Logs may have deleted in part; the first. */
	size_t expired;
	int64_t expired_from_ms;
	struct error *error; /* owned; see err_keep() */
	bool stop;
};

static void report(struct export_run *run, const struct api_log *log, const struct window *w,
		   enum window_state state)
{
	const struct export_result r = { .log = log, .window = *w, .state = state };

	run->sink->window(run->sink->data, &r);
}

static void report_entry(struct export_run *run, const struct api_log *log,
			 const struct ledger_entry *e, bool adopted)
{
	const struct export_result r = {
		.log = log,
		.window = e->window,
		.state = e->n_objects                       ? WINDOW_EXPORTED
			 : str_eq(e->state, LEDGER_EXPIRED) ? WINDOW_EXPIRED
							    : WINDOW_EMPTY,
		.entry = e,
		.adopted = adopted,
	};

	run->sink->window(run->sink->data, &r);
}

/* For what concerns no window in particular; --since-last has one only after the plan. */
static struct window whole_range(const struct export_options *o)
{
	return o->since_last ? (struct window){ o->range.to_ms - o->window_ms, o->range.to_ms }
			     : o->range;
}

/* Takes the error. */
static void report_failure(struct export_run *run, const struct api_log *log,
			   const struct window *w, struct error *err, struct outcome *out)
{
	const struct export_result r = {
		.log = log, .window = *w, .state = WINDOW_FAILED, .error = err
	};
	char from[TIME_ISO_SIZE], to[TIME_ISO_SIZE];

	out->stop = err_is_fatal(err);
	out->failed++;
	run->sink->window(run->sink->data, &r);
	err_wrap(&err, "cannot export '%s' from %s to %s", log->log_group,
		 time_iso(w->from_ms, from), time_iso(w->to_ms, to));
	err_keep(&out->error, &err);
}

/* Takes over the readings that the group's last window left; a damaged entry is ignored. */
static int learn_readings(struct export_run *run, const struct api_log *log, const struct window *w,
			  struct error **err)
{
	cleanup_ledger_entry struct ledger_entry e = { .readings = READINGS_ALL };
	cleanup_error struct error *own = NULL;

	if (ledger_read(run->opts->archive, log->log_group, w, &e, &own) < 0 &&
	    own->kind != ERR_FOUND)
		return err_move(&own, err);
	run->known = readings_learn(run->known, e.readings);
	return 0;
}

/* What is known of a log group when its windows are planned. */
struct plan {
	struct log_group group;
	struct windows recorded; /* of the range */
	struct windows todo;
	int64_t recorded_to_ms; /* the end of the last recorded window; 0 without any */
};

static void plan_release(struct plan *p)
{
	log_group_release(&p->group);
	windows_release(&p->recorded);
	windows_release(&p->todo);
}

/*
 * Where --since-last begins. Before what was recorded first, nothing is missing: the user chose
 * to begin there. If CloudWatch Logs refuses to tell a group's first event, it may be as old as
 * PutLogEvents lets it be when the group is created.
 */
static int find_beginning(struct export_run *run, const struct plan *p,
			  const struct windows *recorded, int64_t *ret_ms, struct error **err)
{
	const struct export_options *o = run->opts;
	const struct window since = { p->group.created_ms - EVENT_AGE_MAX_MS, o->range.to_ms };
	cleanup_error struct error *own = NULL;
	int64_t first_ms = since.from_ms;
	int r;

	if (recorded->n || !p->group.name || since.from_ms >= since.to_ms) {
		*ret_ms = recorded->n ? recorded->v[0].from_ms : o->range.to_ms;
		return 0;
	}
	r = cloudwatch_first_event(run->client, p->group.name, &since, &first_ms, &own);
	if (r < 0 && (own->kind != ERR_REFUSED || own->credentials))
		return err_move(&own, err);
	*ret_ms = r ? time_floor(first_ms, o->window_ms) : o->range.to_ms;
	return 0;
}

/* Splits the range into windows that are recorded and windows that are not. */
static int plan_windows(struct export_run *run, const struct api_log *log, struct plan *ret,
			struct error **err)
{
	const struct export_options *o = run->opts;
	cleanup_windows struct windows recorded = { 0 }, missing = { 0 };
	struct window range = o->range;

	if (ledger_windows(o->archive, log->log_group, &recorded, err) < 0 ||
	    (o->since_last && find_beginning(run, ret, &recorded, &range.from_ms, err) < 0))
		return -1;
	for (size_t i = 0; i < recorded.n; i++) {
		if (!o->since_last && window_overlaps(&recorded.v[i], &range))
			windows_add(&ret->recorded, recorded.v[i].from_ms, recorded.v[i].to_ms);
		if (recorded.v[i].to_ms > ret->recorded_to_ms)
			ret->recorded_to_ms = recorded.v[i].to_ms;
	}
	windows_missing(range, &recorded, &missing);
	for (size_t i = 0; i < missing.n; i++)
		windows_cut(missing.v[i], o->window_ms, &ret->todo);
	return recorded.n && ret->todo.n && !o->dry_run
		       ? learn_readings(run, log, &recorded.v[recorded.n - 1], err)
		       : 0;
}

/* Reports those from *at on that begin before before_ms, so that all are reported in order. */
static void report_recorded(struct export_run *run, const struct api_log *log,
			    const struct windows *recorded, int64_t before_ms, size_t *at)
{
	for (; *at < recorded->n && recorded->v[*at].from_ms < before_ms; ++*at)
		report(run, log, &recorded->v[*at], WINDOW_RECORDED);
}

/* A log group that does not exist: an error, an absent group of a stage, or worth a note. */
static int report_no_group(struct export_run *run, const struct api_log *log, const struct plan *p,
			   struct error **err)
{
	const struct window whole = whole_range(run->opts);
	cleanup_free char *text = NULL;

	if (log->expected) {
		report(run, log, &whole, WINDOW_ABSENT);
		return 0;
	}
	if (p->recorded_to_ms)
		text = xasprintf("log group '%s' no longer exists, so its recorded windows are all "
				 "there will ever be",
				 log->log_group);
	else if (log->api_id)
		text = xasprintf("log group '%s' does not exist: nothing was logged yet",
				 log->log_group);
	else
		return groups_not_found(run->client, log->log_group, err);
	run->sink->note(run->sink->data, text);
	return 0;
}

/*
 * 1 if nothing writes to the log any more and it has no event from this window on, 0, -1.
 * While CloudWatch Logs refuses to say, windows are exported.
 */
static int has_ended(struct export_run *run, const struct api_log *log, const struct plan *p,
		     const struct window *w, struct error **err)
{
	cleanup_error struct error *own = NULL;
	int r;

	if (!log->gone || w->from_ms < p->recorded_to_ms)
		return 0;
	r = cloudwatch_has_ended(run->client, log->log_group, w->from_ms, &own);
	if (r < 0 && own->kind == ERR_REFUSED && !own->credentials)
		return 0;
	return r < 0 ? err_move(&own, err) : r;
}

static void report_end(struct export_run *run, const struct api_log *log, const struct plan *p)
{
	cleanup_free char *text =
		xasprintf("nothing logs to '%s' any more (stage '%s' of API '%s' is gone, or logs "
			  "elsewhere), and its logs are complete%s",
			  log->log_group, log->stage, log->api_name ? log->api_name : log->api_id,
			  p->recorded_to_ms ? "" : ": it holds none of this time");

	run->sink->note(run->sink->data, text);
}

/* The parts of the window that no other run has recorded since the plan was made. */
static int plan_again(struct export_run *run, const struct api_log *log, const struct window *w,
		      struct windows *ret, struct error **err)
{
	cleanup_windows struct windows recorded = { 0 };

	if (ledger_windows(run->opts->archive, log->log_group, &recorded, err) < 0)
		return -1;
	windows_missing(*w, &recorded, ret);
	return 0;
}

/* Exports a window of the plan, or what is left of it. fresh: the plan was made just now. */
static void do_window(struct export_run *run, const struct api_log *log,
		      const struct log_group *group, const struct window *w, bool fresh,
		      struct outcome *out)
{
	cleanup_windows struct windows left = { 0 };
	struct error *err = NULL;

	if (run->opts->dry_run) {
		report(run, log, w, WINDOW_PLANNED);
		return;
	}
	if (fresh)
		windows_add(&left, w->from_ms, w->to_ms);
	else if (plan_again(run, log, w, &left, &err) < 0)
		report_failure(run, log, w, err, out);
	else if (!left.n)
		report(run, log, w, WINDOW_RECORDED);
	for (size_t i = 0; i < left.n && !out->stop; i++) {
		cleanup_ledger_entry struct ledger_entry e = { 0 };
		bool adopted;

		if (export_window(run, log, group, &left.v[i], &e, &adopted, &err) < 0) {
			report_failure(run, log, &left.v[i], TAKE(err), out);
			continue;
		}
		out->done++;
		report_entry(run, log, &e, adopted);
		if (!ledger_entry_has_expired(&e))
			continue;
		if (!out->expired++)
			out->expired_from_ms = e.window.from_ms;
	}
}

/* At most once for each window, because it is recorded afterwards. */
static void warn_expired(struct export_run *run, const struct log_group *g, struct outcome *out)
{
	char from[TIME_ISO_SIZE];
	cleanup_free char *text = NULL, *windows = NULL;

	if (!out->expired)
		return;
	windows = plural_str(out->expired, "window");
	text = xasprintf("log group '%s' keeps its events for %lld days: of %s, from %s on, some "
			 "or all events had been deleted before the export",
			 g->name, (long long)g->retention_days, windows,
			 time_iso(out->expired_from_ms, from));
	run->sink->warning(run->sink->data, text);
	out->expired = 0;
}

static int export_log(struct export_run *run, const struct api_log *log, struct outcome *out,
		      struct error **err)
{
	cleanup(plan_release) struct plan p = { 0 };
	size_t reported = 0;
	int there, ended = 0;

	there = logs_get_group(run->client, log->log_group, &p.group, err);
	if (there < 0 || plan_windows(run, log, &p, err) < 0)
		return -1;
	if (!there) {
		report_recorded(run, log, &p.recorded, INT64_MAX, &reported);
		return report_no_group(run, log, &p, err);
	}
	for (size_t i = 0; i < p.todo.n && !ended; i++) {
		const struct window *w = &p.todo.v[i];

		report_recorded(run, log, &p.recorded, w->from_ms, &reported);
		if (out->stop)
			out->left++;
		else if ((ended = has_ended(run, log, &p, w, err)) < 0)
			return -1;
		else if (ended)
			report_end(run, log, &p);
		else if (w->to_ms > run->opts->settled_ms)
			report(run, log, w, WINDOW_UNSETTLED);
		else
			do_window(run, log, &p.group, w, i == 0, out);
	}
	report_recorded(run, log, &p.recorded, INT64_MAX, &reported);
	warn_expired(run, &p.group, out);
	return 0;
}

/* The sink has the cause of each failure, so only one that ended the run is told again. */
static int verdict(struct outcome *out, struct error **err)
{
	cleanup_free char *done = plural_str(out->done, "window"),
			  *failed = plural_str(out->failed, "window");
	struct error *e = out->error;

	if (!e)
		return 0;
	if (!err_is_fatal(e)) {
		free(e->msg);
		e->msg = out->done ? xasprintf("%s exported, %zu failed", done, out->failed)
				   : xasprintf("%s could not be exported", failed);
	} else if (out->done && e->kind != ERR_INTERRUPTED) {
		err_wrap(&e, "%s exported, %zu left", done, out->failed + out->left);
	}
	if (out->done && e->kind != ERR_INTERRUPTED)
		e->kind = ERR_PARTIAL;
	return err_move(&e, err);
}

int export_run(const struct api_logs *logs, const struct export_options *opts,
	       const struct export_sink *sink, struct error **err)
{
	struct aws_client *c = opts->archive->bucket.client;
	cleanup(workers_freep) struct workers *workers =
		workers_new(aws_client_session(c), WORKERS_MAX);
	struct export_run run = {
		.client = c, .workers = workers, .opts = opts, .sink = sink, .known = READINGS_ALL
	};
	struct outcome out = { 0 };

	for (size_t i = 0; i < logs->n && !out.stop; i++) {
		const struct window whole = whole_range(opts);
		struct error *own = NULL;

		if (export_log(&run, &logs->v[i], &out, &own) < 0)
			report_failure(&run, &logs->v[i], &whole, own, &out);
	}
	return verdict(&out, err);
}
