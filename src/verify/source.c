/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "verify/source.h"

#include <string.h>

#include "archive/layout.h"
#include "aws/service/logs.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/time.h"

/* The most that FilterLogEvents gives; a page ends at 1 MiB all the same. */
#define PAGE_EVENTS 10000

/* Sums an event's lines as an export writes them. */
static void add_event(struct line_hasher *h, struct buf *scratch, int64_t ms, const char *message,
		      size_t n, struct line_sum *sum)
{
	const char *end = message + n;
	const char *nl = memchr(message, '\n', n);
	char stamp[TIME_STAMP_SIZE];

	buf_clear(scratch);
	buf_adds(scratch, time_stamp(ms, stamp));
	buf_addc(scratch, ' ');
	buf_add(scratch, message, (size_t)((nl ? nl : end) - message));
	line_hasher_add(h, scratch->data, scratch->len, sum);
	while (nl) {
		const char *start = nl + 1;

		nl = memchr(start, '\n', (size_t)(end - start));
		line_hasher_add(h, start, (size_t)((nl ? nl : end) - start), sum);
	}
}

int source_tally(struct aws_client *c, const char *log_group, const struct window *w,
		 const uint8_t key[TALLY_KEY_SIZE], struct tally *ret, struct error **err)
{
	cleanup(line_hasher_freep) struct line_hasher *hasher = line_hasher_new(key);
	cleanup_tally struct tally t = { 0 };
	cleanup_logs_pages struct logs_pages pages = { 0 };
	cleanup_buf struct buf scratch = BUF_INIT;
	const json_t *e;
	int r;

	logs_events_init(&pages, c, log_group, w->from_ms, w->to_ms, PAGE_EVENTS);
	while ((r = logs_pages_next(&pages, &e, err)) > 0) {
		const json_t *message = json_object_get(e, "message");
		const char *stream = json_str(e, "logStreamName");
		cleanup_free char *folder = layout_stream_folder(stream ? stream : "");
		struct line_sum sum = { 0 };

		if (!stream || !json_is_string(message))
			return err_set(err, ERR_UNREACHABLE,
				       "logs:FilterLogEvents gave an event without stream or message");
		add_event(hasher, &scratch, json_int(e, "timestamp", 0),
			  json_string_value(message), json_string_length(message), &sum);
		tally_add(&t, folder, 1, &sum);
	}
	if (r < 0)
		return -1;
	*ret = t;
	t = (struct tally){ 0 };
	return 0;
}

int source_has_events(struct aws_client *c, const char *log_group, const struct window *w,
		      struct error **err)
{
	cleanup_logs_pages struct logs_pages pages = { 0 };
	const json_t *e;

	logs_events_init(&pages, c, log_group, w->from_ms, w->to_ms, 1);
	return logs_pages_next(&pages, &e, err);
}
