/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <inttypes.h>
#include <stdlib.h>

#include "archive/api_log.h"
#include "archive/archive.h"
#include "archive/ledger.h"
#include "archive/readings.h"
#include "archive/window.h"
#include "aws/client.h"
#include "aws/service/logs.h"
#include "aws/workers.h"
#include "base/env.h"
#include "base/error.h"
#include "base/str.h"
#include "base/time.h"
#include "base/xalloc.h"
#include "setup/doctor_links.h"

/*
 * A day can be exported once it has settled, and a daily run does so within another
 * day. What is later is doubtful; what is a week later, or about to expire, is broken.
 */
#define LATE_MS (MS_DAY + WINDOW_SETTLE_MS + MS_DAY)
#define VERY_LATE_MS (LATE_MS + 7 * MS_DAY)
#define EXPIRES_SOON_MS (2 * MS_DAY)

/* The logs are inspected in parallel; what was found of each is kept in their order. */
struct job {
	const struct doctor *doctor;
	struct archive archive;
	const struct api_logs *logs;
	int64_t now_ms;
	struct one {
		struct findings findings;
		struct error *error;
		bool recorded;
		int64_t last_ms; /* the end of its last window */
		unsigned readings;
	} * v;
};

/* The command that exports what is missing of it. from and to: ms, or to 0 for the default. */
static void hint_export(struct findings *f, const struct api_log *log, int64_t from_ms,
			int64_t to_ms)
{
	char from[TIME_ISO_SIZE], to[TIME_ISO_SIZE];
	cleanup_free char *which = NULL, *until = NULL;

	if (log->api_id)
		which = xasprintf("--api %s --stage '%s' --kind %s", log->api_id, log->stage,
				  log_kind_name(log->kind));
	else
		which = xasprintf("--log-group '%s'", log->log_group);
	if (to_ms)
		until = xasprintf(" --to %s", time_iso(to_ms, to));
	finding_hint(f, "apigw-logs export %s --from %s%s", which, time_iso(from_ms, from),
		     until ? until : "");
}

static void add_gaps(struct findings *f, const struct api_log *log, const struct windows *w)
{
	const struct window range = { w->v[0].from_ms, w->v[w->n - 1].to_ms };
	cleanup_windows struct windows missing = { 0 };
	char from[TIME_ISO_SIZE], to[TIME_ISO_SIZE];

	windows_missing(range, w, &missing);
	if (!missing.n)
		return;
	finding_add(f, LINK_LEDGER, HEALTH_BROKEN,
		    "log group '%s' has %zu gap%s in the ledger: nothing is recorded from %s to %s",
		    log->log_group, missing.n, missing.n == 1 ? "" : "s, the first",
		    time_iso(missing.v[0].from_ms, from), time_iso(missing.v[0].to_ms, to));
	hint_export(f, log, missing.v[0].from_ms, missing.v[missing.n - 1].to_ms);
}

/*
 * Reports what was not exported since from_ms: late, or about to be deleted. A group
 * that no longer exists has lost it already.
 */
static void add_age(const struct job *j, struct findings *f, const struct api_log *log,
		    const struct log_group *g, int64_t from_ms)
{
	int64_t expires_ms = from_ms + g->retention_days * MS_DAY;
	bool expires = g->retention_days && expires_ms - j->now_ms < EXPIRES_SOON_MS;
	char from[TIME_ISO_SIZE], until[TIME_ISO_SIZE];

	if (j->now_ms - from_ms < LATE_MS)
		return;
	finding_add(f, LINK_LEDGER,
		    expires || j->now_ms - from_ms >= VERY_LATE_MS ? HEALTH_BROKEN
								   : HEALTH_DOUBTFUL,
		    "nothing of log group '%s' is recorded since %s%s%s", log->log_group,
		    time_iso(from_ms, from),
		    !expires                 ? ""
		    : expires_ms < j->now_ms ? ", and its retention deletes it since "
					     : ", and its retention deletes it from ",
		    expires ? time_iso(expires_ms, until) : "");
	hint_export(f, log,
		    time_floor(from_ms, MS_DAY) == from_ms ? from_ms : time_floor(from_ms, MS_DAY),
		    0);
}

/* What the last entry says of AWS. verify reports a damaged one. */
static int look_at_readings(const struct archive *a, const struct api_log *log,
			    const struct window *last, unsigned *ret, struct error **err)
{
	cleanup_ledger_entry struct ledger_entry e = { .readings = READINGS_ALL };
	cleanup_error struct error *own = NULL;

	if (ledger_read(a, log->log_group, last, &e, &own) < 0 && own->kind != ERR_FOUND)
		return err_move(&own, err);
	*ret = e.readings;
	return 0;
}

static int look(const struct job *j, const struct archive *a, const struct api_log *log,
		struct one *to, struct error **err)
{
	cleanup_windows struct windows w = { 0 };
	cleanup_log_group struct log_group g = { 0 };
	int there;

	if (ledger_windows(a, log->log_group, &w, err) < 0)
		return -1;
	to->recorded = w.n > 0;
	if (!w.n)
		return 0;
	to->last_ms = w.v[w.n - 1].to_ms;
	add_gaps(&to->findings, log, &w);
	if (look_at_readings(a, log, &w.v[w.n - 1], &to->readings, err) < 0)
		return -1;
	if (j->now_ms - to->last_ms < LATE_MS)
		return 0;
	there = logs_get_group(a->bucket.client, log->log_group, &g, err);
	if (there < 0)
		return err_wrap(err, "cannot inspect log group '%s'", log->log_group);
	if (there)
		add_age(j, &to->findings, log, &g, to->last_ms);
	return 0;
}

static bool look_at(void *data, struct aws_client *c, size_t i)
{
	struct job *j = data;
	struct archive a = j->archive;

	a.bucket.client = c;
	return look(j, &a, &j->logs->v[i], &j->v[i], &j->v[i].error) == 0 ||
	       !err_is_fatal(j->v[i].error);
}

/* The access log of a stage, of which only its former group is recorded. */
static const struct api_log *former_of(const struct job *j, const struct api_log *log)
{
	for (size_t i = 0; i < j->logs->n; i++) {
		const struct api_log *other = &j->logs->v[i];

		if (other->gone && j->v[i].recorded && other->kind == log->kind &&
		    str_eq0(other->api_id, log->api_id) && str_eq0(other->stage, log->stage))
			return other;
	}
	return NULL;
}

static void add_unrecorded(const struct job *j, struct findings *f, const struct api_log *log)
{
	const struct api_log *former = former_of(j, log);

	if (former)
		finding_add(f, LINK_LOG_GROUP, HEALTH_DOUBTFUL,
			    "stage '%s' of API %s logs to '%s' now, and not to '%s' as when it was "
			    "exported last",
			    log->stage, log->api_id, log->log_group, former->log_group);
	else
		finding_add(f, LINK_LEDGER, HEALTH_DOUBTFUL,
			    "nothing of log group '%s' is recorded yet", log->log_group);
	hint_export(f, log, time_floor(j->now_ms, MS_DAY) - 14 * MS_DAY, 0);
}

/* Collects the findings in the order of the logs. */
static int collect(const struct job *j, struct findings *f, struct error **err)
{
	size_t before = f->n, recorded = 0;
	int64_t oldest_ms = INT64_MAX;
	cleanup_free char *readings = NULL;
	char until[TIME_ISO_SIZE];

	f->readings = READINGS_ALL;
	for (size_t i = 0; i < j->logs->n; i++)
		recorded += j->v[i].recorded;
	for (size_t i = 0; i < j->logs->n; i++) {
		struct one *x = &j->v[i];

		findings_move(f, &x->findings);
		if (x->error && finding_refusal(f, LINK_LEDGER, &x->error, err) < 0)
			return -1;
		if (x->readings)
			f->readings = readings_learn(f->readings, x->readings);
		if (recorded && !x->recorded && j->logs->v[i].expected)
			add_unrecorded(j, f, &j->logs->v[i]);
		if (x->recorded && !j->logs->v[i].gone && x->last_ms < oldest_ms)
			oldest_ms = x->last_ms;
	}
	if (!recorded) {
		finding_add(f, LINK_LEDGER, HEALTH_DOUBTFUL,
			    "nothing has been exported yet to s3://%s/%s", j->archive.bucket.name,
			    j->archive.prefix);
		finding_hint(f, "apigw-logs export --from 14d");
	} else if (f->n == before) {
		finding_add(f, LINK_LEDGER, HEALTH_GOOD,
			    "the ledger has no gap, and every log group is recorded until %s",
			    time_iso(oldest_ms == INT64_MAX ? j->now_ms : oldest_ms, until));
	}
	readings = readings_text(f->readings);
	if (readings)
		finding_add(f, LINK_LEDGER, HEALTH_GOOD, "%s, as far as the ledger knows",
			    readings);
	return 0;
}

int doctor_check_ledger(const struct doctor *d, const struct archive_place *place,
			const struct api_logs *logs, struct error **err)
{
	cleanup(workers_freep) struct workers *workers =
		workers_new(aws_client_session(d->client), WORKERS_MAX);
	struct job j = {
		.doctor = d,
		.archive = { { d->client, place->bucket,
			       place->owner ? place->owner : d->common->account },
			     place->prefix,
			     d->common->region,
			     d->common->account },
		.logs = logs,
		.now_ms = aws_client_now_ms(d->client),
	};
	int r;

	if (!logs->n)
		return 0;
	j.v = xcalloc(logs->n, sizeof(*j.v));
	workers_run(workers, logs->n, look_at, &j);
	r = collect(&j, d->findings, err);
	for (size_t i = 0; i < logs->n; i++) {
		findings_release(&j.v[i].findings);
		error_free(j.v[i].error);
	}
	free(j.v);
	return r;
}
