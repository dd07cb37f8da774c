/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "verify/plan.h"

#include <stdlib.h>

#include "archive/api_log.h"
#include "archive/archive.h"
#include "archive/former.h"
#include "archive/groups.h"
#include "archive/ledger.h"
#include "aws/client.h"
#include "aws/service/logs.h"
#include "aws/workers.h"
#include "base/error.h"
#include "base/time.h"
#include "base/xalloc.h"
#include "verify/cloudwatch.h"
#include "verify/report.h"

void plan_release(struct plan *p)
{
	free(p->v);
	*p = (struct plan){ 0 };
}

bool plan_is_entry(const struct plan_item *i)
{
	return i->kind == PLAN_ENTRY || i->kind == PLAN_NEIGHBOUR;
}

/* All logs are in one array and planned in its order, so their addresses can be compared. */
static bool is_before(const struct plan_item *i, const struct api_log *log, int64_t ms)
{
	return i->log != log ? i->log < log : i->window.from_ms < ms;
}

/* True if an entry of the log group that begins in [from_ms, to_ms) is planned. */
static bool has_entry(const struct plan *p, const struct api_log *log, int64_t from_ms,
		      int64_t to_ms)
{
	size_t low = 0, high = p->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (is_before(&p->v[middle], log, from_ms))
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < p->n && is_before(&p->v[low], log, to_ms); low++)
		if (plan_is_entry(&p->v[low]))
			return true;
	return false;
}

bool plan_has_entries(const struct plan *p, const struct api_log *log)
{
	return has_entry(p, log, INT64_MIN, INT64_MAX);
}

bool plan_has_day(const struct plan *p, const struct api_log *log, int64_t day_ms)
{
	return has_entry(p, log, day_ms, day_ms + MS_DAY);
}

static void add(struct plan *p, const struct plan_item *item)
{
	GROW(p->v, p->n);
	p->v[p->n++] = *item;
	p->entries += item->kind == PLAN_ENTRY;
	p->size += item->size;
}

static bool is_in_range(const struct check_options *o, const struct window *w)
{
	return o->all || window_overlaps(w, &o->range);
}

/* True if the window begins on a day of the range, so that its objects share a folder with it. */
static bool is_neighbour(const struct check_options *o, const struct window *w)
{
	int64_t day = time_floor(w->from_ms, MS_DAY);

	return day + MS_DAY > time_floor(o->range.from_ms, MS_DAY) && day < o->range.to_ms;
}

/*
 * Windows are sorted, so one that overlaps an earlier one begins before the latest end
 * so far, which is that of *longest.
 */
static void add_overlap(struct plan *p, const struct check_options *o, const struct api_log *log,
			const struct window *w, const struct window **longest)
{
	const struct window *other = *longest;

	if (other && window_overlaps(w, other) && (is_in_range(o, w) || is_in_range(o, other)))
		add(p, &(struct plan_item){
			       .kind = PLAN_OVERLAP, .log = log, .window = *w, .other = *other });
	if (!other || w->to_ms > other->to_ms)
		*longest = w;
}

static void add_entries(struct plan *p, const struct check_options *o, const struct api_log *log,
			const struct ledger_list *list)
{
	const struct window *longest = NULL;

	for (size_t i = 0; i < list->n; i++) {
		const struct ledger_item *e = &list->v[i];
		bool in_range = is_in_range(o, &e->window);

		add_overlap(p, o, log, &e->window, &longest);
		if (in_range || is_neighbour(o, &e->window))
			add(p, &(struct plan_item){ .kind = in_range ? PLAN_ENTRY : PLAN_NEIGHBOUR,
						    .log = log,
						    .window = e->window,
						    .size = e->size });
	}
}

int64_t plan_window_length(const struct ledger_list *list)
{
	const struct window *last = list->n ? &list->v[list->n - 1].window : NULL;
	int64_t ms = last ? last->to_ms - last->from_ms : MS_DAY;

	return MS_DAY % ms == 0 ? ms : MS_DAY;
}

/*
 * Returns 1 if the gap lies after the last event of a log to which nothing is written any
 * more, so that no window is due; 0 if not, -1 on error.
 */
static int is_behind_end(const struct api_log *log, const struct check_options *o,
			 const struct window *gap, struct error **err)
{
	if (!log->gone)
		return 0;
	return cloudwatch_has_ended(o->archive->bucket.client, log->log_group, gap->from_ms, err);
}

/* A log group that was deleted: nobody can tell whether it had events after the last window. */
static int note_end(const struct check_options *o, const struct api_log *log,
		    const struct check_sink *sink, struct error **err)
{
	cleanup_free char *text = NULL;
	int r = former_end(o->archive, log->log_group, &text, err);

	if (r > 0)
		sink->note(sink->data, text);
	return r;
}

/*
 * The part of a gap that is due is missing, unless CloudWatch Logs has deleted it by
 * now; the rest has not settled. No event is older than the log group.
 */
static void add_gap(struct plan *p, const struct check_options *o, const struct api_log *log,
		    const struct log_group *group, const struct window *gap, int64_t window_ms)
{
	int64_t due = time_floor(o->settled_ms, window_ms);
	/* A window that begins before this has lost events. */
	int64_t kept = time_floor(aws_client_now_ms(o->archive->bucket.client) -
					  group->retention_days * MS_DAY + window_ms - 1,
				  window_ms);
	struct window expired = *gap, missing = *gap, later = *gap;

	if (group->retention_days && gap->to_ms > group->created_ms) {
		if (expired.to_ms > kept)
			expired.to_ms = kept;
		if (expired.from_ms < expired.to_ms) {
			add(p, &(struct plan_item){
				       .kind = PLAN_EXPIRED, .log = log, .window = expired });
			missing.from_ms = expired.to_ms;
		}
	}
	if (missing.to_ms > due)
		missing.to_ms = due;
	if (later.from_ms < due)
		later.from_ms = due;
	if (missing.from_ms < missing.to_ms)
		add(p, &(struct plan_item){ .kind = PLAN_GAP, .log = log, .window = missing });
	if (later.from_ms < later.to_ms)
		add(p, &(struct plan_item){ .kind = PLAN_UNSETTLED,
					    .log = log,
					    .window = later,
					    .due_ms = time_floor(later.from_ms, window_ms) +
						      window_ms + WINDOW_SETTLE_MS });
}

static int add_gaps(struct plan *p, const struct check_options *o, const struct api_log *log,
		    const struct ledger_list *list, const struct check_sink *sink,
		    struct error **err)
{
	cleanup_windows struct windows recorded = { 0 }, gaps = { 0 };
	cleanup_log_group struct log_group group = { 0 };
	int64_t window_ms = plan_window_length(list), to_ms = 0;
	int there = 1;

	for (size_t i = 0; i < list->n; i++)
		windows_add(&recorded, list->v[i].window.from_ms, list->v[i].window.to_ms);
	windows_missing(o->range, &recorded, &gaps);
	if (list->n)
		to_ms = list->v[list->n - 1].window.to_ms;
	if (gaps.n)
		there = logs_get_group(o->archive->bucket.client, log->log_group, &group, err);
	if (there < 0)
		return -1;
	for (size_t i = 0; i < gaps.n; i++) {
		bool last = gaps.v[i].from_ms >= to_ms;
		int r = 0;

		if (last && !there)
			r = note_end(o, log, sink, err);
		else if (last)
			r = is_behind_end(log, o, &gaps.v[i], err);
		if (r < 0)
			return -1;
		if (!r)
			add_gap(p, o, log, &group, &gaps.v[i], window_ms);
	}
	return 0;
}

static int by_time(const void *a, const void *b)
{
	const struct plan_item *x = a, *y = b;
	int d = window_order(&x->window, &y->window);

	return d ? d : (y->kind > x->kind) - (y->kind < x->kind);
}

/*
 * For a log group without ledger entries: returns 0 if it exists, 1 if it does not and
 * need not, because API Gateway creates a stage's log group with the first event, -1 on
 * error.
 */
static int explain_nothing(const struct api_log *log, const struct check_options *o,
			   const struct check_sink *sink, struct error **err)
{
	cleanup_log_group struct log_group group = { 0 };
	struct aws_client *c = o->archive->bucket.client;
	cleanup_free char *text = NULL;
	int r = logs_get_group(c, log->log_group, &group, err);

	if (r)
		return r < 0 ? -1 : 0;
	if (!log->api_id) {
		groups_not_found(c, log->log_group, err);
		return err_wrap(err, "nothing is recorded in 's3://%s/%s'", o->archive->bucket.name,
				o->archive->prefix);
	}
	if (log->expected) {
		sink->absent(sink->data, log);
		return 1;
	}
	text = xasprintf("log group '%s' does not exist, and nothing was exported from it",
			 log->log_group);
	sink->note(sink->data, text);
	return 1;
}

static int add_log(struct plan *p, const struct check_options *o, const struct api_log *log,
		   const struct ledger_list *list, const struct check_sink *sink,
		   struct error **err)
{
	size_t first = p->n;

	if (!list->n) {
		int r = explain_nothing(log, o, sink, err);

		if (r)
			return r < 0 ? -1 : 0;
	}
	add_entries(p, o, log, list);
	if (!o->all && add_gaps(p, o, log, list, sink, err) < 0)
		return -1;
	if (p->n > first)
		qsort(p->v + first, p->n - first, sizeof(*p->v), by_time);
	return 0;
}

struct listing {
	const struct check_options *opts;
	const struct api_logs *logs;
	struct ledger_list *lists; /* one for each log group */
	struct error **errors;
};

static bool list_log(void *data, struct aws_client *c, size_t i)
{
	struct listing *l = data;
	struct archive a = *l->opts->archive;

	a.bucket.client = c;
	return ledger_list(&a, l->logs->v[i].log_group, &l->lists[i], &l->errors[i]) == 0 ||
	       !err_is_fatal(l->errors[i]);
}

int plan_make(const struct api_logs *logs, const struct check_options *opts,
	      const struct check_sink *sink, struct plan *ret, struct error **err)
{
	struct listing l = { opts, logs, xcalloc(logs->n, sizeof(*l.lists)),
			     xcalloc(logs->n, sizeof(struct error *)) };
	cleanup_error struct error *first = NULL;
	struct plan p = { 0 };
	bool fatal = false;

	workers_run(opts->workers, logs->n, list_log, &l);
	for (size_t i = 0; i < logs->n; i++)
		fatal |= l.errors[i] && err_is_fatal(l.errors[i]);
	for (size_t i = 0; i < logs->n; i++) {
		if (!l.errors[i] && !fatal &&
		    add_log(&p, opts, &logs->v[i], &l.lists[i], sink, &l.errors[i]) < 0)
			fatal = err_is_fatal(l.errors[i]);
		err_keep(&first, &l.errors[i]);
		ledger_list_release(&l.lists[i]);
	}
	free(l.lists);
	free(l.errors);
	if (fatal)
		plan_release(&p);
	else
		*ret = p;
	return first ? err_move(&first, err) : 0;
}
