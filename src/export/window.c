/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>

#include "archive/layout.h"
#include "archive/selection.h"
#include "aws/client.h"
#include "aws/service/s3.h"
#include "base/env.h"
#include "base/error.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "export/internal.h"
#include "export/task.h"
#include "verify/object.h"
#include "verify/source.h"

/* One window on its way. */
struct job {
	struct export_run *run;
	const struct source *source;
	struct ledger_entry *entry;
	struct task_order order;
	struct task_wait wait;
	struct error *damage; /* the first object that was not whole */
	size_t proved;
};

static void on_progress(void *data, const char *what)
{
	struct job *j = data;

	j->run->sink->progress(j->run->sink->data, j->source, &j->entry->window, what);
}

static void fill_entry(struct job *j, const struct window *w)
{
	const struct export_options *o = j->run->opts;
	const struct source *s = j->source;

	*j->entry = (struct ledger_entry){
		.account = xstrdup(o->account),
		.region = xstrdup(o->region),
		.log_group = xstrdup(s->log_group),
		.api_id = xstrdup(s->api_id),
		.stage = xstrdup(s->stage),
		.kind = s->kind ? xstrdup(log_kind_name(s->kind)) : NULL,
		.window = *w,
		.destination = layout_destination(o->prefix, o->region, s, w, o->unit_ms < MS_DAY),
		.version = xstrdup(PACKAGE_VERSION),
	};
	j->order = (struct task_order){
		.region = o->region, .account = o->account, .log_group = s->log_group,
		.bucket = o->bucket, .destination = j->entry->destination, .window = *w,
	};
	j->wait = (struct task_wait){ o->deadline_ms, on_progress, j };
}

/* Brings a task to its end. */
static int do_task(struct job *j, bool *ret_adopted, struct error **err)
{
	struct aws_client *c = j->run->client;
	cleanup_export_task struct export_task t = { 0 };
	int found = task_adopt(c, &j->order, &t, err);

	if (found < 0)
		return -1;
	*ret_adopted = found;
	if (!found && task_create(c, &j->order, &j->wait, &t, err) < 0)
		return -1;
	if (task_follow(c, &j->order, &j->wait, &t, err) < 0)
		return -1;
	j->entry->task_id = xstrdup(t.id);
	j->entry->task_name = task_name(&j->order);
	j->entry->exported_ms = t.completed_ms ? t.completed_ms :
						 env_now_ms(aws_client_env(c));
	return 0;
}

/* What the task wrote, as the start of the ledger's list. */
static int list_objects(struct job *j, struct error **err)
{
	struct ledger_entry *e = j->entry;
	cleanup_free char *folder = xasprintf("%s/%s/", e->destination, e->task_id);
	cleanup_s3_list struct s3_list list = { 0 };
	struct s3_object o;
	int r;

	s3_list_init(&list, j->run->client, j->run->opts->bucket, folder, NULL);
	while ((r = s3_list_next(&list, &o, err)) > 0) {
		cleanup_free char *task = NULL, *stream = NULL;

		if (layout_split_object(e->destination, o.key, &task, &stream)) {
			e->objects = xreallocarray(e->objects, e->n_objects + 1,
						   sizeof(*e->objects));
			e->objects[e->n_objects++] = (struct ledger_object){
				.key = TAKE(o.key), .etag = TAKE(o.etag), .stream = TAKE(stream),
				.size = o.size,
			};
			e->size += o.size;
		}
		s3_object_release(&o);
	}
	return r;
}

static void on_proved(void *data, const struct object_job *job, const struct object_facts *facts,
		      const struct error *err)
{
	struct job *j = data;
	struct ledger_object *o = job->data;
	cleanup_free char *what = NULL;

	if (err && !j->damage) {
		err_set(&j->damage, err->kind, "'s3://%s/%s' is not whole: %s", job->bucket,
			job->key, err->msg);
		if (err->hint)
			err_hint(&j->damage, "%s", err->hint);
		if (err->kind == ERR_FOUND)
			err_hint(&j->damage, "the window is not recorded; remove the objects of task "
				 "%s and run it again to export it anew", j->entry->task_id);
	}
	o->bytes = facts->bytes;
	o->events = facts->events;
	o->first_ms = facts->first_ms;
	o->last_ms = facts->last_ms;
	j->entry->bytes += facts->bytes;
	j->entry->events += facts->events;
	what = xasprintf("proving object %zu of %zu", ++j->proved, j->entry->n_objects);
	on_progress(j, what);
}

static int prove_objects(struct job *j, struct error **err)
{
	struct ledger_entry *e = j->entry;
	struct object_job *jobs = xcalloc(e->n_objects, sizeof(*jobs));
	int r;

	for (size_t i = 0; i < e->n_objects; i++)
		jobs[i] = (struct object_job){
			.bucket = j->run->opts->bucket, .key = e->objects[i].key,
			.etag = e->objects[i].etag, .size = e->objects[i].size,
			.window = e->window, .data = &e->objects[i],
		};
	r = objects_check(aws_client_session(j->run->client), j->run->opts->jobs, jobs,
			  e->n_objects, NULL, on_proved, j, err);
	free(jobs);
	if (r == 0 && j->damage) {
		*err = TAKE(j->damage);
		return -1;
	}
	return r;
}

/* Without objects the source must be empty too, or something went wrong that nobody said. */
static int prove_empty(struct job *j, struct error **err)
{
	int any = source_has_events(j->run->client, j->source->log_group, &j->entry->window, err);

	if (any < 0)
		return err_wrap(err, "cannot tell whether nothing had to be exported");
	if (any && !j->entry->task_id)
		return err_set(err, ERR_REFUSED,
			       "the log group is younger than the window's end, so AWS does not "
			       "export it, though it holds events of that time");
	if (any) {
		err_set(err, ERR_FOUND,
			"the export task %s completed without an object, though CloudWatch holds "
			"events in the window", j->entry->task_id);
		return err_hint(err, "they may not have settled: run it again in some hours");
	}
	return 0;
}

static int prove(struct job *j, struct error **err)
{
	if (j->entry->task_id && list_objects(j, err) < 0)
		return -1;
	if ((j->entry->n_objects ? prove_objects(j, err) : prove_empty(j, err)) < 0)
		return -1;
	j->entry->state = xstrdup(j->entry->n_objects ? LEDGER_EXPORTED : LEDGER_EMPTY);
	j->entry->verified_ms = env_now_ms(aws_client_env(j->run->client));
	if (!j->entry->exported_ms)
		j->entry->exported_ms = j->entry->verified_ms;
	return 0;
}

/* Another run recorded the window first: its objects count, and ours go. */
static int yield_to_other(struct job *j, struct error **err)
{
	const struct export_options *o = j->run->opts;
	struct aws_client *c = j->run->client;
	struct ledger_entry other;
	int r = ledger_read(c, o->bucket, o->prefix, o->region, j->source->log_group,
			    &j->entry->window, &other, err);

	if (r <= 0)
		return r < 0 ? -1 :
			       err_set(err, ERR_UNREACHABLE,
				       "the window's ledger entry is there and is not there");
	if (!str_eq0(other.task_id, j->entry->task_id)) {
		for (size_t i = 0; i < j->entry->n_objects && r > 0; i++)
			r = s3_delete_object(c, o->bucket, j->entry->objects[i].key, err) < 0 ? -1 : 1;
	}
	ledger_entry_release(j->entry);
	*j->entry = other;
	return r < 0 ? -1 : 0;
}

static int record(struct job *j, struct error **err)
{
	int r = ledger_write(j->run->client, j->run->opts->bucket, j->run->opts->prefix, j->entry,
			     err);

	if (r < 0)
		return err_wrap(err, "cannot record the window in the ledger");
	return r ? 0 : yield_to_other(j, err);
}

/* What CloudWatch Logs left to see if it may write. */
static void remove_write_test(struct job *j)
{
	cleanup_free char *key = layout_write_test_key(j->entry->destination);
	cleanup_error struct error *err = NULL;

	if (s3_delete_object(j->run->client, j->run->opts->bucket, key, &err) < 0) {
		cleanup_free char *text =
			xasprintf("the object 's3://%s/%s' of CloudWatch Logs could not be removed: %s",
				  j->run->opts->bucket, key, err->msg);

		j->run->sink->note(j->run->sink->data, text);
	}
}

int export_window(struct export_run *run, const struct source *source, const struct window *w,
		  int64_t created_ms, struct ledger_entry *ret, bool *ret_adopted,
		  struct error **err)
{
	cleanup_ledger_entry struct ledger_entry entry = { 0 };
	struct job j = { .run = run, .source = source, .entry = &entry };
	int r = 0;

	fill_entry(&j, w);
	*ret_adopted = false;
	/* AWS takes no task that ends before the group began. */
	if (w->to_ms > created_ms)
		r = do_task(&j, ret_adopted, err);
	if (r == 0)
		r = prove(&j, err);
	if (r == 0)
		r = record(&j, err);
	if (entry.task_id && r == 0)
		remove_write_test(&j);
	error_free(j.damage);
	if (r < 0)
		return -1;
	*ret = entry;
	entry = (struct ledger_entry){ 0 };
	return 0;
}
