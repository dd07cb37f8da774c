/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "export/task.h"

#include <stdlib.h>

#include "archive/archive.h"
#include "archive/layout.h"
#include "aws/client.h"
#include "base/crypto.h"
#include "base/env.h"
#include "base/error.h"
#include "base/str.h"
#include "base/time.h"
#include "base/xalloc.h"

/* DescribeExportTasks is limited to 5 calls a second for the account, so waits get longer. */
#define POLL_FIRST_MS 200
#define POLL_MAX_MS 10000
/* Lost replies before giving up. */
#define LOST_MAX 5
/* DescribeExportTasks may not know a task at once; one that AWS has not shown by then is lost. */
#define UNKNOWN_MAX_MS (2 * MS_MINUTE)

static struct aws_client *client_of(const struct task_order *o)
{
	return o->archive->bucket.client;
}

/* TASK_NAME_PREFIX and a digest of the order with this destination. Caller frees. */
static char *task_name(const struct task_order *o, const char *destination)
{
	cleanup_buf struct buf b = BUF_INIT;
	struct buf name = BUF_INIT;
	uint8_t digest[SHA256_SIZE];

	buf_addf(&b, "%s\n%s\n%s\n%s\n%s\n%lld\n%lld\n", o->archive->account, o->archive->region,
		 o->log_group, o->archive->bucket.name, destination, (long long)o->window.from_ms,
		 (long long)o->window.to_ms);
	sha256_once(b.data, b.len, digest);
	buf_adds(&name, TASK_NAME_PREFIX);
	buf_add_hex(&name, digest, 12);
	return buf_take(&name);
}

static bool is_ours(const struct task_order *o, const struct export_task *t)
{
	cleanup_free char *name = NULL;

	if (!t->prefix || !strv_has(o->destinations, t->prefix))
		return false;
	if (o->spent && t->id && strv_has(o->spent, t->id))
		return false;
	name = task_name(o, t->prefix);
	return str_eq0(t->name, name) && str_eq0(t->log_group, o->log_group) &&
	       str_eq0(t->bucket, o->archive->bucket.name) && t->from_ms == o->window.from_ms &&
	       t->to_ms == o->window.to_ms;
}

static bool is_over(const struct export_task *t)
{
	return t->status == EXPORT_COMPLETED || t->status == EXPORT_FAILED ||
	       t->status == EXPORT_CANCELLED;
}

/* Removes the objects of a failed task: no entry has them, but a reader would find them. */
static int remove_leftovers(const struct task_order *o, const struct export_task *t,
			    struct error **err)
{
	cleanup_free char *folder = xasprintf("%s/%s/", t->prefix, t->id);

	if (s3_delete_folder(&o->archive->bucket, folder, err) < 0)
		return err_wrap(err, "cannot remove the objects of export task %s", t->id);
	return 0;
}

/* Another task that is active, for a message. Caller frees. */
static char *describe(const struct export_task *t)
{
	return xasprintf("task %s%s%s%s of log group '%s'", t->id, t->name ? " '" : "",
			 t->name ? t->name : "", t->name ? "'" : "",
			 t->log_group ? t->log_group : "");
}

/* Looks through the tasks of a status: 1, 0, -1. *other becomes the first that is not ours. */
static int find_active(const struct task_order *o, enum export_status status,
		       struct export_task *ret, char **other, struct error **err)
{
	cleanup_aws_pages struct aws_pages pages = { 0 };
	struct export_task t;
	int r;

	logs_tasks_init(&pages, client_of(o), status);
	while ((r = logs_tasks_next(&pages, &t, err)) > 0) {
		if (is_ours(o, &t)) {
			*ret = t;
			return 1;
		}
		if (!*other)
			*other = describe(&t);
		export_task_release(&t);
	}
	return r;
}

/* In the order of a task's life, so that one whose status changes meanwhile is not missed. */
static int find_any_active(const struct task_order *o, struct export_task *ret, char **other,
			   struct error **err)
{
	int r = 0;

	for (enum export_status s = EXPORT_PENDING; s <= EXPORT_PENDING_CANCEL && r == 0; s++)
		r = find_active(o, s, ret, other, err);
	return r;
}

/* Folders below a destination are named for tasks, so AWS's list of all tasks is not needed. */
static int find_by_folder(const struct task_order *o, const char *destination,
			  struct export_task *ret, struct error **err)
{
	cleanup_free char *folder = xasprintf("%s/", destination);
	cleanup_s3_list struct s3_list list = { 0 };
	char *prefix;
	int r;

	s3_list_init(&list, &o->archive->bucket, folder, "/");
	while ((r = s3_list_next_prefix(&list, &prefix, err)) > 0) {
		cleanup_free char *owned = prefix;
		cleanup_export_task struct export_task t = { 0 };
		char *id = owned + strlen(folder);

		/* A partition such as hh=05, or a folder that no task made. */
		if (!layout_is_task_id(id))
			continue;
		id[strlen(id) - 1] = '\0';
		if (logs_get_export_task(client_of(o), id, &t, err) < 0)
			return -1;
		if (!t.id || !is_ours(o, &t) || !is_over(&t))
			continue;
		if (t.status == EXPORT_COMPLETED) {
			*ret = TAKE(t);
			return 1;
		}
		if (remove_leftovers(o, &t, err) < 0)
			return -1;
	}
	return r;
}

int task_find_done(const struct task_order *o, struct export_task *ret, struct error **err)
{
	int r = 0;

	for (size_t i = 0; i < o->destinations->n && r == 0; i++)
		r = find_by_folder(o, o->destinations->v[i], ret, err);
	return r;
}

/* task_adopt(); *other describes an active task that is not ours. Caller frees it. */
static int adopt(const struct task_order *o, struct export_task *ret, char **other,
		 struct error **err)
{
	int r = find_any_active(o, ret, other, err);

	return r ? r : task_find_done(o, ret, err);
}

int task_adopt(const struct task_order *o, struct export_task *ret, struct error **err)
{
	cleanup_free char *other = NULL;

	return adopt(o, ret, &other, err);
}

/* Waits, longer each time. Fails when the deadline has passed or on an interrupt. */
static int pause_before_poll(const struct task_order *o, const struct task_wait *wait,
			     int64_t *poll_ms, const char *state, const char *what,
			     struct error **err)
{
	const struct env *env = aws_client_env(client_of(o));
	int64_t now = aws_client_now_ms(client_of(o)), ms = *poll_ms;

	if (wait->progress)
		wait->progress(wait->data, state, what);
	if (wait->deadline_ms && now >= wait->deadline_ms) {
		err_set(err, ERR_UNREACHABLE, "%s, and --timeout has passed", what);
		return err_hint(err, "run the command again later to continue, or raise --timeout");
	}
	if (wait->deadline_ms && ms > wait->deadline_ms - now)
		ms = wait->deadline_ms - now;
	if (!env_sleep_ms(env, ms))
		return err_interrupted(err);
	*poll_ms = *poll_ms * 3 / 2 < POLL_MAX_MS ? *poll_ms * 3 / 2 : POLL_MAX_MS;
	return 0;
}

/* The code alone is not enough: AccessDenied may be about the caller or CloudWatch Logs. */
static void hint_for(struct error *err, const struct task_order *o)
{
	cleanup_free char *hint = NULL;

	/* AWS has changed the code that comes with these words, so the words decide. */
	if (err_says(err, "GetBucketAcl") || err_says(err, "PutObject call"))
		hint = xasprintf("let CloudWatch Logs into the bucket: apigw-logs setup-bucket "
				 "--bucket %s",
				 o->archive->bucket.name);
	else if (err_says(err, "caller has been granted s3:PutObject"))
		hint = xstrdup("the caller itself needs the permission for s3:PutObject on the "
			       "bucket");
	else if (err_says(err, "bucket does not exist"))
		hint = xasprintf("create it: apigw-logs setup-bucket --bucket %s",
				 o->archive->bucket.name);
	else if (err_is(err, "ResourceNotFoundException"))
		hint = xstrdup("check the name and the region; a group appears with its first "
			       "event");
	if (!hint)
		return;
	err_drop_hint(&err);
	err_hint(&err, "%s", hint);
}

/*
 * CreateExportTask has no parameter for the expected owner of the bucket, so the owner is
 * checked just before: the bucket may have been deleted and created by somebody else.
 */
static int check_owner(const struct task_order *o, struct error **err)
{
	int r = bucket_check(&o->archive->bucket, o->archive->region, err);

	if (r == 0)
		return err_set(err, ERR_REFUSED, "bucket '%s' no longer exists",
			       o->archive->bucket.name);
	return r < 0 ? -1 : 0;
}

int task_create(const struct task_order *o, const struct task_wait *wait, struct export_task *ret,
		struct error **err)
{
	const char *destination = o->destinations->v[0];
	cleanup_free char *name = task_name(o, destination), *id = NULL;
	const struct export_spec spec = {
		.task_name = name,
		.log_group = o->log_group,
		.bucket = o->archive->bucket.name,
		.prefix = destination,
		.from_ms = o->window.from_ms,
		.to_ms = o->window.to_ms,
	};
	int64_t poll_ms = POLL_FIRST_MS;
	int lost = 0;

	for (;;) {
		cleanup_error struct error *own = NULL;
		cleanup_free char *what = NULL, *other = NULL;
		int r = check_owner(o, &own);

		if (r == 0)
			r = logs_create_export_task(client_of(o), &spec, &id, &own);

		if (r == 0)
			break;
		lost += r < 0;
		if (r < 0 && (own->kind != ERR_UNREACHABLE || lost > LOST_MAX)) {
			hint_for(own, o);
			return err_move(&own, err);
		}
		/* The slot is taken, or the reply was lost. Either way the task may be ours. */
		r = adopt(o, ret, &other, err);
		if (r)
			return r < 0 ? -1 : 0;
		if (own)
			what = xasprintf("no answer to logs:CreateExportTask (%s)", own->msg);
		else if (other)
			what = xasprintf(
				"waiting for %s, because region %s runs one export at a time",
				other, o->archive->region);
		else
			/* No task is active: one has just ended, or requests are limited. */
			what = xasprintf(
				"CloudWatch Logs in %s accepts no export task at the moment",
				o->archive->region);
		if (pause_before_poll(o, wait, &poll_ms, "waiting", what, err) < 0)
			return -1;
	}
	*ret = (struct export_task){
		.id = TAKE(id),
		.name = TAKE(name),
		.prefix = xstrdup(destination),
		.status = EXPORT_PENDING,
	};
	return 0;
}

static int fail_task(const struct task_order *o, const struct export_task *t, struct error **err)
{
	bool failed = t->status == EXPORT_FAILED;

	if (remove_leftovers(o, t, err) < 0)
		return -1;
	err_set(err, ERR_REFUSED, "export task %s %s%s%s", t->id,
		failed ? "failed" : "was cancelled", t->message ? ": " : "",
		t->message ? t->message : "");
	if (failed && err)
		(*err)->aws_code = xstrdup(TASK_FAILED);
	return err_hint(err,
			failed ? "run the command again; if it fails again, try a shorter --window"
			       : "run the command again to export the window");
}

int task_follow(const struct task_order *o, const struct task_wait *wait, struct export_task *t,
		struct error **err)
{
	int64_t poll_ms = POLL_FIRST_MS;
	int64_t unknown_ms = 0; /* since when AWS does not know the task; 0: it does */

	while (!is_over(t)) {
		cleanup_free char *what =
			xasprintf("export task %s is %s", t->id, export_status_name(t->status));
		cleanup_free char *id = xstrdup(t->id);
		struct export_task now;
		int r;

		if (pause_before_poll(o, wait, &poll_ms, export_status_name(t->status), what, err) <
		    0)
			return -1;
		r = logs_get_export_task(client_of(o), id, &now, err);
		if (r < 0)
			return -1;
		if (r == 0) {
			int64_t now_ms = aws_client_now_ms(client_of(o));

			if (!unknown_ms)
				unknown_ms = now_ms;
			if (now_ms - unknown_ms < UNKNOWN_MAX_MS)
				continue;
			err_set(err, ERR_UNREACHABLE, "AWS does not know export task %s", id);
			return err_hint(err, "run the command again: it looks for the task first");
		}
		unknown_ms = 0;
		export_task_release(t);
		*t = now;
	}
	if (t->status == EXPORT_COMPLETED)
		return 0;
	return fail_task(o, t, err);
}
