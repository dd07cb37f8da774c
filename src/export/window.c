/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "export/window.h"

#include <inttypes.h>
#include <stdlib.h>

#include "archive/archive.h"
#include "archive/claim.h"
#include "archive/layout.h"
#include "archive/ledger.h"
#include "archive/api_log.h"
#include "archive/readings.h"
#include "archive/replace.h"
#include "aws/client.h"
#include "base/env.h"
#include "base/error.h"
#include "base/str.h"
#include "base/time.h"
#include "base/xalloc.h"
#include "export/empty.h"
#include "export/export.h"
#include "export/prove.h"
#include "export/spent.h"
#include "export/task.h"

/* A window being exported. */
struct job {
	struct export_run *run;
	const struct api_log *log;
	const struct log_group *group;
	const struct stored_entry *old; /* the entry to replace, or NULL */
	struct spent spent;             /* the tasks that it makes superfluous */
	struct ledger_entry *entry;
	struct strv destinations; /* see layout_destinations() */
	struct task_order order;
	struct task_wait wait;
};

static void job_release(struct job *j)
{
	strv_release(&j->destinations);
	spent_release(&j->spent);
}

static void on_progress(void *data, const char *state, const char *what)
{
	struct job *j = data;
	const struct export_progress p = { j->log, j->entry->window, state,
					   what,   j->run->begun,    j->run->total };

	j->run->sink->progress(j->run->sink->data, &p);
}

static int job_init(struct job *j, const struct window *w, struct error **err)
{
	const struct archive *a = j->run->opts->archive;
	char *folder = j->old ? stored_entry_folder(a, j->log, j->old) : NULL;

	if (folder)
		spent_add(&j->spent, j->old->entry.task_id, folder);
	if (j->old && spent_add_replaced(&j->spent, j->run, j->log, w, err) < 0)
		return -1;
	layout_destinations(a->prefix, a->region, j->log, w, &j->destinations);
	j->order = (struct task_order){
		.archive = a,
		.log_group = j->log->log_group,
		.destinations = &j->destinations,
		.spent = &j->spent.ids,
		.window = *w,
	};
	j->wait = (struct task_wait){ j->run->opts->deadline_ms, on_progress, j };
	return 0;
}

static void fill_entry(struct job *j)
{
	const struct archive *a = j->run->opts->archive;
	const struct api_log *s = j->log;

	*j->entry = (struct ledger_entry){
		.account = xstrdup(a->account),
		.region = xstrdup(a->region),
		.log_group = xstrdup(s->log_group),
		.api_id = xstrdup(s->api_id),
		.api_name = xstrdup(s->api_name),
		.stage = xstrdup(s->stage),
		.kind = s->kind ? xstrdup(log_kind_name(s->kind)) : NULL,
		.window = j->order.window,
		.destination = xstrdup(j->destinations.v[0]),
		.readings = READINGS_ALL,
		.retention_days = j->group->retention_days,
		.group_created_ms = j->group->created_ms,
		.version = xstrdup(PACKAGE_VERSION),
	};
}

/* Adopts or creates the task, and waits until it ends. */
static int do_task(struct job *j, bool *ret_adopted, struct error **err)
{
	struct aws_client *c = j->run->client;
	cleanup_export_task struct export_task t = { 0 };
	int found = task_adopt(&j->order, &t, err);

	if (found < 0)
		return -1;
	*ret_adopted = found;
	if (!found && task_create(&j->order, &j->wait, &t, err) < 0)
		return -1;
	if (task_follow(&j->order, &j->wait, &t, err) < 0) {
		if (env_stopped(aws_client_env(c)))
			err_hint(err,
				 "export task %s continues in AWS; the same command resumes it",
				 t.id);
		return -1;
	}
	j->entry->task_id = TAKE(t.id);
	j->entry->task_name = TAKE(t.name);
	free(j->entry->destination);
	j->entry->destination = TAKE(t.prefix);
	j->entry->task_ms = t.created_ms ? t.created_ms : aws_client_now_ms(c);
	j->entry->exported_ms = t.completed_ms ? t.completed_ms : aws_client_now_ms(c);
	return 0;
}

static int remove_objects(struct job *j, struct error **err)
{
	for (size_t i = 0; i < j->entry->n_objects; i++)
		if (s3_delete_object(&j->run->opts->archive->bucket, j->entry->objects[i].key,
				     err) < 0)
			return -1;
	return 0;
}

/* Another run recorded the window first: its objects stay, and ours are removed. */
static int take_recorded(struct job *j, struct error **err)
{
	const struct export_options *o = j->run->opts;
	struct ledger_entry other;
	int r = ledger_read(o->archive, j->log->log_group, &j->entry->window, &other, err);

	if (r == 0 && j->old)
		return remove_objects(j, err) < 0
			       ? -1
			       : err_set(err, ERR_OVERTAKEN,
					 "another run removed the window's ledger entry in the "
					 "meantime");
	if (r <= 0)
		return r < 0 ? -1
			     : err_set(err, ERR_UNREACHABLE,
				       "S3 reports that the window's ledger entry exists, but it "
				       "cannot be read back");
	if (!str_eq0(other.task_id, j->entry->task_id))
		r = remove_objects(j, err);
	ledger_entry_release(j->entry);
	*j->entry = other;
	return r < 0 ? -1 : 0;
}

/* Another run recorded an overlapping window first: nothing may be in the bucket twice. */
static int withdraw(struct job *j, const struct window *other, struct error **err)
{
	char from[TIME_ISO_SIZE], to[TIME_ISO_SIZE];

	if (remove_objects(j, err) < 0)
		return -1;
	err_set(err, ERR_OVERTAKEN,
		"another run recorded the window from %s to %s in the meantime, so the "
		"objects of this one were removed",
		time_iso(other->from_ms, from), time_iso(other->to_ms, to));
	return err_hint(err,
			"run the command again when the other run has ended, to export what is "
			"still missing");
}

/* 1 if another run has changed or removed the entry that is to be replaced, 0, -1. */
static int check_replaced(struct job *j, struct error **err)
{
	cleanup_stored_entry struct stored_entry now = { 0 };
	int r = stored_entry_read(j->run->opts->archive, j->log->log_group, &j->entry->window, &now,
				  err);

	return r < 0 ? -1 : !r || !str_eq(now.etag, j->old->etag);
}

/* 1 if the window was recorded since the plan was made, 0 if not; -1, also if part of it was. */
static int check_recorded(struct job *j, struct error **err)
{
	const struct window *w = &j->entry->window;
	cleanup_windows struct windows recorded = { 0 };
	const struct window *other = NULL;

	if (j->old)
		return check_replaced(j, err);
	if (ledger_windows(j->run->opts->archive, j->log->log_group, &recorded, err) < 0)
		return -1;
	for (size_t i = 0; i < recorded.n; i++) {
		if (recorded.v[i].from_ms == w->from_ms && recorded.v[i].to_ms == w->to_ms)
			return 1;
		if (window_overlaps(&recorded.v[i], w))
			other = &recorded.v[i];
	}
	return other ? withdraw(j, other, err) : 0;
}

static int replace(struct job *j, struct error **err)
{
	int r = stored_entry_replace(j->run->opts->archive, j->old, j->entry, err);

	if (r < 0)
		return err_wrap(err, "cannot record the window in the ledger");
	if (!r && take_recorded(j, err) < 0)
		return -1;
	/* An entry of another run may have taken one of these tasks. */
	return spent_remove(&j->spent, j->run, j->entry->task_id, err);
}

static int record(struct job *j, struct error **err)
{
	const struct archive *a = j->run->opts->archive;
	struct window other;
	int stands = 1, written = 0, found;

	if (j->old)
		return replace(j, err);
	found = check_recorded(j, err);

	if (found == 0)
		written = ledger_write(a, j->entry, NULL, err);
	if (written > 0)
		stands = claim_confirm(a, j->entry, &other, err);
	if (found < 0 || written < 0 || stands < 0)
		return err_wrap(err, "cannot record the window in the ledger");
	if (!stands)
		return withdraw(j, &other, err);
	return written ? 0 : take_recorded(j, err);
}

/* The marker that CloudWatch Logs writes to test its permission. */
static void remove_write_test(struct job *j)
{
	cleanup_free char *key = layout_write_test_key(j->entry->destination);
	cleanup_error struct error *err = NULL;

	if (s3_delete_object(&j->run->opts->archive->bucket, key, &err) < 0) {
		cleanup_free char *text = xasprintf(
			"cannot remove 's3://%s/%s', a test object of CloudWatch Logs: %s",
			j->run->opts->archive->bucket.name, key, err->msg);

		j->run->sink->note(j->run->sink->data, text);
	}
}

/* Objects that are not what they should be: what was there before a redo stays until its end. */
static int set_aside(struct job *j, bool adopted, struct error **err)
{
	const struct ledger_entry *e = j->entry;

	if (!j->old || !adopted)
		return remove_objects(j, err);
	spent_add(&j->spent, e->task_id, xasprintf("%s/%s/", e->destination, e->task_id));
	return 0;
}

/*
 * An adopted task may have lost objects since an earlier run created it, so if they differ
 * from what CloudWatch Logs holds, the window is exported again at once. If a task of this
 * run differs, the events may not have settled, so another one is left to the next run.
 */
static int do_verified_task(struct job *j, bool *ret_adopted, struct error **err)
{
	for (;;) {
		cleanup_error struct error *own = NULL;
		bool again;
		int r;

		if (do_task(j, ret_adopted, err) < 0)
			return -1;
		if (window_prove(j->run, j->log, j->group, j->entry, *ret_adopted, &again, &own) ==
		    0)
			return 0;
		/* Another run may have adopted the same task, and recorded these objects. */
		r = again ? check_recorded(j, err) : 0;
		if (r)
			return r < 0 ? -1 : 0;
		if (again && set_aside(j, *ret_adopted, err) < 0)
			return -1;
		if (!again || !*ret_adopted) {
			if (again)
				err_hint(&own,
					 "the next run exports the window again; its events may "
					 "not have settled yet");
			return err_move(&own, err);
		}
		ledger_entry_release(j->entry);
		fill_entry(j);
	}
}

/*
 * 1 if the window is to have a task, or has one of an earlier run: since then the
 * events may have expired, or the log group may have been created again. 0; -1.
 */
static int needs_task(struct job *j, struct error **err)
{
	cleanup_export_task struct export_task done = { 0 };
	int r = window_needs_task(j->run, j->group, j->entry, err);

	if (r == 0)
		r = task_find_done(&j->order, &done, err);
	if (r > 0)
		free(TAKE(j->entry->source));
	return r;
}

/* Streams can be deleted, so a new export may hold less than what it would replace. */
static int compare_with_old(struct job *j, struct error **err)
{
	const struct ledger_entry *old = &j->old->entry;
	int changed;

	if (j->entry->events >= old->events) {
		j->entry->replaces = xstrdup(old->task_id);
		j->entry->supplement = old->log_group ? j->entry->events - old->events : 0;
		return 0;
	}
	changed = check_replaced(j, err);
	if (changed)
		return changed < 0 ? -1
				   : 0; /* record() takes over what the other run has written */
	if (remove_objects(j, err) < 0)
		return -1;
	err_set(err, ERR_FOUND,
		"CloudWatch Logs holds fewer events of the window by now (%" PRIu64
		") than are recorded (%" PRIu64 "), so the earlier objects stay",
		j->entry->events, old->events);
	return -1;
}

int export_window(struct export_run *run, const struct api_log *log, const struct log_group *group,
		  const struct window *w, const struct stored_entry *old, struct ledger_entry *ret,
		  bool *ret_adopted, struct error **err)
{
	cleanup_ledger_entry struct ledger_entry entry = { 0 };
	cleanup(job_release) struct job j = {
		.run = run, .log = log, .group = group, .old = old, .entry = &entry
	};
	bool again;
	int r, task;

	if (job_init(&j, w, err) < 0)
		return -1;
	fill_entry(&j);
	*ret_adopted = false;
	task = r = needs_task(&j, err);
	if (r >= 0)
		r = task ? do_verified_task(&j, ret_adopted, err)
			 : window_prove(run, log, group, &entry, false, &again, err);
	/* Before the window is recorded, because no later run looks at it again. */
	if (task > 0 && (r == 0 || (*err)->kind == ERR_REFUSED || (*err)->kind == ERR_FOUND))
		remove_write_test(&j);
	if (r == 0 && old)
		r = compare_with_old(&j, err);
	if (r == 0)
		r = record(&j, err);
	if (r < 0)
		return -1;
	*ret = TAKE(entry);
	return 0;
}
