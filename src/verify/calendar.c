/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "verify/calendar.h"

#include <stdlib.h>

#include "archive/api_log.h"
#include "archive/archive.h"
#include "archive/groups.h"
#include "archive/layout.h"
#include "archive/ledger.h"
#include "archive/readings.h"
#include "aws/client.h"
#include "aws/service/logs.h"
#include "aws/workers.h"
#include "base/error.h"
#include "base/str.h"
#include "base/time.h"
#include "base/xalloc.h"
#include "verify/cloudwatch.h"
#include "verify/plan.h"

const char *day_state_name(enum day_state s)
{
	static const char *const names[DAY_STATES] = {
		[DAY_NOT_DUE] = "not_due",
		[DAY_WHOLE] = "whole",
		[DAY_EMPTY] = "empty",
		[DAY_PROVISIONAL] = "provisional",
		[DAY_RUNNING] = "running",
		[DAY_EXPIRED] = "expired",
		[DAY_MISSING] = "missing",
		[DAY_FAILED] = "failed",
		[DAY_ENDANGERED] = "about_to_expire",
		[DAY_DAMAGED] = "damaged",
	};

	return names[s];
}

void calendars_free(struct calendar *v, size_t n)
{
	for (size_t i = 0; v && i < n; i++)
		free(v[i].days);
	free(v);
}

void tasks_release(struct tasks *t)
{
	for (size_t i = 0; i < t->n; i++)
		export_task_release(&t->v[i]);
	free(t->v);
	*t = (struct tasks){ 0 };
}

int tasks_list(const struct archive *a, bool under_way, struct tasks *ret, struct error **err)
{
	static const enum export_status active[] = { EXPORT_PENDING, EXPORT_RUNNING,
						     EXPORT_PENDING_CANCEL },
					over[] = { EXPORT_FAILED, EXPORT_CANCELLED };
	const enum export_status *s = under_way ? active : over;

	for (size_t i = 0; i < (under_way ? ARRAY_SIZE(active) : ARRAY_SIZE(over)); i++) {
		cleanup_aws_pages struct aws_pages pages = { 0 };
		struct export_task t;
		int r;

		logs_tasks_init(&pages, a->bucket.client, s[i]);
		while ((r = logs_tasks_next(&pages, &t, err)) > 0) {
			GROW(ret->v, ret->n);
			ret->v[ret->n++] = t;
		}
		if (r < 0)
			return -1;
	}
	return 0;
}

/* A log group while its calendar is made. */
struct group_work {
	const struct api_log *log;
	struct ledger_list list;
	struct log_group group;
	bool ended; /* nothing follows the last recorded window */
	struct entry_facts {
		enum day_state state;
		unsigned readings;
	} * facts; /* of each entry of the list */
	size_t first_job;
	struct error *error;
};
struct making {
	const struct calendar_options *opts;
	struct group_work *v;
	size_t n, n_jobs;
	struct error **errors; /* of each job */
};

static int64_t recorded_to(const struct ledger_list *l)
{
	return l->n ? l->v[l->n - 1].window.to_ms : 0;
}

/* If nothing writes to the log any more, time without events is not missing. */
static int look_for_end(struct group_work *g, struct aws_client *c, struct error **err)
{
	cleanup_error struct error *own = NULL;
	int r;

	g->ended = !g->group.name;
	if (g->ended || !g->log->gone)
		return 0;
	r = cloudwatch_has_ended(c, g->log->log_group, recorded_to(&g->list), &own);
	if (r < 0 && own->kind != ERR_REFUSED)
		return err_move(&own, err);
	g->ended = r > 0;
	return 0;
}

static bool look_at_group(void *data, struct aws_client *c, size_t i)
{
	struct making *m = data;
	struct group_work *g = &m->v[i];
	struct archive a = *m->opts->archive;

	a.bucket.client = c;
	if (ledger_list(&a, g->log->log_group, &g->list, &g->error) < 0 ||
	    logs_get_group(c, g->log->log_group, &g->group, &g->error) < 0)
		return false;
	if (!g->group.name && !g->list.n && !g->log->api_id)
		groups_not_found(c, g->log->log_group, &g->error);
	else if (look_for_end(g, c, &g->error) == 0)
		g->facts = xcalloc(g->list.n + 1, sizeof(*g->facts));
	return !g->error;
}

static struct entry_facts judge_entry(const struct ledger_entry *e)
{
	/* Events may be late, so a window that was exported before it had settled may lack some. */
	int64_t taken_ms = e->task_ms ? e->task_ms : e->verified_ms;
	bool early = taken_ms && taken_ms < e->window.to_ms + WINDOW_SETTLE_MS;

	return (struct entry_facts){
		.state = ledger_entry_has_expired(e)      ? DAY_EXPIRED
			 : early                          ? DAY_PROVISIONAL
			 : str_eq(e->state, LEDGER_EMPTY) ? DAY_EMPTY
							  : DAY_WHOLE,
		.readings = e->readings,
	};
}

static bool read_entry(void *data, struct aws_client *c, size_t job)
{
	struct making *m = data;
	struct group_work *g = m->v;
	cleanup_ledger_entry struct ledger_entry e = { 0 };
	struct archive a = *m->opts->archive;
	const struct window *w;
	size_t i;
	int r;

	while (g + 1 < m->v + m->n && g[1].first_job <= job)
		g++;
	i = job - g->first_job;
	w = &g->list.v[i].window;
	if (!window_overlaps(w, &m->opts->range))
		return true;
	a.bucket.client = c;
	r = ledger_read(&a, g->log->log_group, w, &e, &m->errors[job]);
	if (r > 0)
		g->facts[i] = judge_entry(&e);
	else if (r == 0 || m->errors[job]->kind == ERR_FOUND)
		g->facts[i] = (struct entry_facts){ DAY_DAMAGED, READINGS_ALL };
	if (r < 0 && m->errors[job]->kind == ERR_FOUND)
		error_clear(&m->errors[job]);
	return !m->errors[job];
}

static bool has_task(const struct tasks *t, const struct api_log *log, const struct window *w)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct window of_task = { t->v[i].from_ms, t->v[i].to_ms };

		if (str_starts(t->v[i].name ? t->v[i].name : "", TASK_NAME_PREFIX) &&
		    str_eq0(t->v[i].log_group, log->log_group) && window_overlaps(&of_task, w))
			return true;
	}
	return false;
}

/* Of time that no entry covers. */
static enum day_state judge_gap(const struct group_work *g, const struct calendar_options *o,
				const struct window *gap)
{
	int64_t window_ms = plan_window_length(&g->list);
	int64_t lost_ms = gap->from_ms + g->group.retention_days * MS_DAY;

	if (has_task(o->active, g->log, gap))
		return DAY_RUNNING;
	if (gap->from_ms >= time_floor(o->now_ms - WINDOW_SETTLE_MS, window_ms))
		return DAY_NOT_DUE;
	if (g->group.retention_days && lost_ms <= o->now_ms)
		return DAY_EXPIRED;
	if (g->group.retention_days && lost_ms <= o->now_ms + CALENDAR_DANGER_MS)
		return DAY_ENDANGERED;
	return has_task(o->failed, g->log, gap) ? DAY_FAILED : DAY_MISSING;
}

/* True of time before the first recorded window, or after the last where the log has ended. */
static bool is_outside(const struct group_work *g, const struct window *gap)
{
	const struct ledger_list *l = &g->list;

	return l->n && (gap->to_ms <= l->v[0].window.from_ms ||
			(g->ended && gap->from_ms >= recorded_to(l)));
}

/* n entries from the first on overlap the day. */
static enum day_state judge_day(const struct group_work *g, const struct calendar_options *o,
				const struct window *day, size_t first, size_t n)
{
	cleanup_windows struct windows recorded = { 0 }, gaps = { 0 };
	enum day_state worst = DAY_NOT_DUE, all = DAY_EMPTY;

	for (size_t i = first; i < first + n; i++) {
		enum day_state s = g->facts[i].state;

		windows_add(&recorded, g->list.v[i].window.from_ms, g->list.v[i].window.to_ms);
		if (s == DAY_WHOLE)
			all = DAY_WHOLE;
		else if (s > worst)
			worst = s;
	}
	windows_missing(*day, &recorded, &gaps);
	for (size_t i = 0; i < gaps.n; i++) {
		enum day_state s;

		if (is_outside(g, &gaps.v[i]))
			continue;
		s = judge_gap(g, o, &gaps.v[i]);
		if (s == DAY_NOT_DUE && n)
			s = DAY_PROVISIONAL;
		if (s > worst)
			worst = s;
	}
	/* A day is empty only if all of it is. */
	return worst > DAY_EMPTY ? worst : n ? all : DAY_NOT_DUE;
}

/* The days from the first recorded one, or from the group's creation, to the end of the range. */
static struct window days_of(const struct group_work *g, const struct calendar_options *o)
{
	int64_t from = g->list.n       ? g->list.v[0].window.from_ms
		       : g->group.name ? g->group.created_ms
				       : o->range.to_ms;
	struct window w = o->range;

	from = time_floor(from, MS_DAY);
	if (from > w.from_ms)
		w.from_ms = from;
	if (g->ended && recorded_to(&g->list) < w.to_ms)
		w.to_ms = time_floor(recorded_to(&g->list) + MS_DAY - 1, MS_DAY);
	return w;
}

static void make_one(const struct group_work *g, const struct calendar_options *o,
		     struct calendar *ret)
{
	const struct window w = days_of(g, o);
	size_t first = 0;

	*ret = (struct calendar){
		.first_ms = w.from_ms,
		.n = w.to_ms > w.from_ms ? (size_t)((w.to_ms - w.from_ms) / MS_DAY) : 0,
		.exists = g->group.name,
		.retention_days = g->group.retention_days,
		.readings = READINGS_ALL,
	};
	ret->days = xcalloc(ret->n + 1, sizeof(*ret->days));
	for (size_t i = 0; i < g->list.n; i++)
		if (g->facts[i].readings)
			ret->readings = readings_learn(ret->readings, g->facts[i].readings);
	for (size_t d = 0; d < ret->n; d++) {
		const struct window day = { w.from_ms + (int64_t)d * MS_DAY,
					    w.from_ms + (int64_t)(d + 1) * MS_DAY };
		size_t n = 0;

		while (first < g->list.n && g->list.v[first].window.to_ms <= day.from_ms)
			first++;
		while (first + n < g->list.n && g->list.v[first + n].window.from_ms < day.to_ms)
			n++;
		ret->days[d] = (uint8_t)judge_day(g, o, &day, first, n);
	}
}

static int make_all(struct making *m, struct calendar *v, struct error **err)
{
	cleanup_error struct error *first = NULL;

	workers_run(m->opts->workers, m->n, look_at_group, m);
	for (size_t i = 0; i < m->n; i++) {
		err_keep(&first, &m->v[i].error);
		m->v[i].first_job = m->n_jobs;
		m->n_jobs += m->v[i].list.n;
	}
	if (first)
		return err_move(&first, err);
	m->errors = xcalloc(m->n_jobs + 1, sizeof(struct error *));
	workers_run(m->opts->workers, m->n_jobs, read_entry, m);
	for (size_t i = 0; i < m->n_jobs; i++)
		err_keep(&first, &m->errors[i]);
	free(m->errors);
	if (first)
		return err_move(&first, err);
	for (size_t i = 0; i < m->n; i++)
		make_one(&m->v[i], m->opts, &v[i]);
	return 0;
}

int calendars_make(const struct api_logs *logs, const struct calendar_options *opts,
		   struct calendar **ret, struct error **err)
{
	struct making m = { .opts = opts, .v = xcalloc(logs->n + 1, sizeof(*m.v)), .n = logs->n };
	struct calendar *v = xcalloc(logs->n + 1, sizeof(*v));
	int r;

	for (size_t i = 0; i < logs->n; i++)
		m.v[i].log = &logs->v[i];
	r = make_all(&m, v, err);
	for (size_t i = 0; i < m.n; i++) {
		ledger_list_release(&m.v[i].list);
		log_group_release(&m.v[i].group);
		free(m.v[i].facts);
	}
	free(m.v);
	if (r < 0)
		calendars_free(v, logs->n);
	else
		*ret = v;
	return r;
}
