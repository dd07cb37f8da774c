/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "verify/cloudwatch.h"

#include "archive/layout.h"
#include "aws/client.h"
#include "aws/service/logs.h"
#include "base/error.h"
#include "base/time.h"
#include "verify/scan.h"

/* FilterLogEvents' maximum; a page also ends at 1 MiB. */
#define PAGE_EVENTS 10000

/* Sums an event in the form in which an export writes it. One scan serves all events. */
static int sum_event(struct scan *scan, const struct log_event *e, struct amount *ret,
		     struct error **err)
{
	uint64_t before = scan_count(scan);
	char stamp[TIME_STAMP_SIZE];

	scan->sum = (struct line_sum){ 0 };
	if (scan_feed(scan, time_stamp(e->stamp_ms, stamp), TIME_STAMP_LEN, err) < 0 ||
	    scan_feed(scan, " ", 1, err) < 0 ||
	    scan_feed(scan, e->message, e->message_len, err) < 0 ||
	    scan_feed(scan, "\n", 1, err) < 0)
		return -1;
	*ret = (struct amount){ scan_count(scan) - before, scan->sum };
	return 0;
}

static void add_elsewhere(struct tally *t, const struct log_event *e)
{
	struct window *came = &t->elsewhere_came;

	if (!t->elsewhere.n || e->ingested_ms < came->from_ms)
		came->from_ms = e->ingested_ms;
	if (!t->elsewhere.n || e->ingested_ms >= came->to_ms)
		came->to_ms = e->ingested_ms + 1;
	spans_add(&t->elsewhere, (struct window){ e->stamp_ms, e->stamp_ms + 1 });
}

static int add_event(struct tally *t, struct scan *scan, const struct log_event *e,
		     struct error **err)
{
	cleanup_free char *folder = NULL;
	enum place stamp = place_in(&t->window, e->stamp_ms);
	enum place ingested = place_in(&t->window, e->ingested_ms);
	struct source *to;
	struct amount a;

	/* Belongs to another window under any reading. */
	if ((stamp == PLACE_BEFORE || stamp == PLACE_AFTER) &&
	    (ingested == PLACE_BEFORE || ingested == PLACE_AFTER))
		return 0;
	if (sum_event(scan, e, &a, err) < 0)
		return -1;
	if (stamp == PLACE_WITHIN && (ingested == PLACE_END || ingested == PLACE_AFTER))
		add_elsewhere(t, e);
	folder = layout_stream_folder(e->stream);
	to = &tally_stream(t, folder)->cloudwatch;
	if (ingested == PLACE_AFTER && e->ingested_ms >= t->task_ms)
		source_add_late(to, stamp, e->ingested_ms, &a);
	else
		source_add(to, stamp, ingested, &a);
	return 0;
}

int cloudwatch_tally(struct aws_client *c, const char *log_group, struct tally *t,
		     const struct window *stamps, struct error **err)
{
	cleanup(line_hasher_freep) struct line_hasher *hasher = line_hasher_new(t->key);
	cleanup_aws_pages struct aws_pages pages = { 0 };
	cleanup_scan struct scan scan;
	struct log_event e;
	int r;

	scan_init(&scan, &t->window, hasher);
	logs_events_init(&pages, c, log_group, stamps->from_ms, stamps->to_ms, PAGE_EVENTS);
	while ((r = logs_events_next(&pages, &e, err)) > 0)
		if (add_event(t, &scan, &e, err) < 0)
			return -1;
	return r;
}

/* FilterLogEvents returns events in the order of their stamps. */
int cloudwatch_count(struct aws_client *c, const char *log_group, const struct window *w,
		     int64_t since_ms, uint64_t *ret, struct error **err)
{
	cleanup_aws_pages struct aws_pages pages = { 0 };
	struct log_event e;
	uint64_t n = 0;
	int r;

	logs_events_init(&pages, c, log_group, w->from_ms, w->to_ms, PAGE_EVENTS);
	while ((r = logs_events_next(&pages, &e, err)) > 0)
		n += e.ingested_ms >= since_ms;
	if (r < 0)
		return -1;
	*ret = n;
	return 0;
}

int cloudwatch_first_event(struct aws_client *c, const char *log_group, const struct window *w,
			   int64_t *ret_ms, struct error **err)
{
	cleanup_aws_pages struct aws_pages pages = { 0 };
	struct log_event e;
	int r;

	logs_events_init(&pages, c, log_group, w->from_ms, w->to_ms, 1);
	r = logs_events_next(&pages, &e, err);
	if (r > 0)
		*ret_ms = e.stamp_ms;
	return r;
}

int cloudwatch_has_events(struct aws_client *c, const char *log_group, const struct window *w,
			  struct error **err)
{
	int64_t any;

	return cloudwatch_first_event(c, log_group, w, &any, err);
}

int cloudwatch_has_ended(struct aws_client *c, const char *log_group, int64_t from_ms,
			 struct error **err)
{
	const struct window rest = { from_ms, aws_client_now_ms(c) + EVENT_AHEAD_MAX_MS };
	int any = cloudwatch_has_events(c, log_group, &rest, err);

	return any < 0 ? -1 : !any;
}
