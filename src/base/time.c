/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/time.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"

#define DAYS_MAX 10000

/* Source of both directions: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms". */
int64_t time_days_from_civil(int64_t y, unsigned m, unsigned d)
{
	int64_t era, doe;
	unsigned yoe, doy;

	y -= m <= 2;
	era = (y >= 0 ? y : y - 399) / 400;
	yoe = (unsigned)(y - era * 400);
	doy = (153 * (m > 2 ? m - 3 : m + 9) + 2) / 5 + d - 1;
	doe = (int64_t)yoe * 365 + yoe / 4 - yoe / 100 + doy;
	return era * 146097 + doe - 719468;
}

int64_t time_floor(int64_t ms, int64_t unit)
{
	int64_t rest = ms % unit;

	return ms - rest - (rest < 0 ? unit : 0);
}

static struct civil civil_from_ms(int64_t ms)
{
	int64_t days, era;
	unsigned doe, yoe, doy, mp;
	struct civil c;
	int64_t rest;

	if (ms < TIME_MIN_MS)
		ms = TIME_MIN_MS;
	if (ms > TIME_MAX_MS)
		ms = TIME_MAX_MS;
	rest = ms - time_floor(ms, MS_DAY);
	days = time_floor(ms, MS_DAY) / MS_DAY + 719468;
	era = (days >= 0 ? days : days - 146096) / 146097;
	doe = (unsigned)(days - era * 146097);
	yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	mp = (5 * doy + 2) / 153;
	c.day = doy - (153 * mp + 2) / 5 + 1;
	c.month = mp < 10 ? mp + 3 : mp - 9;
	c.year = (int64_t)yoe + era * 400 + (c.month <= 2);
	c.hour = (unsigned)(rest / MS_HOUR);
	c.minute = (unsigned)(rest / MS_MINUTE % 60);
	c.second = (unsigned)(rest / MS_SECOND % 60);
	c.ms = (unsigned)(rest % MS_SECOND);
	return c;
}

/* The digits of the civil fields, bounded for the compiler's sake as well. */
#define YEAR(c) ((unsigned)(c).year % 10000)

char *time_iso(int64_t ms, char out[TIME_ISO_SIZE])
{
	struct civil c = civil_from_ms(ms);
	int n = snprintf(out, TIME_ISO_SIZE, "%04u-%02u-%02uT%02u:%02u:%02u", YEAR(c),
			 c.month % 100, c.day % 100, c.hour % 100, c.minute % 100, c.second % 100);

	if (c.ms)
		snprintf(out + n, TIME_ISO_SIZE - (size_t)n, ".%03uZ", c.ms % 1000);
	else
		snprintf(out + n, TIME_ISO_SIZE - (size_t)n, "Z");
	return out;
}

char *time_stamp(int64_t ms, char out[TIME_STAMP_SIZE])
{
	struct civil c = civil_from_ms(ms);

	snprintf(out, TIME_STAMP_SIZE, "%04u-%02u-%02uT%02u:%02u:%02u.%03uZ", YEAR(c),
		 c.month % 100, c.day % 100, c.hour % 100, c.minute % 100, c.second % 100,
		 c.ms % 1000);
	return out;
}

char *time_date(int64_t ms, char out[TIME_DATE_SIZE])
{
	struct civil c = civil_from_ms(ms);

	snprintf(out, TIME_DATE_SIZE, "%04u-%02u-%02u", YEAR(c), c.month % 100, c.day % 100);
	return out;
}

char *time_amz(int64_t ms, char out[TIME_AMZ_SIZE])
{
	struct civil c = civil_from_ms(ms);

	snprintf(out, TIME_AMZ_SIZE, "%04u%02u%02uT%02u%02u%02uZ", YEAR(c), c.month % 100,
		 c.day % 100, c.hour % 100, c.minute % 100, c.second % 100);
	return out;
}

static int64_t window_ms(char c)
{
	switch (c) {
	case 'w':
		return 7 * MS_DAY;
	case 'd':
		return MS_DAY;
	case 'h':
		return MS_HOUR;
	case 'm':
		return MS_MINUTE;
	case 's':
		return MS_SECOND;
	default:
		return 0;
	}
}

/* "1w2d3h": units from large to small, each once. */
static bool duration(const char *s, int64_t *ret_ms)
{
	int64_t total = 0, last = INT64_MAX;

	if (!*s)
		return false;
	while (*s) {
		size_t n = strspn(s, "0123456789");
		int64_t unit, v = 0;

		if (n == 0 || n > 9 || (unit = window_ms(s[n])) == 0 || unit >= last)
			return false;
		for (size_t i = 0; i < n; i++)
			v = v * 10 + (s[i] - '0');
		if (v > DAYS_MAX * MS_DAY / unit)
			return false;
		total += v * unit;
		last = unit;
		s += n + 1;
	}
	if (total > DAYS_MAX * MS_DAY)
		return false;
	*ret_ms = total;
	return true;
}

int time_parse_duration(const char *s, int64_t *ret_ms, struct error **err)
{
	if (str_eq(s, "0")) {
		*ret_ms = 0;
		return 0;
	}
	if (duration(s, ret_ms))
		return 0;
	err_set(err, ERR_USAGE, "'%s' is not a length of time", s);
	return err_hint(err, "write it with units, such as 12h, 1d or 1w2d3h30m");
}

static bool now_words(const char *s, int64_t now_ms, int64_t *ret_ms)
{
	if (str_eq(s, "now"))
		*ret_ms = now_ms;
	else if (str_eq(s, "today"))
		*ret_ms = time_floor(now_ms, MS_DAY);
	else if (str_eq(s, "yesterday"))
		*ret_ms = time_floor(now_ms, MS_DAY) - MS_DAY;
	else
		return false;
	return true;
}

int time_parse_expr(const char *s, int64_t now_ms, int64_t *ret_ms, struct error **err)
{
	int64_t v;

	if (now_words(s, now_ms, ret_ms) || time_parse_iso(s, ret_ms))
		return 0;
	if (duration(s, &v)) {
		*ret_ms = now_ms - v;
		return 0;
	}
	if (*s == '@' && str_to_int64(s + 1, 0, TIME_MAX_MS / 1000, &v)) {
		*ret_ms = v * 1000;
		return 0;
	}
	if (strlen(s) == 13 && str_is_digits(s, 13) && str_to_int64(s, 0, TIME_MAX_MS, ret_ms))
		return 0;
	err_set(err, ERR_USAGE, "'%s' is not a time", s);
	return err_hint(err, "write 2026-11-21, 2026-11-21T13:00Z, @1763700000, today, yesterday, "
			     "now, or an age such as 7d or 1d12h");
}

bool time_expr_is_age(const char *s)
{
	int64_t v;

	return str_eq(s, "now") || duration(s, &v);
}

char *time_duration_str(int64_t ms)
{
	static const char units[] = "dhms";
	struct buf b = BUF_INIT;

	for (const char *u = units; *u; u++) {
		int64_t n = ms / window_ms(*u);

		if (n)
			buf_addf(&b, "%lld%c", (long long)n, *u);
		ms -= n * window_ms(*u);
	}
	if (!b.len)
		buf_adds(&b, "0s");
	return buf_take(&b);
}
