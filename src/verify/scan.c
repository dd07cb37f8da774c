/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "verify/scan.h"

#include <string.h>

#include "base/error.h"
#include "base/time.h"

void scan_init(struct scan *s, const struct window *window, struct line_hasher *hasher)
{
	*s = (struct scan){ .window = *window,
			    .hasher = hasher,
			    .carry = BUF_INIT_MAX(SCAN_LINE_MAX) };
}

void scan_restart(struct scan *s)
{
	struct window window = s->window;
	struct line_hasher *hasher = s->hasher;

	scan_release(s);
	scan_init(s, &window, hasher);
}

void scan_release(struct scan *s)
{
	buf_release(&s->carry);
}

static void outside(struct scan *s, int64_t ms)
{
	if (s->outside++ == 0 && !s->unstamped) {
		s->bad_line = s->line;
		s->bad_offset = s->offset;
		s->bad_ms = ms;
	}
}

static void event(struct scan *s, int64_t ms)
{
	s->skipping = ms == s->window.to_ms;
	if (s->skipping) {
		s->boundary++;
		return;
	}
	if (ms < s->window.from_ms || ms > s->window.to_ms) {
		outside(s, ms);
		return;
	}
	if (s->events == 0 || ms < s->first_ms)
		s->first_ms = ms;
	if (s->events == 0 || ms > s->last_ms)
		s->last_ms = ms;
	s->events++;
}

static void line(struct scan *s, const char *p, size_t n)
{
	int64_t ms;

	s->line++;
	if (n > TIME_STAMP_LEN && p[TIME_STAMP_LEN] == ' ' && time_parse_stamp(p, &ms)) {
		event(s, ms);
	} else if (s->line == 1) {
		s->unstamped = true;
		s->bad_line = 1;
	}
	if (s->hasher && !s->skipping)
		line_hasher_add(s->hasher, p, n, &s->sum);
	s->offset += n + 1;
}

int scan_feed(struct scan *s, const char *p, size_t n, struct error **err)
{
	const char *end = p + n;

	while (p < end) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));

		if (!nl || s->carry.len) {
			buf_add(&s->carry, p, (size_t)((nl ? nl : end) - p));
			if (buf_full(&s->carry))
				return err_set(err, ERR_FOUND,
					       "line %llu at byte %llu is longer than %zu MiB",
					       (unsigned long long)s->line + 1,
					       (unsigned long long)s->offset, SCAN_LINE_MAX >> 20);
		}
		if (!nl)
			return 0;
		if (s->carry.len)
			line(s, s->carry.data, s->carry.len);
		else
			line(s, p, (size_t)(nl - p));
		buf_clear(&s->carry);
		p = nl + 1;
	}
	return 0;
}

void scan_end(struct scan *s)
{
	if (s->carry.len)
		line(s, s->carry.data, s->carry.len);
	buf_clear(&s->carry);
}

int scan_verdict(const struct scan *s, uint64_t known, struct error **err)
{
	char at[TIME_ISO_SIZE], from[TIME_ISO_SIZE], to[TIME_ISO_SIZE];

	if (s->unstamped)
		return err_set(err, ERR_FOUND, "its first line does not begin with a time stamp");
	if (s->outside == known)
		return 0;
	return err_set(err, ERR_FOUND,
		       "%llu of its lines lie outside the window from %s to %s; the first is line "
		       "%llu, at byte %llu of the text, stamped %s",
		       (unsigned long long)s->outside, time_iso(s->window.from_ms, from),
		       time_iso(s->window.to_ms, to), (unsigned long long)s->bad_line,
		       (unsigned long long)s->bad_offset, time_iso(s->bad_ms, at));
}
