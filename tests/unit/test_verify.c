/* SPDX-License-Identifier: MIT */
/* Scanning exported text, and comparing tallies. */
#include "config.h"

#include "unit.h"

#include "verify/compare.h"
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

/* Fed in pieces of the given size. True if it begins with an event. */
static bool scan_text(struct scan *s, const char *text, size_t piece, struct line_hasher *h)
{
	size_t n = strlen(text);

	scan_init(s, &day, h);
	for (size_t at = 0; at < n; at += piece)
		assert_int_equal(scan_feed(s, text + at, n - at < piece ? n - at : piece, NULL), 0);
	return scan_end(s, NULL) == 0;
}

static void test_counting(void **state)
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
		{ BEFORE "a\n", 0, 0, 1, true },
		{ IN "a\n2025-11-22T00:00:00.001Z b\n", 1, 0, 1, true },
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

			assert_int_equal(scan_text(&s, cases[i].text, piece, NULL), cases[i].good);
			assert_int_equal(s.events, cases[i].events);
			assert_int_equal(s.boundary, cases[i].boundary);
			assert_int_equal(s.outside, cases[i].outside);
		}
}

static void test_extremes(void **state)
{
	cleanup_scan struct scan s;

	(void)state;
	scan_text(&s, IN "a\n" LAST "b\n" FIRST "c\n" NEXT "d\n", 1000, NULL);
	assert_int_equal(s.first_ms, day.from_ms);
	assert_int_equal(s.last_ms, day.to_ms - 1);
}

static void test_naming_the_place(void **state)
{
	cleanup_scan struct scan s;

	(void)state;
	scan_text(&s, IN "a\nb\n" BEFORE "c\n" BEFORE "d\n", 7, NULL);
	assert_int_equal(s.outside, 2);
	assert_int_equal(s.outside_line, 3);
	assert_int_equal(s.outside_offset, 29);
	assert_int_equal(s.outside_ms, day.from_ms - 1);
}

static void test_long_lines(void **state)
{
	static char piece[1 << 16];
	struct error *err = NULL;
	cleanup_scan struct scan s;
	int r = 0;

	(void)state;
	memset(piece, 'x', sizeof(piece));
	scan_init(&s, &day, NULL);
	for (size_t n = 0; r == 0 && n < 2 * LINES_MAX; n += sizeof(piece))
		r = scan_feed(&s, piece, sizeof(piece), &err);
	assert_int_equal(r, -1);
	assert_int_equal(err->kind, ERR_FOUND);
	error_free(err);
}

static void same(const char *a, const char *b, bool wanted)
{
	cleanup(line_hasher_freep) struct line_hasher *h = line_hasher_new(key);
	cleanup_scan struct scan x, y;

	scan_text(&x, a, 5, h);
	scan_text(&y, b, 999, h);
	assert_true((x.sum.low == y.sum.low && x.sum.high == y.sum.high) == wanted);
}

static void test_sums(void **state)
{
	(void)state;
	same(IN "a\n" LAST "b\n", LAST "b\n" IN "a\n", true); /* an export keeps no order */
	same(IN "a\n", IN "b\n", false);
	same(IN "a\n", IN "a\n" IN "a\n", false); /* twice is not once, nor none */
	same("", IN "a\n" IN "a\n", false);
	same(IN "a\n\n\n", IN "a\n", true);            /* trailing newlines do not count */
	same(IN "a\n" NEXT "b\nc\n", IN "a\n", false); /* stamped whenever */
	same(IN "a\n" BEFORE "b\n", IN "a\n", false);
	same(IN "ab\nc\n", IN "a\nbc\n", false);
}

/* "ax" is an event "x" in stream "a"; "b0" is stream b without any. */
static void fill(struct tally *t, const char *text, bool cloudwatch)
{
	cleanup(line_hasher_freep) struct line_hasher *h = line_hasher_new(key);

	for (const char *p = text; *p; p += 2) {
		struct stream_tally *s = tally_stream(t, (char[]){ *p, '\0' });
		struct amount a = { p[1] != '0', { 0 } };

		if (a.events)
			line_hasher_add(h, p + 1, 1, &a.lines);
		if (cloudwatch)
			source_add(&s->cloudwatch, PLACE_WITHIN, PLACE_WITHIN, &a);
		else
			amount_add(&s->bucket, a.events, &a.lines);
	}
}

static void test_tallies(void **state)
{
	static const struct {
		const char *cloudwatch, *bucket, *differing;
	} cases[] = {
		{ "", "", "" },
		{ "axbycz", "czbyax", "" },
		{ "axax", "ax", "a:2/1 " },
		{ "ax", "ay", "a:1/1 " },
		{ "axby", "by", "a:1/0 " },
		{ "by", "axby", "a:0/1 " },
		{ "by", "a0by", "" }, /* only the next window's event was in it */
		{ "a0", "ax", "a:0/1 " },
		{ "axcz", "bycx", "a:1/0 b:0/1 c:1/1 " },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		cleanup_tally struct tally t = { .window = day };
		cleanup_comparison struct comparison c = { 0 };
		char seen[64] = "";

		fill(&t, cases[i].cloudwatch, true);
		fill(&t, cases[i].bucket, false);
		compare_tally(&t, READINGS_ALL, &c);
		for (size_t k = 0; k < c.n; k++) {
			const struct difference *d = &c.differing[k];
			size_t n = strlen(seen);

			snprintf(seen + n, sizeof(seen) - n, "%s:%d/%d ", d->folder,
				 (int)d->cloudwatch, (int)d->bucket);
		}
		assert_int_equal(c.readings, c.n ? 0 : READINGS_ALL);
		assert_string_equal(seen, cases[i].differing);
	}
}

static void test_many_streams(void **state)
{
	cleanup_tally struct tally t = { .window = day };
	struct line_sum sum = { 1, 2 };
	char name[16];

	(void)state;
	for (unsigned i = 0; i < 300000; i++) {
		snprintf(name, sizeof(name), "%u", i * 7919 % 100000);
		amount_add(&tally_stream(&t, name)->bucket, 1, &sum);
	}
	tally_sort(&t);
	assert_int_equal(t.n, 100000);
	for (size_t i = 0; i < t.n; i++) {
		assert_int_equal(t.v[i]->bucket.events, 3);
		assert_int_equal(t.v[i]->bucket.lines.high, 6);
		assert_true(i == 0 || strcmp(t.v[i - 1]->folder, t.v[i]->folder) < 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_counting),
		cmocka_unit_test(test_extremes),
		cmocka_unit_test(test_naming_the_place),
		cmocka_unit_test(test_long_lines),
		cmocka_unit_test(test_sums),
		cmocka_unit_test(test_tallies),
		cmocka_unit_test(test_many_streams),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
