/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "archive/replace.h"

#include <stdlib.h>
#include <string.h>

#include "archive/api_log.h"
#include "archive/archive.h"
#include "archive/layout.h"
#include "base/error.h"
#include "base/json.h"
#include "base/str.h"
#include "base/xalloc.h"

void stored_entry_release(struct stored_entry *s)
{
	buf_release(&s->text);
	free(s->etag);
	ledger_entry_release(&s->entry);
}

static bool is_newer(const struct buf *text)
{
	cleanup_json json_t *j = NULL;

	return json_parse(text->data, text->len, "it", &j, NULL) == 0 &&
	       json_int(j, "schema_version", 0) > LEDGER_SCHEMA_VERSION;
}

int stored_entry_read(const struct archive *a, const char *log_group, const struct window *w,
		      struct stored_entry *ret, struct error **err)
{
	cleanup_free char *key = layout_ledger_key(a->prefix, a->region, log_group, w);
	cleanup_stored_entry struct stored_entry s = { .text = BUF_INIT_MAX(LEDGER_ENTRY_MAX) };
	int r = s3_get_object(&a->bucket, key, &s.text, &s.etag, err);

	if (r <= 0)
		return r;
	if (is_newer(&s.text)) {
		err_set(err, ERR_REFUSED,
			"the ledger entry 's3://%s/%s' was written by a later version of this "
			"program",
			a->bucket.name, key);
		return err_hint(err, "use that version, or a later one");
	}
	if (ledger_entry_parse(s.text.data, s.text.len, &s.entry, NULL) == 0 &&
	    (!str_eq(s.entry.log_group, log_group) || window_order(&s.entry.window, w) != 0))
		ledger_entry_release(&s.entry);
	*ret = TAKE(s);
	return 1;
}

/* A task exports once, so its id names an entry; one without a task, or damaged, has an ETag. */
static int keep(const struct archive *a, const char *log_group, const struct window *w,
		const struct stored_entry *old, struct error **err)
{
	const char *id = old->entry.task_id ? old->entry.task_id : old->etag;
	cleanup_free char *folder = layout_replaced_prefix(a->prefix, a->region, log_group);
	cleanup_free char *key = xasprintf("%s%lld-%lld.%s.json", folder, (long long)w->from_ms,
					   (long long)w->to_ms, id);

	if (s3_put_object(&a->bucket, key, old->text.data, old->text.len, "application/json", NULL,
			  err) < 0)
		return err_wrap(err, "cannot keep the earlier ledger entry");
	return 0;
}

int stored_entry_replace(const struct archive *a, const struct stored_entry *old,
			 const struct ledger_entry *e, struct error **err)
{
	if (keep(a, e->log_group, &e->window, old, err) < 0)
		return -1;
	return ledger_write(a, e, old->etag, err);
}

int stored_entry_retire(const struct archive *a, const char *log_group, const struct window *w,
			const struct stored_entry *old, struct error **err)
{
	cleanup_free char *key = layout_ledger_key(a->prefix, a->region, log_group, w);

	if (keep(a, log_group, w, old, err) < 0)
		return -1;
	return s3_delete_object_if(&a->bucket, key, old->etag, err);
}

char *stored_entry_folder(const struct archive *a, const struct api_log *log,
			  const struct stored_entry *s)
{
	const struct ledger_entry *e = &s->entry;
	const struct api_log recorded = { .api_id = e->api_id,
					  .stage = e->stage,
					  .kind = KIND_ACCESS,
					  .log_group = log->log_group };
	cleanup_strv struct strv folders = STRV_INIT;

	if (!e->task_id || strchr(e->task_id, '/') || !layout_is_task_id(e->task_id))
		return NULL;
	layout_destinations(a->prefix, a->region, log, &e->window, &folders);
	/* Only the entry tells of which API an access log is that was selected by its group. */
	if (!log->api_id && e->api_id && e->stage && log_kind_parse(e->kind) == KIND_ACCESS)
		layout_destinations(a->prefix, a->region, &recorded, &e->window, &folders);
	/* Not of another window: what is in the folder is removed. */
	for (size_t i = 0; i < folders.n; i++)
		if (str_eq0(e->destination, folders.v[i]))
			return xasprintf("%s/%s/", e->destination, e->task_id);
	return NULL;
}

int replaced_has_task(const struct archive *a, const char *log_group, const char *task_id,
		      struct error **err)
{
	cleanup_free char *folder = layout_replaced_prefix(a->prefix, a->region, log_group);
	cleanup_free char *end = xasprintf(".%s.json", task_id);
	cleanup_s3_list struct s3_list list = { 0 };
	struct s3_object o;
	int r;

	s3_list_init(&list, &a->bucket, folder, NULL);
	while ((r = s3_list_next(&list, &o, err)) > 0) {
		bool found = str_ends(o.key, end);

		s3_object_release(&o);
		if (found)
			return 1;
	}
	return r;
}

int replaced_tasks(const struct archive *a, const char *log_group, const struct window *w,
		   struct strv *ret, struct error **err)
{
	cleanup_free char *folder = layout_replaced_prefix(a->prefix, a->region, log_group);
	cleanup_free char *begin =
		xasprintf("%s%lld-%lld.", folder, (long long)w->from_ms, (long long)w->to_ms);
	cleanup_s3_list struct s3_list list = { 0 };
	struct s3_object o;
	int r;

	s3_list_init(&list, &a->bucket, begin, NULL);
	while ((r = s3_list_next(&list, &o, err)) > 0) {
		size_t n = strlen(begin);
		cleanup_free char *id = str_ends(o.key, ".json")
						? xstrndup(o.key + n, strlen(o.key) - n - 5)
						: NULL;

		if (id && !strchr(id, '/') && layout_is_task_id(id))
			strv_take(ret, TAKE(id));
		s3_object_release(&o);
	}
	return r;
}
