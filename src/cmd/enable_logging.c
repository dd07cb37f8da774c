/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "cmd/cmd.h"

#include <stddef.h>
#include <string.h>

#include "archive/selection.h"
#include "aws/arn.h"
#include "aws/service/logs.h"
#include "base/env.h"
#include "base/error.h"
#include "base/xalloc.h"
#include "cli/app.h"
#include "cli/options.h"
#include "cli/setup.h"
#include "setup/logformat.h"
#include "setup/stage.h"

/* API Gateway accepts formats of up to 3 KB; a file larger than this is a mistake. */
#define FORMAT_MAX 65536

struct enable_logging_opts {
	struct selection select;
	struct stage_setup stage;
	const char *format_file;
	struct buf format;
};

static int set_level(void *target, const struct opt *o, const char *value, struct error **err)
{
	static const char *const levels[] = { "OFF", "ERROR", "INFO", NULL };
	int level = 0;

	while (levels[level] && !str_eq_nocase(value, levels[level]))
		level++;
	if (!levels[level] && opt_word(o, levels, value, &level, err) < 0)
		return -1;
	*(const char **)target = levels[level];
	return 0;
}

static int set_flag(void *target, const struct opt *o, const char *value, struct error **err)
{
	enum wanted *flag = target, wanted = str_starts(o->name, "no-") ? WANTED_OFF : WANTED_ON;

	(void)value;
	if (*flag != WANTED_AS_IS && *flag != wanted)
		return err_set(err, ERR_USAGE, "--%s and --no-%s cannot be combined",
			       o->name + (wanted == WANTED_OFF ? 3 : 0),
			       o->name + (wanted == WANTED_OFF ? 3 : 0));
	*flag = wanted;
	return 0;
}

/* Source: CreateLogGroup, CloudWatch Logs API Reference. */
static int set_access_log(void *target, const struct opt *o, const char *value, struct error **err)
{
	struct stage_setup *s = target;
	size_t n = value ? strlen(value) : 0;

	if (set_flag(&s->access, o, NULL, err) < 0)
		return -1;
	if (!value)
		return 0;
	if (n < 1 || n > 512 ||
	    strspn(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._/#-") !=
		    n)
		return err_set(err, ERR_USAGE,
			       "--%s takes the name of a log group: 1 to 512 letters, digits and "
			       "._/#-, not '%s'",
			       o->name, value);
	s->access_group = value;
	return 0;
}

static int set_format(void *target, const struct opt *o, const char *value, struct error **err)
{
	struct enable_logging_opts *opts = target;
	int style;

	if (value[0] == '@') {
		opts->format_file = value + 1;
		return 0;
	}
	if (opt_word(o, log_format_styles, value, &style, err) < 0)
		return -1;
	opts->stage.format_style = log_format_styles[style];
	return 0;
}

static int set_retention(void *target, const struct opt *o, const char *value, struct error **err)
{
	int64_t days;

	if (opt_number(o, value, (struct opt_range){ 1, 100000, "days" }, &days, err) < 0)
		return -1;
	if (logs_retention_is_valid(days)) {
		*(int64_t *)target = days;
		return 0;
	}
	err_set(err, ERR_USAGE, "CloudWatch Logs cannot keep events for %lld days",
		(long long)days);
	return err_hint(err, "the nearest period is --retention %lld",
			(long long)logs_retention_nearest(days));
}

#define TARGET(member) .offset = offsetof(struct enable_logging_opts, stage.member)

static const struct opt options[] = {
	{ "level", .arg = "OFF|ERROR|INFO", .set = set_level, TARGET(level),
	  .help = "How much the execution log records" },
	{ "override-methods", .type = OPT_FLAG, TARGET(override_methods),
	  .help = "Also set the level of methods and routes that have one of their own" },
	{ "data-trace", .set = set_flag, TARGET(data_trace),
	  .help = "Log requests and responses, bodies included" },
	{ "no-data-trace", .set = set_flag, TARGET(data_trace),
	  .help = "Do not log requests and responses" },
	{ "metrics", .set = set_flag, TARGET(metrics),
	  .help = "Turn detailed CloudWatch metrics on" },
	{ "no-metrics", .set = set_flag, TARGET(metrics), .help = "Turn them off" },
	{ "access-log", .arg = "GROUP", .set = set_access_log, .flags = OPT_VALUE_OPTIONAL,
	  .offset = offsetof(struct enable_logging_opts, stage),
	  .help = "Write an access log to this log group (default: the one that is set, or "
		  "/aws/apigateway/ID/STAGE)" },
	{ "no-access-log", .set = set_flag, TARGET(access), .help = "Write no access log" },
	{ "format", .arg = "FORMAT", .set = set_format,
	  .help = "The access log's lines: json, clf, csv, xml, or @FILE (default: the one that is "
		  "set, or json)" },
	{ "kms-key", .arg = "KEY", .type = OPT_TEXT, TARGET(kms_key),
	  .help = "Encrypt the log groups with this KMS key (id, ARN or alias)" },
	{ "remove", .type = OPT_FLAG, TARGET(remove),
	  .help = "Turn off what this command turns on; log groups and what is in them stay" },
	{ "retention", .arg = "DAYS", .set = set_retention, TARGET(retention_days),
	  .help = "Keep the events of the log groups for this many days" },
	{ 0 },
};

static const struct opt_group groups[] = {
	{ "Which stages:", stage_options, offsetof(struct enable_logging_opts, select) },
	{ "What they log; what is not named stays as it is:", options, 0 },
	{ 0 },
};

/* Only a warning: API Gateway learns new variables faster than this program. */
static void warn_unknown(const struct app *app, const char *format)
{
	cleanup_strv struct strv unknown = STRV_INIT;

	log_format_unknown(format, &unknown);
	for (size_t i = 0; i < unknown.n; i++) {
		const char *near = log_format_nearest(unknown.v[i]);

		warning(&app->out, "the format has $context.%s, which is not known%s%s%s",
			unknown.v[i], near ? ": did you mean '$context." : "", near ? near : "",
			near ? "'?" : "");
	}
}

/* --format @FILE: one line, with or without a line feed at its end. */
static int read_format(struct app *app, struct enable_logging_opts *o, struct error **err)
{
	cleanup_error struct error *own = NULL;
	const char *problem;
	char *text;
	size_t n;

	if (!o->format_file)
		return 0;
	o->format = BUF_INIT_MAX(FORMAT_MAX);
	if (env_read_file(&app->env, o->format_file, &o->format, NULL, &own) < 0) {
		own->kind = ERR_USAGE;
		return err_move(&own, err);
	}
	text = o->format.data;
	n = o->format.len;
	while (n && (text[n - 1] == '\r' || text[n - 1] == '\n'))
		n--;
	text[n] = '\0';
	problem = strlen(text) == n ? log_format_problem(text) : "it contains NUL bytes";
	if (problem)
		return err_set(err, ERR_USAGE, "'%s' is not an access log format: %s",
			       o->format_file, problem);
	o->stage.format = text;
	warn_unknown(app, text);
	return 0;
}

static bool wants_nothing(const struct stage_setup *s)
{
	return !s->level && !s->data_trace && !s->metrics && !s->access && !s->retention_days &&
	       !s->kms_key;
}

/* The access log goes only where it is one that this command would have made. */
static void want_nothing(struct stage_setup *s)
{
	s->level = "OFF";
	s->data_trace = s->access = WANTED_OFF;
}

static int check(struct app *app, struct enable_logging_opts *o, struct error **err)
{
	const struct stage_setup *s = &o->stage;
	cleanup_strv struct strv missing = STRV_INIT;

	if (s->remove && !wants_nothing(s))
		return err_set(err, ERR_USAGE,
			       "--remove goes with --api, --all-apis and --stage only");
	if (s->remove)
		want_nothing(&o->stage);
	if ((s->format_style || o->format_file) && s->access != WANTED_ON)
		return err_set(err, ERR_USAGE, "--format needs --access-log");
	if (s->override_methods && !s->level)
		return err_set(err, ERR_USAGE, "--override-methods needs --level");
	if (!o->select.apis.n && !o->select.all_apis)
		strv_add(&missing, "which APIs (--api or --all-apis)");
	if (wants_nothing(s))
		strv_add(&missing, "what to log (--level, --access-log or another option)");
	if (args_missing(&missing, err) < 0 || selection_check(&o->select, err) < 0)
		return -1;
	return read_format(app, o, err);
}

static json_t *stage_json(const struct stage *st)
{
	cleanup_free char *execution = execution_log_group(st->api_id, st->name);
	const char *access = st->access_destination ? arn_log_group(st->access_destination) : NULL;
	json_t *overrides = json_array();

	for (size_t i = 0; i < st->n_overrides; i++) {
		const struct level_override *o = &st->overrides[i];
		cleanup_free char *text = xasprintf("%s: %s", o->name, o->level);

		if (!str_eq(o->level, stage_level(st)))
			json_array_append_new(overrides, json_text(text));
	}
	return json_pack(
		"{so so ss so so sb sb so so so so so}", "api_id", json_text(st->api_id),
		"api_name", json_text(st->api_name), "protocol", api_protocol_name(st->protocol),
		"stage", json_text(st->name), "level", json_text(st->level), "data_trace",
		st->data_trace, "metrics", st->metrics, "execution_log_group",
		json_text(st->protocol == API_HTTP ? NULL : execution), "access_log_group",
		json_text(access), "access_log_destination", json_text(st->access_destination),
		"access_log_format", json_text(st->access_format), "overrides", overrides);
}

static json_t *document(const void *setup)
{
	const struct stage_setup *s = setup;
	json_t *stages = json_array();

	for (size_t i = 0; i < s->stages.n; i++)
		json_array_append_new(stages, stage_json(&s->stages.v[i]));
	return json_pack("{so}", "stages", stages);
}

/* "stage 'prod' of API 'petstore' (a1b2c3) is configured as requested" */
static char *ready(const void *setup)
{
	const struct stage_setup *s = setup;
	cleanup_free char *title = s->stages.n == 1 ? stage_title(&s->stages.v[0]) : NULL;

	if (title)
		return xasprintf("%s is configured as requested", title);
	return xasprintf("%zu stages are configured as requested", s->stages.n);
}

static int run(struct app *app, void *opts, struct error **err)
{
	struct enable_logging_opts *o = opts;
	struct stage_setup *s = &o->stage;
	const struct setup_job job = { .look = stage_look,
				       .setup = s,
				       .common = &s->common,
				       .document = document,
				       .ready = ready };

	if (check(app, o, err) < 0)
		return -1;
	s->selection = &o->select;
	return setup_command(app, &job, err);
}

static void release(void *opts)
{
	struct enable_logging_opts *o = opts;

	stage_setup_release(&o->stage);
	selection_release(&o->select);
	buf_release(&o->format);
}

static const struct permission permissions[] = {
	{ "apigateway:GET", NULL },
	{ "apigateway:PATCH", NULL },
	{ "iam:GetRole", "with --level and --access-log, except for HTTP APIs" },
	{ "logs:DescribeLogGroups", "with --access-log, --retention and --kms-key" },
	{ "logs:CreateLogGroup", "with --access-log, --retention and --kms-key" },
	{ "logs:PutRetentionPolicy", "with --retention" },
	{ "kms:DescribeKey", "with --kms-key" },
	{ "kms:GetKeyPolicy", "with --kms-key" },
	{ "logs:AssociateKmsKey", "with --kms-key" },
	{ "apigateway:DELETE", "to turn off access logs of HTTP and WebSocket APIs" },
	{ "logs:CreateLogDelivery", "for access logs of HTTP and WebSocket APIs" },
	{ "logs:UpdateLogDelivery", "for access logs of HTTP and WebSocket APIs" },
	{ "logs:GetLogDelivery", "for access logs of HTTP and WebSocket APIs" },
	{ "logs:ListLogDeliveries", "for access logs of HTTP and WebSocket APIs" },
	{ "logs:PutResourcePolicy", "for access logs of HTTP and WebSocket APIs" },
	{ "logs:DescribeResourcePolicies", "for access logs of HTTP and WebSocket APIs" },
	{ 0 },
};

const struct cmd cmd_enable_logging = {
	.name = "enable-logging",
	.summary = "Turn execution and access logs of stages on or off",
	.usage = "{--api ID|NAME | --all-apis} [OPTION...]",
	.about =
		"Turn on or off what the stages of APIs log. HTTP APIs have access logs only; REST "
		"and WebSocket APIs need the role that setup-role creates.",
	.examples = { "apigw-logs enable-logging --api petstore --level INFO --access-log",
		      "apigw-logs enable-logging --all-apis --level ERROR --retention 30" },
	.groups = groups,
	.permissions = permissions,
	.opts_size = sizeof(struct enable_logging_opts),
	.run = run,
	.release = release,
};
