/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "cli/changes.h"

#include <string.h>

#include "aws/client.h"
#include "base/env.h"
#include "base/error.h"
#include "base/str.h"
#include "base/time.h"
#include "base/xalloc.h"
#include "cli/app.h"
#include "cli/output.h"
#include "cli/table.h"

/* IAM and S3 may show an old state for a moment: looked at so often, further and further apart. */
#define LOOKS_BACK 5

static json_t *changes_json(const struct changes *l)
{
	json_t *list = json_array();

	for (size_t i = 0; i < l->n; i++) {
		const struct change *c = &l->v[i];

		json_array_append_new(
			list, json_pack("{so so so so ss}", "resource", json_text(c->resource),
					"property", json_text(c->property), "current",
					json_text(c->current), "desired", json_text(c->desired),
					"state", change_state_name(c->state)));
	}
	return list;
}

/* A format or a list may be long; JSON has it whole. */
#define TEXT_MAX 120

static char *shortened(const char *s)
{
	size_t n = strlen(s);

	return n <= TEXT_MAX ? xstrdup(s) : xasprintf("%.*s...", TEXT_MAX - 3, s);
}

static void add_row(struct table *t, const struct change *c, const char *first, enum style mood)
{
	cleanup_free char *current = c->current ? shortened(c->current) : NULL;
	cleanup_free char *desired = c->desired ? shortened(c->desired) : NULL;

	table_add_word(t, mood, first);
	table_add(t, "%s", c->resource);
	table_add(t, "%s", c->property);
	if (current && desired)
		table_add(t, "%s -> %s", current, desired);
	else
		table_add(t, "%s", desired ? desired : current);
}

static void print_plan(const struct app *app, const struct changes *l)
{
	cleanup_table struct table t = { 0 };

	table_init(&t, 4);
	for (size_t i = 0; i < l->n; i++) {
		const struct change *c = &l->v[i];

		if (!c->current)
			add_row(&t, c, "+", STYLE_GOOD);
		else if (!c->desired)
			add_row(&t, c, "-", STYLE_BAD);
		else
			add_row(&t, c, "~", STYLE_UNSURE);
	}
	table_print(&app->out, &t, 0);
	fflush(stdout);
}

/* After a failure: what was done and what was not. */
static void print_states(const struct app *app, const struct changes *l)
{
	static const struct {
		const char *word;
		enum style mood;
	} words[] = { { "not done", STYLE_UNSURE },
		      { "done", STYLE_GOOD },
		      { "failed", STYLE_BAD } };
	cleanup_table struct table t = { 0 };

	table_init(&t, 4);
	for (size_t i = 0; i < l->n; i++)
		add_row(&t, &l->v[i], words[l->v[i].state].word, words[l->v[i].state].mood);
	table_print(&app->out, &t, 0);
}

struct waiting {
	const struct app *app;
	bool said;
};

/* Said once, however often it waits. */
static void note_wait(void *data, const char *why)
{
	struct waiting *w = data;

	if (!w->said)
		note(&w->app->out, "%s", why);
	w->said = true;
}

/* What was applied must be there now. */
static int look_back(const struct app *app, struct aws_client *c, const struct setup_job *job,
		     struct error **err)
{
	int64_t wait = MS_SECOND;

	for (int i = 1;; i++, wait *= 2) {
		cleanup_changes struct changes left = { 0 };

		if (job->look(c, job->data, &left, err) < 0)
			return err_wrap(err, "the changes were made, but cannot be looked at");
		if (left.n == 0)
			return 0;
		if (i == LOOKS_BACK) {
			err_set(err, ERR_UNREACHABLE,
				"AWS took the changes, but %s does not show the %s",
				left.v[0].resource, left.v[0].property);
			return err_hint(err, "run it again; somebody else may be changing it too");
		}
		if (!env_sleep_ms(&app->env, wait))
			return err_interrupted(err);
	}
}

void setup_job_release(struct setup_job *job)
{
	changes_release(&job->changes);
}

static void print_remarks(const struct app *app, const struct setup_job *job)
{
	for (size_t i = 0; i < job->notes->n; i++)
		note(&app->out, "%s", job->notes->v[i]);
	for (size_t i = 0; i < job->warnings->n; i++)
		warning(&app->out, "%s", job->warnings->v[i]);
}

int setup_run(struct app *app, struct setup_job *job, struct error **err)
{
	struct waiting waiting = { app, false };
	struct change_run run = { .wait = note_wait, .data = &waiting };
	struct changes *l = &job->changes;

	if (app_client(app, &run.client, err) < 0 || job->look(run.client, job->data, l, err) < 0)
		return -1;
	job->listed = true;
	print_remarks(app, job);
	if (!app->out.quiet || app->dry_run)
		print_plan(app, l);
	if (app->dry_run || l->n == 0)
		return 0;
	if (changes_apply(l, &run, err) == 0)
		return look_back(app, run.client, job, err);
	/* One step that failed as a whole needs no second table. */
	if (l->n > 1)
		print_states(app, l);
	return -1;
}

void setup_print(const struct app *app, const struct setup_job *job, json_t *document,
		 const char *ready)
{
	size_t n = job->changes.n;

	json_object_set_new(document, "changes", changes_json(&job->changes));
	json_object_set_new(document, "dry_run", json_boolean(app->dry_run));
	if (app->out.format == OUTPUT_JSON) {
		print_json(document);
		return;
	}
	json_decref(document);
	if (!ready || (app->out.quiet && !app->dry_run))
		return;
	if (app->dry_run && n)
		print_text(&app->out, "%zu change%s to make; nothing was changed (--dry-run)\n", n,
			   n == 1 ? "" : "s");
	else
		print_text(&app->out, "%s%s\n", n ? "" : "nothing to change: ", ready);
}
