/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "cmd/cmd.h"

#include <string.h>

#include "archive/selection.h"
#include "aws/service/logs.h"
#include "base/env.h"
#include "base/error.h"
#include "base/xalloc.h"
#include "cli/app.h"
#include "cli/changes.h"
#include "cli/exit.h"
#include "cli/output.h"
#include "cli/select.h"
#include "setup/logformat.h"
#include "setup/stage.h"

enum {
	OPT_LEVEL = 0x3000,
	OPT_DATA_TRACE,
	OPT_NO_DATA_TRACE,
	OPT_METRICS,
	OPT_NO_METRICS,
	OPT_ACCESS_LOG,
	OPT_NO_ACCESS_LOG,
	OPT_FORMAT,
	OPT_RETENTION,
};

/* API Gateway's own limit of a format is 3 KB; a file beyond this is a mistake. */
#define FORMAT_MAX 65536

struct opts {
	struct app *app;
	struct select_input select;
	struct stage_setup stage;
	const char *format_file;
	struct buf format;
	bool some, conflict;
};

static const struct argp_option options[] = {
	{ NULL, 0, NULL, 0, "What to log; what is not named stays as it is:", 1 },
	{ "level", OPT_LEVEL, "OFF|ERROR|INFO", 0, "What the execution log has", 1 },
	{ "data-trace", OPT_DATA_TRACE, NULL, 0,
	  "Requests and responses, bodies included, in the execution log", 1 },
	{ "no-data-trace", OPT_NO_DATA_TRACE, NULL, 0, "No requests and responses in it", 1 },
	{ "metrics", OPT_METRICS, NULL, 0, "Detailed CloudWatch metrics", 1 },
	{ "no-metrics", OPT_NO_METRICS, NULL, 0, "No detailed metrics", 1 },
	{ "access-log", OPT_ACCESS_LOG, "GROUP", OPTION_ARG_OPTIONAL,
	  "An access log, in this log group (the one that is set, or /aws/apigateway/ID/STAGE)",
	  1 },
	{ "no-access-log", OPT_NO_ACCESS_LOG, NULL, 0, "No access log", 1 },
	{ "format", OPT_FORMAT, "FORMAT", 0,
	  "The access log's lines: json, clf, csv, xml, or @FILE (what is set, or json)", 1 },
	{ "retention", OPT_RETENTION, "DAYS", 0, "Keep the log groups' events so many days", 1 },
	{ 0 },
};

static error_t set_level(struct opts *o, const char *arg)
{
	static const char *const levels[] = { "OFF", "ERROR", "INFO", NULL };
	const char *near = str_nearest(arg, levels);

	for (size_t i = 0; levels[i]; i++)
		if (str_eq_nocase(arg, levels[i])) {
			o->stage.level = levels[i];
			return 0;
		}
	app_bad_option(o->app, "--level takes OFF, ERROR or INFO, not '%s'", arg);
	if (near)
		err_hint(&o->app->parse_error, "did you mean '%s'?", near);
	return EINVAL;
}

/* Source: CreateLogGroup, CloudWatch Logs API Reference. */
static error_t set_group(struct opts *o, const char *arg)
{
	size_t n = arg ? strlen(arg) : 0;

	o->conflict |= o->stage.access == WANTED_OFF;
	o->stage.access = WANTED_ON;
	if (!arg)
		return 0;
	if (n < 1 || n > 512 ||
	    strspn(arg, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._/#-") != n)
		return app_bad_option(o->app,
				      "--access-log takes the name of a log group: 1 to 512 "
				      "letters, digits and ._/#-, not '%s'",
				      arg);
	o->stage.access_group = arg;
	return 0;
}

static error_t set_format(struct opts *o, const char *arg)
{
	const char *near = str_nearest(arg, log_format_styles);

	if (arg[0] == '@') {
		o->format_file = arg + 1;
		return 0;
	}
	for (size_t i = 0; log_format_styles[i]; i++)
		if (str_eq(arg, log_format_styles[i])) {
			o->stage.format_style = log_format_styles[i];
			return 0;
		}
	app_bad_option(o->app, "--format takes json, clf, csv, xml or @FILE, not '%s'", arg);
	if (near)
		err_hint(&o->app->parse_error, "did you mean '%s'?", near);
	return EINVAL;
}

static error_t set_retention(struct opts *o, const char *arg)
{
	int64_t days;

	if (!str_to_int64(arg, 1, 100000, &days))
		return app_bad_option(o->app, "--retention takes a number of days, not '%s'", arg);
	if (logs_retention_is_valid(days)) {
		o->stage.retention_days = days;
		return 0;
	}
	app_bad_option(o->app, "CloudWatch Logs cannot keep events for %lld days", (long long)days);
	err_hint(&o->app->parse_error, "the nearest it can is --retention %lld",
		 (long long)logs_retention_nearest(days));
	return EINVAL;
}

static void set_flag(struct opts *o, enum wanted *flag, enum wanted value)
{
	o->conflict |= *flag != WANTED_AS_IS && *flag != value;
	*flag = value;
}

static error_t parse_setting(int key, const char *arg, struct opts *o)
{
	switch (key) {
	case OPT_LEVEL:
		return set_level(o, arg);
	case OPT_DATA_TRACE:
	case OPT_NO_DATA_TRACE:
		set_flag(o, &o->stage.data_trace, key == OPT_DATA_TRACE ? WANTED_ON : WANTED_OFF);
		return 0;
	case OPT_METRICS:
	case OPT_NO_METRICS:
		set_flag(o, &o->stage.metrics, key == OPT_METRICS ? WANTED_ON : WANTED_OFF);
		return 0;
	case OPT_ACCESS_LOG:
		return set_group(o, arg);
	case OPT_NO_ACCESS_LOG:
		set_flag(o, &o->stage.access, WANTED_OFF);
		return 0;
	case OPT_FORMAT:
		return set_format(o, arg);
	case OPT_RETENTION:
		return set_retention(o, arg);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct opts *o = state->input;
	error_t e;

	switch (key) {
	case ARGP_KEY_INIT:
		o->select.app = o->app;
		o->format = BUF_INIT_MAX(FORMAT_MAX);
		state->child_inputs[0] = &o->select;
		return 0;
	case ARGP_KEY_ARG:
		app_bad_option(o->app, "enable-logging takes no '%s'", arg);
		err_hint(&o->app->parse_error, "a value is written as in --access-log=GROUP");
		return EINVAL;
	default:
		e = parse_setting(key, arg, o);
		o->some |= e == 0;
		return e;
	}
}

/* --format @FILE: one line; an end of line at its end does not count. */
static int read_format(struct opts *o, struct error **err)
{
	cleanup_error struct error *own = NULL;
	const char *problem;
	char *text;
	size_t n;

	if (!o->format_file)
		return 0;
	if (env_read_file(&o->app->env, o->format_file, &o->format, NULL, &own) < 0) {
		own->kind = ERR_USAGE;
		return err_move(&own, err);
	}
	text = o->format.data;
	n = o->format.len;
	while (n && (text[n - 1] == '\r' || text[n - 1] == '\n'))
		n--;
	text[n] = '\0';
	problem = strlen(text) == n ? log_format_problem(text) : "it is not text";
	if (problem)
		return err_set(err, ERR_USAGE, "'%s' holds no access log format: %s",
			       o->format_file, problem);
	o->stage.format = text;
	return 0;
}

static int check(struct opts *o, struct error **err)
{
	const struct stage_setup *s = &o->stage;

	if (!o->some) {
		err_set(err, ERR_USAGE, "nothing was said about what to log");
		return err_hint(err, "--level INFO, --access-log, or another option says it");
	}
	if (o->conflict)
		return err_set(err, ERR_USAGE,
			       "an option and its --no- opposite do not go together");
	if ((s->format_style || o->format_file) && s->access != WANTED_ON)
		return err_set(err, ERR_USAGE, "--format needs --access-log");
	if (!o->select.selection.apis.n && !o->select.selection.all_apis) {
		err_set(err, ERR_USAGE, "no API was named");
		return err_hint(err, "name one with --api, or take --all-apis");
	}
	if (selection_check(&o->select.selection, err) < 0)
		return -1;
	return read_format(o, err);
}

static int look(struct aws_client *c, void *data, struct changes *ret, struct error **err)
{
	return stage_look(c, data, ret, err);
}

static json_t *stage_json(const struct stage *st)
{
	cleanup_free char *execution = execution_log_group(st->api_id, st->name);
	const char *access =
		st->access_destination ? log_group_of_arn(st->access_destination) : NULL;
	json_t *overrides = json_array();

	for (char **o = st->overrides; o && *o; o++)
		json_array_append_new(overrides, json_text(*o));
	return json_pack(
		"{so so ss so so sb sb so so so so so}", "api_id", json_text(st->api_id),
		"api_name", json_text(st->api_name), "protocol", api_protocol_name(st->protocol),
		"stage", json_text(st->name), "level", json_text(st->level), "data_trace",
		st->data_trace, "metrics", st->metrics, "execution_log_group",
		json_text(st->protocol == API_HTTP ? NULL : execution), "access_log_group",
		json_text(access), "access_log_destination", json_text(st->access_destination),
		"access_log_format", json_text(st->access_format), "overrides", overrides);
}

static json_t *document(const struct stage_setup *s)
{
	json_t *stages = json_array();

	for (size_t i = 0; i < s->stages.n; i++)
		json_array_append_new(stages, stage_json(&s->stages.v[i]));
	return json_pack("{so so so}", "account", json_text(s->account), "region",
			 json_text(s->region), "stages", stages);
}

/* "stage 'prod' of API 'petstore' (a1b2c3) logs as asked for". Caller frees. */
static char *ready_text(const struct stage_setup *s)
{
	cleanup_free char *title = s->stages.n == 1 ? stage_title(&s->stages.v[0]) : NULL;

	if (title)
		return xasprintf("%s logs as asked for", title);
	return xasprintf("%zu stages log as asked for", s->stages.n);
}

static int run(struct app *app, void *data, struct error **err)
{
	struct opts *o = data;
	struct stage_setup *s = &o->stage;
	cleanup_setup_job struct setup_job job = {
		.look = look, .data = s, .notes = &s->notes, .warnings = &s->warnings
	};
	cleanup_free char *ready = NULL;
	int r;

	if (check(o, err) < 0)
		return -1;
	s->selection = &o->select.selection;
	r = setup_run(app, &job, err);
	if (r == 0)
		ready = ready_text(s);
	if (job.listed)
		setup_print(app, &job, document(s), ready);
	return r < 0 ? -1 : EXIT_DONE;
}

static void release(void *data)
{
	struct opts *o = data;

	stage_setup_release(&o->stage);
	selection_release(&o->select.selection);
	buf_release(&o->format);
}

static const struct argp_child children[] = { { &select_stages_argp, 0, NULL, 0 }, { 0 } };
static const struct argp argp = {
	options,
	parse,
	NULL,
	"Turn on, or off, what the stages of APIs log. HTTP APIs have access logs only; REST and "
	"WebSocket APIs need the role that setup-role makes.",
	children,
	NULL,
	NULL,
};

const struct cmd cmd_enable_logging = {
	.name = "enable-logging",
	.summary = "Turn on execution logs and access logs of stages",
	.argp = &argp,
	.opts_size = sizeof(struct opts),
	.run = run,
	.release = release,
};
