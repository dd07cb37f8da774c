/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <string.h>

#include "archive/archive.h"
#include "archive/api_log.h"
#include "aws/client.h"
#include "base/amount.h"
#include "base/error.h"
#include "base/time.h"
#include "cli/app.h"
#include "cli/exit.h"
#include "cli/options.h"
#include "cli/windows.h"
#include "cmd/cmd.h"
#include "cmd/export_report.h"
#include "export/export.h"
#include "export/run.h"

struct export_opts {
	struct app *app;
	struct archive_options archive;
	int64_t window_ms, settle_ms, timeout_ms, recheck_ms; /* 0: no limit, no recheck */
	enum source_check source;
	int sse; /* algorithms[sse - 1]; 0: no header */
	bool no_source, since_last, redo, strict;
	struct export_report report;
};

static int set_length(void *target, const struct opt *o, const char *value, struct error **err)
{
	if (time_parse_duration(value, target, err) < 0)
		return err_wrap(err, "--%s", o->name);
	return 0;
}

static int set_recheck(void *target, const struct opt *o, const char *value, struct error **err)
{
	if (set_length(target, o, value, err) < 0)
		return -1;
	if (*(int64_t *)target == 0)
		return err_set(err, ERR_USAGE, "--%s: '%s' covers no time", o->name, value);
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

static const char *const algorithms[] = { "AES256", "aws:kms", NULL };

#define TARGET(member) .offset = offsetof(struct export_opts, member)

static const struct opt options[] = {
	{ "since-last", .type = OPT_FLAG, TARGET(since_last),
	  .help = "Continue each log group where its ledger ends, and fill its gaps (default, "
		  "without --from)" },
	{ "redo", .type = OPT_FLAG, TARGET(redo),
	  .help = "Check what is recorded, export damaged windows again, and resolve overlaps" },
	{ "recheck", .arg = "LENGTH", .set = set_recheck, TARGET(recheck_ms),
	  .help = "Add events that came late, by up to 14 days, to what is recorded of this time "
		  "(for example 14d)" },
	{ "window", .arg = "LENGTH", .set = set_window, TARGET(window_ms), .flags = OPT_DEFAULT,
	  .help = "The length of a window: 1d, 12h, 8h, 6h, 4h, 3h, 2h or 1h, in UTC (default: "
		  "APIGW_LOGS_WINDOW, or 1d)" },
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
	{ "sse", .arg = "ALGORITHM", .type = OPT_WORD, TARGET(sse), .words = algorithms,
	  .first_word = 1,
	  .help = "Ask S3 to encrypt ledger entries by AES256 or aws:kms, where the bucket's "
		  "policy "
		  "demands the header" },
	{ "strict", .type = OPT_FLAG, TARGET(strict),
	  .help = "Exit with status 1 if a stage should log and its log group does not exist" },
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

static int resolve(const struct export_opts *o, const struct archive *a, struct export_options *e,
		   struct error **err)
{
	int64_t now = aws_client_earlier_now_ms(a->bucket.client);

	*e = (struct export_options){
		.archive = a,
		.since_last = !o->archive.from,
		.window_ms = o->window_ms,
		.settle_ms = o->settle_ms,
		.settled_ms = now - o->settle_ms,
		.source = o->no_source ? SOURCE_NONE : o->source,
		.deadline_ms =
			o->timeout_ms ? aws_client_now_ms(a->bucket.client) + o->timeout_ms : 0,
		.recheck_from_ms = !o->recheck_ms        ? 0
				   : o->recheck_ms < now ? now - o->recheck_ms
							 : 1,
		.redo = o->redo,
		.dry_run = o->app->dry_run,
	};
	return range_resolve(&o->archive, now, o->window_ms,
			     time_floor(e->settled_ms, o->window_ms), &e->range, err);
}

/* A stage that should log and does not is a problem only for those who say so. */
static int verdict(const struct export_opts *o, struct error **err)
{
	uint64_t n = o->report.count[WINDOW_ABSENT];
	cleanup_free char *absent = plural_str(n, "log group");

	if (!o->strict || !n)
		return EXIT_DONE;
	err_set(err, ERR_FOUND, "%s of stages that should log %s not exist", absent,
		n == 1 ? "does" : "do");
	return err_hint(err, "see whether the stages may log: apigw-logs doctor");
}

static int run(struct app *app, void *opts, struct error **err)
{
	struct export_opts *o = opts;
	struct export_sink sink;
	cleanup_archive struct archive archive = { 0 };
	cleanup_api_logs struct api_logs logs = { 0 };
	struct export_options e;
	int r;

	o->app = app;
	if (o->no_source && o->source != SOURCE_AUTO)
		return err_set(err, ERR_USAGE, "--source and --no-source cannot be combined");
	if (o->no_source && o->redo)
		return err_set(err, ERR_USAGE, "--redo and --no-source cannot be combined");
	if (o->no_source && o->recheck_ms)
		return err_set(err, ERR_USAGE, "--recheck and --no-source cannot be combined");
	if (o->since_last && o->archive.from)
		return err_set(err, ERR_USAGE, "--since-last and --from cannot be combined");
	if (archive_options_check(&o->archive, false, err) < 0 ||
	    archive_options_open(app, &o->archive, true, &archive, err) < 0 ||
	    resolve(o, &archive, &e, err) < 0)
		return -1;
	archive.bucket.sse = o->sse ? algorithms[o->sse - 1] : NULL;
	print_range(&app->out, &e.range, e.since_last);
	if (archive_options_select(app, &o->archive, &archive, &logs, err) < 0)
		return -1;
	sink = export_report_init(&o->report, app, o->strict);
	r = export_run(&logs, &e, &sink, err);
	export_report_end(&o->report, &e);
	return r < 0 ? -1 : verdict(o, err);
}

static void release(void *opts)
{
	struct export_opts *o = opts;

	archive_options_release(&o->archive);
	export_report_release(&o->report);
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
	.usage = "--bucket NAME {--api ID|NAME | --all-apis | --log-group NAME} "
		 "[--from TIME | --since-last] [OPTION...]",
	.about = "Export the logs of a time range to the bucket, one window after another; verify "
		 "each, compare it with CloudWatch Logs, and record it. Recorded windows are not "
		 "exported again, so the same command can run every day. Without --from, each log "
		 "group is continued where its ledger ends, or begun with its first event. Without "
		 "--to, the range ends with the last window that has settled.",
	.examples = { "apigw-logs export --bucket acme-api-logs --all-apis --since-last",
		      "apigw-logs export --bucket acme-api-logs --api petstore --from 3d" },
	.groups = groups,
	.permissions = permissions,
	.opts_size = sizeof(struct export_opts),
	.defaults = &defaults,
	.run = run,
	.release = release,
};
