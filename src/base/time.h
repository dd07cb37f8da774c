/* SPDX-License-Identifier: MIT */
/*
 * Times are UTC, in milliseconds since the epoch (int64_t, names end in _ms).
 * Ranges are half-open: [from, to).
 */
#ifndef BASE_TIME_H
#define BASE_TIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;

#define MS_SECOND INT64_C(1000)
#define MS_MINUTE (60 * MS_SECOND)
#define MS_HOUR (60 * MS_MINUTE)
#define MS_DAY (24 * MS_HOUR)
/* 0000-01-01T00:00:00Z and 9999-12-31T23:59:59.999Z: the range of ISO 8601. */
#define TIME_MIN_MS INT64_C(-62167219200000)
#define TIME_MAX_MS INT64_C(253402300799999)

/* Of the proleptic Gregorian calendar, UTC. */
struct civil {
	int64_t year;
	unsigned month, day, hour, minute, second, ms;
};

/* Days from 1970-01-01 to a date of the proleptic Gregorian calendar. */
int64_t time_days_from_civil(int64_t year, unsigned month, unsigned day);

#define TIME_ISO_SIZE sizeof("2026-11-21T13:00:00.000Z")
/* "2026-11-21T13:00:00Z", with ".mmm" where there are milliseconds. Returns out. */
char *time_iso(int64_t ms, char out[TIME_ISO_SIZE]);
#define TIME_DATE_SIZE sizeof("2026-11-21")
/* "2026-11-21" */
char *time_date(int64_t ms, char out[TIME_DATE_SIZE]);
#define TIME_AMZ_SIZE sizeof("20261121T130000Z")
/* "20261121T130000Z", as in SigV4. */
char *time_amz(int64_t ms, char out[TIME_AMZ_SIZE]);

/*
 * The time stamp that CloudWatch Logs puts before each exported event: exactly 24
 * characters, YYYY-MM-DDTHH:MM:SS.mmmZ. Parsing is fast, because verify does it for
 * every line; s need not end in NUL, and the result is false for anything else.
 */
#define TIME_STAMP_LEN 24
#define TIME_STAMP_SIZE (TIME_STAMP_LEN + 1)
char *time_stamp(int64_t ms, char out[TIME_STAMP_SIZE]);
bool time_parse_stamp(const char *s, int64_t *ret_ms);
/*
 * The same for many stamps, of which most are in the minute of the one before. s has
 * at least TIME_STAMP_LEN bytes.
 */
struct time_minute {
	char text[sizeof("2026-11-21T13:00:") - 1]; /* empty at first */
	int64_t ms;
};
bool time_parse_next_stamp(struct time_minute *last, const char *s, int64_t *ret_ms);

/* A date, or a date and time, as in RFC 3339 and ISO 8601; UTC unless there is an offset. */
bool time_parse_iso(const char *s, int64_t *ret_ms);

/* An HTTP date in any of its three forms (RFC 9110, 5.6.7). False if it is none of them. */
bool time_parse_http_date(const char *s, int64_t *ret_ms);

/*
 * A time as users type it: ISO 8601 as above, "2026-11-21T13:00", "@1763700000" (s),
 * 13 digits (ms), "now", "today", "yesterday", or an age such as "2h" or "1w2d3h".
 */
int time_parse_expr(const char *s, int64_t now_ms, int64_t *ret_ms, struct error **err);

/* True if s is "now" or an age, which do not fall on a full day or hour. */
bool time_expr_is_age(const char *s);

/* A length of time: "12h", "1w2d3h4m5s", "0". At most 10000 days. */
int time_parse_duration(const char *s, int64_t *ret_ms, struct error **err);

/* "1d", "90m", "12h30m": the shortest exact spelling, to the second. Caller frees. */
char *time_duration_str(int64_t ms);

/* The last multiple of window_ms that is not after ms (works before 1970 too). */
int64_t time_floor(int64_t ms, int64_t window_ms);

#endif
