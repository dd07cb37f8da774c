/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "verify/source.h"

#include <inttypes.h>

#include "archive/api_log.h"
#include "archive/readings.h"
#include "aws/client.h"
#include "base/time.h"
#include "base/xalloc.h"
#include "verify/compare.h"
#include "verify/report.h"
#include "verify/tally.h"

void source_check_init(struct source_check *s, struct aws_client *c, const struct api_log *log,
		       const struct check_sink *sink)
{
	*s = (struct source_check){ .client = c, .log = log, .sink = sink, .known = READINGS_ALL };
}

void source_check_release(struct source_check *s)
{
	log_group_release(&s->group);
}

/* Asks for the log group once: 1 if it is there, 0, -1. */
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
		text = xasprintf("log group '%s' does not exist any more, so nothing of it can be "
				 "compared with CloudWatch",
				 s->log->log_group);
		s->sink->note(s->sink->data, text);
	}
	return r;
}

/* CloudWatch Logs may have deleted some of it by now, as it was told to. */
static bool is_past_retention(struct source_check *s, const struct window *w)
{
	int64_t kept_ms = s->group.retention_days * MS_DAY;
	cleanup_free char *text = NULL;

	if (!kept_ms || w->from_ms >= aws_client_now_ms(s->client) - kept_ms)
		return false;
	if (!s->retention_told) {
		text = xasprintf("log group '%s' keeps its events for %" PRId64
				 " days: what is older cannot be compared with CloudWatch",
				 s->log->log_group, s->group.retention_days);
		s->sink->note(s->sink->data, text);
	}
	s->retention_told = true;
	return true;
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
	cleanup_free char *text =
		xasprintf("CloudWatch holds %" PRIu64 " event%s more, which came when the window "
			  "was being exported, or later",
			  missed, missed == 1 ? "" : "s");

	s->sink->problem(s->sink->data, PROBLEM_SOURCE, s->log, w, NULL, text);
}

int source_check_window(struct source_check *s, struct tally *t, unsigned recorded,
			unsigned *problems, int64_t *ret_events, struct error **err)
{
	cleanup_comparison struct comparison cmp = { 0 };
	int r = find_group(s, err);

	s->known = readings_learn(s->known, recorded);
	if (r <= 0 || is_past_retention(s, &t->window))
		return r < 0 ? -1 : 0;
	if (compare_window(s->client, s->log->log_group, t, s->known, &cmp, err) < 0)
		return -1;
	*ret_events = (int64_t)(cmp.counts.events + cmp.counts.missed);
	for (size_t i = 0; i < cmp.n; i++)
		report_difference(s, &t->window, &cmp.differing[i]);
	*problems += (unsigned)cmp.n;
	if (!cmp.readings)
		return 0;
	s->known = readings_learn(s->known, cmp.readings);
	if (cmp.counts.missed) {
		report_missed(s, &t->window, cmp.counts.missed);
		++*problems;
	}
	return 0;
}
