/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "export/plan.h"

#include "archive/api_log.h"
#include "archive/ledger.h"
#include "archive/readings.h"
#include "base/error.h"
#include "base/time.h"
#include "export/export.h"
#include "export/recheck.h"
#include "verify/cloudwatch.h"

void export_plan_release(struct export_plan *p)
{
	log_group_release(&p->group);
	windows_release(&p->recorded);
	windows_release(&p->todo);
	error_free(p->error);
}

/* Takes over the readings that the group's last window left; a damaged entry is ignored. */
static int learn_readings(struct export_run *run, const struct api_log *log, const struct window *w,
			  struct error **err)
{
	cleanup_ledger_entry struct ledger_entry e = { .readings = READINGS_ALL };
	cleanup_error struct error *own = NULL;

	if (ledger_read(run->opts->archive, log->log_group, w, &e, &own) < 0 &&
	    own->kind != ERR_FOUND)
		return err_move(&own, err);
	run->known = readings_learn(run->known, e.readings);
	return 0;
}

/*
 * Where --since-last begins. Before what was recorded first, nothing is missing: the user chose
 * to begin there. If CloudWatch Logs refuses to tell a group's first event, it may be as old as
 * PutLogEvents lets it be when the group is created.
 */
static int find_beginning(struct export_run *run, const struct export_plan *p,
			  const struct windows *recorded, int64_t *ret_ms, struct error **err)
{
	const struct export_options *o = run->opts;
	const struct window since = { p->group.created_ms - EVENT_AGE_MAX_MS, o->range.to_ms };
	cleanup_error struct error *own = NULL;
	int64_t first_ms = since.from_ms;
	int r;

	if (recorded->n || !p->group.name || since.from_ms >= since.to_ms) {
		*ret_ms = recorded->n ? recorded->v[0].from_ms : o->range.to_ms;
		return 0;
	}
	r = cloudwatch_first_event(run->client, p->group.name, &since, &first_ms, &own);
	if (r < 0 && (own->kind != ERR_REFUSED || own->credentials))
		return err_move(&own, err);
	*ret_ms = r ? time_floor(first_ms, o->window_ms) : o->range.to_ms;
	return 0;
}

int export_plan_make(struct export_run *run, const struct api_log *log, struct export_plan *ret,
		     struct error **err)
{
	const struct export_options *o = run->opts;
	cleanup_windows struct windows recorded = { 0 }, missing = { 0 };
	struct window range = o->range;

	if (ledger_windows(o->archive, log->log_group, &recorded, err) < 0 ||
	    (o->since_last && find_beginning(run, ret, &recorded, &range.from_ms, err) < 0))
		return -1;
	for (size_t i = 0; i < recorded.n; i++) {
		if ((o->redo || !o->since_last || recheck_covers(o, &recorded.v[i])) &&
		    window_overlaps(&recorded.v[i], &range))
			windows_add(&ret->recorded, recorded.v[i].from_ms, recorded.v[i].to_ms);
		if (recorded.v[i].to_ms > ret->recorded_to_ms)
			ret->recorded_to_ms = recorded.v[i].to_ms;
	}
	windows_missing(range, &recorded, &missing);
	for (size_t i = 0; i < missing.n; i++)
		windows_cut(missing.v[i], o->window_ms, &ret->todo);
	return recorded.n && (o->recheck_from_ms || (ret->todo.n && !o->dry_run))
		       ? learn_readings(run, log, &recorded.v[recorded.n - 1], err)
		       : 0;
}

int export_plan_again(struct export_run *run, const struct api_log *log, const struct window *w,
		      struct windows *ret, struct error **err)
{
	cleanup_windows struct windows recorded = { 0 };

	if (ledger_windows(run->opts->archive, log->log_group, &recorded, err) < 0)
		return -1;
	windows_missing(*w, &recorded, ret);
	return 0;
}
