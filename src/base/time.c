/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/time.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"

#define DAYS_MAX 10000

struct civil {
	int64_t year;
	unsigned month, day, hour, minute, second, ms;
};

/* Both directions: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms". */
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

static unsigned days_in_month(int64_t y, unsigned m)
{
	static const unsigned char days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	if (m == 2 && y % 4 == 0 && (y % 100 != 0 || y % 400 == 0))
		return 29;
	return days[m - 1];
}

static bool civil_to_ms(const struct civil *c, int64_t *ret_ms)
{
	if (c->month < 1 || c->month > 12 || c->day < 1 ||
	    c->day > days_in_month(c->year, c->month) || c->hour > 23 || c->minute > 59 ||
	    c->second > 60)
		return false;
	*ret_ms = time_days_from_civil(c->year, c->month, c->day) * MS_DAY + c->hour * MS_HOUR +
		  c->minute * MS_MINUTE + c->second * MS_SECOND + c->ms;
	return true;
}

/* Takes exactly n digits off *s. */
static bool digits(const char **s, size_t n, unsigned *ret)
{
	unsigned v = 0;

	for (size_t i = 0; i < n; i++, (*s)++) {
		if (**s < '0' || **s > '9')
			return false;
		v = v * 10 + (unsigned)(**s - '0');
	}
	*ret = v;
	return true;
}

static bool literal(const char **s, char c)
{
	if (**s != c)
		return false;
	(*s)++;
	return true;
}

bool time_parse_stamp(const char *s, int64_t *ret_ms)
{
	struct civil c = { 0 };
	unsigned year;
	int64_t ms;

	if (!(digits(&s, 4, &year) && literal(&s, '-') && digits(&s, 2, &c.month) &&
	      literal(&s, '-') && digits(&s, 2, &c.day) && literal(&s, 'T') &&
	      digits(&s, 2, &c.hour) && literal(&s, ':') && digits(&s, 2, &c.minute) &&
	      literal(&s, ':') && digits(&s, 2, &c.second) && literal(&s, '.') &&
	      digits(&s, 3, &c.ms) && literal(&s, 'Z')))
		return false;
	c.year = year;
	if (c.second > 59 || !civil_to_ms(&c, &ms))
		return false;
	*ret_ms = ms;
	return true;
}

/* ".5", ".123", ".123456789": milliseconds, the rest is cut off. */
static bool fraction(const char **s, unsigned *ret_ms)
{
	unsigned ms = 0;
	size_t n = 0;

	if (!literal(s, '.') && !literal(s, ','))
		return true;
	for (; **s >= '0' && **s <= '9'; (*s)++, n++)
		if (n < 3)
			ms = ms * 10 + (unsigned)(**s - '0');
	if (n == 0 || n > 9)
		return false;
	for (; n < 3; n++)
		ms *= 10;
	*ret_ms = ms;
	return true;
}

static bool zone(const char **s, int64_t *ret_offset_ms)
{
	unsigned h, m = 0;
	int sign;

	*ret_offset_ms = 0;
	if (**s == '\0' || literal(s, 'Z') || literal(s, 'z'))
		return true;
	sign = **s == '-' ? -1 : 1;
	if (!literal(s, '+') && !literal(s, '-'))
		return false;
	if (!digits(s, 2, &h) || h > 23)
		return false;
	if ((literal(s, ':') || **s) && (!digits(s, 2, &m) || m > 59))
		return false;
	*ret_offset_ms = sign * (h * MS_HOUR + m * MS_MINUTE);
	return true;
}

bool time_parse_iso(const char *s, int64_t *ret_ms)
{
	struct civil c = { 0 };
	int64_t ms, offset = 0;
	unsigned year;

	if (!(digits(&s, 4, &year) && literal(&s, '-') && digits(&s, 2, &c.month) &&
	      literal(&s, '-') && digits(&s, 2, &c.day)))
		return false;
	c.year = year;
	if (*s) {
		if (!literal(&s, 'T') && !literal(&s, 't') && !literal(&s, ' '))
			return false;
		if (!digits(&s, 2, &c.hour) || !literal(&s, ':') || !digits(&s, 2, &c.minute))
			return false;
		if (literal(&s, ':') && (!digits(&s, 2, &c.second) || !fraction(&s, &c.ms)))
			return false;
		if (!zone(&s, &offset))
			return false;
	}
	if (*s || !civil_to_ms(&c, &ms))
		return false;
	*ret_ms = ms - offset;
	return true;
}

static bool month_name(const char *s, unsigned *ret)
{
	static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

	for (unsigned i = 0; i < 12; i++)
		if (strncmp(s, names + 3 * i, 3) == 0) {
			*ret = i + 1;
			return true;
		}
	return false;
}

static bool clock_time(const char **s, struct civil *c)
{
	return digits(s, 2, &c->hour) && literal(s, ':') && digits(s, 2, &c->minute) &&
	       literal(s, ':') && digits(s, 2, &c->second);
}

/* "Nov 06 08:49:37 1994" or, with a space for a zero, "Nov  6 08:49:37 1994" */
static bool asctime_date(const char *s, struct civil *c)
{
	unsigned year;

	if (!month_name(s, &c->month) || s[3] != ' ')
		return false;
	s += 4;
	if (*s == ' ') {
		s++;
		if (!digits(&s, 1, &c->day))
			return false;
	} else if (!digits(&s, 2, &c->day)) {
		return false;
	}
	if (!literal(&s, ' ') || !clock_time(&s, c) || !literal(&s, ' ') || !digits(&s, 4, &year) ||
	    *s)
		return false;
	c->year = year;
	return true;
}

bool time_parse_http_date(const char *s, int64_t *ret_ms)
{
	const char *comma = strchr(s, ',');
	struct civil c = { 0 };
	unsigned year;

	if (strlen(s) > 64 || strlen(s) < 16)
		return false;
	if (!comma)
		return s[3] == ' ' && asctime_date(s + 4, &c) && civil_to_ms(&c, ret_ms);
	s = comma + 1;
	if (!literal(&s, ' ') || !digits(&s, 2, &c.day))
		return false;
	if (literal(&s, ' ')) { /* IMF-fixdate: 06 Nov 1994 */
		if (!month_name(s, &c.month))
			return false;
		s += 3;
		if (!literal(&s, ' ') || !digits(&s, 4, &year))
			return false;
	} else { /* RFC 850: 06-Nov-94; two digits are taken as 1970 to 2069 */
		if (!literal(&s, '-') || !month_name(s, &c.month))
			return false;
		s += 3;
		if (!literal(&s, '-') || !digits(&s, 2, &year))
			return false;
		year += year < 70 ? 2000 : 1900;
	}
	c.year = year;
	return literal(&s, ' ') && clock_time(&s, &c) && str_eq(s, " GMT") &&
	       civil_to_ms(&c, ret_ms);
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
