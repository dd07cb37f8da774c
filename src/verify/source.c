/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "verify/source.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>

#include "archive/api_log.h"
#include "archive/readings.h"
#include "aws/client.h"
#include "base/amount.h"
#include "base/time.h"
#include "base/xalloc.h"
#include "verify/cloudwatch.h"
#include "verify/compare.h"
#include "verify/report.h"
#include "verify/tally.h"

void source_check_init(struct source_check *s, struct aws_client *c, const struct api_log *log,
		       const struct check_sink *sink)
{
	*s = (struct source_check){ .client = c, .log = log, .sink = sink, .known = READINGS_ALL };
}

/* No later window of this run can hold the events. */
static void report_pending(struct source_check *s, const struct pending *p)
{
	s->sink->elsewhere(s->sink->data, s->log, &p->window, p->events);
}

void source_check_end(struct source_check *s)
{
	for (size_t i = 0; i < s->n_pending; i++)
		report_pending(s, &s->pending[i]);
	s->n_pending = 0;
}

void source_check_release(struct source_check *s)
{
	free(s->pending);
	log_group_release(&s->group);
}

void source_check_learn(struct source_check *s, unsigned recorded)
{
	s->known = readings_learn(s->known, recorded);
}

/* Looks up the log group once. Returns 1 if it exists, 0 if not, -1 on error. */
static int find_group(struct source_check *s, struct error **err)
{
	cleanup_free char *text = NULL;
	int r;

	if (s->group_known)
		return s->group.name != NULL;
	r = logs_get_group(s->client, s->log->log_group, &s->group, err);
	if (r < 0)
		return -1;
	s->group_known = true;
	if (r == 0) {
		text = xasprintf("log group '%s' no longer exists, so it cannot be compared with "
				 "CloudWatch",
				 s->log->log_group);
		s->sink->note(s->sink->data, text);
	}
	return r;
}

/* Once for each log group, however many windows it concerns. */
__attribute__((format(printf, 3, 4))) static void note_once(struct source_check *s, bool *told,
							    const char *fmt, ...)
{
	cleanup_free char *text = NULL;
	va_list ap;

	if (*told)
		return;
	*told = true;
	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	s->sink->note(s->sink->data, text);
}

/* True if retention may have deleted some of the window's events by now. */
static bool is_past_retention(struct source_check *s, const struct window *w)
{
	if (!log_group_has_expired(&s->group, w->from_ms, aws_client_now_ms(s->client)))
		return false;
	note_once(s, &s->retention_told,
		  "log group '%s' keeps its events for %" PRId64
		  " days: what is older cannot be compared with CloudWatch",
		  s->log->log_group, s->group.retention_days);
	return true;
}

/* True if the group was created again under its name, so that it never had the window. */
static bool is_recreated(struct source_check *s, const struct tally *t)
{
	if (!t->task_ms || s->group.created_ms <= t->task_ms)
		return false;
	note_once(s, &s->recreated_told,
		  "log group '%s' was deleted and created again since it was exported: what it "
		  "held before cannot be compared with CloudWatch",
		  s->log->log_group);
	return true;
}

/* True if the bucket lacks nothing, and CloudWatch Logs lacks some of a stream that it has. */
static bool has_fewer(const struct comparison *cmp)
{
	bool fewer = false;

	for (size_t i = 0; i < cmp->n; i++)
		fewer |= !difference_is_gone(&cmp->differing[i]);
	return fewer && !cmp->lost;
}

/*
 * 1 if the oldest event that CloudWatch Logs has of the group is in the window, and the bucket
 * has older ones: a shorter retention has deleted them before it was raised. 0, -1.
 */
static int was_deleted_in_part(struct source_check *s, const struct tally *t, struct error **err)
{
	const struct window until = { 0, t->window.to_ms };
	int64_t oldest_ms = 0;
	int r = cloudwatch_first_event(s->client, s->log->log_group, &until, &oldest_ms, err);

	if (r <= 0)
		return r;
	if (oldest_ms < t->window.from_ms || !t->first_ms || t->first_ms >= oldest_ms)
		return 0;
	note_once(s, &s->deleted_told,
		  "CloudWatch has deleted the oldest events of log group '%s', perhaps by a "
		  "shorter retention before: what it no longer holds cannot be compared",
		  s->log->log_group);
	return 1;
}

static void report_difference(struct source_check *s, const struct window *w,
			      const struct difference *d)
{
	cleanup_free char *text = NULL;

	if (d->cloudwatch == d->bucket)
		text = xasprintf("stream '%s': CloudWatch and the bucket both hold %" PRIu64
				 " events, but not the same",
				 d->folder, d->bucket);
	else
		text = xasprintf("stream '%s': CloudWatch holds %" PRIu64
				 " events, the bucket %" PRIu64,
				 d->folder, d->cloudwatch, d->bucket);
	s->sink->problem(s->sink->data, PROBLEM_SOURCE, s->log, w, NULL, text);
}

static void report_missed(struct source_check *s, const struct window *w, uint64_t missed)
{
	cleanup_free char *events = plural_str(missed, "event"),
			  *text = xasprintf(
				  "CloudWatch holds %s more, which came when the window was "
				  "being exported, or later",
				  events);

	s->sink->problem(s->sink->data, PROBLEM_SOURCE, s->log, w, NULL, text);
}

static void report_lost(struct source_check *s, const struct window *w, const struct pending *p)
{
	char from[TIME_ISO_SIZE], to[TIME_ISO_SIZE];
	cleanup_free char *events = plural_str(p->events, "event"),
			  *text = xasprintf(
				  "CloudWatch holds %s from %s to %s that came in this window, "
				  "and that are in neither",
				  events, time_iso(p->window.from_ms, from),
				  time_iso(p->window.to_ms, to));

	s->sink->problem(s->sink->data, PROBLEM_SOURCE, s->log, w, NULL, text);
}

/* If AWS goes by ingestion, this window must hold what earlier ones left to it. */
static void ask_also(struct source_check *s, struct tally *t)
{
	const struct window ahead = { t->window.to_ms + 1,
				      t->window.to_ms + 1 + EVENT_AHEAD_MAX_MS };

	for (size_t i = 0; i < s->n_pending; i++)
		if (window_overlaps(&s->pending[i].came, &t->window))
			spans_merge(&t->also, &s->pending[i].stamps);
	if (readings_are(s->known, READINGS_BY_INGESTION))
		spans_add(&t->also, ahead);
}

/*
 * Settles which events that earlier windows lack are in this one. Returns the number of
 * problems.
 */
static unsigned settle_pending(struct source_check *s, const struct tally *t,
			       const struct comparison *cmp)
{
	unsigned problems = 0;
	size_t n = 0;

	for (size_t i = 0; i < s->n_pending; i++) {
		struct pending *p = &s->pending[i];
		bool is_due = window_overlaps(&p->came, &t->window);

		if (is_due && !(cmp->fits & READINGS_BY_INGESTION)) {
			report_lost(s, &t->window, p);
			problems++;
		} else if (!is_due || p->came.to_ms > t->window.to_ms) {
			s->pending[n++] = *p;
		}
	}
	s->n_pending = n;
	if (cmp->counts.elsewhere && t->elsewhere.n) {
		GROW(s->pending, s->n_pending);
		s->pending[s->n_pending++] = (struct pending){ .window = t->window,
							       .came = t->elsewhere_came,
							       .stamps = t->elsewhere,
							       .events = cmp->counts.elsewhere };
	}
	return problems;
}

/*
 * Returns the number of problems; *ret_all becomes false if CloudWatch Logs no longer
 * has all events.
 */
static unsigned report_differences(struct source_check *s, const struct tally *t,
				   const struct comparison *cmp, bool *ret_all)
{
	unsigned problems = 0;

	for (size_t i = 0; i < cmp->n; i++) {
		if (difference_is_gone(&cmp->differing[i])) {
			note_once(s, &s->gone_told,
				  "CloudWatch no longer holds all of log group '%s': only the "
				  "bucket has stream '%s' in some window, for example",
				  s->log->log_group, cmp->differing[i].folder);
			*ret_all = false;
			continue;
		}
		report_difference(s, &t->window, &cmp->differing[i]);
		problems++;
	}
	return problems;
}

int source_check_window(struct source_check *s, struct tally *t, unsigned *problems,
			int64_t *ret_events, struct error **err)
{
	cleanup_comparison struct comparison cmp = { 0 };
	bool all = true;
	int r = find_group(s, err);

	if (r <= 0 || is_past_retention(s, &t->window) || is_recreated(s, t))
		return r < 0 ? -1 : 0;
	ask_also(s, t);
	if (compare_window(s->client, s->log->log_group, t, s->known, &cmp, err) < 0)
		return -1;
	if (cmp.readings) {
		source_check_learn(s, cmp.readings);
		*problems += settle_pending(s, t, &cmp);
	}
	if (has_fewer(&cmp) && (r = was_deleted_in_part(s, t, err)))
		return r < 0 ? -1 : 0;
	*problems += report_differences(s, t, &cmp, &all);
	if (cmp.readings && cmp.counts.missed) {
		report_missed(s, &t->window, cmp.counts.missed);
		++*problems;
	}
	if (all)
		*ret_events = (int64_t)(cmp.counts.events + cmp.counts.missed);
	return 0;
}

int source_check_counted(struct source_check *s, const struct tally *t, uint64_t events,
			 unsigned *problems, int64_t *ret_events, struct error **err)
{
	const struct comparison none = { 0 };
	int r = find_group(s, err);

	if (r <= 0 || is_past_retention(s, &t->window) || is_recreated(s, t))
		return r < 0 ? -1 : 0;
	/* What an earlier window left to this one would be lines outside, and so not counted. */
	*problems += settle_pending(s, t, &none);
	*ret_events = (int64_t)events;
	return 0;
}
