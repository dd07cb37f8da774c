/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "cmd/verify_report.h"

#include <inttypes.h>
#include <string.h>

#include "archive/archive.h"
#include "archive/api_log.h"
#include "archive/ledger.h"
#include "archive/readings.h"
#include "aws/client.h"
#include "base/amount.h"
#include "base/time.h"
#include "base/xalloc.h"
#include "cli/app.h"
#include "cli/exit.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/options.h"
#include "cli/problems.h"
#include "cli/windows.h"
#include "cmd/cmd.h"
#include "verify/against.h"
#include "verify/report.h"
#include "verify/storage.h"

/* A window without problems joins the row before, unless -v asks for one row each. */
static void print_well(struct verify_report *o, const struct check_result *r)
{
	window_list_merge(&o->list, &(struct window_row){
					    .log = r->log,
					    .window = r->window,
					    .n = 1,
					    .events = r->events,
					    .objects = r->objects,
					    .size = r->size,
					    .state = check_state_name(r->state),
					    .remark = r->source_events < 0 ? ""
						      : r->counted ? ", as many as in CloudWatch"
								   : ", as in CloudWatch",
				    });
	if (o->app->out.verbose)
		window_list_flush(&o->list);
}

static void print_window(struct verify_report *o, const struct check_result *r)
{
	cleanup_free char *amounts = amounts_str(r->events, r->objects, r->size);
	const char *state = check_state_name(r->state);
	char due[TIME_ISO_SIZE];

	if (r->state == CHECK_WHOLE || r->state == CHECK_EMPTY)
		print_well(o, r);
	else if (r->state == CHECK_UNSETTLED)
		window_list_add(&o->list, r->log, &r->window, STYLE_UNSURE, state,
				"can be exported after %s", time_iso(r->due_ms, due));
	else if (r->state == CHECK_EXPIRED)
		window_list_add(&o->list, r->log, &r->window, STYLE_UNSURE, state, "%s%s",
				r->objects ? amounts : "deleted by CloudWatch before an export",
				r->objects ? "; more may have been deleted before" : "");
	else
		window_list_add(&o->list, r->log, &r->window, STYLE_BAD, state, "%s",
				r->objects ? amounts : "no events");
}

/* To be called before anything else is printed. */
static void flush(struct verify_report *o)
{
	progress_clear(&o->progress);
	window_list_flush(&o->list);
	problem_list_flush(&o->problem_list);
}

static json_t *result_json(const struct check_result *r)
{
	json_t *j = log_window_json(r->log, &r->window);

	json_set_text(j, "state", check_state_name(r->state));
	if (r->state == CHECK_UNSETTLED)
		json_set_time(j, "due", r->due_ms);
	if (r->state == CHECK_UNSETTLED || r->state == CHECK_UNCHECKED)
		return j;
	json_set_amounts(j, r->events, r->objects, r->size);
	json_set_int(j, "bytes", (int64_t)r->bytes);
	json_object_set_new(j, "source_events",
			    r->source_events < 0 ? json_null() : json_integer(r->source_events));
	json_set_text(j, "source", r->source_events < 0 ? NULL : r->counted ? "counts" : "events");
	return j;
}

/* What was found of the objects, and what was recorded of those that were not read. */
static json_t *objects_json(const struct ledger_entry *e)
{
	json_t *list = json_array();

	for (size_t i = 0; i < e->n_objects; i++) {
		const struct archive_object *o = &e->objects[i];
		struct archive_object seen = *o;
		json_t *j;

		if (!o->found.etag)
			continue;
		if (!o->read) {
			seen.found = o->recorded;
			seen.found.etag = o->found.etag;
			seen.found.size = o->found.size;
		}
		j = archive_object_json(&seen);
		json_object_set_new(j, "read", json_boolean(o->read));
		json_array_append_new(list, j);
	}
	return list;
}

static void keep_window(struct verify_report *o, const struct check_result *r)
{
	json_t *j = result_json(r);

	if (r->entry)
		json_object_set_new(j, "object_list", objects_json(r->entry));
	json_array_append_new(o->kept_windows, j);
}

static void on_window(void *data, const struct check_result *r)
{
	struct verify_report *o = data;

	progress_clear(&o->progress);
	problem_list_flush(&o->problem_list);
	o->count[r->state]++;
	document_add(&o->app->out, o->windows, "window", result_json(r));
	if (o->keep)
		keep_window(o, r);
	if (r->state == CHECK_UNCHECKED)
		return; /* the error says why; there may be thousands */
	print_window(o, r);
	if (r->state == CHECK_UNSETTLED)
		return;
	o->n_windows++;
	o->n_compared += r->source_events >= 0;
	o->n_counted += r->source_events >= 0 && r->counted;
	o->objects += r->objects;
	o->events += r->events;
	o->size += r->size;
	o->readings = readings_learn(o->readings, r->readings);
}

static void on_problem(void *data, enum problem p, const struct api_log *log,
		       const struct window *w, const char *key, const char *message)
{
	struct verify_report *o = data;
	cleanup_free char *url =
		key ? xasprintf("s3://%s/%s", o->check->archive->bucket.name, key) : NULL;
	json_t *j;

	progress_clear(&o->progress);
	window_list_flush(&o->list);
	o->n_problems++;
	o->n_gaps += p == PROBLEM_NOT_EXPORTED;
	o->n_redo += p != PROBLEM_NOT_EXPORTED && p != PROBLEM_SOURCE && p != PROBLEM_REPORT;
	problem_list_add(&o->problem_list, log, w, problem_name(p), url, message);
	j = log_window_json(log, w);
	json_set_text(j, "problem", problem_name(p));
	json_set_text(j, "key", key);
	json_set_text(j, "message", message);
	if (o->keep)
		json_array_append(o->kept_problems, j);
	document_add(&o->app->out, o->problems, "problem", j);
}

/* "12 of 400 windows, 1,234 objects, 3.4 GiB, 120.5 MiB/s, 2m10s left": at most 80 columns. */
static void on_progress(void *data, const struct check_progress *p)
{
	struct verify_report *o = data;
	char done[COUNT_SIZE];
	cleanup_free char *windows = NULL, *objects = NULL, *what = NULL;

	if (!o->progress.on)
		return;
	windows = plural_str(p->windows_total, "window");
	objects = plural_str(p->objects, "object");
	what = xasprintf("%s of %s%s%s", count_str(p->windows, done), windows,
			 p->objects ? ", " : "", p->objects ? objects : "");
	progress_show_work(&o->progress, what, p->size, p->part, o->started_ms);
}

static void on_elsewhere(void *data, const struct api_log *log, const struct window *w,
			 uint64_t events)
{
	struct verify_report *o = data;
	cleanup_free char *label = window_label(w), *n = plural_str(events, "event");

	flush(o);
	o->n_elsewhere += events;
	note(&o->app->out,
	     "%s of %s in log group '%s' came later, and will be in a window that is not exported "
	     "yet, or that is outside the range",
	     n, label, log->log_group);
}

static void on_absent(void *data, const struct api_log *log)
{
	struct verify_report *o = data;

	flush(o);
	o->n_absent++;
	note(&o->app->out, "the stage is set up to log, but its log group '%s' does not exist yet",
	     log->log_group);
}

static void on_note(void *data, const char *message)
{
	struct verify_report *o = data;

	flush(o);
	note(&o->app->out, "%s", message);
}

static void on_replaced(void *data, const struct api_log *log, const struct window *w,
			const char *key)
{
	struct verify_report *o = data;
	char from[TIME_ISO_SIZE], to[TIME_ISO_SIZE];
	cleanup_free char *text = xasprintf(
		"log group '%s', from %s to %s: objects that were replaced are still there, "
		"such as 's3://%s/%s'; no ledger entry has them any more",
		log->log_group, time_iso(w->from_ms, from), time_iso(w->to_ms, to),
		o->check->archive->bucket.name, key);

	on_note(o, text);
}

static void on_storage(void *data, const struct storage *s)
{
	struct verify_report *o = data;

	for (size_t i = 0; i < s->n; i++) {
		const struct storage_row *r = &s->v[i];
		json_t *j = json_object();

		json_set_text(j, "storage_class", r->storage_class);
		json_set_text(j, "encryption", r->encryption);
		json_set_text(j, "kms_key", r->kms_key);
		json_set_int(j, "objects", (int64_t)r->objects);
		json_array_append_new(o->storage, j);
	}
}

/* True if no problem was found and at least one window was due and checked. */
static bool is_whole(const struct verify_report *o, bool complete)
{
	return complete && !o->n_problems && o->n_windows && !o->count[CHECK_UNSETTLED] &&
	       !o->count[CHECK_EXPIRED];
}

static json_t *summary_json(const struct verify_report *o, bool complete)
{
	const struct check_options *c = o->check;
	json_t *j = archive_json(o->check->archive, c->all ? NULL : &c->range);

	json_object_set_new(j, "complete", json_boolean(complete && !o->count[CHECK_EXPIRED]));
	json_object_set_new(j, "whole", json_boolean(is_whole(o, complete)));
	json_object_set_new(
		j, "source_compared",
		json_boolean(c->compare && is_whole(o, complete) && o->n_compared == o->n_windows));
	json_set_readings(j, o->readings);
	json_object_set(j, "storage", o->storage);
	json_set_int(j, "events_elsewhere", (int64_t)o->n_elsewhere);
	json_set_int(j, "log_groups_absent", (int64_t)o->n_absent);
	json_set_amounts(j, o->events, o->objects, o->size);
	if (o->check->against)
		json_set_int(j, "windows_added", (int64_t)o->check->against->added);
	return j;
}

static void print_json_summary(const struct verify_report *o, bool complete)
{
	json_t *j = summary_json(o, complete);

	if (o->app->out.format == OUTPUT_JSON) {
		json_object_set(j, "windows", o->windows);
		json_object_set(j, "problems", o->problems);
	}
	app_print_json(o->app, j);
}

json_t *verify_report_document(const struct verify_report *o, bool complete)
{
	json_t *j = summary_json(o, complete);

	json_object_set_new(j, "report", json_true());
	json_object_set_new(j, "quick", json_boolean(o->check->quick));
	json_object_set(j, "windows", o->kept_windows);
	json_object_set(j, "problems", o->kept_problems);
	return app_document(o->app, j);
}

static void print_summary(const struct verify_report *o, bool complete)
{
	cleanup_free char *amounts = amounts_str(o->events, o->objects, o->size), *windows = NULL;

	if (o->app->out.format != OUTPUT_TEXT) {
		print_json_summary(o, complete);
		return;
	}
	if (!complete || o->n_problems)
		return;
	if (o->count[CHECK_EXPIRED]) {
		print_text(&o->app->out,
			   "%" PRIu64 " of %" PRIu64 " windows can no longer be verified\n",
			   o->count[CHECK_EXPIRED], o->n_windows);
		return;
	}
	if (!o->n_windows) {
		print_text(&o->app->out,
			   "nothing is recorded in s3://%s/%s, and nothing is missing%s\n",
			   o->check->archive->bucket.name, o->check->archive->prefix,
			   o->count[CHECK_UNSETTLED] ? " yet" : "");
		return;
	}
	windows = plural_str(o->n_windows, "window");
	print_text(&o->app->out, "%s, %s: %s\n", amounts, windows,
		   o->check->quick ? "all as recorded (not read)" : "all whole");
	if (o->check->compare && o->n_compared == o->n_windows && o->n_counted)
		print_text(&o->app->out, "CloudWatch counts as many events in every stream\n");
	else if (o->check->compare && o->n_compared == o->n_windows)
		print_text(&o->app->out,
			   "every event that CloudWatch holds in the range is in the bucket, "
			   "once%s\n",
			   o->n_elsewhere ? ", or in a window outside it" : "");
	else if (o->check->compare)
		print_text(&o->app->out,
			   "%" PRIu64 " of %" PRIu64 " windows could be compared with "
			   "CloudWatch\n",
			   o->n_compared, o->n_windows);
	print_readings(&o->app->out, o->readings);
}

struct check_sink verify_report_init(struct verify_report *o, struct app *app,
				     const struct check_options *check, bool keep)
{
	*o = (struct verify_report){
		.app = app,
		.check = check,
		.readings = READINGS_ALL,
		.windows = json_array(),
		.problems = json_array(),
		.storage = json_array(),
		.keep = keep,
		.kept_windows = json_array(),
		.kept_problems = json_array(),
		.started_ms = env_now_ms(&app->env),
	};
	progress_init(&o->progress, &app->out);
	window_list_init(&o->list, &app->out, strlen("expired"));
	problem_list_init(&o->problem_list, &app->out);
	return (struct check_sink){
		.data = o,
		.window = on_window,
		.problem = on_problem,
		.progress = on_progress,
		.elsewhere = on_elsewhere,
		.absent = on_absent,
		.replaced = on_replaced,
		.note = on_note,
		.storage = on_storage,
	};
}

void verify_report_end(struct verify_report *o, bool complete)
{
	flush(o);
	print_summary(o, complete);
}

void verify_report_release(struct verify_report *o)
{
	json_decref(o->windows);
	json_decref(o->problems);
	json_decref(o->storage);
	json_decref(o->kept_windows);
	json_decref(o->kept_problems);
}
