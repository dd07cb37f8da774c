/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <inttypes.h>
#include <unistd.h>

#include "archive/archive.h"
#include "archive/selection.h"
#include "aws/client.h"
#include "base/error.h"
#include "base/time.h"
#include "base/xalloc.h"
#include "cli/app.h"
#include "cli/exit.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/select.h"
#include "cmd/cmd.h"
#include "verify/check.h"

struct verify_opts {
	struct app *app;
	struct select_input select;
	struct bucket_input bucket;
	struct range_input range;
	struct check_options check;
	struct archive archive;
	/* Of the run. */
	struct progress progress;
	json_t *windows, *problems;
	uint64_t n_windows, n_compared, n_problems, n_gaps, objects, events, size;
};

enum { OPT_SOURCE = 0x3000, OPT_QUICK, OPT_JOBS, OPT_ALL };

static const struct argp_option options[] = {
	{ NULL, 0, NULL, 0, "How:", 40 },
	{ "source", OPT_SOURCE, NULL, 0, "Compare with what CloudWatch Logs holds, event by event",
	  40 },
	{ "quick", OPT_QUICK, NULL, 0,
	  "Compare sizes and ETags with the ledger only, and fetch nothing", 40 },
	{ "jobs", OPT_JOBS, "N", 0, "Look at this many objects at once (one for each core)", 40 },
	{ "all", OPT_ALL, NULL, 0, "Verify whatever is recorded, instead of --from and --to", 40 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct verify_opts *o = state->input;
	int64_t n;

	switch (key) {
	case ARGP_KEY_INIT:
		o->select.app = o->bucket.app = o->range.app = o->app;
		state->child_inputs[0] = &o->select;
		state->child_inputs[1] = &o->bucket;
		state->child_inputs[2] = &o->range;
		return 0;
	case OPT_SOURCE:
		o->check.compare = true;
		return 0;
	case OPT_QUICK:
		o->check.quick = true;
		return 0;
	case OPT_ALL:
		o->check.all = true;
		return 0;
	case OPT_JOBS:
		if (!str_to_int64(arg, 1, 1024, &n))
			return app_bad_option(
				o->app, "--jobs takes a number from 1 to 1024, not '%s'", arg);
		o->check.jobs = (unsigned)n;
		return 0;
	case ARGP_KEY_ARG:
		return app_bad_option(o->app, "'%s' is one word too many", arg);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_child children[] = { { &select_argp, 0, NULL, 0 },
					      { &bucket_argp, 0, NULL, 0 },
					      { &range_argp, 0, NULL, 0 },
					      { 0 } };
static const struct argp argp = {
	options,
	parse,
	NULL,
	"Prove that the logs of a time range are in the bucket: every window recorded, every "
	"object "
	"there, every gzip member whole, every event inside its window, nothing twice.  With "
	"--source, "
	"that CloudWatch Logs holds the same events.  Exits with 1 if anything is wrong.",
	children,
	NULL,
	NULL,
};

static void on_window(void *data, const struct window_result *r)
{
	struct verify_opts *o = data;
	const struct output *out = &o->app->out;
	cleanup_free char *label = window_label(&r->window);
	cleanup_free char *amounts = amounts_str(r->events, r->objects, r->size);
	const char *state = r->problems ? "wrong" : r->objects ? "whole" : "empty";
	json_t *j;

	progress_clear(&o->progress);
	o->n_windows++;
	o->n_compared += r->source_events >= 0;
	o->objects += r->objects;
	o->events += r->events;
	o->size += r->size;
	print_word(out, r->problems ? STYLE_BAD : STYLE_GOOD, state);
	print_text(out, "  %s  %s  %s%s\n", label, r->log->log_group, amounts,
		   r->source_events >= 0 && !r->problems ? ", as in CloudWatch" : "");
	if (o->app->out.format != OUTPUT_JSON)
		return;
	j = log_window_json(r->log, &r->window);
	json_object_set_new(j, "state", json_string(state));
	json_object_set_new(j, "objects", json_integer((json_int_t)r->objects));
	json_object_set_new(j, "events", json_integer((json_int_t)r->events));
	json_object_set_new(j, "size", json_integer((json_int_t)r->size));
	json_object_set_new(j, "bytes", json_integer((json_int_t)r->bytes));
	json_object_set_new(j, "source_events",
			    r->source_events < 0 ? json_null() : json_integer(r->source_events));
	json_array_append_new(o->windows, j);
}

static void on_problem(void *data, enum problem p, const struct api_log *log,
		       const struct window *w, const char *key, const char *message)
{
	struct verify_opts *o = data;
	cleanup_free char *where = key ? xasprintf("s3://%s/%s", o->archive.bucket.name, key)
				       : xstrdup(log->log_group);
	json_t *j;

	progress_clear(&o->progress);
	o->n_problems++;
	o->n_gaps += p == PROBLEM_NOT_EXPORTED;
	problem(&o->app->out, problem_name(p), "%s: %s", where, message);
	if (o->app->out.format != OUTPUT_JSON)
		return;
	j = log_window_json(log, w);
	json_object_set_new(j, "problem", json_string(problem_name(p)));
	json_object_set_new(j, "key", json_text(key));
	json_object_set_new(j, "message", json_text(message));
	json_array_append_new(o->problems, j);
}

static void on_progress(void *data, uint64_t objects, uint64_t size)
{
	struct verify_opts *o = data;
	char n[COUNT_SIZE], bytes[COUNT_SIZE];

	progress_show(&o->progress, "%s object%s, %s", count_str(objects, n),
		      objects == 1 ? "" : "s", size_str(size, bytes));
}

static void on_note(void *data, const char *message)
{
	struct verify_opts *o = data;

	progress_clear(&o->progress);
	note(&o->app->out, "%s", message);
}

static void print_json_summary(const struct verify_opts *o, bool complete)
{
	const struct check_options *c = &o->check;
	json_t *j = json_pack("{so so so}", "bucket", json_text(o->archive.bucket.name), "prefix",
			      json_text(o->archive.prefix), "region", json_text(o->archive.region));

	if (!c->all) {
		json_set_time(j, "from", c->range.from_ms);
		json_set_time(j, "to", c->range.to_ms);
	}
	json_object_set_new(j, "complete", json_boolean(complete));
	json_object_set_new(j, "whole", json_boolean(complete && !o->n_problems));
	json_object_set_new(
		j, "source_compared",
		json_boolean(c->compare && !o->n_problems && o->n_compared == o->n_windows));
	json_object_set(j, "windows", o->windows);
	json_object_set(j, "problems", o->problems);
	json_object_set_new(j, "objects", json_integer((json_int_t)o->objects));
	json_object_set_new(j, "events", json_integer((json_int_t)o->events));
	json_object_set_new(j, "size", json_integer((json_int_t)o->size));
	print_json(j);
}

static void print_summary(const struct verify_opts *o, bool complete)
{
	cleanup_free char *amounts = amounts_str(o->events, o->objects, o->size);

	if (o->app->out.format == OUTPUT_JSON) {
		print_json_summary(o, complete);
		return;
	}
	if (!complete || o->n_problems)
		return;
	if (!o->n_windows) {
		print_text(&o->app->out, "nothing is recorded, and nothing is missing\n");
		return;
	}
	print_text(&o->app->out, "%s, %" PRIu64 " window%s: %s\n", amounts, o->n_windows,
		   o->n_windows == 1 ? "" : "s",
		   o->check.quick ? "all as recorded (not read)" : "all whole");
	if (o->check.compare && o->n_compared == o->n_windows)
		print_text(&o->app->out,
			   "every event that CloudWatch holds in the range is in the bucket, "
			   "once\n");
	else if (o->check.compare)
		print_text(&o->app->out,
			   "%" PRIu64 " of %" PRIu64 " windows could be compared with "
			   "CloudWatch\n",
			   o->n_compared, o->n_windows);
}

static int check_options(struct verify_opts *o, struct error **err)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	o->check.archive = &o->archive;
	if (!o->check.jobs)
		o->check.jobs = cores > 0 ? (unsigned)cores : 1;
	if (o->check.compare && o->check.quick)
		return err_set(err, ERR_USAGE, "--source and --quick do not go together");
	if (!o->check.all)
		return range_resolve(&o->range, MS_HOUR, -1, &o->check.range, err);
	if (o->range.from || o->range.to)
		return err_set(err, ERR_USAGE, "--all does not go with --from and --to");
	return 0;
}

static int check_logs(struct verify_opts *o, const struct api_logs *logs, struct error **err)
{
	const struct check_sink sink = { o, on_window, on_problem, on_progress, on_note };

	struct error *first = NULL;

	for (size_t i = 0; i < logs->n; i++) {
		cleanup_error struct error *own = NULL;
		bool stop;

		if (check_log(&logs->v[i], &o->check, &sink, &own) == 0)
			continue;
		stop = err_is_fatal(own);
		if (stop)
			error_clear(&first);
		if (!first)
			first = TAKE(own);
		if (stop)
			break;
	}
	return first ? err_move(&first, err) : 0;
}

/* What was found is certain, whatever else could not be checked. */
static int verdict(const struct verify_opts *o, struct error **own, struct error **err)
{
	if (!o->n_problems || (*own && (*own)->kind == ERR_INTERRUPTED))
		return *own ? err_move(own, err) : EXIT_DONE;
	if (*own) {
		err_wrap(own, "%" PRIu64 " problem%s found, and not everything could be checked",
			 o->n_problems, o->n_problems == 1 ? " was" : "s were");
		(*own)->kind = ERR_FOUND;
		return err_move(own, err);
	}
	err_set(err, ERR_FOUND, "%" PRIu64 " problem%s found", o->n_problems,
		o->n_problems == 1 ? " was" : "s were");
	if (o->n_gaps == o->n_problems)
		err_hint(err, "'apigw-logs export' with the same range exports what is missing");
	return -1;
}

static int run(struct app *app, void *opts, struct error **err)
{
	struct verify_opts *o = opts;
	cleanup_api_logs struct api_logs logs = { 0 };
	cleanup_error struct error *own = NULL;
	char from[TIME_ISO_SIZE], to[TIME_ISO_SIZE];
	struct aws_client *c;
	int r;

	progress_init(&o->progress, &app->out);
	if (selection_check(&o->select.selection, err) < 0 ||
	    bucket_input_check(&o->bucket, err) < 0 || app_client(app, &c, err) < 0 ||
	    check_options(o, err) < 0)
		return -1;
	if (!o->check.all)
		print_text(&app->out, "range  %s to %s\n", time_iso(o->check.range.from_ms, from),
			   time_iso(o->check.range.to_ms, to));
	if (archive_open(c, &o->bucket.place, false, &o->archive, err) < 0 ||
	    selection_logs(c, &o->select.selection, &logs, err) < 0)
		return -1;
	for (size_t i = 0; i < logs.notes.n; i++)
		note(&app->out, "%s", logs.notes.v[i]);
	o->windows = json_array();
	o->problems = json_array();
	r = check_logs(o, &logs, &own);
	progress_clear(&o->progress);
	print_summary(o, r == 0);
	return verdict(o, &own, err);
}

static void release(void *opts)
{
	struct verify_opts *o = opts;

	selection_release(&o->select.selection);
	free(o->bucket.prefix);
	archive_release(&o->archive);
	json_decref(o->windows);
	json_decref(o->problems);
}

const struct cmd cmd_verify = {
	"verify", "Prove that the logs in the bucket are whole",
	&argp,    sizeof(struct verify_opts),
	run,      release,
};
