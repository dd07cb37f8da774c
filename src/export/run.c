/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "export/run.h"

#include <stdlib.h>

#include "archive/archive.h"
#include "archive/ledger.h"
#include "archive/api_log.h"
#include "archive/former.h"
#include "archive/groups.h"
#include "archive/readings.h"
#include "aws/client.h"
#include "aws/workers.h"
#include "aws/service/logs.h"
#include "base/amount.h"
#include "base/error.h"
#include "base/time.h"
#include "base/xalloc.h"
#include "export/export.h"
#include "export/plan.h"
#include "export/recheck.h"
#include "export/redo.h"
#include "export/task.h"
#include "export/window.h"
#include "verify/cloudwatch.h"

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

/* redone: why it replaces another, or NULL */
static void report_entry(struct export_run *run, const struct api_log *log,
			 const struct ledger_entry *e, bool adopted, const char *redone)
{
	const struct export_result r = {
		.log = log,
		.window = e->window,
		.state = window_state_of(e),
		.entry = e,
		.adopted = adopted,
		.redone = redone,
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

/* A log group that does not exist: an error, an absent group of a stage, or worth a note. */
static int report_no_group(struct export_run *run, const struct api_log *log,
			   const struct export_plan *p, struct error **err)
{
	const struct window whole = whole_range(run->opts);
	cleanup_free char *text = NULL;
	int r;

	if (log->expected) {
		report(run, log, &whole, WINDOW_ABSENT);
		return 0;
	}
	r = p->recorded_to_ms ? former_end(run->opts->archive, log->log_group, &text, err) : 0;
	if (r < 0)
		return -1;
	if (r == 0 && log->api_id)
		text = xasprintf("log group '%s' does not exist: nothing was logged yet",
				 log->log_group);
	else if (r == 0)
		return groups_not_found(run->client, log->log_group, err);
	run->sink->note(run->sink->data, text);
	return 0;
}

/*
 * 1 if nothing writes to the log any more and it has no event from this window on, 0, -1.
 * While CloudWatch Logs refuses to say, windows are exported.
 */
static int has_ended(struct export_run *run, const struct api_log *log, const struct export_plan *p,
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

static void report_end(struct export_run *run, const struct api_log *log,
		       const struct export_plan *p)
{
	cleanup_free char *text =
		xasprintf("nothing logs to '%s' any more (stage '%s' of API '%s' is gone, or logs "
			  "elsewhere), and its logs are complete%s",
			  log->log_group, log->stage, log->api_name ? log->api_name : log->api_id,
			  p->recorded_to_ms ? "" : ": it holds none of this time");

	run->sink->note(run->sink->data, text);
}

/*
 * AWS gives a task 24 hours, and one that it could not do in this time or that failed for
 * another reason may succeed with less to do. Appends the halves of the window, cut at an hour.
 */
static bool retry_halves(struct export_run *run, const struct window *w, const struct error *err,
			 struct windows *todo)
{
	const int64_t half_ms = time_floor((w->to_ms - w->from_ms) / 2, MS_HOUR);
	const struct window whole = *w;
	cleanup_free char *text = NULL;

	/* Where all of them fail, the size is not the reason. */
	if (!err_is(err, TASK_FAILED) || half_ms < MS_HOUR || half_ms * 8 < run->opts->window_ms ||
	    whole.from_ms % MS_HOUR)
		return false;
	text = xasprintf("%s; the window is exported in two halves instead", err->msg);
	run->sink->note(run->sink->data, text);
	windows_add(todo, whole.from_ms, whole.from_ms + half_ms);
	windows_add(todo, whole.from_ms + half_ms, whole.to_ms);
	return true;
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
	run->begun++;
	if (fresh)
		windows_add(&left, w->from_ms, w->to_ms);
	else if (export_plan_again(run, log, w, &left, &err) < 0)
		report_failure(run, log, w, err, out);
	else if (!left.n)
		report(run, log, w, WINDOW_RECORDED);
	for (size_t i = 0; i < left.n && !out->stop; i++) {
		cleanup_ledger_entry struct ledger_entry e = { 0 };
		bool adopted;

		if (export_window(run, log, group, &left.v[i], NULL, &e, &adopted, &err) < 0) {
			if (retry_halves(run, &left.v[i], err, &left)) {
				error_clear(&err);
				continue;
			}
			/* It was no code of a reply. */
			if (err_is(err, TASK_FAILED))
				free(TAKE(err->aws_code));
			report_failure(run, log, &left.v[i], TAKE(err), out);
			continue;
		}
		out->done++;
		report_entry(run, log, &e, adopted, NULL);
		if (!ledger_entry_has_expired(&e))
			continue;
		if (!out->expired++)
			out->expired_from_ms = e.window.from_ms;
	}
}

/* A recorded window: --redo has something to do if it is damaged, --recheck if it lacks events. */
static void do_recorded(struct export_run *run, const struct api_log *log,
			const struct log_group *group, const struct window *w, struct outcome *out)
{
	const char *why = run->redo ? redo_reason(run->redo, log, w) : NULL;
	cleanup_ledger_entry struct ledger_entry e = { 0 };
	struct error *err = NULL;
	bool adopted;
	int done;

	if (!why && group && recheck_covers(run->opts, w) && !out->stop) {
		done = recheck_window(run, log, group, w, &err);
		if (done < 0)
			report_failure(run, log, w, err, out);
		else
			out->done += (size_t)done;
	} else if (!why) {
		report(run, log, w, WINDOW_RECORDED);
	} else if (run->opts->dry_run) {
		run->sink->window(run->sink->data, &(struct export_result){
							   .log = log,
							   .window = *w,
							   .state = WINDOW_PLANNED,
							   .redone = why,
						   });
	} else if (out->stop) {
		out->left++;
	} else if (redo_window(run, log, group, w, &e, &adopted, &err) < 0) {
		report_failure(run, log, w, err, out);
	} else {
		out->done++;
		report_entry(run, log, &e, adopted, why);
	}
}

/* Those from *at on that begin before before_ms, so that all windows come in order of time. */
static void do_recorded_until(struct export_run *run, const struct api_log *log,
			      const struct export_plan *p, int64_t before_ms, size_t *at,
			      struct outcome *out)
{
	const struct log_group *group = p->group.name ? &p->group : NULL;

	for (; *at < p->recorded.n && p->recorded.v[*at].from_ms < before_ms; ++*at)
		do_recorded(run, log, group, &p->recorded.v[*at], out);
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

static int plan_log(struct export_run *run, const struct api_log *log, struct export_plan *p,
		    struct error **err)
{
	int there = logs_get_group(run->client, log->log_group, &p->group, err);

	if (there < 0 ||
	    (run->redo && redo_overlaps(run, log, there ? &p->group : NULL, err) < 0) ||
	    export_plan_make(run, log, p, err) < 0)
		return -1;
	p->made = true;
	return 0;
}

static int export_log(struct export_run *run, const struct api_log *log, struct export_plan *p,
		      struct outcome *out, struct error **err)
{
	size_t reported = 0;
	int ended = 0;

	if (p->error)
		return err_move(&p->error, err);
	if (!p->made && plan_log(run, log, p, err) < 0)
		return -1;
	if (!p->group.name) {
		do_recorded_until(run, log, p, INT64_MAX, &reported, out);
		return report_no_group(run, log, p, err);
	}
	for (size_t i = 0; i < p->todo.n && !ended; i++) {
		const struct window *w = &p->todo.v[i];

		do_recorded_until(run, log, p, w->from_ms, &reported, out);
		if (out->stop)
			out->left++;
		else if ((ended = has_ended(run, log, p, w, err)) < 0)
			return -1;
		else if (ended)
			report_end(run, log, p);
		else if (w->to_ms > run->opts->settled_ms)
			report(run, log, w, WINDOW_UNSETTLED);
		else
			do_window(run, log, &p->group, w,
				  run->begun == 0 && !run->opts->recheck_from_ms, out);
	}
	do_recorded_until(run, log, p, INT64_MAX, &reported, out);
	warn_expired(run, &p->group, out);
	return run->redo && !out->stop ? redo_sweep(run, log, err) : 0;
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

/*
 * All plans are made before the first export, so that the progress has a total; except for a
 * redo, which changes what is recorded. An error is told when it is the log's turn.
 */
static struct export_plan *plan_all(struct export_run *run, const struct api_logs *logs)
{
	struct export_plan *plans = xcalloc(logs->n + 1, sizeof(*plans));

	for (size_t i = 0; i < logs->n && !run->redo; i++) {
		struct export_plan *p = &plans[i];

		if (plan_log(run, &logs->v[i], p, &p->error) < 0 && err_is_fatal(p->error))
			break;
		for (size_t k = 0; p->group.name && k < p->todo.n; k++)
			run->total += p->todo.v[k].to_ms <= run->opts->settled_ms;
	}
	return plans;
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
	cleanup(redo_freep) struct redo *redo = NULL;
	struct export_plan *plans;
	struct outcome out = { 0 };

	if (opts->redo && redo_look(&run, logs, &redo, err) < 0)
		return -1;
	plans = plan_all(&run, logs);
	for (size_t i = 0; i < logs->n; i++) {
		const struct window whole = whole_range(opts);
		struct error *own = NULL;

		if (!out.stop && export_log(&run, &logs->v[i], &plans[i], &out, &own) < 0)
			report_failure(&run, &logs->v[i], &whole, own, &out);
		export_plan_release(&plans[i]);
	}
	free(plans);
	return verdict(&out, err);
}
