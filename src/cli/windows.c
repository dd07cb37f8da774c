/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "cli/windows.h"

#include <stdarg.h>
#include <string.h>

#include "archive/archive.h"
#include "archive/ledger.h"
#include "archive/readings.h"
#include "archive/selection.h"
#include "archive/window.h"
#include "base/amount.h"
#include "base/str.h"
#include "base/time.h"
#include "base/xalloc.h"
#include "cli/table.h"

void window_list_init(struct window_list *l, const struct output *o, size_t state_width)
{
	*l = (struct window_list){ .output = o, .widths = { state_width, strlen("2026-11-21") } };
}

char *log_title(const struct api_log *log)
{
	if (!log->api_id)
		return xstrdup(log->log_group);
	return xasprintf("%s (%s log of %s/%s)", log->log_group, log_kind_name(log->kind),
			 log->api_name, log->stage);
}

static void print_heading(const struct window_list *l)
{
	cleanup_free char *text = log_title(l->log);
	cleanup_table struct table t = { 0 };

	table_init(&t, 2);
	table_add_heading(&t, text);
	table_print(l->output, &t);
}

void window_list_add(struct window_list *l, const struct api_log *log, const struct window *w,
		     enum style style, const char *state, const char *fmt, ...)
{
	cleanup_free char *label = window_label(w);
	cleanup_free char *text = NULL;
	cleanup_table struct table t = { 0 };
	va_list ap;

	window_list_flush(l);
	if (l->log != log) {
		l->log = log;
		print_heading(l);
	}
	if (strlen(label) > l->widths[1])
		l->widths[1] = strlen(label);
	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	table_init(&t, 3);
	t.indent = TABLE_INDENT;
	t.min_widths = l->widths;
	table_add_word(&t, style, state);
	table_add(&t, "%s", label);
	table_add(&t, "%s", text);
	table_print(l->output, &t);
	fflush(stdout);
}

static bool follows(const struct window_row *row, const struct window_row *pending)
{
	return pending->n && row->log == pending->log &&
	       row->window.from_ms == pending->window.to_ms && str_eq(row->remark, pending->remark);
}

void window_list_merge(struct window_list *l, const struct window_row *row)
{
	struct window_row *p = &l->pending;

	if (!follows(row, p)) {
		window_list_flush(l);
		*p = *row;
		return;
	}
	/* If one of the windows has events, the row has. */
	if (!p->objects)
		p->state = row->state;
	p->window.to_ms = row->window.to_ms;
	p->n += row->n;
	p->events += row->events;
	p->objects += row->objects;
	p->size += row->size;
}

void window_list_flush(struct window_list *l)
{
	struct window_row row = l->pending;
	cleanup_free char *windows = plural_str(row.n, "window"), *amounts = NULL;

	if (!row.n)
		return;
	l->pending = (struct window_row){ 0 };
	if (!row.objects)
		amounts = xstrdup("no events");
	else if (row.n == 1)
		amounts = amounts_str(row.events, row.objects, row.size);
	else
		amounts = plural_str(row.events, "event");
	if (row.n == 1)
		window_list_add(l, row.log, &row.window, STYLE_GOOD, row.state, "%s%s", amounts,
				row.remark);
	else
		window_list_add(l, row.log, &row.window, STYLE_GOOD, row.state, "%s, %s%s", windows,
				amounts, row.remark);
}

char *window_label(const struct window *w)
{
	char from[TIME_ISO_SIZE], to[TIME_ISO_SIZE];
	int64_t day = time_floor(w->from_ms, MS_DAY), length = w->to_ms - w->from_ms;
	int h = (int)((w->from_ms - day) / MS_HOUR), end = h + (int)(length / MS_HOUR);

	if (window_is_day(w))
		return xstrdup(time_date(day, from));
	if (w->from_ms == day && length > 0 && length % MS_DAY == 0)
		return xasprintf("%s to %s", time_date(day, from),
				 time_date(w->to_ms - MS_DAY, to));
	if (w->to_ms <= day + MS_DAY && w->from_ms % MS_HOUR == 0 && length % MS_HOUR == 0)
		return xasprintf("%s %02d:00-%02d:00", time_date(day, from), h, end);
	return xasprintf("%s to %s", time_iso(w->from_ms, from), time_iso(w->to_ms, to));
}

json_t *log_window_json(const struct api_log *s, const struct window *w)
{
	json_t *j = json_pack("{so}", "log_group", json_text(s->log_group));

	if (s->api_id) {
		json_set_text(j, "api_id", s->api_id);
		json_set_text(j, "api_name", s->api_name);
		json_set_text(j, "stage", s->stage);
		json_set_text(j, "kind", log_kind_name(s->kind));
	}
	json_set_time(j, "from", w->from_ms);
	json_set_time(j, "to", w->to_ms);
	return j;
}

void json_set_readings(json_t *j, unsigned readings)
{
	int to = readings_to_included(readings);

	json_set_text(j, "window_by", readings_window_by(readings));
	json_object_set_new(j, "to_included", to < 0 ? json_null() : json_boolean(to));
}

void json_set_amounts(json_t *j, uint64_t events, uint64_t objects, uint64_t size)
{
	json_set_int(j, "objects", (int64_t)objects);
	json_set_int(j, "events", (int64_t)events);
	json_set_int(j, "size", (int64_t)size);
}

void print_range(const struct output *o, const struct window *range, bool since_last)
{
	char from[TIME_ISO_SIZE], to[TIME_ISO_SIZE];

	if (since_last)
		print_text(o, "range  what is not recorded yet, to %s\n",
			   time_iso(range->to_ms, to));
	else
		print_text(o, "range  %s to %s\n", time_iso(range->from_ms, from),
			   time_iso(range->to_ms, to));
	fflush(stdout);
}

void print_readings(const struct output *o, unsigned readings)
{
	cleanup_free char *text = readings_text(readings);

	if (text)
		print_text(o, "%s\n", text);
}

json_t *archive_json(const struct archive *a, const struct window *range)
{
	json_t *j = json_object();

	json_set_text(j, "account", a->account);
	json_set_text(j, "caller", a->caller);
	json_set_text(j, "bucket", a->bucket.name);
	json_set_text(j, "prefix", a->prefix);
	json_set_text(j, "region", a->region);
	if (range) {
		json_set_time(j, "from", range->from_ms);
		json_set_time(j, "to", range->to_ms);
	}
	return j;
}

void json_set_entry(json_t *j, const struct ledger_entry *e)
{
	if (e->task_id)
		json_set_text(j, "task_id", e->task_id);
	json_set_amounts(j, e->events, e->n_objects, e->size);
	json_set_int(j, "early", (int64_t)e->early);
	json_set_int(j, "late", (int64_t)e->late);
	json_set_int(j, "missed", (int64_t)e->missed);
	if (e->replaces)
		json_set_text(j, "replaces", e->replaces);
	json_set_int(j, "supplement", (int64_t)e->supplement);
	json_set_int(j, "bytes", (int64_t)e->bytes);
	json_set_text(j, "source", e->source);
	json_set_readings(j, e->readings);
}
