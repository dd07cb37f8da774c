/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "verify/cloudwatch.h"

#include "archive/layout.h"
#include "aws/service/logs.h"
#include "base/error.h"
#include "base/time.h"
#include "verify/scan.h"

/* The most that FilterLogEvents gives; a page ends at 1 MiB all the same. */
#define PAGE_EVENTS 10000

/* Scans an event as an export writes it, and adds what the scan found. */
static int add_event(struct scan *scan, const struct log_event *e, struct tally *t,
		     struct error **err)
{
	cleanup_free char *folder = layout_stream_folder(e->stream);
	uint64_t before = scan->events;
	char stamp[TIME_STAMP_SIZE];

	scan->sum = (struct line_sum){ 0 };
	if (scan_feed(scan, time_stamp(e->stamp_ms, stamp), TIME_STAMP_LEN, err) < 0 ||
	    scan_feed(scan, " ", 1, err) < 0 ||
	    scan_feed(scan, e->message, e->message_len, err) < 0 ||
	    scan_feed(scan, "\n", 1, err) < 0)
		return -1;
	amount_add(&tally_stream(t, folder)->cloudwatch, scan->events - before, &scan->sum);
	return 0;
}

int cloudwatch_tally(struct aws_client *c, const char *log_group, struct tally *t,
		     struct error **err)
{
	cleanup(line_hasher_freep) struct line_hasher *hasher = line_hasher_new(t->key);
	cleanup_aws_pages struct aws_pages pages = { 0 };
	cleanup_scan struct scan scan;
	struct log_event e;
	int r;

	scan_init(&scan, &t->window, hasher);
	logs_events_init(&pages, c, log_group, t->window.from_ms, t->window.to_ms, PAGE_EVENTS);
	while ((r = logs_events_next(&pages, &e, err)) > 0)
		if (add_event(&scan, &e, t, err) < 0)
			return -1;
	return r;
}

int cloudwatch_has_events(struct aws_client *c, const char *log_group, const struct window *w,
			  struct error **err)
{
	cleanup_aws_pages struct aws_pages pages = { 0 };
	struct log_event e;

	logs_events_init(&pages, c, log_group, w->from_ms, w->to_ms, 1);
	return logs_events_next(&pages, &e, err);
}
