/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdint.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/time.h"
#include "base/xalloc.h"
#include "fuzz.h"

#define NOW_MS INT64_C(1795266000000)

static void round_trip(int64_t ms)
{
	char iso[TIME_ISO_SIZE];
	int64_t back;

	if (ms < TIME_MIN_MS || ms > TIME_MAX_MS)
		return;
	must(time_parse_iso(time_iso(ms, iso), &back) && back == ms);
}

static void check_duration(const char *s)
{
	int64_t ms, back;

	if (time_parse_duration(s, &ms, NULL) < 0)
		return;
	must(ms >= 0 && ms <= 10000 * MS_DAY);
	{
		cleanup_free char *text = time_duration_str(ms);

		must(time_parse_duration(text, &back, NULL) == 0 && back == ms);
	}
}

/* A stamp is ISO 8601 as well, and both parsers agree. */
static void check_stamp(const char *s)
{
	char stamp[TIME_STAMP_LEN + 1] = "";
	struct time_minute last = { 0 };
	int64_t ms, iso_ms;

	memcpy(stamp, s, strnlen(s, TIME_STAMP_LEN));
	if (time_parse_stamp(stamp, &ms)) {
		must(time_parse_iso(stamp, &iso_ms) && iso_ms == ms);
		must(time_parse_next_stamp(&last, stamp, &iso_ms) && iso_ms == ms);
		/* The same minute again, with whatever the input has for the rest. */
		memcpy(stamp + sizeof(last.text), s,
		       strnlen(s, TIME_STAMP_LEN - sizeof(last.text)));
		must(time_parse_stamp(stamp, &ms) == time_parse_next_stamp(&last, stamp, &iso_ms) &&
		     iso_ms == ms);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup_free char *s = xstrndup((const char *)data, size);
	struct error *err = NULL;
	int64_t ms = 1, expr_ms;

	if (time_parse_iso(s, &ms)) {
		must(ms >= TIME_MIN_MS - MS_DAY && ms <= TIME_MAX_MS + MS_DAY);
		round_trip(ms);
		must(time_parse_expr(s, NOW_MS, &expr_ms, NULL) == 0 && expr_ms == ms);
	} else {
		must(ms == 1);
	}
	if (time_parse_expr(s, NOW_MS, &ms, &err) < 0)
		must(err && err->kind == ERR_USAGE);
	else
		must(!err);
	error_free(err);
	check_duration(s);
	check_stamp(s);
	if (size >= sizeof(ms)) {
		memcpy(&ms, data, sizeof(ms));
		round_trip(ms % TIME_MAX_MS);
	}
	return 0;
}
