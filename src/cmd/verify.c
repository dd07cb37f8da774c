/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "archive/archive.h"
#include "archive/api_log.h"
#include "aws/client.h"
#include "aws/workers.h"
#include "base/amount.h"
#include "base/error.h"
#include "base/str.h"
#include "base/time.h"
#include "cli/app.h"
#include "cli/exit.h"
#include "cli/options.h"
#include "cli/problems.h"
#include "cli/windows.h"
#include "cmd/cmd.h"
#include "cmd/verify_files.h"
#include "cmd/verify_report.h"
#include "verify/check.h"
#include "verify/report.h"

struct verify_opts {
	struct app *app;
	struct archive_options where;
	unsigned jobs;
	bool allow_expired;
	struct check_options check;
	struct archive archive;
	struct verify_files files;
	struct verify_report report;
};

static int set_jobs(void *target, const struct opt *o, const char *value, struct error **err)
{
	int64_t n;

	if (opt_number(o, value, (struct opt_range){ 1, 1024, NULL }, &n, err) < 0)
		return -1;
	*(unsigned *)target = (unsigned)n;
	return 0;
}

static int set_source(void *target, const struct opt *o, const char *value, struct error **err)
{
	struct check_options *c = target;

	if (value && !str_eq(value, "events") && !str_eq(value, "counts"))
		return err_set(err, ERR_USAGE, "--%s takes events or counts, not '%s'", o->name,
			       value);
	c->compare = true;
	c->counts = value && str_eq(value, "counts");
	return 0;
}

#define TARGET(member) .offset = offsetof(struct verify_opts, member)

static const struct opt options[] = {
	{ "source", .arg = "HOW", .set = set_source, TARGET(check), .flags = OPT_VALUE_OPTIONAL,
	  .help = "Also compare with CloudWatch Logs: all events, or counts first and events "
		  "where these differ (default: events)" },
	{ "quick", .type = OPT_FLAG, TARGET(check.quick),
	  .help = "Only compare sizes, ETags and S3's checksums with the ledger; fetch no logs" },
	{ "jobs", .arg = "N", .set = set_jobs, TARGET(jobs),
	  .help = "Open at most this many connections to S3 (default: 165)" },
	{ "allow-expired", .type = OPT_FLAG, TARGET(allow_expired),
	  .help = "Exit with status 0 although some logs expired before they were exported" },
	{ "all", .type = OPT_FLAG, TARGET(check.all),
	  .help = "Verify everything that is recorded, instead of a range" },
	{ 0 },
};

static const struct opt reports[] = {
	{ "report", .arg = "FILE", .type = OPT_TEXT, TARGET(files.report),
	  .help = "Write what was verified, with each object's SHA-256, as JSON" },
	{ "report-html", .arg = "FILE", .type = OPT_TEXT, TARGET(files.html),
	  .help = "Write a page to read or print" },
	{ "sign", .arg = "KEY", .type = OPT_TEXT, TARGET(files.sign),
	  .help = "Sign the report, into FILE.sig, with the private key in this PEM file, or with "
		  "a KMS key's ARN" },
	{ "against", .arg = "FILE", .type = OPT_TEXT, TARGET(files.against),
	  .help = "Also report what differs from an earlier report" },
	{ "public-key", .arg = "KEY", .type = OPT_TEXT, TARGET(files.public_key),
	  .help = "Refuse an earlier report that was not signed with this key" },
	{ 0 },
};

static const struct opt_group groups[] = {
	ARCHIVE_OPTION_GROUPS(struct verify_opts, where),
	{ "How:", options, 0 },
	{ "Reports:", reports, 0 },
	{ 0 },
};

static int check_options(struct verify_opts *o, struct error **err)
{
	o->check.archive = &o->archive;
	if (archive_options_check(&o->where, !o->check.all, err) < 0)
		return -1;
	if (o->check.compare && o->check.quick && !o->check.counts)
		return err_set(err, ERR_USAGE,
			       "--quick reads no events to compare: use --source=counts");
	if (o->check.all && (o->where.from || o->where.to))
		return err_set(err, ERR_USAGE, "--all cannot be combined with --from and --to");
	return 0;
}

/* Without --to, the range ends with the last day that has settled, as with export. */
static int resolve(struct verify_opts *o, struct error **err)
{
	int64_t now = aws_client_now_ms(o->archive.bucket.client);
	struct check_options *c = &o->check;

	c->settled_ms = now - WINDOW_SETTLE_MS;
	if (c->all)
		return 0;
	return range_resolve(&o->where, now, MS_HOUR, time_floor(c->settled_ms, MS_DAY), &c->range,
			     err);
}

static int verdict_expired(const struct verify_opts *o, struct error **err)
{
	cleanup_free char *windows = plural_str(o->report.count[CHECK_EXPIRED], "window");

	if (!o->report.count[CHECK_EXPIRED] || o->allow_expired)
		return EXIT_DONE;
	err_set(err, ERR_FOUND,
		"%s expired in CloudWatch before they were exported, as a whole or in part",
		windows);
	return err_hint(err, "nothing can bring them back; --allow-expired accepts that");
}

/* If a problem was found, the status is 1 even if not everything could be checked. */
static int verdict(const struct verify_opts *o, struct error **own, struct error **err)
{
	cleanup_free char *problems = plural_str(o->report.n_problems, "problem");
	const char *found = o->report.n_problems == 1 ? "was found" : "were found";

	if (!o->report.n_problems || (*own && (*own)->kind == ERR_INTERRUPTED))
		return *own ? err_move(own, err) : verdict_expired(o, err);
	if (*own) {
		err_wrap(own, "%s %s, and not everything could be checked", problems, found);
		(*own)->kind = ERR_FOUND;
		return err_move(own, err);
	}
	err_set(err, ERR_FOUND, "%s %s", problems, found);
	if (o->report.n_gaps == o->report.n_problems)
		err_hint(err, "export what is missing: apigw-logs export");
	else if (o->report.n_redo)
		err_hint(err, "export again what is damaged: apigw-logs export --redo");
	return -1;
}

/* A report of another archive would differ in everything. */
static int load_files(struct verify_opts *o, struct app *app, struct error **err)
{
	const struct against *earlier = &o->files.earlier;
	const struct archive_place *place = &o->where.where.place;

	if (verify_files_load(&o->files, app, err) < 0)
		return -1;
	if (!o->files.against)
		return 0;
	if (!str_eq(earlier->bucket, place->bucket) || !str_eq(earlier->prefix, place->prefix))
		return err_set(err, ERR_USAGE, "the report '%s' is of s3://%s/%s", o->files.against,
			       earlier->bucket, earlier->prefix);
	o->check.against = &o->files.earlier;
	return 0;
}

static int write_files(struct verify_opts *o, struct app *app, bool complete, struct error **err)
{
	cleanup_json json_t *document = NULL;

	if (!o->report.keep)
		return 0;
	document = verify_report_document(&o->report, complete);
	return verify_files_write(&o->files, app, document, err);
}

static int run(struct app *app, void *opts, struct error **err)
{
	struct verify_opts *o = opts;
	struct check_sink sink;
	cleanup_api_logs struct api_logs logs = { 0 };
	cleanup_error struct error *own = NULL;
	int r;

	o->app = app;
	if (check_options(o, err) < 0 || load_files(o, app, err) < 0 ||
	    archive_options_open(app, &o->where, false, &o->archive, err) < 0 ||
	    resolve(o, err) < 0)
		return -1;
	if (!o->check.all)
		print_range(&app->out, &o->check.range, false);
	if (archive_options_select(app, &o->where, &o->archive, &logs, err) < 0)
		return -1;
	o->check.workers = workers_new(aws_client_session(o->archive.bucket.client),
				       o->jobs ? o->jobs : WORKERS_MAX);
	sink = verify_report_init(&o->report, app, &o->check, o->files.report || o->files.html);
	r = check_logs(&logs, &o->check, &sink, &own);
	verify_report_end(&o->report, r == 0);
	if (write_files(o, app, r == 0, err) < 0)
		return -1;
	return verdict(o, &own, err);
}

static void release(void *opts)
{
	struct verify_opts *o = opts;

	workers_free(o->check.workers);
	archive_options_release(&o->where);
	archive_release(&o->archive);
	verify_files_release(&o->files);
	verify_report_release(&o->report);
}

static const struct permission permissions[] = {
	{ "s3:ListBucket", NULL },
	{ "s3:GetObject", NULL },
	{ "s3:GetEncryptionConfiguration", NULL },
	{ "apigateway:GET", "with --api and --all-apis" },
	{ "logs:DescribeLogGroups", NULL },
	{ "logs:DescribeExportTasks", "for folders that are in no ledger entry" },
	{ "kms:Sign", "with the ARN of a key" },
	{ "logs:StartQuery", "with --source=counts" },
	{ "logs:GetQueryResults", "with --source=counts" },
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
