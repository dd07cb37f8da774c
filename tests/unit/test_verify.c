/* SPDX-License-Identifier: MIT */
/* Scanning exported text, and comparing tallies. */
#include "config.h"

#include "unit.h"

#include "verify/scan.h"
#include "verify/tally.h"

/* 2025-11-21, the whole day. */
#define D0 INT64_C(1763683200000)
static const struct window day = { D0, D0 + 86400000 };
static const uint8_t key[TALLY_KEY_SIZE] = { 7 };

#define IN "2025-11-21T12:00:00.000Z "
#define FIRST "2025-11-21T00:00:00.000Z "
#define LAST "2025-11-21T23:59:59.999Z "
#define NEXT "2025-11-22T00:00:00.000Z "
#define BEFORE "2025-11-20T23:59:59.999Z "

/* Fed in pieces of so many bytes. */
static void scan_text(struct scan *s, const char *text, size_t piece, struct line_hasher *h)
{
	size_t n = strlen(text);

	scan_init(s, &day, h);
	for (size_t at = 0; at < n; at += piece)
		assert_int_equal(scan_feed(s, text + at, n - at < piece ? n - at : piece, NULL), 0);
	scan_end(s);
}

static void counting(void **state)
{
	static const struct {
		const char *text;
		unsigned events, boundary, outside;
		bool good;
	} cases[] = {
		{ "", 0, 0, 0, true },
		{ IN "a\n", 1, 0, 0, true },
		{ IN "a", 1, 0, 0, true }, /* no newline at the end */
		{ IN "\n", 1, 0, 0, true },
		{ FIRST "a\n" LAST "b\n", 2, 0, 0, true },
		{ NEXT "a\n", 0, 1, 0, true }, /* `to` was inclusive */
		{ IN "a\n" NEXT "b\nmore\n" IN "c\n", 2, 1, 0, true },
		{ BEFORE "a\n", 0, 0, 1, false },
		{ IN "a\n2025-11-22T00:00:00.001Z b\n", 1, 0, 1, false },
		{ IN "a\n\nb\n  2025-11-20T00:00:00.000Z c\n", 1, 0, 0, true },
		{ IN "a\n2025-11-20T00:00:00.000Zc\n", 1, 0, 0, true }, /* no space behind it */
		{ IN "a\n2025-11-20 00:00:00.000Z c\n", 1, 0, 0, true },
		{ "a\n" IN "b\n", 1, 0, 0, false },
		{ "\n" IN "b\n", 1, 0, 0, false },
		{ "2025-02-30T00:00:00.000Z a\n", 0, 0, 0, false },
		{ "2025-11-21T12:00:00.000Z", 0, 0, 0, false }, /* a stamp, no space */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		for (size_t piece = 1; piece < 40; piece += 6) {
			cleanup_scan struct scan s;

			scan_text(&s, cases[i].text, piece, NULL);
			assert_int_equal(s.events, cases[i].events);
			assert_int_equal(s.boundary, cases[i].boundary);
			assert_int_equal(s.outside, cases[i].outside);
			assert_int_equal(scan_verdict(&s, 0, NULL), cases[i].good ? 0 : -1);
			if (cases[i].outside)
				assert_int_equal(scan_verdict(&s, cases[i].outside, NULL), 0);
		}
}

static void extremes(void **state)
{
	cleanup_scan struct scan s;

	(void)state;
	scan_text(&s, IN "a\n" LAST "b\n" FIRST "c\n" NEXT "d\n", 1000, NULL);
	assert_int_equal(s.first_ms, day.from_ms);
	assert_int_equal(s.last_ms, day.to_ms - 1);
}

static void naming_the_place(void **state)
{
	cleanup_error struct error *err = NULL;
	cleanup_scan struct scan s;

	(void)state;
	scan_text(&s, IN "a\nb\n" BEFORE "c\n" BEFORE "d\n", 7, NULL);
	assert_int_equal(scan_verdict(&s, 0, &err), -1);
	assert_int_equal(err->kind, ERR_FOUND);
	assert_non_null(strstr(err->msg, "2 of its lines"));
	assert_non_null(strstr(err->msg, "line 3, at byte 29"));
	assert_non_null(strstr(err->msg, "2025-11-20T23:59:59.999Z"));
}

static void long_lines(void **state)
{
	static char piece[1 << 16];
	struct error *err = NULL;
	cleanup_scan struct scan s;
	int r = 0;

	(void)state;
	memset(piece, 'x', sizeof(piece));
	scan_init(&s, &day, NULL);
	for (size_t n = 0; r == 0 && n < 2 * SCAN_LINE_MAX; n += sizeof(piece))
		r = scan_feed(&s, piece, sizeof(piece), &err);
	assert_int_equal(r, -1);
	assert_int_equal(err->kind, ERR_FOUND);
	error_free(err);
}

static void starting_again(void **state)
{
	cleanup_scan struct scan s;

	(void)state;
	scan_text(&s, BEFORE "a\n" IN "b", 3, NULL);
	scan_restart(&s);
	assert_int_equal(scan_feed(&s, IN "c\n", strlen(IN "c\n"), NULL), 0);
	scan_end(&s);
	assert_int_equal(s.events, 1);
	assert_int_equal(s.offset, 27);
	assert_int_equal(scan_verdict(&s, 0, NULL), 0);
}

static void same(const char *a, const char *b, bool wanted)
{
	cleanup(line_hasher_freep) struct line_hasher *h = line_hasher_new(key);
	cleanup_scan struct scan x, y;

	scan_text(&x, a, 5, h);
	scan_text(&y, b, 999, h);
	assert_true((x.sum.low == y.sum.low && x.sum.high == y.sum.high) == wanted);
}

static void sums(void **state)
{
	(void)state;
	same(IN "a\n" LAST "b\n", LAST "b\n" IN "a\n", true); /* an export keeps no order */
	same(IN "a\n", IN "b\n", false);
	same(IN "a\n", IN "a\n" IN "a\n", false); /* twice is not once, nor none */
	same("", IN "a\n" IN "a\n", false);
	same(IN "a\n\n\n", IN "a\n", true);           /* newlines at the end do not tell */
	same(IN "a\n" NEXT "b\nc\n", IN "a\n", true); /* what is not counted is not summed */
	same(IN "a\n" BEFORE "b\n", IN "a\n", false); /* what is outside is */
	same(IN "ab\nc\n", IN "a\nbc\n", false);
}

struct seen {
	char text[256];
};

static void differ(void *data, const struct stream_tally *there, const struct stream_tally *here)
{
	struct seen *s = data;
	size_t n = strlen(s->text);

	snprintf(s->text + n, sizeof(s->text) - n, "%s:%d/%d ",
		 there ? there->folder : here->folder, there ? (int)there->events : -1,
		 here ? (int)here->events : -1);
}

static void fill(struct tally *t, const char *text)
{
	cleanup(line_hasher_freep) struct line_hasher *h = line_hasher_new(key);

	/* "ax" is an event "x" in stream "a"; 'b0' is stream b without any. */
	for (const char *p = text; *p; p += 2) {
		struct line_sum sum = { 0 };

		if (p[1] != '0')
			line_hasher_add(h, p + 1, 1, &sum);
		tally_add(t, (char[]){ *p, '\0' }, p[1] != '0', &sum);
	}
}

static void tallies(void **state)
{
	static const struct {
		const char *there, *here, *wanted;
	} cases[] = {
		{ "", "", "" },
		{ "axbycz", "czbyax", "" },
		{ "axax", "ax", "a:2/1 " },
		{ "ax", "ay", "a:1/1 " },
		{ "axby", "by", "a:1/-1 " },
		{ "by", "axby", "a:-1/1 " },
		{ "by", "a0by", "" }, /* only the next window's event was in it */
		{ "a0", "ax", "a:0/1 " },
		{ "axcz", "bycx", "a:1/-1 b:-1/1 c:1/1 " },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		cleanup_tally struct tally there = { 0 }, here = { 0 };
		struct seen seen = { "" };

		fill(&there, cases[i].there);
		fill(&here, cases[i].here);
		tally_compare(&there, &here, differ, &seen);
		assert_string_equal(seen.text, cases[i].wanted);
	}
}

static void many_streams(void **state)
{
	cleanup_tally struct tally t = { 0 };
	struct line_sum sum = { 1, 2 };
	char name[16];

	(void)state;
	for (unsigned i = 0; i < 3000; i++) {
		snprintf(name, sizeof(name), "%u", i * 7919 % 1000);
		tally_add(&t, name, 1, &sum);
	}
	assert_int_equal(t.n, 1000);
	assert_int_equal(t.events, 3000);
	for (size_t i = 0; i < t.n; i++) {
		assert_int_equal(t.v[i].events, 3);
		assert_int_equal(t.v[i].lines.high, 6);
		assert_true(i == 0 || strcmp(t.v[i - 1].folder, t.v[i].folder) < 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counting),         cmocka_unit_test(extremes),
		cmocka_unit_test(naming_the_place), cmocka_unit_test(long_lines),
		cmocka_unit_test(starting_again),   cmocka_unit_test(sums),
		cmocka_unit_test(tallies),          cmocka_unit_test(many_streams),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
