/* SPDX-License-Identifier: MIT */
/*
 * Exported text. The first byte is the size of the pieces; whatever it is, the
 * result is that of the whole text at once.
 */
#include "config.h"

#include "fuzz.h"
#include "verify/scan.h"

/* 2025-11-21 */
static const struct window window = { INT64_C(1763683200000), INT64_C(1763769600000) };
static const uint8_t key[TALLY_KEY_SIZE] = { 1 };

static void feed(struct scan *s, struct line_hasher *h, const char *p, size_t n, size_t piece)
{
	scan_init(s, &window, h);
	for (size_t at = 0; at < n; at += piece)
		must(scan_feed(s, p + at, n - at < piece ? n - at : piece, NULL) == 0);
	must((scan_end(s, NULL) < 0) == s->unstamped);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct line_hasher *h = line_hasher_new(key);
	struct scan whole, cut;

	if (size > 1) {
		const char *p = (const char *)data + 1;
		size_t n = size - 1, lines = p[n - 1] != '\n';

		for (size_t i = 0; i < n; i++)
			lines += p[i] == '\n';
		feed(&whole, h, p, n, n);
		feed(&cut, h, p, n, data[0] + 1);
		must(whole.events == cut.events && whole.boundary == cut.boundary &&
		     whole.outside == cut.outside && whole.lines.number == cut.lines.number &&
		     whole.sum.low == cut.sum.low && whole.sum.high == cut.sum.high &&
		     whole.outside_offset == cut.outside_offset &&
		     whole.outside_line == cut.outside_line && whole.first_ms == cut.first_ms);
		must(whole.lines.number == lines);
		must(whole.events + whole.boundary + whole.outside + whole.unstamped <= lines);
		if (whole.events)
			must(whole.first_ms >= window.from_ms && whole.first_ms <= whole.last_ms &&
			     whole.last_ms < window.to_ms);
		must(!whole.outside || (whole.outside_line && whole.outside_offset < n));
		scan_release(&whole);
		scan_release(&cut);
	}
	line_hasher_free(h);
	return 0;
}
