/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "archive/ledger.h"

#include <stdlib.h>
#include <string.h>

#include "archive/archive.h"
#include "archive/layout.h"
#include "archive/readings.h"
#include "aws/client.h"
#include "aws/service/logs.h"
#include "base/env.h"
#include "base/error.h"
#include "base/json.h"
#include "base/str.h"
#include "base/xalloc.h"

/* S3 may refuse both of two concurrent conditional puts, and asks for a retry. */
#define CONFLICTS_MAX 5
#define CONFLICT_WAIT_MS 200

void ledger_entry_release(struct ledger_entry *e)
{
	free(e->account);
	free(e->region);
	free(e->log_group);
	free(e->api_id);
	free(e->api_name);
	free(e->stage);
	free(e->kind);
	free(e->task_id);
	free(e->task_name);
	free(e->destination);
	free(e->state);
	free(e->source);
	free(e->replaces);
	for (size_t i = 0; i < e->n_objects; i++)
		archive_object_release(&e->objects[i]);
	free(e->objects);
	free(e->version);
	*e = (struct ledger_entry){ 0 };
}

void ledger_list_release(struct ledger_list *l)
{
	free(l->v);
	*l = (struct ledger_list){ 0 };
}

static int by_window(const void *a, const void *b)
{
	const struct ledger_item *x = a, *y = b;

	return window_order(&x->window, &y->window);
}

int ledger_list(const struct archive *a, const char *log_group, struct ledger_list *ret,
		struct error **err)
{
	cleanup_free char *folder = layout_ledger_prefix(a->prefix, a->region, log_group);
	cleanup_ledger_list struct ledger_list found = { 0 };
	cleanup_s3_list struct s3_list list = { 0 };
	struct s3_object o;
	int r;

	s3_list_init(&list, &a->bucket, folder, NULL);
	while ((r = s3_list_next(&list, &o, err)) > 0) {
		cleanup_free char *key = NULL;
		struct window w;

		/* Only the spelling of a window that ledger_read() would look for. */
		if (layout_ledger_window(o.key, &w)) {
			key = layout_ledger_key(a->prefix, a->region, log_group, &w);
			if (str_eq(key, o.key)) {
				GROW(found.v, found.n);
				found.v[found.n++] = (struct ledger_item){ w, o.size };
			}
		}
		s3_object_release(&o);
	}
	if (r < 0)
		return -1;
	if (found.n)
		qsort(found.v, found.n, sizeof(*found.v), by_window);
	*ret = TAKE(found);
	return 0;
}

int ledger_windows(const struct archive *a, const char *log_group, struct windows *ret,
		   struct error **err)
{
	cleanup_ledger_list struct ledger_list list = { 0 };

	if (ledger_list(a, log_group, &list, err) < 0)
		return -1;
	for (size_t i = 0; i < list.n; i++)
		windows_add(ret, list.v[i].window.from_ms, list.v[i].window.to_ms);
	return 0;
}

bool ledger_entry_has_expired(const struct ledger_entry *e)
{
	const struct log_group g = { .retention_days = e->retention_days };

	if (str_eq0(e->state, LEDGER_EXPIRED))
		return true;
	return e->window.to_ms > e->group_created_ms &&
	       log_group_has_expired(&g, e->window.from_ms,
				     e->task_ms ? e->task_ms : e->exported_ms);
}

static void set_str(json_t *obj, const char *name, const char *s)
{
	json_object_set_new(obj, name, s ? json_string(s) : json_null());
}

static void set_count(json_t *obj, const char *name, uint64_t n)
{
	if (n)
		json_set_int(obj, name, (int64_t)n);
}

/* The result of the comparison with CloudWatch Logs. */
static void set_source(json_t *j, const struct ledger_entry *e)
{
	if (e->source)
		set_str(j, "source", e->source);
	if (readings_window_by(e->readings))
		set_str(j, "window_by", readings_window_by(e->readings));
	if (readings_to_included(e->readings) >= 0)
		json_object_set_new(j, "to_included",
				    json_boolean(readings_to_included(e->readings)));
	set_count(j, "early", e->early);
	set_count(j, "late", e->late);
	set_count(j, "boundary", e->boundary);
	set_count(j, "elsewhere", e->elsewhere);
	set_count(j, "missed", e->missed);
	if (e->replaces)
		set_str(j, "replaces", e->replaces);
	set_count(j, "supplement", e->supplement);
}

static json_t *entry_json(const struct ledger_entry *e)
{
	json_t *j = json_pack("{si}", "schema_version", LEDGER_SCHEMA_VERSION);
	json_t *objects = json_array();

	set_str(j, "account", e->account);
	set_str(j, "region", e->region);
	set_str(j, "log_group", e->log_group);
	set_str(j, "api_id", e->api_id);
	if (e->api_name)
		set_str(j, "api_name", e->api_name);
	set_str(j, "stage", e->stage);
	set_str(j, "kind", e->kind);
	json_set_time(j, "from", e->window.from_ms);
	json_set_time(j, "to", e->window.to_ms);
	set_str(j, "state", e->state);
	set_source(j, e);
	set_str(j, "task_id", e->task_id);
	set_str(j, "task_name", e->task_name);
	set_str(j, "destination_prefix", e->destination);
	json_set_int(j, "events", (int64_t)e->events);
	json_set_int(j, "bytes", (int64_t)e->bytes);
	json_set_int(j, "size", (int64_t)e->size);
	if (e->task_ms)
		json_set_time(j, "task_created_at", e->task_ms);
	json_set_time(j, "exported_at", e->exported_ms);
	json_set_time(j, "verified_at", e->verified_ms);
	if (e->group_created_ms) {
		json_set_time(j, "log_group_created", e->group_created_ms);
		json_object_set_new(j, "retention_days",
				    e->retention_days ? json_integer(e->retention_days)
						      : json_null());
	}
	set_str(j, "version", e->version);
	for (size_t i = 0; i < e->n_objects; i++)
		json_array_append_new(objects, archive_object_json(&e->objects[i]));
	json_object_set_new(j, "objects", objects);
	return j;
}

int ledger_write(const struct archive *a, const struct ledger_entry *e, const char *if_match,
		 struct error **err)
{
	cleanup_free char *key = layout_ledger_key(a->prefix, e->region, e->log_group, &e->window);
	cleanup_json json_t *j = entry_json(e);
	cleanup_buf struct buf text = BUF_INIT_MAX(LEDGER_ENTRY_MAX);

	json_add_indented(&text, j);
	if (buf_full(&text))
		return err_set(err, ERR_LOCAL, "the ledger entry would be larger than %zu bytes",
			       LEDGER_ENTRY_MAX);
	for (int i = 0;; i++) {
		cleanup_error struct error *own = NULL;
		int r = s3_put_object(&a->bucket, key, text.data, text.len, "application/json",
				      if_match, &own);

		if (r >= 0)
			return r;
		if (!err_is(own, "ConditionalRequestConflict") || i == CONFLICTS_MAX ||
		    !env_sleep_ms(aws_client_env(a->bucket.client), CONFLICT_WAIT_MS)) {
			return err_move(&own, err);
		}
	}
}

static uint64_t get_count(const json_t *j, const char *name)
{
	int64_t n = json_int(j, name, 0);

	return n < 0 ? 0 : (uint64_t)n;
}

static unsigned get_readings(const json_t *j)
{
	const json_t *to = json_object_get(j, "to_included");

	return readings_from(json_str(j, "window_by"), json_is_boolean(to) ? json_is_true(to) : -1);
}

static bool parse_entry(const json_t *j, struct ledger_entry *e)
{
	const json_t *objects = json_arr(j, "objects");
	int64_t version = json_int(j, "schema_version", 0);
	size_t i;
	json_t *o;

	*e = (struct ledger_entry){
		.account = xstrdup(json_str(j, "account")),
		.region = xstrdup(json_str(j, "region")),
		.log_group = xstrdup(json_str(j, "log_group")),
		.api_id = xstrdup(json_str(j, "api_id")),
		.api_name = xstrdup(json_str(j, "api_name")),
		.stage = xstrdup(json_str(j, "stage")),
		.kind = xstrdup(json_str(j, "kind")),
		.window = { json_int(j, "from_ms", -1), json_int(j, "to_ms", -1) },
		.task_id = xstrdup(json_str(j, "task_id")),
		.task_name = xstrdup(json_str(j, "task_name")),
		.destination = xstrdup(json_str(j, "destination_prefix")),
		.state = xstrdup(json_str(j, "state")),
		.source = xstrdup(json_str(j, "source")),
		.readings = get_readings(j),
		.early = get_count(j, "early"),
		.late = get_count(j, "late"),
		.boundary = get_count(j, "boundary"),
		.elsewhere = get_count(j, "elsewhere"),
		.missed = get_count(j, "missed"),
		.replaces = xstrdup(json_str(j, "replaces")),
		.supplement = get_count(j, "supplement"),
		.task_ms = json_int(j, "task_created_at_ms", 0),
		.exported_ms = json_int(j, "exported_at_ms", 0),
		.verified_ms = json_int(j, "verified_at_ms", 0),
		.retention_days = json_int(j, "retention_days", 0),
		.group_created_ms = json_int(j, "log_group_created_ms", 0),
		.version = xstrdup(json_str(j, "version")),
	};
	if (version < 1 || version > LEDGER_SCHEMA_VERSION || !e->region || !e->log_group ||
	    !e->destination || !e->state || !objects ||
	    !(str_eq(e->state, LEDGER_EXPORTED) || str_eq(e->state, LEDGER_EMPTY) ||
	      str_eq(e->state, LEDGER_EXPIRED)) ||
	    e->window.from_ms < 0 || e->window.to_ms <= e->window.from_ms)
		return false;
	e->objects = xcalloc(json_array_size(objects), sizeof(*e->objects));
	json_array_foreach((json_t *)objects, i, o) {
		struct archive_object *to = &e->objects[e->n_objects];

		e->n_objects++;
		if (!archive_object_parse(o, to))
			return false;
		e->events += to->recorded.events;
		e->bytes += to->recorded.bytes;
		e->size += to->recorded.size;
	}
	/* By ingestion, these are not the events that are stamped in the window. */
	if (json_int(j, "events", -1) >= 0)
		e->events = get_count(j, "events");
	return true;
}

int ledger_entry_parse(const char *text, size_t len, struct ledger_entry *ret, struct error **err)
{
	cleanup_json json_t *j = NULL;
	cleanup_error struct error *own = NULL;
	struct ledger_entry e = { 0 };

	if (json_parse(text, len, "it", &j, &own) < 0)
		return err_set(err, ERR_FOUND, "%s", own->msg);
	if (!parse_entry(j, &e)) {
		int64_t version = json_int(j, "schema_version", 0);

		ledger_entry_release(&e);
		if (version > LEDGER_SCHEMA_VERSION)
			return err_set(err, ERR_FOUND,
				       "schema version %lld is newer than this program",
				       (long long)version);
		return err_set(err, ERR_FOUND, "it lacks members that every ledger entry has");
	}
	*ret = e;
	return 0;
}

static int read_once(const struct archive *a, const char *key, const char *log_group,
		     const struct window *w, struct ledger_entry *ret, struct error **err)
{
	cleanup_buf struct buf text = BUF_INIT_MAX(LEDGER_ENTRY_MAX);
	struct ledger_entry e;
	int r = s3_get_object(&a->bucket, key, &text, NULL, err);

	if (r <= 0)
		return r;
	if (ledger_entry_parse(text.data, text.len, &e, err) < 0)
		return err_wrap(err, "the ledger entry 's3://%s/%s' is damaged", a->bucket.name,
				key);
	if (!str_eq(e.log_group, log_group) || e.window.from_ms != w->from_ms ||
	    e.window.to_ms != w->to_ms) {
		ledger_entry_release(&e);
		return err_set(err, ERR_FOUND, "the ledger entry 's3://%s/%s' is of another window",
			       a->bucket.name, key);
	}
	*ret = e;
	return 1;
}

int ledger_read(const struct archive *a, const char *log_group, const struct window *w,
		struct ledger_entry *ret, struct error **err)
{
	cleanup_free char *key = layout_ledger_key(a->prefix, a->region, log_group, w);
	cleanup_error struct error *own = NULL;
	int r = read_once(a, key, log_group, w, ret, &own);

	if (r >= 0)
		return r;
	/* Damage in transit does not happen twice. */
	if (own->kind == ERR_FOUND)
		return read_once(a, key, log_group, w, ret, err);
	return err_move(&own, err);
}
