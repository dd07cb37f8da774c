/* SPDX-License-Identifier: MIT */
/*
 * Exported text that is cut into events. The first byte is the size of the pieces.
 * Nothing is lost or added, and no event is of another time than the window's.
 */
#include "config.h"

#include "base/error.h"
#include "fuzz.h"
#include "read/events.h"

/* 2025-11-21 */
static const struct window window = { INT64_C(1763683200000), INT64_C(1763769600000) };

static int add(void *data, int64_t ms, const char *p, size_t n, struct error **err)
{
	(void)err;
	must(ms >= window.from_ms && ms <= window.to_ms);
	must(n > TIME_STAMP_LEN && p[TIME_STAMP_LEN] == ' ');
	buf_add(data, p, n);
	buf_addc(data, '\n');
	return 0;
}

static bool feed(struct buf *out, const char *p, size_t n, size_t piece)
{
	cleanup_error struct error *err = NULL;
	struct events e;
	int r = 0;

	events_init(&e, &window, add, out);
	for (size_t at = 0; at < n && r == 0; at += piece)
		r = events_feed(&e, p + at, n - at < piece ? n - at : piece, &err);
	if (r == 0)
		r = events_end(&e, &err);
	events_release(&e);
	must(r == 0 || err->kind == ERR_FOUND);
	return r == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup_buf struct buf whole = BUF_INIT, cut = BUF_INIT;
	const char *p = (const char *)data + 1;

	if (size < 2)
		return 0;
	if (feed(&whole, p, size - 1, size - 1)) {
		must(feed(&cut, p, size - 1, data[0] + 1));
		must(whole.len == cut.len && memcmp(whole.data, cut.data, cut.len) == 0);
		/* The last line may lack its '\n'. */
		must(whole.len == size - 1 + (p[size - 2] != '\n'));
		must(memcmp(whole.data, p, size - 1) == 0);
	} else {
		must(!feed(&cut, p, size - 1, data[0] + 1));
	}
	return 0;
}
