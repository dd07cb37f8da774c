/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "cli/options.h"

#include <stdlib.h>
#include <string.h>

#include "archive/groups.h"
#include "archive/window.h"
#include "aws/endpoint/endpoint.h"
#include "base/error.h"
#include "base/json.h"
#include "base/str.h"
#include "base/text.h"
#include "base/time.h"
#include "base/xalloc.h"
#include "cli/app.h"

#define PREFIX_DEFAULT "apigw-logs"
/* A key in S3 has at most 1024 bytes, and ours contain the escaped name of a log group. */
#define PREFIX_MAX 256

/* In the order of enum log_kind. */
static const char *const kinds[] = { "execution", "access", "both", NULL };

/* clang-format off */
#define STAGE_OPTIONS(at)                                                                          \
	{ "api", .arg = "ID|NAME", .type = OPT_LIST,                                               \
	  .offset = (at) + offsetof(struct selection, apis),                                \
	  .help = "An API, by id, name or glob; may be repeated" },                                \
	{ "all-apis", .type = OPT_FLAG, .offset = (at) + offsetof(struct selection, all_apis), \
	  .help = "All APIs of the account in the region" },                                       \
	{ "stage", .arg = "NAME", .type = OPT_LIST,                                                \
	  .offset = (at) + offsetof(struct selection, stages),                              \
	  .help = "A stage of these APIs, by name or glob; may be repeated (default: all)" }
/* clang-format on */

const struct opt stage_options[] = { STAGE_OPTIONS(0), { 0 } };

const struct opt log_options[] = {
	STAGE_OPTIONS(offsetof(struct archive_options, selection)),
	{ "kind", .arg = "KIND", .type = OPT_WORD, .words = kinds, .first_word = KIND_EXECUTION,
	  .offset = offsetof(struct archive_options, selection.kind),
	  .help = "execution, access or both (default: both)" },
	{ "log-group", .arg = "NAME", .type = OPT_LIST,
	  .offset = offsetof(struct archive_options, selection.log_groups),
	  .help = "A log group, by name or glob, instead of APIs; may be repeated" },
	{ 0 },
};

/* Source of the limits: Tag, IAM API Reference. */
int opt_tag(void *target, const struct opt *o, const char *value, struct error **err)
{
	const char *eq = strchr(value, '=');
	cleanup_free char *key = eq ? xstrndup(value, (size_t)(eq - value)) : NULL;
	json_t **tags = target;

	if (!key || !*key || strlen(key) > 128 || strlen(eq + 1) > 256)
		return err_set(err, ERR_USAGE,
			       "--%s takes KEY=VALUE, a key of 1 to 128 and a value of up to 256 "
			       "characters, not '%s'",
			       o->name, value);
	if (!*tags)
		*tags = json_object();
	if (json_object_set_new(*tags, key, json_string(eq + 1)) < 0)
		return err_set(err, ERR_USAGE, "--%s '%s' is not UTF-8", o->name, value);
	return 0;
}

static int set_bucket(void *target, const struct opt *o, const char *value, struct error **err)
{
	static const char *const schemes[] = { "s3://", "arn:aws:s3:::" };
	const char *problem = s3_bucket_name_problem(value);

	(void)o;
	if (!problem) {
		*(const char **)target = value;
		return 0;
	}
	err_set(err, ERR_USAGE, "'%s' cannot be the name of a bucket: %s", value, problem);
	for (size_t i = 0; i < ARRAY_SIZE(schemes); i++)
		if (str_starts(value, schemes[i]))
			err_hint(err, "give the name alone, without '%s' and without a path",
				 schemes[i]);
	return -1;
}

static int set_owner(void *target, const struct opt *o, const char *value, struct error **err)
{
	if (strlen(value) != 12 || !str_is_digits(value, 12))
		return err_set(err, ERR_USAGE, "--%s takes the 12 digits of an account, not '%s'",
			       o->name, value);
	*(const char **)target = value;
	return 0;
}

/* Safe in keys, in the ARNs of policies, where '*' and '?' are wildcards, and in a shell. */
static bool is_good_in_prefix(char c)
{
	unsigned char u = (unsigned char)c;

	return u > ' ' && u < 0x7F && !strchr("*?\"\\<>{}^`$%#", c);
}

/* True if a folder is empty, "." or ".." (which S3 browsers resolve), or has the ledger's name. */
static bool has_bad_folder(const char *prefix)
{
	for (const char *p = prefix; *p;) {
		size_t n = strcspn(p, "/");

		if (n == 0 || (n == 1 && *p == '.') || (n == 2 && strncmp(p, "..", 2) == 0) ||
		    (n == strlen("_ledger") && strncmp(p, "_ledger", n) == 0))
			return true;
		p += n + (p[n] == '/');
	}
	return false;
}

static int set_prefix(void *target, const struct opt *o, const char *value, struct error **err)
{
	cleanup_free char *prefix = xstrdup(value);
	size_t n = strlen(prefix);

	while (n && prefix[n - 1] == '/')
		prefix[--n] = '\0';
	if (n == 0 || n > PREFIX_MAX)
		return err_set(err, ERR_USAGE, "--%s takes 1 to %d bytes, not '%s'", o->name,
			       PREFIX_MAX, value);
	for (const char *p = prefix; *p; p++)
		if (!is_good_in_prefix(*p))
			return err_set(err, ERR_USAGE,
				       "--%s '%s' contains a character that is not allowed in "
				       "keys: '%.*s'",
				       o->name, value, utf8_length(p) ? (int)utf8_length(p) : 1, p);
	if (has_bad_folder(prefix))
		return err_set(err, ERR_USAGE,
			       "--%s takes names separated by single '/', and none of them may be "
			       "'.', '..' or '_ledger': '%s'",
			       o->name, value);
	*(char **)target = TAKE(prefix);
	return 0;
}

const struct opt place_options[] = {
	{ "bucket", .arg = "NAME", .set = set_bucket, .flags = OPT_STICKY | OPT_DEFAULT,
	  .offset = offsetof(struct place_options, place.bucket),
	  .help = "The S3 bucket (default: APIGW_LOGS_BUCKET)" },
	{ "bucket-owner", .arg = "ACCOUNT", .set = set_owner, .flags = OPT_STICKY,
	  .offset = offsetof(struct place_options, place.owner),
	  .help = "The account that must own the bucket (default: the caller's)" },
	{ "prefix", .arg = "PREFIX", .set = set_prefix, .flags = OPT_STICKY | OPT_DEFAULT,
	  .offset = offsetof(struct place_options, prefix),
	  .help = "The prefix of all keys (default: APIGW_LOGS_PREFIX, or " PREFIX_DEFAULT ")" },
	{ 0 },
};

const struct opt range_options[] = {
	{ "from", .arg = "TIME", .type = OPT_TEXT, .offset = offsetof(struct archive_options, from),
	  .help = "The beginning: 2026-11-21, 2026-11-21T13:00Z, @1763700000, yesterday, or an "
		  "age such as 7d" },
	{ "to", .arg = "TIME", .type = OPT_TEXT, .offset = offsetof(struct archive_options, to),
	  .help = "The end, in the same form; not included" },
	{ 0 },
};

void place_options_release(struct place_options *o)
{
	free(o->prefix);
}

void archive_options_release(struct archive_options *o)
{
	selection_release(&o->selection);
	place_options_release(&o->where);
}

static void complete_place(struct place_options *o, struct strv *missing)
{
	if (!o->place.bucket)
		strv_add(missing, "--bucket");
	if (!o->prefix)
		o->prefix = xstrdup(PREFIX_DEFAULT);
	o->place.prefix = o->prefix;
}

int place_options_check(struct place_options *o, struct error **err)
{
	cleanup_strv struct strv missing = STRV_INIT;

	complete_place(o, &missing);
	return args_missing(&missing, err);
}

static int resolve(const char *option, const char *s, int64_t now_ms, int64_t window_ms,
		   int64_t *ret, struct error **err)
{
	if (time_parse_expr(s, now_ms, ret, err) < 0)
		return err_wrap(err, "%s", option);
	if (time_expr_is_age(s))
		*ret = time_floor(*ret, window_ms);
	return 0;
}

int archive_options_check(struct archive_options *o, bool need_from, struct error **err)
{
	const struct selection *s = &o->selection;
	cleanup_strv struct strv missing = STRV_INIT;
	int64_t any;

	complete_place(&o->where, &missing);
	if (!s->apis.n && !s->all_apis && !s->log_groups.n)
		strv_add(&missing, "which logs (--api, --all-apis or --log-group)");
	if (need_from && !o->from)
		strv_add(&missing, "which time (--from or --all)");
	if (args_missing(&missing, err) < 0)
		return -1;
	/* Checks only the syntax: the meaning depends on AWS's clock, which is not known yet. */
	if ((o->from && resolve("--from", o->from, 0, MS_HOUR, &any, err) < 0) ||
	    (o->to && resolve("--to", o->to, 0, MS_HOUR, &any, err) < 0))
		return -1;
	return selection_check(s, err);
}

int archive_options_open(struct app *app, const struct archive_options *o, bool export,
			 struct archive *ret, struct error **err)
{
	struct aws_client *c;

	if (app_client(app, &c, err) < 0 || archive_open(c, &o->where.place, export, ret, err) < 0)
		return -1;
	app_check_clock(app);
	return 0;
}

int archive_options_select(struct app *app, const struct archive_options *o,
			   const struct archive *a, struct api_logs *ret, struct error **err)
{
	if (groups_select(a, &o->selection, ret, err) < 0)
		return -1;
	for (size_t i = 0; i < ret->notes.n; i++)
		note(&app->out, "%s", ret->notes.v[i]);
	return 0;
}

int range_resolve(const struct archive_options *o, int64_t now_ms, int64_t window_ms,
		  int64_t settled_ms, struct window *ret, struct error **err)
{
	char from[TIME_ISO_SIZE], to[TIME_ISO_SIZE];
	struct window w = { .to_ms = settled_ms };

	if ((o->from && resolve("--from", o->from, now_ms, window_ms, &w.from_ms, err) < 0) ||
	    (o->to && resolve("--to", o->to, now_ms, window_ms, &w.to_ms, err) < 0))
		return -1;
	if (w.from_ms < 0)
		return err_set(err, ERR_USAGE, "--from is before 1970");
	if (!o->to && w.from_ms >= w.to_ms)
		w.to_ms = now_ms;
	if (w.from_ms >= w.to_ms) {
		err_set(err, ERR_USAGE, "the range is empty: it begins at %s and ends at %s",
			time_iso(w.from_ms, from), time_iso(w.to_ms, to));
		if (!o->to)
			return err_hint(err, "without --to, --from must be earlier than that");
		return err_hint(err,
				"--from is included, --to is not: a whole day is --from 2026-11-21 "
				"--to 2026-11-22");
	}
	*ret = w;
	return 0;
}

int window_length_parse(const char *s, int64_t *ret_ms, struct error **err)
{
	int64_t ms;

	if (time_parse_duration(s, &ms, err) < 0)
		return -1;
	if (ms < MS_HOUR || ms > MS_DAY || ms % MS_HOUR || MS_DAY % ms) {
		err_set(err, ERR_USAGE, "a window of '%s' does not divide a day into whole hours",
			s);
		return err_hint(err, "use 1d, 12h, 8h, 6h, 4h, 3h, 2h or 1h");
	}
	*ret_ms = ms;
	return 0;
}
