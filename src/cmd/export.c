/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "archive/archive.h"
#include "archive/api_log.h"
#include "archive/ledger.h"
#include "aws/client.h"
#include "base/amount.h"
#include "base/error.h"
#include "base/str.h"
#include "base/time.h"
#include "base/xalloc.h"
#include "cli/app.h"
#include "cli/exit.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/options.h"
#include "cli/windows.h"
#include "cmd/cmd.h"
#include "export/export.h"
#include "export/run.h"

struct export_opts {
	struct app *app;
	struct archive_options archive;
	int64_t window_ms, settle_ms, timeout_ms; /* timeout 0: none */
	enum source_check source;
	bool no_source;
	/* Of the run. */
	struct progress progress;
	struct window_list list;
	char *last_failure, *last_step; /* what was printed last, so as not to repeat it */
	struct {
		const struct api_log *log;
		struct window first;
		int64_t to_ms; /* of the last */
		uint64_t n;
	} recorded; /* windows in a row, not yet printed */
	json_t *windows;
	uint64_t count[WINDOW_FAILED + 1], n_compared, n_counted, objects, events, size;
};

static int set_length(void *target, const struct opt *o, const char *value, struct error **err)
{
	if (time_parse_duration(value, target, err) < 0)
		return err_wrap(err, "--%s", o->name);
	return 0;
}

static int set_window(void *target, const struct opt *o, const char *value, struct error **err)
{
	if (window_length_parse(value, target, err) < 0)
		return err_wrap(err, "--%s", o->name);
	return 0;
}

/* In the order of enum source_check, from SOURCE_EVENTS on. */
static const char *const comparisons[] = { "events", "counts", NULL };

#define TARGET(member) .offset = offsetof(struct export_opts, member)

static const struct opt options[] = {
	{ "window", .arg = "LENGTH", .set = set_window, TARGET(window_ms),
	  .help = "The length of a window: 1d, 12h, 8h, 6h, 4h, 3h, 2h or 1h, in UTC (default: "
		  "1d)" },
	{ "settle", .arg = "LENGTH", .set = set_length, TARGET(settle_ms),
	  .help = "Leave windows that ended less than this ago for a later run (default: 12h)" },
	{ "timeout", .arg = "LENGTH", .set = set_length, TARGET(timeout_ms),
	  .help = "Stop waiting after this long; the next run continues (default: never)" },
	{ "source", .arg = "HOW", .type = OPT_WORD, TARGET(source), .words = comparisons,
	  .first_word = SOURCE_EVENTS,
	  .help = "Compare with CloudWatch Logs by events or counts (default: depends on the "
		  "size)" },
	{ "no-source", .type = OPT_FLAG, TARGET(no_source),
	  .help = "Do not compare the exported events with CloudWatch Logs" },
	{ 0 },
};

static const struct opt_group groups[] = {
	ARCHIVE_OPTION_GROUPS(struct export_opts, archive),
	{ "How:", options, 0 },
	{ 0 },
};

static const struct export_opts defaults = {
	.window_ms = MS_DAY,
	.settle_ms = WINDOW_SETTLE_MS,
};

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

/* A year of recorded days is one row. */
static void print_recorded(struct export_opts *o)
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

static void add_recorded(struct export_opts *o, const struct export_result *r)
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

/* One cause may fail every window: its text is not repeated. */
static void print_failure(struct export_opts *o, const struct export_result *r)
{
	cleanup_free char *label = window_label(&r->window);
	bool repeated = o->last_failure && str_eq(o->last_failure, r->error->msg);

	problem(&o->app->out, window_state_name(r->state), "%s  %s: %s", label, r->log->log_group,
		repeated ? "for the same reason" : r->error->msg);
	free(o->last_failure);
	o->last_failure = xstrdup(r->error->msg);
}

static void print_window(struct export_opts *o, const struct export_result *r)
{
	const struct ledger_entry *e = r->entry;
	cleanup_free char *amounts = NULL;

	if (r->state == WINDOW_ABSENT) {
		window_list_add(&o->list, r->log, &r->window, STYLE_UNSURE,
				window_state_name(r->state),
				"the stage is set up to log, but its log group does not exist yet");
		return;
	}
	if (r->state == WINDOW_FAILED) {
		print_failure(o, r);
		return;
	}
	if (r->state == WINDOW_EXPORTED)
		amounts = amounts_str(e->events, e->n_objects, e->size);
	window_list_add(&o->list, r->log, &r->window, style_of(r->state),
			window_state_name(r->state), "%s%s", amounts ? amounts : "",
			r->adopted ? ", by a task of an earlier run" : "");
}

static json_t *result_json(const struct export_result *r)
{
	json_t *j = log_window_json(r->log, &r->window);

	json_set_text(j, "state", window_state_name(r->state));
	if (r->entry) {
		json_object_set_new(j, "adopted", json_boolean(r->adopted));
		json_set_entry(j, r->entry);
	}
	if (r->error)
		json_set_text(j, "error", r->error->msg);
	return j;
}

static void on_window(void *data, const struct export_result *r)
{
	struct export_opts *o = data;

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
	if (o->app->out.format == OUTPUT_JSON)
		json_array_append_new(o->windows, result_json(r));
}

static void on_progress(void *data, const struct api_log *log, const struct window *w,
			const char *what)
{
	struct export_opts *o = data;
	cleanup_free char *label = window_label(w);

	/* The state first, because the end of the line may be cut off. */
	if (o->progress.on)
		progress_show(&o->progress, "%s  %s  %s", label, what, log->log_group);
	else if (!o->last_step || !str_eq(o->last_step, what))
		detail(&o->app->out, "%s  %s: %s", label, log->log_group, what);
	free(o->last_step);
	o->last_step = xstrdup(what);
}

static void on_warning(void *data, const char *message)
{
	struct export_opts *o = data;

	progress_clear(&o->progress);
	print_recorded(o);
	warning(&o->app->out, "%s", message);
}

static void on_note(void *data, const char *message)
{
	struct export_opts *o = data;

	progress_clear(&o->progress);
	print_recorded(o);
	note(&o->app->out, "%s", message);
}

/* Not a failure: a later run of the same command exports them. */
static void note_unsettled(const struct export_opts *o)
{
	cleanup_free char *windows = plural_str(o->count[WINDOW_UNSETTLED], "window");
	cleanup_free char *settle = time_duration_str(o->settle_ms);

	note(&o->app->out, "%s not settled yet (--settle %s): left for a later run", windows,
	     settle);
}

static void print_summary(const struct export_opts *o, const struct export_options *e)
{
	cleanup_free char *amounts = amounts_str(o->events, o->objects, o->size),
			  *planned = plural_str(o->count[WINDOW_PLANNED], "window");
	uint64_t done =
		o->count[WINDOW_EXPORTED] + o->count[WINDOW_EMPTY] + o->count[WINDOW_EXPIRED];
	json_t *j;

	if (o->count[WINDOW_UNSETTLED] && !e->dry_run)
		note_unsettled(o);
	if (o->app->out.format == OUTPUT_JSON) {
		j = archive_json(e->archive, &e->range);
		json_object_set_new(j, "dry_run", json_boolean(e->dry_run));
		json_object_set(j, "windows", o->windows);
		json_set_amounts(j, o->events, o->objects, o->size);
		json_set_int(j, "log_groups_absent", (int64_t)o->count[WINDOW_ABSENT]);
		print_json(j);
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

static int resolve(const struct export_opts *o, const struct archive *a, struct export_options *e,
		   struct error **err)
{
	int64_t now = aws_client_now_ms(a->bucket.client);

	*e = (struct export_options){
		.archive = a,
		.window_ms = o->window_ms,
		.settled_ms = now - o->settle_ms,
		.source = o->no_source ? SOURCE_NONE : o->source,
		.deadline_ms = o->timeout_ms ? now + o->timeout_ms : 0,
		.dry_run = o->app->dry_run,
	};
	return range_resolve(&o->archive, now, o->window_ms,
			     time_floor(e->settled_ms, o->window_ms), &e->range, err);
}

static int run(struct app *app, void *opts, struct error **err)
{
	struct export_opts *o = opts;
	const struct export_sink sink = { o, on_window, on_progress, on_note, on_warning };
	cleanup_archive struct archive archive = { 0 };
	cleanup_api_logs struct api_logs logs = { 0 };
	struct export_options e;
	int r;

	o->app = app;
	if (o->no_source && o->source != SOURCE_AUTO)
		return err_set(err, ERR_USAGE, "--source and --no-source do not go together");
	progress_init(&o->progress, &app->out);
	window_list_init(&o->list, &app->out, strlen("unsettled"));
	if (archive_options_check(&o->archive, true, err) < 0 ||
	    archive_options_open(app, &o->archive, true, &archive, err) < 0 ||
	    resolve(o, &archive, &e, err) < 0)
		return -1;
	print_range(&app->out, &e.range);
	if (archive_options_select(app, &o->archive, &archive, &logs, err) < 0)
		return -1;
	o->windows = json_array();
	r = export_run(&logs, &e, &sink, err);
	progress_clear(&o->progress);
	print_recorded(o);
	print_summary(o, &e);
	return r < 0 ? -1 : EXIT_DONE;
}

static void release(void *opts)
{
	struct export_opts *o = opts;

	archive_options_release(&o->archive);
	free(o->last_failure);
	free(o->last_step);
	json_decref(o->windows);
}

static const struct permission permissions[] = {
	{ "logs:DescribeLogGroups", NULL },
	{ "logs:CreateExportTask", NULL },
	{ "logs:DescribeExportTasks", NULL },
	{ "logs:FilterLogEvents", NULL },
	{ "s3:ListBucket", NULL },
	{ "s3:GetObject", NULL },
	{ "s3:PutObject", NULL },
	{ "s3:DeleteObject", NULL },
	{ "apigateway:GET", "with --api and --all-apis" },
	{ "logs:StartQuery", "to compare large windows by counts, or with --source" },
	{ "logs:GetQueryResults", "to compare large windows by counts, or with --source" },
	{ 0 },
};

const struct cmd cmd_export = {
	.name = "export",
	.summary = "Export logs to the bucket; verify and record each window",
	.usage = "--bucket NAME {--api ID|NAME | --all-apis | --log-group NAME} --from TIME "
		 "[OPTION...]",
	.about = "Export the logs of a time range to the bucket, one window after another; verify "
		 "each, compare it with CloudWatch Logs, and record it. Recorded windows are not "
		 "exported again, so the same command can run every day. Without --to, the range "
		 "ends with the last window that has settled.",
	.examples = { "apigw-logs export --bucket acme-api-logs --all-apis --from 14d",
		      "apigw-logs export --bucket acme-api-logs --api petstore --from 3d" },
	.groups = groups,
	.permissions = permissions,
	.opts_size = sizeof(struct export_opts),
	.defaults = &defaults,
	.run = run,
	.release = release,
};
