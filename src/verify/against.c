/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "verify/against.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "archive/ledger.h"
#include "base/error.h"
#include "base/json.h"
#include "base/str.h"
#include "base/time.h"
#include "base/xalloc.h"
#include "verify/report.h"

static void window_release(struct against_window *w)
{
	free(w->log.log_group);
	for (size_t i = 0; i < w->n_objects; i++)
		archive_object_release(&w->objects[i]);
	free(w->objects);
}

void against_release(struct against *a)
{
	for (size_t i = 0; i < a->n; i++)
		window_release(&a->v[i]);
	free(a->v);
	free(a->bucket);
	free(a->prefix);
	*a = (struct against){ 0 };
}

static int by_place(const void *a, const void *b)
{
	const struct against_window *x = a, *y = b;
	int d = strcmp(x->log.log_group, y->log.log_group);

	return d ? d : window_order(&x->window, &y->window);
}

/* Only the windows that had an entry have objects, if only an empty list of them. */
static bool parse_window(const json_t *j, struct against *a)
{
	const json_t *objects = json_arr(j, "object_list");
	struct against_window *w;
	json_t *o;
	size_t i;

	if (!json_str(j, "log_group") || json_int(j, "from_ms", -1) < 0 ||
	    json_int(j, "to_ms", 0) <= json_int(j, "from_ms", 0))
		return false;
	if (!objects)
		return true;
	GROW(a->v, a->n);
	w = &a->v[a->n++];
	*w = (struct against_window){
		.log.log_group = xstrdup(json_str(j, "log_group")),
		.window = { json_int(j, "from_ms", 0), json_int(j, "to_ms", 0) },
		.objects = xcalloc(json_array_size(objects), sizeof(*w->objects)),
	};
	json_array_foreach((json_t *)objects, i, o) {
		if (!archive_object_parse(o, &w->objects[w->n_objects++]))
			return false;
	}
	archive_objects_sort(w->objects, w->n_objects);
	return true;
}

static bool parse_report(const json_t *j, struct against *a)
{
	const json_t *windows = json_arr(j, "windows");
	const char *command = json_str(j, "command");
	json_t *w;
	size_t i;

	if (!windows || !command || !str_eq(command, "verify") || !json_str(j, "bucket") ||
	    !json_str(j, "prefix") || !json_bool(j, "report", false))
		return false;
	a->made_ms = json_int(j, "ended_at_ms", 0);
	a->bucket = xstrdup(json_str(j, "bucket"));
	a->prefix = xstrdup(json_str(j, "prefix"));
	json_array_foreach((json_t *)windows, i, w)
		if (!parse_window(w, a))
			return false;
	if (a->n)
		qsort(a->v, a->n, sizeof(*a->v), by_place);
	for (i = 1; i < a->n; i++)
		if (by_place(&a->v[i - 1], &a->v[i]) == 0)
			return false;
	return true;
}

int against_parse(const char *text, size_t len, struct against *ret, struct error **err)
{
	cleanup_json json_t *j = NULL;
	cleanup_error struct error *own = NULL;
	cleanup_against struct against a = { 0 };

	if (json_parse(text, len, "it", &j, &own) < 0)
		return err_set(err, ERR_USAGE, "%s", own->msg);
	if (json_int(j, "schema_version", 0) > 1)
		return err_set(err, ERR_USAGE, "a newer version of this program has written it");
	if (!parse_report(j, &a))
		return err_set(err, ERR_USAGE, "it is not a report of verify --report");
	*ret = TAKE(a);
	return 0;
}

/* NULL if the object is the same; caller frees. Only what both know is compared. */
static char *difference(const struct archive_object *then, const struct archive_object *now)
{
	const struct object_facts *a = &then->recorded, *f = &now->found;
	const char *sha256 = now->read ? f->sha256 : now->recorded.sha256;

	if (a->sha256[0] && sha256[0] && !str_eq(a->sha256, sha256))
		return xasprintf("its SHA-256 was %s, and is %s", a->sha256, sha256);
	if (a->size != f->size || !str_eq(a->etag, f->etag))
		return xasprintf("it had %" PRIu64 " bytes and ETag %s, and has %" PRIu64
				 " bytes and ETag %s",
				 a->size, a->etag, f->size, f->etag);
	if (a->meta.checksum && f->meta.checksum && !str_eq(a->meta.checksum, f->meta.checksum))
		return xasprintf("the checksum that S3 keeps of it was %s, and is %s",
				 a->meta.checksum, f->meta.checksum);
	return NULL;
}

/* One window while it is compared. */
struct comparing {
	const struct against *against;
	const struct check_sink *sink;
	const struct api_log *log;
	const struct window *window;
	unsigned problems;
};

static void report(struct comparing *c, const char *key, const char *what)
{
	char made[TIME_ISO_SIZE];
	cleanup_free char *text =
		xasprintf("%s since the report of %s", what, time_iso(c->against->made_ms, made));

	c->problems++;
	c->sink->problem(c->sink->data, PROBLEM_REPORT, c->log, c->window, key, text);
}

static void compare_object(struct comparing *c, const struct archive_object *then,
			   const struct archive_object *now)
{
	cleanup_free char *how = NULL, *what = NULL;

	if (now->wrong || !now->found.etag)
		return;
	how = difference(then, now);
	if (!how)
		return;
	what = xasprintf("%s; the object and its record were changed", how);
	report(c, now->key, what);
}

unsigned against_window(struct against *a, const struct check_sink *sink, const struct api_log *log,
			const struct window *w, const struct ledger_entry *e)
{
	const struct against_window wanted = { .log.log_group = log->log_group, .window = *w };
	struct against_window *then =
		a->n ? bsearch(&wanted, a->v, a->n, sizeof(*a->v), by_place) : NULL;
	struct comparing c = { .against = a, .sink = sink, .log = log, .window = w };

	if (!then) {
		a->added++;
		return 0;
	}
	then->seen = true;
	if (!e)
		return 0;
	for (size_t i = 0; i < then->n_objects; i++) {
		const struct archive_object *o = &then->objects[i];
		const struct archive_object *now =
			archive_objects_find(e->objects, e->n_objects, o->key);

		if (now)
			compare_object(&c, o, now);
		else
			report(&c, o->key, "it was removed, with its record,");
	}
	for (size_t i = 0; i < e->n_objects; i++)
		if (!archive_objects_find(then->objects, then->n_objects, e->objects[i].key))
			report(&c, e->objects[i].key, "it was added to the window");
	return c.problems;
}

void against_end(const struct against *a, const struct check_sink *sink,
		 const struct check_options *opts)
{
	for (size_t i = 0; i < a->n; i++) {
		const struct against_window *w = &a->v[i];
		struct comparing c = {
			.against = a, .sink = sink, .log = &w->log, .window = &w->window
		};

		if (!w->seen && (opts->all || window_overlaps(&w->window, &opts->range)))
			report(&c, NULL, "the window was removed");
	}
}
