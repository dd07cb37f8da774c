/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "unit.h"

#include <stdio.h>
#include <time.h>

#include "base/time.h"

#define NOV_21 INT64_C(1795266000000) /* 2026-11-21T13:00:00Z */

/* Compared with glibc's timegm() and gmtime_r(). */
static int64_t by_libc(int y, int mon, int d, int h, int min, int s)
{
	struct tm tm = { .tm_year = y - 1900,
			 .tm_mon = mon - 1,
			 .tm_mday = d,
			 .tm_hour = h,
			 .tm_min = min,
			 .tm_sec = s };

	return (int64_t)timegm(&tm) * 1000;
}

/* In steps of a little more than a day, from the first year to the last. */
static void test_agrees_with_libc(void **state)
{
	char iso[TIME_ISO_SIZE], date[TIME_DATE_SIZE], amz[TIME_AMZ_SIZE], want[64];

	(void)state;
	for (int64_t ms = TIME_MIN_MS; ms <= TIME_MAX_MS; ms += MS_DAY * 3 + 12345 * MS_SECOND) {
		time_t t = (time_t)(ms / 1000);
		int64_t back = 0;
		struct tm tm;

		gmtime_r(&t, &tm);
		snprintf(want, sizeof(want), "%04d-%02d-%02dT%02d:%02d:%02dZ", tm.tm_year + 1900,
			 tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
		assert_string_equal(time_iso(ms, iso), want);
		assert_true(time_parse_iso(iso, &back));
		assert_true(back == ms);
		assert_memory_equal(time_date(ms, date), want, 10);
		assert_int_equal(strlen(time_amz(ms, amz)), 16);
		assert_int_equal(time_days_from_civil(tm.tm_year + 1900, (unsigned)tm.tm_mon + 1,
						      (unsigned)tm.tm_mday),
				 time_floor(ms, MS_DAY) / MS_DAY);
	}
}

static void test_known_texts(void **state)
{
	char iso[TIME_ISO_SIZE], date[TIME_DATE_SIZE], amz[TIME_AMZ_SIZE];

	(void)state;
	assert_true(by_libc(2026, 11, 21, 13, 0, 0) == NOV_21);
	assert_string_equal(time_iso(NOV_21, iso), "2026-11-21T13:00:00Z");
	assert_string_equal(time_iso(NOV_21 + 7, iso), "2026-11-21T13:00:00.007Z");
	assert_string_equal(time_date(NOV_21, date), "2026-11-21");
	assert_string_equal(time_amz(NOV_21, amz), "20261121T130000Z");
	assert_string_equal(time_iso(-1, iso), "1969-12-31T23:59:59.999Z");
	assert_string_equal(time_iso(TIME_MIN_MS, iso), "0000-01-01T00:00:00Z");
	assert_string_equal(time_iso(TIME_MAX_MS, iso), "9999-12-31T23:59:59.999Z");
	assert_string_equal(time_iso(INT64_MAX, iso), "9999-12-31T23:59:59.999Z");
	assert_string_equal(time_iso(INT64_MIN, iso), "0000-01-01T00:00:00Z");
}

static void test_iso_accepted(void **state)
{
	static const struct {
		const char *text;
		int64_t ms;
	} good[] = {
		{ "2026-11-21", NOV_21 - 13 * MS_HOUR },
		{ "2026-11-21T13:00", NOV_21 },
		{ "2026-11-21 13:00:00", NOV_21 },
		{ "2026-11-21t13:00:00z", NOV_21 },
		{ "2026-11-21T13:00:00.5Z", NOV_21 + 500 },
		{ "2026-11-21T13:00:00,123456789Z", NOV_21 + 123 },
		{ "2026-11-21T14:30:00+01:30", NOV_21 },
		{ "2026-11-21T14:30:00+0130", NOV_21 },
		{ "2026-11-21T10:00-03", NOV_21 },
		{ "2026-11-22T02:59:00.001+13:59", NOV_21 + 1 },
		{ "2024-02-29", INT64_C(1709164800000) },
		{ "2000-02-29T23:59:60Z", INT64_C(951868800000) },
		{ "1970-01-01T00:00:00Z", 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		int64_t ms = -1;

		if (!time_parse_iso(good[i].text, &ms) || ms != good[i].ms)
			fail_msg("%s: %lld", good[i].text, (long long)ms);
	}
}

static void test_iso_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"2026",
		"2026-1-1",
		"2026-13-01",
		"2026-00-01",
		"2026-02-29",
		"1900-02-29",
		"2100-02-29",
		"2026-04-31",
		"2026-11-00",
		"2026-11-21T",
		"2026-11-21T24:00",
		"2026-11-21T13",
		"2026-11-21T13:60",
		"2026-11-21T13:00:61",
		"2026-11-21T13:00:00.",
		"2026-11-21T13:00:00.1234567890",
		"2026-11-21T13:00:00+24:00",
		"2026-11-21T13:00:00+1",
		"2026-11-21T13:00:00+01:",
		"2026-11-21T13:00:00+01:60",
		"2026-11-21T13:00:00Zx",
		"2026-11-21Z",
		" 2026-11-21",
		"2026-11-21 ",
		"+2026-11-21",
		"2026/11/21",
		"26-11-21",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		int64_t ms = 42;

		if (time_parse_iso(bad[i], &ms))
			fail_msg("'%s' was taken", bad[i]);
		assert_int_equal(ms, 42);
	}
}

static void test_stamps(void **state)
{
	static const char *const bad[] = {
		"2026-11-21T13:00:00.00Z ", "2026-11-21 13:00:00.000Z",
		"2026-11-21T13:00:00,000Z", "2026-11-21T13:00:60.000Z",
		"2026-11-31T13:00:00.000Z", "2026-11-21T13:00:00.000z",
		"2026-11-21T25:00:00.000Z", "",
	};
	char stamp[TIME_STAMP_SIZE];
	int64_t ms = 0;

	(void)state;
	assert_string_equal(time_stamp(NOV_21, stamp), "2026-11-21T13:00:00.000Z");
	assert_string_equal(time_stamp(-1, stamp), "1969-12-31T23:59:59.999Z");
	assert_true(time_parse_stamp("2026-11-21T13:00:00.123Z message", &ms));
	assert_true(ms == NOV_21 + 123);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_false(time_parse_stamp(bad[i], &ms));
	assert_true(ms == NOV_21 + 123);
}

static void test_stamps_of_a_minute(void **state)
{
	static const char none[TIME_STAMP_SIZE] = "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\00000.000Z";
	static const char *const bad[] = {
		"2026-11-21T13:00:60.000Z", "2026-11-21T13:00:0a.000Z", "2026-11-21T13:00:00,000Z",
		"2026-11-21T13:00:00.000z", "2026-11-21T13:60:00.000Z", "2026-11-31T13:00:00.000Z",
	};
	struct time_minute last = { 0 };
	int64_t ms = 0;

	(void)state;
	assert_false(time_parse_next_stamp(&last, none, &ms));
	assert_true(time_parse_next_stamp(&last, "2026-11-21T13:00:01.000Z", &ms));
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_false(time_parse_next_stamp(&last, bad[i], &ms));
	assert_true(ms == NOV_21 + 1000);
	assert_true(time_parse_next_stamp(&last, "2026-11-21T13:00:59.999Z", &ms));
	assert_true(ms == NOV_21 + 59999);
	assert_true(time_parse_next_stamp(&last, "2026-11-21T13:01:00.000Z", &ms));
	assert_true(ms == NOV_21 + 60000);
}

/* RFC 9110, 5.6.7: its own example in all three forms. */
static void test_http_dates(void **state)
{
	static const char *const same[] = {
		"Sun, 06 Nov 1994 08:49:37 GMT",
		"Sunday, 06-Nov-94 08:49:37 GMT",
		"Sun Nov  6 08:49:37 1994",
		"Sun Nov 06 08:49:37 1994",
	};
	static const char *const bad[] = {
		"",
		"Sun, 06 Nov 1994 08:49:37",
		"Sun, 06 Nov 1994 08:49:37 UTC",
		"Sun, 06 Nov 1994 08:49:37 GMT ",
		"Sun, 6 Nov 1994 08:49:37 GMT",
		"Sun, 06 nov 1994 08:49:37 GMT",
		"Sun, 31 Feb 1994 08:49:37 GMT",
		"Sun, 06 Nov 1994 24:49:37 GMT",
		"Sun Nov  6 08:49:37 94",
		"06 Nov 1994 08:49:37 GMT",
		"Sunday, 06-Nov-1994 08:49:37 GMT",
		"Sun, 06 Novx1994 08:49:37 GMT",
		",,,,,,,,,,,,,,,,,,,,",
		"Sun Nov",
		"2026-11-21T13:00:00Z",
	};
	int64_t want = by_libc(1994, 11, 6, 8, 49, 37), ms = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(same); i++) {
		assert_true(time_parse_http_date(same[i], &ms));
		assert_true(ms == want);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		if (time_parse_http_date(bad[i], &ms))
			fail_msg("'%s' was taken", bad[i]);
	assert_true(ms == want);
	assert_true(time_parse_http_date("Thursday, 01-Jan-26 00:00:00 GMT", &ms));
	assert_true(ms == by_libc(2026, 1, 1, 0, 0, 0));
}

static void test_durations(void **state)
{
	static const struct {
		const char *text;
		int64_t ms;
	} good[] = {
		{ "0", 0 },
		{ "12h", 12 * MS_HOUR },
		{ "90m", 90 * MS_MINUTE },
		{ "1w2d3h4m5s", 9 * MS_DAY + 3 * MS_HOUR + 4 * MS_MINUTE + 5 * MS_SECOND },
		{ "10000d", 10000 * MS_DAY },
		{ "864000000s", 10000 * MS_DAY },
	};
	static const char *const bad[] = {
		"",   "1",   "h",    "1h1h", "1m1h",        "10001d", "9999d25h", "864000001s",
		"1y", "-1h", "1.5h", "1h ",  "1000000000s", "1429w",  "10000d1s"
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		int64_t ms = -1;

		assert_int_equal(time_parse_duration(good[i].text, &ms, NULL), 0);
		assert_true(ms == good[i].ms);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		int64_t ms;

		assert_error(time_parse_duration(bad[i], &ms, &err), ERR_USAGE);
	}
}

static void check_written(int64_t ms, const char *want)
{
	char *got = time_duration_str(ms);

	assert_string_equal(got, want);
	free(got);
}

static void test_durations_written(void **state)
{
	(void)state;
	check_written(0, "0s");
	check_written(999, "0s");
	check_written(MS_DAY, "1d");
	check_written(36 * MS_HOUR, "1d12h");
	check_written(90 * MS_MINUTE, "1h30m");
	check_written(10000 * MS_DAY + MS_SECOND, "10000d1s");
}

static int64_t expr(const char *s)
{
	struct error *err = NULL;
	int64_t ms = -1;

	if (time_parse_expr(s, NOV_21, &ms, &err) < 0)
		fail_msg("%s: %s", s, err->msg);
	return ms;
}

static void test_expressions(void **state)
{
	int64_t ms;

	(void)state;
	assert_true(expr("now") == NOV_21);
	assert_true(expr("today") == NOV_21 - 13 * MS_HOUR);
	assert_true(expr("yesterday") == NOV_21 - 37 * MS_HOUR);
	assert_true(expr("2h") == NOV_21 - 2 * MS_HOUR);
	assert_true(expr("@1795266000") == NOV_21);
	assert_true(expr("1795266000000") == NOV_21);
	assert_true(expr("2026-11-21T13:00") == NOV_21);
	assert_error(time_parse_expr("tomorrow", NOV_21, &ms, &err), ERR_USAGE);
	assert_error(time_parse_expr("@", NOV_21, &ms, &err), ERR_USAGE);
	assert_error(time_parse_expr("@-1", NOV_21, &ms, &err), ERR_USAGE);
	assert_error(time_parse_expr("1795266000", NOV_21, &ms, &err), ERR_USAGE);
	assert_error(time_parse_expr("", NOV_21, &ms, &err), ERR_USAGE);
	assert_error(time_parse_expr("0", NOV_21, &ms, &err), ERR_USAGE);
}

static void test_flooring(void **state)
{
	(void)state;
	assert_int_equal(time_floor(0, MS_DAY), 0);
	assert_int_equal(time_floor(MS_DAY - 1, MS_DAY), 0);
	assert_int_equal(time_floor(-1, MS_DAY), -MS_DAY);
	assert_int_equal(time_floor(-MS_DAY, MS_DAY), -MS_DAY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_agrees_with_libc),
		cmocka_unit_test(test_known_texts),
		cmocka_unit_test(test_iso_accepted),
		cmocka_unit_test(test_iso_refused),
		cmocka_unit_test(test_stamps),
		cmocka_unit_test(test_stamps_of_a_minute),
		cmocka_unit_test(test_http_dates),
		cmocka_unit_test(test_durations),
		cmocka_unit_test(test_durations_written),
		cmocka_unit_test(test_expressions),
		cmocka_unit_test(test_flooring),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
