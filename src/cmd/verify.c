/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "archive/archive.h"
#include "archive/api_log.h"
#include "archive/readings.h"
#include "aws/client.h"
#include "aws/workers.h"
#include "base/amount.h"
#include "base/error.h"
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
#include "verify/check.h"
#include "verify/report.h"

struct verify_opts {
	struct app *app;
	struct archive_options where;
	unsigned jobs;
	struct check_options check;
	struct archive archive;
	/* Of the run. */
	struct progress progress;
	int64_t started_ms;
	struct window_list list;
	struct problem_list problem_list;
	json_t *windows, *problems;
	unsigned readings;                   /* what is known of AWS (archive/readings.h) */
	uint64_t count[CHECK_UNCHECKED + 1]; /* of windows, by state */
	uint64_t n_windows;                  /* that were checked */
	uint64_t n_compared, n_elsewhere, n_absent, n_problems, n_gaps, objects, events, size;
};

static int set_jobs(void *target, const struct opt *o, const char *value, struct error **err)
{
	int64_t n;

	if (opt_number(o, value, (struct opt_range){ 1, 1024, NULL }, &n, err) < 0)
		return -1;
	*(unsigned *)target = (unsigned)n;
	return 0;
}

#define TARGET(member) .offset = offsetof(struct verify_opts, member)

static const struct opt options[] = {
	{ "source", .type = OPT_FLAG, TARGET(check.compare),
	  .help = "Also compare every event with CloudWatch Logs" },
	{ "quick", .type = OPT_FLAG, TARGET(check.quick),
	  .help = "Only compare sizes and ETags with the ledger; fetch no logs" },
	{ "jobs", .arg = "N", .set = set_jobs, TARGET(jobs),
	  .help = "Open at most this many connections to S3 (default: 165)" },
	{ "all", .type = OPT_FLAG, TARGET(check.all),
	  .help = "Verify everything that is recorded, instead of a range" },
	{ 0 },
};

static const struct opt_group groups[] = {
	ARCHIVE_OPTION_GROUPS(struct verify_opts, where),
	{ "How:", options, 0 },
	{ 0 },
};

static void print_window(struct verify_opts *o, const struct check_result *r)
{
	static const enum style styles[] = {
		[CHECK_WHOLE] = STYLE_GOOD,       [CHECK_EMPTY] = STYLE_GOOD,
		[CHECK_WRONG] = STYLE_BAD,        [CHECK_UNSETTLED] = STYLE_UNSURE,
		[CHECK_UNCHECKED] = STYLE_UNSURE,
	};
	cleanup_free char *amounts = amounts_str(r->events, r->objects, r->size);
	bool same = r->source_events >= 0 && r->state != CHECK_WRONG;
	char due[TIME_ISO_SIZE];

	if (r->state == CHECK_UNSETTLED)
		window_list_add(&o->list, r->log, &r->window, styles[r->state],
				check_state_name(r->state), "can be exported after %s",
				time_iso(r->due_ms, due));
	else
		window_list_add(&o->list, r->log, &r->window, styles[r->state],
				check_state_name(r->state), "%s%s",
				r->objects ? amounts : "no events",
				same ? ", as in CloudWatch" : "");
}

static json_t *result_json(const struct check_result *r)
{
	json_t *j = log_window_json(r->log, &r->window);

	json_object_set_new(j, "state", json_string(check_state_name(r->state)));
	if (r->state == CHECK_UNSETTLED)
		json_set_time(j, "due", r->due_ms);
	if (r->state == CHECK_UNSETTLED || r->state == CHECK_UNCHECKED)
		return j;
	json_set_amounts(j, r->events, r->objects, r->size);
	json_set_int(j, "bytes", (int64_t)r->bytes);
	json_object_set_new(j, "source_events",
			    r->source_events < 0 ? json_null() : json_integer(r->source_events));
	return j;
}

static void on_window(void *data, const struct check_result *r)
{
	struct verify_opts *o = data;

	progress_clear(&o->progress);
	problem_list_flush(&o->problem_list);
	o->count[r->state]++;
	if (o->app->out.format == OUTPUT_JSON)
		json_array_append_new(o->windows, result_json(r));
	if (r->state == CHECK_UNCHECKED)
		return; /* the error says why; there may be thousands */
	print_window(o, r);
	if (r->state == CHECK_UNSETTLED)
		return;
	o->n_windows++;
	o->n_compared += r->source_events >= 0;
	o->objects += r->objects;
	o->events += r->events;
	o->size += r->size;
	o->readings = readings_learn(o->readings, r->readings);
}

static void on_problem(void *data, enum problem p, const struct api_log *log,
		       const struct window *w, const char *key, const char *message)
{
	struct verify_opts *o = data;
	cleanup_free char *url = key ? xasprintf("s3://%s/%s", o->archive.bucket.name, key) : NULL;
	json_t *j;

	progress_clear(&o->progress);
	o->n_problems++;
	o->n_gaps += p == PROBLEM_NOT_EXPORTED;
	problem_list_add(&o->problem_list, log, w, problem_name(p), url, message);
	if (o->app->out.format != OUTPUT_JSON)
		return;
	j = log_window_json(log, w);
	json_object_set_new(j, "problem", json_string(problem_name(p)));
	json_object_set_new(j, "key", json_text(key));
	json_object_set_new(j, "message", json_text(message));
	json_array_append_new(o->problems, j);
}

/* "12 of 400 windows, 1,234 objects, 3.4 GiB, 120.5 MiB/s, 2m10s left": at most 80 columns. */
static void on_progress(void *data, const struct check_progress *p)
{
	struct verify_opts *o = data;
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
	struct verify_opts *o = data;
	cleanup_free char *label = window_label(w), *n = plural_str(events, "event");

	progress_clear(&o->progress);
	problem_list_flush(&o->problem_list);
	o->n_elsewhere += events;
	note(&o->app->out,
	     "%s of %s in log group '%s' came later, and will be in a window that is not exported "
	     "yet, or that is outside the range",
	     n, label, log->log_group);
}

static void on_absent(void *data, const struct api_log *log)
{
	struct verify_opts *o = data;

	progress_clear(&o->progress);
	problem_list_flush(&o->problem_list);
	o->n_absent++;
	note(&o->app->out, "the stage is to log, and its log group '%s' does not exist yet",
	     log->log_group);
}

static void on_note(void *data, const char *message)
{
	struct verify_opts *o = data;

	progress_clear(&o->progress);
	problem_list_flush(&o->problem_list);
	note(&o->app->out, "%s", message);
}

/* Nothing was wrong, and something was checked: what is not due yet proves nothing. */
static bool is_whole(const struct verify_opts *o, bool complete)
{
	return complete && !o->n_problems && o->n_windows && !o->count[CHECK_UNSETTLED];
}

static void print_json_summary(const struct verify_opts *o, bool complete)
{
	const struct check_options *c = &o->check;
	json_t *j = archive_json(&o->archive, c->all ? NULL : &c->range);

	json_object_set_new(j, "complete", json_boolean(complete));
	json_object_set_new(j, "whole", json_boolean(is_whole(o, complete)));
	json_object_set_new(
		j, "source_compared",
		json_boolean(c->compare && is_whole(o, complete) && o->n_compared == o->n_windows));
	json_set_readings(j, o->readings);
	json_object_set(j, "windows", o->windows);
	json_object_set(j, "problems", o->problems);
	json_set_int(j, "events_elsewhere", (int64_t)o->n_elsewhere);
	json_set_int(j, "log_groups_absent", (int64_t)o->n_absent);
	json_set_amounts(j, o->events, o->objects, o->size);
	print_json(j);
}

static void print_summary(const struct verify_opts *o, bool complete)
{
	cleanup_free char *amounts = amounts_str(o->events, o->objects, o->size), *windows = NULL;

	if (o->app->out.format == OUTPUT_JSON) {
		print_json_summary(o, complete);
		return;
	}
	if (!complete || o->n_problems)
		return;
	if (!o->n_windows) {
		print_text(&o->app->out,
			   "nothing is recorded in s3://%s/%s, and nothing is missing%s\n",
			   o->archive.bucket.name, o->archive.prefix,
			   o->count[CHECK_UNSETTLED] ? " yet" : "");
		return;
	}
	windows = plural_str(o->n_windows, "window");
	print_text(&o->app->out, "%s, %s: %s\n", amounts, windows,
		   o->check.quick ? "all as recorded (not read)" : "all whole");
	if (o->check.compare && o->n_compared == o->n_windows)
		print_text(&o->app->out,
			   "every event that CloudWatch holds in the range is in the bucket, "
			   "once%s\n",
			   o->n_elsewhere ? ", or in a window outside it" : "");
	else if (o->check.compare)
		print_text(&o->app->out,
			   "%" PRIu64 " of %" PRIu64 " windows could be compared with "
			   "CloudWatch\n",
			   o->n_compared, o->n_windows);
	print_readings(&o->app->out, o->readings);
}

static int check_options(struct verify_opts *o, struct error **err)
{
	o->check.archive = &o->archive;
	if (archive_options_check(&o->where, !o->check.all, err) < 0)
		return -1;
	if (o->check.compare && o->check.quick)
		return err_set(err, ERR_USAGE, "--source and --quick do not go together");
	if (o->check.all && (o->where.from || o->where.to))
		return err_set(err, ERR_USAGE, "--all does not go with --from and --to");
	return 0;
}

/*
 * Without --to, the range ends with the last day that has settled, as export's does.
 * Where nothing since --from has, it ends now, and the result shows what is not due.
 */
static int resolve(struct verify_opts *o, struct error **err)
{
	int64_t now = aws_client_now_ms(o->archive.bucket.client);
	struct check_options *c = &o->check;

	c->settled_ms = now - WINDOW_SETTLE_MS;
	if (c->all || range_resolve(&o->where, now, MS_HOUR, time_floor(c->settled_ms, MS_DAY),
				    &c->range, NULL) == 0)
		return 0;
	return range_resolve(&o->where, now, MS_HOUR, now, &c->range, err);
}

/* A problem that was found counts, even if not everything could be checked. */
static int verdict(const struct verify_opts *o, struct error **own, struct error **err)
{
	cleanup_free char *problems = plural_str(o->n_problems, "problem");
	const char *found = o->n_problems == 1 ? "was found" : "were found";

	if (!o->n_problems || (*own && (*own)->kind == ERR_INTERRUPTED))
		return *own ? err_move(own, err) : EXIT_DONE;
	if (*own) {
		err_wrap(own, "%s %s, and not everything could be checked", problems, found);
		(*own)->kind = ERR_FOUND;
		return err_move(own, err);
	}
	err_set(err, ERR_FOUND, "%s %s", problems, found);
	if (o->n_gaps == o->n_problems)
		err_hint(err, "export what is missing: apigw-logs export");
	return -1;
}

static int run(struct app *app, void *opts, struct error **err)
{
	struct verify_opts *o = opts;
	const struct check_sink sink = { o,           on_window,    on_problem,
					 on_progress, on_elsewhere, on_absent,
					 on_note };
	cleanup_api_logs struct api_logs logs = { 0 };
	cleanup_error struct error *own = NULL;
	int r;

	o->app = app;
	progress_init(&o->progress, &app->out);
	window_list_init(&o->list, &app->out, strlen("whole"));
	problem_list_init(&o->problem_list, &app->out);
	if (check_options(o, err) < 0 ||
	    archive_options_open(app, &o->where, false, &o->archive, err) < 0 ||
	    resolve(o, err) < 0)
		return -1;
	if (!o->check.all)
		print_range(&app->out, &o->check.range);
	if (archive_options_select(app, &o->where, &o->archive, &logs, err) < 0)
		return -1;
	o->check.workers = workers_new(aws_client_session(o->archive.bucket.client),
				       o->jobs ? o->jobs : WORKERS_MAX);
	o->readings = READINGS_ALL;
	o->windows = json_array();
	o->problems = json_array();
	o->started_ms = env_now_ms(&app->env);
	r = check_logs(&logs, &o->check, &sink, &own);
	progress_clear(&o->progress);
	problem_list_flush(&o->problem_list);
	print_summary(o, r == 0);
	return verdict(o, &own, err);
}

static void release(void *opts)
{
	struct verify_opts *o = opts;

	workers_free(o->check.workers);
	archive_options_release(&o->where);
	archive_release(&o->archive);
	json_decref(o->windows);
	json_decref(o->problems);
}

static const struct permission permissions[] = {
	{ "s3:ListBucket", NULL },
	{ "s3:GetObject", NULL },
	{ "apigateway:GET", "with --api and --all-apis" },
	{ "logs:DescribeLogGroups",
	  "with --api, --all-apis and --source, and for log groups of which nothing is "
	  "recorded" },
	{ "logs:FilterLogEvents", "with --source, and for stages that no longer exist" },
	{ 0 },
};

const struct cmd cmd_verify = {
	.name = "verify",
	.summary = "Check that the logs in the bucket are complete and undamaged",
	.usage = "--bucket NAME {--api ID|NAME | --all-apis | --log-group NAME} "
		 "{--from TIME [--to TIME] | --all} [OPTION...]",
	.about = "Check that the logs of a time range are in the bucket: every window is recorded, "
		 "every object exists, every gzip member is intact, every event is inside its "
		 "window, and nothing is there twice. With --source, also that CloudWatch Logs "
		 "holds the same events. The exit status is 1 if a problem is found.",
	.examples = { "apigw-logs verify --bucket acme-api-logs --all-apis --all",
		      "apigw-logs verify --bucket acme-api-logs --api petstore --from 3d" },
	.groups = groups,
	.permissions = permissions,
	.opts_size = sizeof(struct verify_opts),
	.run = run,
	.release = release,
};
