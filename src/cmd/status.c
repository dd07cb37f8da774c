/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "archive/api_log.h"
#include "archive/archive.h"
#include "archive/readings.h"
#include "aws/client.h"
#include "aws/service/logs.h"
#include "aws/workers.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"
#include "base/time.h"
#include "cli/app.h"
#include "cli/exit.h"
#include "cli/options.h"
#include "cli/tasks.h"
#include "cli/windows.h"
#include "cmd/cmd.h"
#include "verify/calendar.h"

/* Without --from, a calendar goes back this far. */
#define DAYS_DEFAULT 365
/* How often --watch looks again. */
#define WATCH_MS (10 * MS_SECOND)

struct status_opts {
	struct archive_options where;
	bool watch;
};

#define TARGET(member) .offset = offsetof(struct status_opts, member)

static const struct opt options[] = {
	{ "watch", .type = OPT_FLAG, TARGET(watch),
	  .help = "Show it again every 10 seconds, until interrupted" },
	{ 0 },
};

static const struct opt_group groups[] = {
	ARCHIVE_OPTION_GROUPS(struct status_opts, where),
	{ "How:", options, 0 },
	{ 0 },
};

/* What one look at the archive found. */
struct status {
	struct archive *archive;
	struct api_logs logs;
	struct window range;
	struct tasks active, failed;
	struct calendar *calendars; /* one for each log */
	uint64_t count[DAY_STATES];
};

static void status_release(struct status *s)
{
	calendars_free(s->calendars, s->logs.n);
	api_logs_release(&s->logs);
	tasks_release(&s->active);
	tasks_release(&s->failed);
}

/* The signs of a calendar must differ without colour, and in a font without Unicode. */
static const struct sign {
	char c;
	enum style style;
	const char *meaning;
} signs[DAY_STATES] = {
	[DAY_WHOLE] = { '#', STYLE_GOOD, "whole" },
	[DAY_EMPTY] = { '.', STYLE_PLAIN, "without events" },
	[DAY_PROVISIONAL] = { '+', STYLE_UNSURE, "provisional" },
	[DAY_RUNNING] = { '>', STYLE_UNSURE, "being exported" },
	[DAY_NOT_DUE] = { '-', STYLE_PLAIN, "not due" },
	[DAY_EXPIRED] = { 'x', STYLE_UNSURE, "expired before an export" },
	[DAY_MISSING] = { '?', STYLE_BAD, "missing" },
	[DAY_FAILED] = { 'F', STYLE_BAD, "missing, a task failed" },
	[DAY_ENDANGERED] = { '!', STYLE_BAD, "missing, expires within 3 days" },
	[DAY_DAMAGED] = { 'D', STYLE_BAD, "ledger entry damaged" },
};

/* Days before the calendar begins are blank; a gap after every tenth helps to count. */
static void print_days(const struct output *o, const uint8_t *days, unsigned first, size_t n)
{
	for (unsigned d = 1; d < first + n; d++) {
		const struct sign *s = d < first ? NULL : &signs[days[d - first]];

		print_word(o, s ? s->style : STYLE_PLAIN, s ? (char[]){ s->c, '\0' } : " ");
		if (d == 10 || d == 20)
			print_text(o, " ");
	}
}

/* "28 whole, 2 missing": without those that need no word. */
static char *summary_of(const uint8_t *days, size_t n)
{
	struct buf text = BUF_INIT;
	size_t count[DAY_STATES] = { 0 };

	for (size_t i = 0; i < n; i++)
		count[days[i]]++;
	for (size_t s = DAY_STATES; s-- > DAY_EMPTY;)
		if (count[s])
			buf_addf(&text, "%s%zu %s", text.len ? ", " : "", count[s],
				 day_state_name((enum day_state)s));
	buf_adds(&text, "");
	return buf_take(&text);
}

static void print_calendar(const struct output *o, const struct calendar *c)
{
	size_t at = 0;

	while (at < c->n) {
		char date[TIME_DATE_SIZE];
		size_t n = 1;
		unsigned first;
		cleanup_free char *summary = NULL;

		time_date(c->first_ms + (int64_t)at * MS_DAY, date);
		first = (unsigned)((date[8] - '0') * 10 + date[9] - '0');
		for (char next[TIME_DATE_SIZE]; at + n < c->n; n++)
			if (strncmp(time_date(c->first_ms + (int64_t)(at + n) * MS_DAY, next), date,
				    strlen("2026-11")) != 0)
				break;
		date[strlen("2026-11")] = '\0';
		print_text(o, "  %s  ", date);
		print_days(o, c->days + at, first, n);
		summary = summary_of(c->days + at, n);
		/* The summaries are aligned behind 31 days with two gaps. */
		if (*summary)
			print_text(
				o, "%*s  %s",
				(int)(33 - (first + n - 1) - (first + n > 11) - (first + n > 21)),
				"", summary);
		print_text(o, "\n");
		at += n;
	}
}

static void print_group(const struct output *o, const struct api_log *log, const struct calendar *c)
{
	cleanup_free char *title = log_title(log);

	print_text(o, "%s\n", title);
	if (!c->exists)
		print_text(o, "  the log group does not exist%s\n", log->expected ? " yet" : "");
	else if (c->retention_days)
		print_text(o, "  kept for %" PRId64 " days\n", c->retention_days);
	if (!c->n)
		print_text(o, "  nothing is recorded, and nothing is due\n");
	print_calendar(o, c);
}

static void print_tasks(const struct output *o, const struct status *s)
{
	if (!s->active.n)
		print_text(o, "no export task is under way in %s\n", s->archive->region);
	for (size_t i = 0; i < s->active.n; i++) {
		const struct export_task *t = &s->active.v[i];
		const struct window w = { t->from_ms, t->to_ms };
		cleanup_free char *label = window_label(&w);
		char since[TIME_ISO_SIZE];

		print_text(o, "export task %s%s is %s since %s:\n  %s of '%s'\n", t->id,
			   task_is_own(t) ? "" : ", which is not ours,",
			   export_status_name(t->status), time_iso(t->created_ms, since), label,
			   t->log_group ? t->log_group : "");
	}
}

static void print_legend(const struct output *o, const struct status *s)
{
	for (int i = 0; i < DAY_STATES; i++)
		if (s->count[i]) {
			print_text(o, "  ");
			print_word(o, signs[i].style, (char[]){ signs[i].c, '\0' });
			print_text(o, "  %s: %" PRIu64 "\n", signs[i].meaning, s->count[i]);
		}
}

static void print_status(const struct output *o, const struct status *s)
{
	unsigned readings = READINGS_ALL;

	for (size_t i = 0; i < s->logs.n; i++) {
		print_group(o, &s->logs.v[i], &s->calendars[i]);
		readings = readings_learn(readings, s->calendars[i].readings);
	}
	print_legend(o, s);
	print_tasks(o, s);
	print_readings(o, readings);
	fflush(stdout);
}

static json_t *calendar_json(const struct status *s, size_t i)
{
	const struct calendar *c = &s->calendars[i];
	const struct window w = { c->first_ms, c->first_ms + (int64_t)c->n * MS_DAY };
	json_t *j = log_window_json(&s->logs.v[i], &w), *days = json_array();

	json_object_set_new(j, "exists", json_boolean(c->exists));
	if (c->retention_days)
		json_set_int(j, "retention_days", c->retention_days);
	json_set_readings(j, c->readings);
	for (size_t d = 0; d < c->n; d++) {
		json_t *day = json_object();
		char date[TIME_DATE_SIZE];

		json_set_text(day, "date", time_date(c->first_ms + (int64_t)d * MS_DAY, date));
		json_set_text(day, "state", day_state_name((enum day_state)c->days[d]));
		json_array_append_new(days, day);
	}
	json_object_set_new(j, "days", days);
	return j;
}

static void print_status_json(const struct app *app, const struct status *s)
{
	json_t *j = archive_json(s->archive, &s->range), *logs = json_array(),
	       *tasks = json_array(), *counts = json_object();

	for (size_t i = 0; i < s->logs.n; i++)
		json_array_append_new(logs, calendar_json(s, i));
	for (size_t i = 0; i < s->active.n; i++)
		json_array_append_new(tasks, task_json(&s->active.v[i]));
	for (int i = 0; i < DAY_STATES; i++)
		json_set_int(counts, day_state_name((enum day_state)i), (int64_t)s->count[i]);
	json_object_set_new(j, "log_groups", logs);
	json_object_set_new(j, "tasks", tasks);
	json_object_set_new(j, "days", counts);
	app_print_json(app, j);
}

static int look(struct app *app, const struct status_opts *o, struct workers *workers,
		struct status *s, struct error **err)
{
	struct aws_client *c = s->archive->bucket.client;
	struct calendar_options co = { .archive = s->archive,
				       .workers = workers,
				       .now_ms = aws_client_now_ms(c),
				       .active = &s->active,
				       .failed = &s->failed };
	int64_t to_ms = time_floor(co.now_ms, MS_DAY) + MS_DAY;

	if (range_resolve(&o->where, co.now_ms, MS_DAY, to_ms, &co.range, err) < 0)
		return -1;
	if (!o->where.from)
		co.range.from_ms = co.range.to_ms - DAYS_DEFAULT * MS_DAY;
	co.range.from_ms = time_floor(co.range.from_ms, MS_DAY);
	co.range.to_ms = time_floor(co.range.to_ms + MS_DAY - 1, MS_DAY);
	s->range = co.range;
	if (archive_options_select(app, &o->where, s->archive, &s->logs, err) < 0 ||
	    tasks_list(s->archive, true, &s->active, err) < 0 ||
	    tasks_list(s->archive, false, &s->failed, err) < 0 ||
	    calendars_make(&s->logs, &co, &s->calendars, err) < 0)
		return -1;
	for (size_t i = 0; i < s->logs.n; i++)
		for (size_t d = 0; d < s->calendars[i].n; d++)
			s->count[s->calendars[i].days[d]]++;
	return 0;
}

static int show(struct app *app, const struct status_opts *o, struct archive *a,
		struct workers *workers, bool first, struct error **err)
{
	cleanup(status_release) struct status s = { .archive = a };

	if (look(app, o, workers, &s, err) < 0)
		return -1;
	if (o->watch)
		print_screen(&app->out, first);
	if (app->out.format != OUTPUT_TEXT)
		print_status_json(app, &s);
	else
		print_status(&app->out, &s);
	return 0;
}

static int run(struct app *app, void *opts, struct error **err)
{
	struct status_opts *o = opts;
	cleanup_archive struct archive a = { 0 };
	cleanup(workers_freep) struct workers *workers = NULL;

	if (o->watch && app->out.format != OUTPUT_TEXT)
		return err_set(err, ERR_USAGE, "--watch needs --output text");
	if (archive_options_check(&o->where, false, err) < 0 ||
	    archive_options_open(app, &o->where, false, &a, err) < 0)
		return -1;
	workers = workers_new(aws_client_session(a.bucket.client), WORKERS_MAX);
	if (show(app, o, &a, workers, true, err) < 0)
		return -1;
	while (o->watch) {
		if (!env_sleep_ms(&app->env, WATCH_MS))
			return err_interrupted(err);
		if (show(app, o, &a, workers, false, err) < 0)
			return -1;
	}
	return EXIT_DONE;
}

static void release(void *opts)
{
	struct status_opts *o = opts;

	archive_options_release(&o->where);
}

static const struct permission permissions[] = {
	{ "s3:ListBucket", NULL },
	{ "s3:GetObject", NULL },
	{ "logs:DescribeLogGroups", NULL },
	{ "logs:DescribeExportTasks", NULL },
	{ "apigateway:GET", "with --api and --all-apis" },
	{ "logs:FilterLogEvents", "for stages that no longer exist" },
	{ 0 },
};

const struct cmd cmd_status = {
	.name = "status",
	.summary = "Show a calendar of what is exported, and which tasks run",
	.usage = "--bucket NAME {--api ID|NAME | --all-apis | --log-group NAME} [OPTION...]",
	.about =
		"Show a calendar for each log group: which days are recorded in the ledger, which "
		"are missing, and which CloudWatch Logs is about to delete. Also show which export "
		"tasks occupy the export slot of the region, and what is known of how AWS selects "
		"events. No logs are read. Without --from, the calendar shows up to a year.",
	.examples = { "apigw-logs status --bucket acme-api-logs --all-apis",
		      "apigw-logs status --bucket acme-api-logs --api petstore --from 30d" },
	.groups = groups,
	.permissions = permissions,
	.opts_size = sizeof(struct status_opts),
	.run = run,
	.release = release,
};
