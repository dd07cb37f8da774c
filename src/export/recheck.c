/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "export/recheck.h"

#include <inttypes.h>
#include <stdlib.h>

#include "archive/api_log.h"
#include "archive/archive.h"
#include "archive/readings.h"
#include "archive/replace.h"
#include "aws/client.h"
#include "aws/service/logs.h"
#include "base/amount.h"
#include "base/error.h"
#include "base/str.h"
#include "base/time.h"
#include "base/xalloc.h"
#include "export/export.h"
#include "export/prove.h"
#include "export/spent.h"
#include "export/window.h"
#include "verify/cloudwatch.h"
#include "verify/counts.h"

/* An export task times out after a day, so one that ended then was not created earlier. */
#define TASK_MAX_MS MS_DAY

bool recheck_covers(const struct export_options *o, const struct window *w)
{
	return o->recheck_from_ms && w->to_ms > o->recheck_from_ms;
}

/* When the entry's task was created: its objects have the events that had come by then. */
static int64_t created_ms(const struct ledger_entry *e)
{
	return e->task_ms ? e->task_ms : e->exported_ms - TASK_MAX_MS;
}

static bool was_compared(const struct ledger_entry *e)
{
	return str_eq0(e->source, LEDGER_SOURCE_EVENTS) || str_eq0(e->source, LEDGER_SOURCE_COUNTS);
}

/* By ingestion, what came late is in the window in which it came. */
static bool is_by_ingestion(struct export_run *run, const struct api_log *log,
			    const struct ledger_entry *e)
{
	cleanup_free char *text = NULL;

	run->known = readings_learn(run->known, e->readings);
	if (!readings_are(run->known, READINGS_BY_INGESTION))
		return false;
	if (run->ingestion_told == log)
		return true;
	run->ingestion_told = log;
	text = xasprintf("log group '%s' is exported by the time of ingestion, so late events are "
			 "in later windows and no recorded window lacks any",
			 log->log_group);
	run->sink->note(run->sink->data, text);
	return true;
}

/* Counts by the cheaper way that --source leaves open, or else by the other. */
static int count(struct export_run *run, const struct ledger_entry *e, int64_t since_ms,
		 uint64_t *ret, struct error **err)
{
	bool counts = prefers_counts(run, e);
	cleanup_error struct error *own = NULL;

	if (counts) {
		note_counts(run, NULL);
		if (counts_since(run->client, e->log_group, &e->window, since_ms, ret, &own) == 0)
			return 0;
		if (err_is_fatal(own))
			return err_move(&own, err);
		error_clear(&own);
	}
	if (cloudwatch_count(run->client, e->log_group, &e->window, since_ms, ret, &own) == 0)
		return 0;
	if (counts || own->kind != ERR_REFUSED || own->credentials)
		return err_move(&own, err);
	note_counts(run, own);
	return counts_since(run->client, e->log_group, &e->window, since_ms, ret, err);
}

/*
 * An entry that was compared lacks what has come since its task was created, and nothing else.
 * Of others only the number of their events is known.
 */
static int count_more(struct export_run *run, const struct ledger_entry *e, uint64_t *ret,
		      struct error **err)
{
	bool compared = e->task_id && was_compared(e);
	uint64_t known = compared ? 0 : e->events, held;

	if (compared && created_ms(e) >= e->window.to_ms + EVENT_AGE_MAX_MS) {
		*ret = 0;
		return 0;
	}
	if (count(run, e, compared ? created_ms(e) : 0, &held, err) < 0)
		return err_wrap(err, "cannot ask CloudWatch Logs for late events");
	*ret = held > known ? held - known : 0;
	return 0;
}

/* Another export would hold less than the recorded objects. The margin is for its duration. */
static bool has_lost_events(struct export_run *run, const struct log_group *group,
			    const struct ledger_entry *e)
{
	return group->created_ms > e->exported_ms ||
	       log_group_has_expired(group, e->window.from_ms,
				     aws_client_now_ms(run->client) + MS_DAY);
}

static void warn_lost(struct export_run *run, const struct api_log *log, const struct window *w,
		      uint64_t more)
{
	char from[TIME_ISO_SIZE], to[TIME_ISO_SIZE];
	cleanup_free char *
		events = plural_str(more, "late event"),
	       *text = xasprintf("log group '%s': %s from %s to %s cannot be added to what is "
				 "recorded, because CloudWatch Logs no longer has the whole window",
				 log->log_group, events, time_iso(w->from_ms, from),
				 time_iso(w->to_ms, to));

	run->sink->warning(run->sink->data, text);
}

/* What a run that was killed after it had replaced an entry has left. */
static int remove_leftovers(struct export_run *run, const struct api_log *log,
			    const struct ledger_entry *e, struct error **err)
{
	cleanup_spent struct spent spent = { STRV_INIT, STRV_INIT };

	if (spent_add_replaced(&spent, run, log, &e->window, err) < 0)
		return -1;
	return spent_remove(&spent, run, e->task_id, err);
}

/* What the window lacks, and can get; a warning says what it cannot get. */
static int look(struct export_run *run, const struct api_log *log, const struct log_group *group,
		const struct stored_entry *old, uint64_t *ret, struct error **err)
{
	const struct ledger_entry *e = &old->entry;
	uint64_t more = 0;

	if (!run->opts->dry_run && remove_leftovers(run, log, e, err) < 0)
		return -1;
	if (!is_by_ingestion(run, log, e) && count_more(run, e, &more, err) < 0)
		return -1;
	if (more && has_lost_events(run, group, e)) {
		warn_lost(run, log, &e->window, more);
		more = 0;
	}
	*ret = more;
	return 0;
}

static int read_entry(struct export_run *run, const struct api_log *log, const struct window *w,
		      struct stored_entry *ret, struct error **err)
{
	int r = stored_entry_read(run->opts->archive, log->log_group, w, ret, err);

	if (r < 0)
		return -1;
	if (r == 0)
		return err_set(err, ERR_OVERTAKEN, "its ledger entry was removed during the run");
	if (ret->entry.log_group)
		return 0;
	err_set(err, ERR_FOUND, "its ledger entry is damaged");
	return err_hint(err, "export the window again: apigw-logs export --redo");
}

int recheck_window(struct export_run *run, const struct api_log *log, const struct log_group *group,
		   const struct window *w, struct error **err)
{
	const struct export_progress progress = { log,          *w,
						  "rechecking", "looking for late events",
						  run->begun,   run->total };
	struct export_result r = {
		.log = log, .window = *w, .state = WINDOW_RECORDED, .rechecked = true
	};
	cleanup_stored_entry struct stored_entry old = { 0 };
	cleanup_ledger_entry struct ledger_entry e = { 0 };
	cleanup_free char *events = NULL, *why = NULL;
	uint64_t more;

	run->sink->progress(run->sink->data, &progress);
	if (read_entry(run, log, w, &old, err) < 0 || look(run, log, group, &old, &more, err) < 0)
		return -1;
	if (more) {
		events = plural_str(more, "late event");
		r.redone = why = xasprintf("CloudWatch Logs holds %s more", events);
		r.state = WINDOW_PLANNED;
	}
	if (more && !run->opts->dry_run) {
		if (export_window(run, log, group, w, &old, &e, &r.adopted, err) < 0)
			return -1;
		r.state = window_state_of(&e);
		r.entry = &e;
	}
	run->sink->window(run->sink->data, &r);
	return r.entry != NULL;
}
