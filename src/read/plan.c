/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "read/plan.h"

#include <stdlib.h>

#include "archive/api_log.h"
#include "archive/archive.h"
#include "archive/ledger.h"
#include "archive/readings.h"
#include "aws/workers.h"
#include "base/error.h"
#include "base/str.h"
#include "base/xalloc.h"

/* PutLogEvents' limits: how old an event may be, and how far in the future. */
#define LATE_MAX_MS (14 * MS_DAY)
#define EARLY_MAX_MS (2 * MS_HOUR)

void read_plan_release(struct read_plan *p)
{
	free(p->v);
	*p = (struct read_plan){ 0 };
}

/* Shared by the workers. */
struct planning {
	const struct archive *archive;
	const struct api_logs *logs;
	const struct window *range;
	struct ledger_list *lists; /* of each log */
	struct read_plan *plan;
	struct error **errors; /* of each job */
};

static struct archive archive_of(const struct planning *p, struct aws_client *c)
{
	struct archive a = *p->archive;

	a.bucket.client = c;
	return a;
}

static bool list_ledger(void *data, struct aws_client *c, size_t i)
{
	struct planning *p = data;
	struct archive a = archive_of(p, c);

	return ledger_list(&a, p->logs->v[i].log_group, &p->lists[i], &p->errors[i]) == 0;
}

/* If AWS selects by ingestion, the events of a window may be in the objects of another one. */
static bool is_near(const struct window *w, const struct window *range)
{
	const struct window near = { range->from_ms - EARLY_MAX_MS, range->to_ms + LATE_MAX_MS };

	return window_overlaps(w, &near);
}

static void add_log(struct planning *p, size_t i)
{
	struct read_plan *plan = p->plan;
	const struct ledger_list *list = &p->lists[i];
	cleanup_windows struct windows covered = { 0 }, missing = { 0 };

	for (size_t k = 0; k < list->n; k++) {
		const struct window *w = &list->v[k].window;

		windows_add(&covered, w->from_ms, w->to_ms);
		if (!is_near(w, p->range))
			continue;
		GROW(plan->v, plan->n);
		plan->v[plan->n++] = (struct read_item){
			.log = &p->logs->v[i],
			.window = *w,
			.followed = k + 1 < list->n && list->v[k + 1].window.from_ms == w->to_ms,
		};
	}
	windows_missing(*p->range, &covered, &missing);
	if (missing.n && plan->n_incomplete++ == 0) {
		plan->incomplete = &p->logs->v[i];
		plan->missing = missing.v[0];
	}
}

/* Whether an entry has counted events outside its window, or would not know. */
static bool has_others(const struct ledger_entry *e)
{
	if (e->early || e->late)
		return true;
	if (str_eq0(e->source, LEDGER_SOURCE_EVENTS) || str_eq0(e->source, LEDGER_SOURCE_COUNTS))
		return false;
	for (size_t i = 0; i < e->n_objects; i++)
		if (e->objects[i].recorded.outside)
			return true;
	return false;
}

static bool look_at_entry(void *data, struct aws_client *c, size_t i)
{
	struct planning *p = data;
	struct archive a = archive_of(p, c);
	struct read_item *item = &p->plan->v[i];
	cleanup_ledger_entry struct ledger_entry e = { 0 };
	int r = ledger_read(&a, item->log->log_group, &item->window, &e, &p->errors[i]);

	if (r < 0)
		return false;
	item->has_others = has_others(&e);
	item->shares_end = item->followed && e.boundary &&
			   !str_eq0(readings_window_by(e.readings), "ingestion");
	item->span = item->window;
	if (item->has_others) {
		item->span.from_ms -= LATE_MAX_MS;
		item->span.to_ms += EARLY_MAX_MS;
	}
	return true;
}

/* Moves the first error of n jobs to err, and frees the others. */
static int first_error(struct error **v, size_t n, struct error **err)
{
	cleanup_error struct error *own = NULL;

	for (size_t i = 0; i < n; i++)
		err_keep(&own, &v[i]);
	return own ? err_move(&own, err) : 0;
}

static int run_jobs(struct planning *p, struct workers *w, size_t n, workers_job *job,
		    struct error **err)
{
	cleanup_free struct error **errors = xcalloc(n + 1, sizeof(*errors));

	p->errors = errors;
	workers_run(w, n, job, p);
	return first_error(errors, n, err);
}

static int by_time(const void *a, const void *b)
{
	const struct read_item *x = a, *y = b;
	int order = window_order(&x->window, &y->window);

	/* Of one array, in the order of the selection. */
	return order ? order : x->log < y->log ? -1 : x->log > y->log;
}

static void drop_others(struct read_plan *plan, const struct window *range)
{
	size_t n = 0;

	for (size_t i = 0; i < plan->n; i++)
		if (plan->v[i].span.from_ms < range->to_ms &&
		    plan->v[i].span.to_ms >= range->from_ms)
			plan->v[n++] = plan->v[i];
	plan->n = n;
}

/* A part ends where all that follows is later than all before it. */
static void cut_parts(struct read_plan *plan)
{
	cleanup_free int64_t *first = xcalloc(plan->n + 1, sizeof(*first));
	int64_t last = INT64_MIN;

	first[plan->n] = INT64_MAX;
	for (size_t i = plan->n; i-- > 0;)
		first[i] = plan->v[i].span.from_ms < first[i + 1] ? plan->v[i].span.from_ms
								  : first[i + 1];
	for (size_t i = 0; i < plan->n; i++) {
		plan->v[i].begins_part = last <= first[i];
		if (plan->v[i].span.to_ms > last)
			last = plan->v[i].span.to_ms;
	}
}

int read_plan_make(const struct archive *a, struct workers *w, const struct api_logs *logs,
		   const struct window *range, struct read_plan *ret, struct error **err)
{
	cleanup_free struct ledger_list *lists = xcalloc(logs->n + 1, sizeof(*lists));
	cleanup_read_plan struct read_plan plan = { 0 };
	struct planning p = { a, logs, range, lists, &plan, NULL };
	int r = run_jobs(&p, w, logs->n, list_ledger, err);

	for (size_t i = 0; i < logs->n; i++) {
		if (r == 0)
			add_log(&p, i);
		ledger_list_release(&lists[i]);
	}
	if (r < 0 || run_jobs(&p, w, plan.n, look_at_entry, err) < 0)
		return -1;
	drop_others(&plan, range);
	if (plan.n)
		qsort(plan.v, plan.n, sizeof(*plan.v), by_time);
	cut_parts(&plan);
	*ret = TAKE(plan);
	return 0;
}
