/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "cmd/export_report.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "archive/api_log.h"
#include "archive/archive.h"
#include "archive/ledger.h"
#include "base/amount.h"
#include "base/error.h"
#include "base/str.h"
#include "base/time.h"
#include "base/xalloc.h"
#include "cli/app.h"
#include "cli/output.h"

static enum style style_of(enum window_state s)
{
	switch (s) {
	case WINDOW_EXPORTED:
		return STYLE_GOOD;
	case WINDOW_FAILED:
		return STYLE_BAD;
	case WINDOW_UNSETTLED:
	case WINDOW_EXPIRED:
	case WINDOW_ABSENT:
		return STYLE_UNSURE;
	default:
		return STYLE_PLAIN;
	}
}

/* Consecutive recorded windows are one row: they may be a year of days. */
static void print_recorded(struct export_report *o)
{
	cleanup_free char *more = NULL, *windows = NULL;
	char to[TIME_ISO_SIZE];

	if (!o->recorded.n)
		return;
	if (o->recorded.n > 1) {
		windows = plural_str(o->recorded.n - 1, "more window");
		more = xasprintf("and %s, to %s", windows, time_iso(o->recorded.to_ms, to));
	}
	window_list_add(&o->list, o->recorded.log, &o->recorded.first, STYLE_PLAIN,
			window_state_name(WINDOW_RECORDED), "%s", more ? more : "");
	o->recorded.n = 0;
}

static void add_recorded(struct export_report *o, const struct export_result *r)
{
	if (o->recorded.n && o->recorded.log == r->log && o->recorded.to_ms == r->window.from_ms) {
		o->recorded.to_ms = r->window.to_ms;
		o->recorded.n++;
		return;
	}
	print_recorded(o);
	o->recorded.log = r->log;
	o->recorded.first = r->window;
	o->recorded.to_ms = r->window.to_ms;
	o->recorded.n = 1;
}

/*
 * One cause may fail every window: its text is not repeated. What ends the run is the error
 * that the command returns, and is printed as that.
 */
static void print_failure(struct export_report *o, const struct export_result *r)
{
	cleanup_free char *label = window_label(&r->window);
	bool repeated = o->last_failure && str_eq(o->last_failure, r->error->msg);

	problem(&o->app->out, window_state_name(r->state), "%s  %s: %s", label, r->log->log_group,
		repeated ? "for the same reason" : r->error->msg);
	free(o->last_failure);
	o->last_failure = xstrdup(r->error->msg);
}

static void print_window(struct export_report *o, const struct export_result *r)
{
	const struct ledger_entry *e = r->entry;
	cleanup_free char *amounts = NULL;

	if (r->state == WINDOW_ABSENT && o->strict) {
		problem(&o->app->out, window_state_name(r->state),
			"%s: the stage is set up to log, but its log group does not exist",
			r->log->log_group);
		return;
	}
	if (r->state == WINDOW_ABSENT) {
		window_list_add(&o->list, r->log, &r->window, STYLE_UNSURE,
				window_state_name(r->state),
				"the stage is set up to log, but its log group does not exist yet");
		return;
	}
	if (r->state == WINDOW_FAILED) {
		if (!err_is_fatal(r->error))
			print_failure(o, r);
		return;
	}
	if (r->state == WINDOW_EXPORTED)
		amounts = amounts_str(e->events, e->n_objects, e->size);
	window_list_add(&o->list, r->log, &r->window, style_of(r->state),
			window_state_name(r->state), "%s%s%s", amounts ? amounts : "",
			r->adopted ? ", by a task of an earlier run" : "",
			!r->redone           ? ""
			: e && e->supplement ? ", with late events"
			: amounts            ? ", again"
					     : "again");
	if (r->redone)
		detail(&o->app->out, "%s", r->redone);
}

static json_t *result_json(const struct export_result *r)
{
	json_t *j = log_window_json(r->log, &r->window);

	json_set_text(j, "state", window_state_name(r->state));
	if (r->entry) {
		json_object_set_new(j, "adopted", json_boolean(r->adopted));
		json_set_entry(j, r->entry);
	}
	if (r->rechecked)
		json_object_set_new(j, "rechecked", json_true());
	if (r->redone)
		json_set_text(j, "redone", r->redone);
	if (r->error)
		json_set_text(j, "error", r->error->msg);
	return j;
}

static void on_window(void *data, const struct export_result *r)
{
	struct export_report *o = data;

	progress_clear(&o->progress);
	o->count[r->state]++;
	if (r->entry) {
		o->objects += r->entry->n_objects;
		o->events += r->entry->events;
		o->size += r->entry->size;
		o->n_compared += str_eq0(r->entry->source, LEDGER_SOURCE_EVENTS);
		o->n_counted += str_eq0(r->entry->source, LEDGER_SOURCE_COUNTS);
	}
	if (r->state == WINDOW_RECORDED && !o->app->out.verbose) {
		add_recorded(o, r);
	} else {
		print_recorded(o);
		print_window(o, r);
	}
	document_add(&o->app->out, o->windows, "window", result_json(r));
}

/* Off a terminal, a run that waits says so this often. */
#define TELL_EVERY_MS MS_MINUTE
/* What progress_show() has room for on the usual terminal. */
#define PROGRESS_WIDTH 79

/* "4m12s": how long the step has taken; "" in its first second. Caller frees. */
static char *step_time(const struct export_report *o, int64_t now_ms)
{
	int64_t ms = time_floor(now_ms - o->step_ms, MS_SECOND);
	cleanup_free char *length = time_duration_str(ms);

	return ms > 0 ? xasprintf(" %s", length) : xstrdup("");
}

/* "  ~1h left", by the windows done so far; "" before the first is. Caller frees. */
static char *time_left(const struct export_report *o, const struct export_progress *p,
		       int64_t now_ms)
{
	int64_t done = (int64_t)p->n - 1, left = (int64_t)p->total - done;
	int64_t ms = done > 0 ? (now_ms - o->started_ms) / done * left : 0;
	/* An estimate is not exact to the second. */
	int64_t unit = ms < MS_HOUR ? MS_MINUTE : MS_HOUR;
	cleanup_free char *length = time_duration_str(time_floor(ms + unit / 2, unit));

	return ms >= MS_MINUTE ? xasprintf("  ~%s left", length) : xstrdup("");
}

/* "[3/28] ", or "" while the total is not known. Caller frees. */
static char *count_of(const struct export_progress *p)
{
	return p->total ? xasprintf("[%zu/%zu] ", p->n, p->total) : xstrdup("");
}

/* "petstore/prod access", or the group; of one that is too long, the end. Caller frees. */
static char *short_name(const struct api_log *log, size_t width)
{
	cleanup_free char *name = log->api_name ? xasprintf("%s/%s %s", log->api_name, log->stage,
							    log_kind_name(log->kind))
						: xstrdup(log->log_group);
	size_t n = strlen(name);
	const char *end = name + (n > width ? n - width + 1 : 0);

	while ((*end & 0xC0) == 0x80)
		end++;
	return xasprintf("%s%s", n > width ? "…" : "", end);
}

/* "[3/28] 11-22 petstore/prod access  RUNNING 4m12s  ~1h left" */
static void show_progress(struct export_report *o, const struct export_progress *p, int64_t now_ms)
{
	cleanup_free char *label = window_label(&p->window), *time = step_time(o, now_ms),
			  *left = time_left(o, p, now_ms), *count = count_of(p);
	cleanup_free char *head = xasprintf("%s%s ", count, label + strlen("2026-"));
	cleanup_free char *tail = xasprintf("  %s%s%s", p->state, time, left);
	size_t used = strlen(head) + strlen(tail);
	cleanup_free char *name =
		short_name(p->log, used + 10 < PROGRESS_WIDTH ? PROGRESS_WIDTH - used : 10);

	progress_show(&o->progress, "%s%s%s", head, name, tail);
}

/* Off a terminal: each step with -v, otherwise only that a run is still alive. */
static void tell_progress(struct export_report *o, const struct export_progress *p, int64_t now_ms,
			  bool new_step)
{
	cleanup_free char *label = window_label(&p->window);

	if (new_step)
		detail(&o->app->out, "%s  %s: %s", label, p->log->log_group, p->what);
	if (now_ms - o->told_ms < TELL_EVERY_MS)
		return;
	o->told_ms = now_ms;
	if (o->app->out.format == OUTPUT_TEXT) {
		cleanup_free char *time = step_time(o, now_ms), *left = time_left(o, p, now_ms),
				  *count = count_of(p);

		note(&o->app->out, "%s%s  %s: %s%s%s", count, label, p->log->log_group, p->what,
		     time, left);
	}
}

static void on_progress(void *data, const struct export_progress *p)
{
	struct export_report *o = data;
	bool new_step = !o->last_step || !str_eq(o->last_step, p->what);
	int64_t now_ms = env_now_ms(&o->app->env);

	if (!o->started_ms)
		o->started_ms = o->told_ms = now_ms;
	if (new_step)
		o->step_ms = now_ms;
	if (o->progress.on)
		show_progress(o, p, now_ms);
	else
		tell_progress(o, p, now_ms, new_step);
	free(o->last_step);
	o->last_step = xstrdup(p->what);
}

static void on_warning(void *data, const char *message)
{
	struct export_report *o = data;

	progress_clear(&o->progress);
	print_recorded(o);
	warning(&o->app->out, "%s", message);
}

static void on_note(void *data, const char *message)
{
	struct export_report *o = data;

	progress_clear(&o->progress);
	print_recorded(o);
	note(&o->app->out, "%s", message);
}

/* This is not a failure: a later run of the same command exports them. */
static void note_unsettled(const struct export_report *o, int64_t settle_ms)
{
	cleanup_free char *windows = plural_str(o->count[WINDOW_UNSETTLED], "window");
	cleanup_free char *settle = time_duration_str(settle_ms);

	note(&o->app->out, "%s not settled yet (--settle %s): left for a later run", windows,
	     settle);
}

void export_report_end(struct export_report *o, const struct export_options *e)
{
	cleanup_free char *amounts = amounts_str(o->events, o->objects, o->size),
			  *planned = plural_str(o->count[WINDOW_PLANNED], "window");
	uint64_t done =
		o->count[WINDOW_EXPORTED] + o->count[WINDOW_EMPTY] + o->count[WINDOW_EXPIRED];
	json_t *j;

	progress_clear(&o->progress);
	print_recorded(o);
	if (o->count[WINDOW_UNSETTLED] && !e->dry_run)
		note_unsettled(o, e->settle_ms);
	if (o->app->out.format != OUTPUT_TEXT) {
		j = archive_json(e->archive, e->since_last ? NULL : &e->range);
		if (e->since_last)
			json_set_time(j, "to", e->range.to_ms);
		json_object_set_new(j, "since_last", json_boolean(e->since_last));
		json_object_set_new(j, "dry_run", json_boolean(e->dry_run));
		if (o->app->out.format == OUTPUT_JSON)
			json_object_set(j, "windows", o->windows);
		json_set_amounts(j, o->events, o->objects, o->size);
		json_set_int(j, "log_groups_absent", (int64_t)o->count[WINDOW_ABSENT]);
		app_print_json(o->app, j);
		return;
	}
	if (o->count[WINDOW_ABSENT]) {
		cleanup_free char *absent = plural_str(o->count[WINDOW_ABSENT], "log group");

		print_text(&o->app->out, "%s of stages that are set up to log: not created yet\n",
			   absent);
	}
	if (e->dry_run)
		print_text(&o->app->out,
			   "%s to export, %" PRIu64 " recorded, %" PRIu64 " not settled\n", planned,
			   o->count[WINDOW_RECORDED], o->count[WINDOW_UNSETTLED]);
	else if (done && o->n_compared == done)
		print_text(&o->app->out, "%s: as in CloudWatch, and recorded\n", amounts);
	else if (done && o->n_compared + o->n_counted == done)
		print_text(&o->app->out, "%s: as many as CloudWatch counts, and recorded\n",
			   amounts);
	else if (done)
		print_text(&o->app->out,
			   "%s: whole, and recorded; %" PRIu64 " of %" PRIu64
			   " windows not compared with CloudWatch\n",
			   amounts, done - o->n_compared - o->n_counted, done);
	else if (!o->count[WINDOW_FAILED] && !o->count[WINDOW_UNSETTLED] &&
		 !o->count[WINDOW_ABSENT])
		print_text(&o->app->out, "nothing left to export\n");
}

struct export_sink export_report_init(struct export_report *o, struct app *app, bool strict)
{
	*o = (struct export_report){ .app = app, .strict = strict, .windows = json_array() };
	progress_init(&o->progress, &app->out);
	window_list_init(&o->list, &app->out, strlen("unsettled"));
	return (struct export_sink){ o, on_window, on_progress, on_note, on_warning };
}

void export_report_release(struct export_report *o)
{
	free(o->last_failure);
	free(o->last_step);
	json_decref(o->windows);
}
