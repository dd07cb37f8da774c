/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>

#include "archive/api_log.h"
#include "archive/archive.h"
#include "aws/client.h"
#include "aws/workers.h"
#include "base/amount.h"
#include "base/env.h"
#include "base/error.h"
#include "base/json.h"
#include "base/text.h"
#include "base/time.h"
#include "cli/app.h"
#include "cli/exit.h"
#include "cli/options.h"
#include "cli/windows.h"
#include "cmd/cmd.h"
#include "read/filter.h"
#include "read/plan.h"
#include "read/read.h"

/* Connections to S3: each may hold 128 KiB of an object's events. */
#define JOBS 64

struct cat_opts {
	struct app *app;
	struct archive_options where;
	struct filter filter;
	bool raw, unordered;
	struct archive archive;
	struct workers *workers;
	uint64_t events, problems;
	bool reader_left;
};

static int set_grep(void *target, const struct opt *o, const char *value, struct error **err)
{
	(void)o;
	return filter_set_grep(target, value, err);
}

static int set_where(void *target, const struct opt *o, const char *value, struct error **err)
{
	(void)o;
	return filter_add_where(target, value, err);
}

static int set_request_id(void *target, const struct opt *o, const char *value, struct error **err)
{
	(void)o;
	return filter_set_request_id(target, value, err);
}

#define TARGET(member) .offset = offsetof(struct cat_opts, member)

static const struct opt options[] = {
	{ "grep", .arg = "RE", .set = set_grep, TARGET(filter),
	  .help = "Only events whose message matches this extended regular expression" },
	{ "where", .arg = "FIELD=VALUE", .set = set_where, .flags = OPT_REPEATS, TARGET(filter),
	  .help = "Only access log lines with this value, an extended regular expression; or "
		  "with !=, <, <=, > or >=" },
	{ "request-id", .arg = "ID", .set = set_request_id, TARGET(filter),
	  .help = "Only what was logged of this request, in access and execution logs" },
	{ "raw", .type = OPT_FLAG, TARGET(raw),
	  .help = "Leave out the time stamp before each message" },
	{ "unordered", .type = OPT_FLAG, TARGET(unordered),
	  .help = "Do not sort by time: faster, and needs no temporary file" },
	{ 0 },
};

static const struct opt_group groups[] = {
	ARCHIVE_OPTION_GROUPS(struct cat_opts, where),
	{ "Which events, and how:", options, 0 },
	{ 0 },
};

static int check_output(struct cat_opts *o, struct error **err)
{
	if (!ferror(stdout))
		return 0;
	o->reader_left = errno == EPIPE;
	return err_errno(err, errno, "cannot write to standard output");
}

static json_t *event_json(const struct read_event *e)
{
	cleanup_free char *message =
		text_from_bytes(e->text + TIME_STAMP_LEN + 1, e->n - TIME_STAMP_LEN - 1);
	json_t *j = json_object();

	json_set_time(j, "time", e->ms);
	json_set_text(j, "log_group", e->log->log_group);
	json_set_text(j, "stream", e->stream);
	json_set_text(j, "message", message);
	return j;
}

static int on_event(void *data, const struct read_event *e, struct error **err)
{
	struct cat_opts *o = data;
	size_t skip = o->raw ? TIME_STAMP_LEN + 1 : 0;

	if (o->app->out.format == OUTPUT_JSON)
		print_json_item(event_json(e), o->events == 0);
	else if (o->app->out.format == OUTPUT_NDJSON)
		document_add(&o->app->out, NULL, "event", event_json(e));
	else
		print_logged(&o->app->out, e->text + skip, e->n - skip);
	o->events++;
	return check_output(o, err);
}

static void on_problem(void *data, const char *key, const struct error *why)
{
	struct cat_opts *o = data;

	o->problems++;
	warning(&o->app->out, "cannot print 's3://%s/%s': %s", o->archive.bucket.name, key,
		why->msg);
}

static void note_missing(const struct cat_opts *o, const struct read_plan *p)
{
	char from[TIME_ISO_SIZE], to[TIME_ISO_SIZE];
	cleanup_free char *others = plural_str(p->n_incomplete - 1, "other log group");

	if (p->n_incomplete)
		note(&o->app->out,
		     "not all of the range is in the archive: of '%s' nothing from %s to %s%s%s%s",
		     p->incomplete->log_group, time_iso(p->missing.from_ms, from),
		     time_iso(p->missing.to_ms, to), p->n_incomplete > 1 ? ", and parts of " : "",
		     p->n_incomplete > 1 ? others : "",
		     "; 'apigw-logs verify' lists what is missing");
}

static int print_events(struct cat_opts *o, const struct api_logs *logs, struct error **err)
{
	const char *folder = env_get(&o->app->env, "TMPDIR");
	const struct read_options how = { &o->archive, o->workers, &o->filter,
					  o->unordered ? NULL
					  : folder     ? folder
						       : "/tmp" };
	const struct read_sink sink = { o, on_event, on_problem };
	cleanup_read_plan struct read_plan plan = { 0 };

	if (read_plan_make(&o->archive, o->workers, logs, &o->filter.range, &plan, err) < 0)
		return -1;
	note_missing(o, &plan);
	return read_events(&plan, &how, &sink, err);
}

static void print_end(const struct cat_opts *o, bool complete)
{
	json_t *j = archive_json(&o->archive, &o->filter.range);

	json_object_set_new(j, "complete", json_boolean(complete));
	if (o->app->out.format == OUTPUT_JSON)
		app_print_json_end(o->app, j);
	else
		app_print_json(o->app, j);
}

static int run(struct app *app, void *opts, struct error **err)
{
	struct cat_opts *o = opts;
	cleanup_api_logs struct api_logs logs = { 0 };
	cleanup_error struct error *own = NULL;
	enum output_format format = app->out.format;
	int64_t now;
	int r;

	o->app = app;
	if (archive_options_check(&o->where, true, err) < 0 ||
	    archive_options_open(app, &o->where, false, &o->archive, err) < 0)
		return -1;
	now = aws_client_now_ms(o->archive.bucket.client);
	if (range_resolve(&o->where, now, 1, now, &o->filter.range, err) < 0 ||
	    archive_options_select(app, &o->where, &o->archive, &logs, err) < 0)
		return -1;
	o->workers = workers_new(aws_client_session(o->archive.bucket.client), JOBS);
	if (format == OUTPUT_JSON)
		print_json_begin("events");
	r = print_events(o, &logs, &own);
	/* The reader, such as head(1), has exited: end as by SIGPIPE, without an error. */
	if (r < 0 && o->reader_left)
		return EXIT_SIGNAL + SIGPIPE;
	if (format != OUTPUT_TEXT)
		print_end(o, r == 0 && !o->problems);
	if (r < 0)
		return err_move(&own, err);
	if (o->problems) {
		cleanup_free char *objects = plural_str(o->problems, "object");

		err_set(err, ERR_FOUND, "%s could not be printed", objects);
		return err_hint(err, "see what is wrong: apigw-logs verify");
	}
	return EXIT_DONE;
}

static void release(void *opts)
{
	struct cat_opts *o = opts;

	workers_free(o->workers);
	archive_options_release(&o->where);
	archive_release(&o->archive);
	filter_release(&o->filter);
}

static const struct permission permissions[] = {
	{ "s3:ListBucket", NULL },
	{ "s3:GetObject", NULL },
	{ "apigateway:GET", "with --api and --all-apis" },
	{ "logs:DescribeLogGroups", NULL },
	{ 0 },
};

const struct cmd cmd_cat = {
	.name = "cat",
	.summary = "Print archived events of a time range",
	.usage = "--bucket NAME {--api ID|NAME | --all-apis | --log-group NAME} --from TIME "
		 "[--to TIME] [OPTION...]",
	.about = "Print the events of a time range from the archive, in order of time over all "
		 "log groups and streams. Only objects with events of the range are fetched.",
	.examples = { "apigw-logs cat --bucket acme-api-logs --api pets --from 3d --where "
		      "status=5..",
		      "apigw-logs cat --bucket acme-api-logs --all-apis --from 2h --grep timeout" },
	.groups = groups,
	.permissions = permissions,
	.opts_size = sizeof(struct cat_opts),
	.run = run,
	.release = release,
};
