/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "cli/select.h"

#include <errno.h>

#include "archive/window.h"
#include "aws/endpoint/endpoint.h"
#include "base/error.h"
#include "base/time.h"
#include "base/xalloc.h"
#include "cli/app.h"

enum {
	OPT_API = 0x2000,
	OPT_ALL_APIS,
	OPT_STAGE,
	OPT_KIND,
	OPT_LOG_GROUP,
	OPT_BUCKET,
	OPT_BUCKET_OWNER,
	OPT_PREFIX,
	OPT_FROM,
	OPT_TO,
};

#define PREFIX_DEFAULT "apigw-logs"
/* S3's keys have 1024 bytes; ours add a group's name of up to 512, escaped. */
#define PREFIX_MAX 256

#define API_OPTIONS                                                                                 \
	{ "api", OPT_API, "ID|NAME", 0, "An API, by id, name or glob; may be repeated", 10 },       \
		{ "all-apis", OPT_ALL_APIS, NULL, 0, "All APIs of the account in the region", 10 }, \
	{                                                                                           \
		"stage", OPT_STAGE, "NAME", 0,                                                      \
			"A stage, by name or glob; may be repeated (all of the APIs' stages)", 10   \
	}

static const struct argp_option stages_options[] = { { NULL, 0, NULL, 0, "What to work on:", 10 },
						     API_OPTIONS,
						     { 0 } };

static const struct argp_option select_options[] = {
	{ NULL, 0, NULL, 0, "What to work on:", 10 },
	API_OPTIONS,
	{ "kind", OPT_KIND, "KIND", 0, "execution, access or both (both)", 10 },
	{ "log-group", OPT_LOG_GROUP, "NAME", 0,
	  "A log group, by name or glob, instead of APIs; may be repeated", 10 },
	{ 0 },
};

static error_t parse_select(int key, char *arg, struct argp_state *state)
{
	struct select_input *in = state->input;

	switch (key) {
	case OPT_API:
		strv_add(&in->selection.apis, arg);
		return 0;
	case OPT_ALL_APIS:
		in->selection.all_apis = true;
		return 0;
	case OPT_STAGE:
		strv_add(&in->selection.stages, arg);
		return 0;
	case OPT_LOG_GROUP:
		strv_add(&in->selection.log_groups, arg);
		return 0;
	case OPT_KIND:
		for (enum log_kind k = KIND_EXECUTION; k <= KIND_BOTH; k++)
			if (str_eq(arg, log_kind_name(k))) {
				in->selection.kind = k;
				return 0;
			}
		return app_bad_option(in->app, "--kind takes execution, access or both, not '%s'",
				      arg);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp select_argp = { select_options, parse_select, NULL, NULL, NULL, NULL, NULL };
const struct argp select_stages_argp = {
	stages_options, parse_select, NULL, NULL, NULL, NULL, NULL
};

static const struct argp_option bucket_options[] = {
	{ NULL, 0, NULL, 0, "Where in S3:", 20 },
	{ "bucket", OPT_BUCKET, "NAME", 0, "The S3 bucket", 20 },
	{ "bucket-owner", OPT_BUCKET_OWNER, "ACCOUNT", 0,
	  "The account that the bucket must belong to (the caller's)", 20 },
	{ "prefix", OPT_PREFIX, "PREFIX", 0, "What its keys begin with (" PREFIX_DEFAULT ")", 20 },
	{ 0 },
};

static error_t set_prefix(struct bucket_input *in, const char *arg)
{
	cleanup_free char *prefix = xstrdup(arg);
	size_t n = strlen(prefix);

	while (n && prefix[n - 1] == '/')
		prefix[--n] = '\0';
	if (n == 0 || n > PREFIX_MAX || prefix[0] == '/' || strstr(prefix, "//"))
		return app_bad_option(in->app,
				      "--prefix takes 1 to %d bytes that do not begin with '/' "
				      "and have no '//', not '%s'",
				      PREFIX_MAX, arg);
	/* What is safe in a key, a policy's ARN and a shell; '*' and '?' are patterns in a policy. */
	for (const char *p = prefix; *p; p++)
		if (*p <= ' ' || *p == 0x7F || strchr("*?\"\\<>{}^`$%#", *p))
			return app_bad_option(in->app,
					      "--prefix '%s' has a character that keys "
					      "should not have: '%c'",
					      arg, *p);
	free(in->prefix);
	in->place.prefix = in->prefix = TAKE(prefix);
	return 0;
}

static error_t parse_bucket(int key, char *arg, struct argp_state *state)
{
	struct bucket_input *in = state->input;
	const char *problem;

	switch (key) {
	case OPT_BUCKET:
		problem = s3_bucket_name_problem(arg);
		if (problem)
			return app_bad_option(in->app, "'%s' cannot be the name of a bucket: %s",
					      arg, problem);
		in->place.bucket = arg;
		return 0;
	case OPT_BUCKET_OWNER:
		if (strlen(arg) != 12 || !str_is_digits(arg, 12))
			return app_bad_option(
				in->app,
				"--bucket-owner takes the 12 digits of an account, not '%s'", arg);
		in->place.owner = arg;
		return 0;
	case OPT_PREFIX:
		return set_prefix(in, arg);
	case ARGP_KEY_INIT:
		in->place.prefix = in->prefix = xstrdup(PREFIX_DEFAULT);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp bucket_argp = { bucket_options, parse_bucket, NULL, NULL, NULL, NULL, NULL };

int bucket_input_check(const struct bucket_input *in, struct error **err)
{
	if (in->place.bucket)
		return 0;
	return err_set(err, ERR_USAGE, "--bucket is missing");
}

static const struct argp_option range_options[] = {
	{ NULL, 0, NULL, 0, "Which time, in UTC, from (included) to (not included):", 30 },
	{ "from", OPT_FROM, "TIME", 0,
	  "2026-11-21, 2026-11-21T13:00Z, @1763700000, yesterday, or an age such as 7d", 30 },
	{ "to", OPT_TO, "TIME", 0, "The same", 30 },
	{ 0 },
};

static error_t parse_range(int key, char *arg, struct argp_state *state)
{
	struct range_input *in = state->input;

	switch (key) {
	case OPT_FROM:
		in->from = arg;
		return 0;
	case OPT_TO:
		in->to = arg;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp range_argp = { range_options, parse_range, NULL, NULL, NULL, NULL, NULL };

static int resolve(const char *option, const char *s, int64_t now_ms, int64_t window_ms,
		   int64_t *ret, struct error **err)
{
	if (time_parse_expr(s, now_ms, ret, err) < 0)
		return err_wrap(err, "%s", option);
	if (time_expr_is_age(s))
		*ret = time_floor(*ret, window_ms);
	return 0;
}

int range_resolve(const struct range_input *in, int64_t window_ms, int64_t to_default_ms,
		  struct window *ret, struct error **err)
{
	int64_t now = env_now_ms(&in->app->env);
	char from[TIME_ISO_SIZE], to[TIME_ISO_SIZE];
	struct window w = { .to_ms = to_default_ms };

	if (!in->from)
		return err_set(err, ERR_USAGE, "--from is missing");
	if (!in->to && to_default_ms < 0)
		return err_set(err, ERR_USAGE, "--to is missing");
	if (resolve("--from", in->from, now, window_ms, &w.from_ms, err) < 0 ||
	    (in->to && resolve("--to", in->to, now, window_ms, &w.to_ms, err) < 0))
		return -1;
	if (w.from_ms < 0)
		return err_set(err, ERR_USAGE, "--from is before 1970");
	if (w.from_ms >= w.to_ms) {
		err_set(err, ERR_USAGE, "the range is empty: it begins at %s and ends at %s",
			time_iso(w.from_ms, from), time_iso(w.to_ms, to));
		return err_hint(err,
				"--from is included, --to is not: a whole day is --from 2026-11-21 "
				"--to 2026-11-22");
	}
	*ret = w;
	return 0;
}

char *window_label(const struct window *w)
{
	char from[TIME_ISO_SIZE], to[TIME_ISO_SIZE];

	if (w->to_ms - w->from_ms == MS_DAY && time_floor(w->from_ms, MS_DAY) == w->from_ms)
		return xstrdup(time_date(w->from_ms, from));
	return xasprintf("%s to %s", time_iso(w->from_ms, from), time_iso(w->to_ms, to));
}

json_t *log_window_json(const struct api_log *s, const struct window *w)
{
	json_t *j = json_pack("{so}", "log_group", json_text(s->log_group));

	if (s->api_id) {
		json_object_set_new(j, "api_id", json_text(s->api_id));
		json_object_set_new(j, "api_name", json_text(s->api_name));
		json_object_set_new(j, "stage", json_text(s->stage));
		json_object_set_new(j, "kind", json_string(log_kind_name(s->kind)));
	}
	json_set_time(j, "from", w->from_ms);
	json_set_time(j, "to", w->to_ms);
	return j;
}
