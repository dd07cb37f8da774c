/* SPDX-License-Identifier: MIT */
/* Parses the fixed forms of a time: ISO 8601, CloudWatch's time stamps, HTTP's dates. */
#include "config.h"

#include <string.h>

#include "base/str.h"
#include "base/time.h"

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

/* Reads exactly n digits from *s. */
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

bool time_parse_next_stamp(struct time_minute *last, const char *s, int64_t *ret_ms)
{
	const char *p = s + sizeof(last->text);
	unsigned second, ms;

	if (last->text[0] && memcmp(s, last->text, sizeof(last->text)) == 0) {
		if (!(digits(&p, 2, &second) && literal(&p, '.') && digits(&p, 3, &ms) &&
		      literal(&p, 'Z')) ||
		    second > 59)
			return false;
		*ret_ms = last->ms + second * MS_SECOND + ms;
		return true;
	}
	if (!time_parse_stamp(s, ret_ms))
		return false;
	memcpy(last->text, s, sizeof(last->text));
	last->ms = time_floor(*ret_ms, MS_MINUTE);
	return true;
}

/* ".5", ".123", ".123456789": milliseconds; further digits are ignored. */
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
