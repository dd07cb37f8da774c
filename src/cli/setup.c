/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "cli/setup.h"

#include <stdbool.h>
#include <stdio.h>

#include "base/amount.h"
#include "base/env.h"
#include "base/error.h"
#include "base/json.h"
#include "base/time.h"
#include "cli/app.h"
#include "cli/changes.h"
#include "cli/exit.h"
#include "cli/output.h"
#include "setup/change.h"
#include "setup/common.h"

/* IAM and S3 may show an old state for a while: look this many times, with growing pauses. */
#define LOOKS_BACK 5

struct waiting {
	const struct app *app;
	bool said;
};

/* Prints the note once, however often it waits. */
static void note_wait(void *data, const char *why)
{
	struct waiting *w = data;

	if (!w->said)
		note(&w->app->out, "%s", why);
	w->said = true;
}

/* Checks that AWS shows what was applied. */
static int look_back(const struct app *app, struct aws_client *c, const struct setup_job *job,
		     struct error **err)
{
	int64_t wait = MS_SECOND;

	for (int i = 1;; i++, wait *= 2) {
		cleanup_changes struct changes left = { 0 };

		if (job->look(c, job->setup, &left, err) < 0)
			return err_wrap(err, "the changes were made, but cannot be read back");
		if (left.n == 0)
			return 0;
		if (i == LOOKS_BACK) {
			err_set(err, ERR_UNREACHABLE,
				"AWS accepted the changes, but %s does not show the %s",
				left.v[0].resource, left.v[0].property);
			return err_hint(err, "run it again; someone else may be changing it, too");
		}
		if (!env_sleep_ms(&app->env, wait))
			return err_interrupted(err);
	}
}

static int apply(const struct app *app, struct aws_client *c, const struct setup_job *job,
		 struct changes *l, struct error **err)
{
	struct waiting waiting = { app, false };
	const struct change_run run = { .client = c, .wait = note_wait, .data = &waiting };

	if (l->n == 0)
		return 0;
	if (changes_apply(l, &run, err) == 0)
		return look_back(app, c, job, err);
	/* For a single change, the error says it all. */
	if (l->n > 1)
		changes_print_states(&app->out, l);
	return -1;
}

static void print_remarks(const struct output *out, const struct setup_common *s)
{
	for (size_t i = 0; i < s->notes.n; i++)
		note(out, "%s", s->notes.v[i]);
	for (size_t i = 0; i < s->warnings.n; i++)
		warning(out, "%s", s->warnings.v[i]);
}

static void print_document(const struct app *app, const struct setup_job *job,
			   const struct changes *l)
{
	json_t *j =
		json_pack("{so so so}", "account", json_text(job->common->account), "caller",
			  json_text(job->common->caller), "region", json_text(job->common->region));
	cleanup_json json_t *more = job->document(job->setup);

	json_object_update(j, more);
	json_object_set_new(j, "changes", changes_json(l));
	json_object_set_new(j, "dry_run", json_boolean(app->dry_run));
	app_print_json(app, j);
}

static void print_result(const struct app *app, const struct setup_job *job,
			 const struct changes *l, bool ok)
{
	cleanup_free char *ready = NULL, *count = NULL;

	if (app->out.format != OUTPUT_TEXT) {
		print_document(app, job, l);
	} else if (ok && app->dry_run && l->n) {
		count = plural_str(l->n, "change");
		print_text(&app->out, "%s to make; nothing was changed (--dry-run)\n", count);
	} else if (ok) {
		ready = job->ready(job->setup);
		print_text(&app->out, "%s%s\n", l->n ? "" : "nothing to change: ", ready);
	}
}

int setup_command(struct app *app, const struct setup_job *job, struct error **err)
{
	cleanup_changes struct changes l = { 0 };
	struct aws_client *c;
	int r;

	if (app_client(app, &c, err) < 0 || job->look(c, job->setup, &l, err) < 0)
		return -1;
	print_remarks(&app->out, job->common);
	changes_print(&app->out, &l);
	fflush(stdout);
	r = app->dry_run ? 0 : apply(app, c, job, &l, err);
	print_result(app, job, &l, r == 0);
	return r < 0 ? -1 : EXIT_DONE;
}
