/* SPDX-License-Identifier: MIT */
/* Which readings of AWS the objects of a window agree with, and what follows from that. */
#include "config.h"

#include "unit.h"

#include "verify/reading.h"
#include "verify/spans.h"

#define B PLACE_BEFORE
#define W PLACE_WITHIN
#define E PLACE_END
#define A PLACE_AFTER

#define EVENT READINGS_BY_EVENT
#define INGESTION READINGS_BY_INGESTION
#define ALL READINGS_ALL

/* An event of its own; its number is its line. */
struct event {
	enum place stamp, ingested;
	unsigned number;
};

static struct line_sum sum_of(unsigned number)
{
	return (struct line_sum){ (uint64_t)number * 0x9e3779b97f4a7c15,
				  (uint64_t)number * number + 77 };
}

static void test_places(void **state)
{
	static const struct window w = { 1000, 2000 };

	(void)state;
	assert_int_equal(place_in(&w, 999), PLACE_BEFORE);
	assert_int_equal(place_in(&w, 1000), PLACE_WITHIN);
	assert_int_equal(place_in(&w, 1999), PLACE_WITHIN);
	assert_int_equal(place_in(&w, 2000), PLACE_END);
	assert_int_equal(place_in(&w, 2001), PLACE_AFTER);
}

/* What CloudWatch holds, and which of its events are in the objects: bits, in order. */
static void judge(struct verdict *v, const struct event *events, size_t n, unsigned here)
{
	struct source s = { 0 };
	struct amount bucket = { 0 };

	for (size_t i = 0; i < n; i++) {
		const struct line_sum sum = sum_of(events[i].number);
		const struct amount a = { 1, sum };

		source_add(&s, events[i].stamp, events[i].ingested, &a);
		if (here & (1u << i))
			amount_add(&bucket, 1, &sum);
	}
	verdict_init(v);
	verdict_add(v, &s, &bucket.lines);
	source_release(&s);
}

static void test_learning(void **state)
{
	static const struct {
		struct event events[4];
		unsigned n, here, known, learned;
	} cases[] = {
		/* Nothing distinguishes the readings. */
		{ { { W, W, 1 }, { W, W, 2 } }, 2, 3, ALL, ALL },
		{ { { W, W, 1 } }, 0, 0, ALL, ALL },
		/* One is lost, or twice. */
		{ { { W, W, 1 }, { W, W, 2 } }, 2, 1, ALL, 0 },
		{ { { W, W, 1 } }, 1, 0, ALL, 0 },
		/* Stamped in the window, and ingested after it. */
		{ { { W, W, 1 }, { W, A, 2 } }, 2, 3, ALL, EVENT },
		/* Absent it may be lost, or in the next window: nothing is learned. */
		{ { { W, W, 1 }, { W, A, 2 } }, 2, 1, ALL, ALL },
		{ { { W, W, 1 }, { W, A, 2 } }, 2, 1, INGESTION, INGESTION },
		{ { { W, W, 1 }, { W, A, 2 } }, 2, 1, EVENT, 0 },
		/* Stamped before, and there. */
		{ { { W, W, 1 }, { B, W, 2 } }, 2, 3, ALL, INGESTION },
		{ { { W, W, 1 }, { B, W, 2 }, { W, A, 3 } }, 3, 3, ALL, INGESTION },
		/* AWS itself has changed: what is there counts. */
		{ { { W, W, 1 }, { B, W, 2 } }, 2, 3, EVENT, INGESTION },
		/* At the end: it is in the next window, whatever this one has. */
		{ { { W, W, 1 }, { E, A, 2 } }, 2, 1, ALL, ALL },
		{ { { W, W, 1 }, { E, A, 2 } }, 2, 1, EVENT, 1u << READING_EVENT },
		{ { { W, W, 1 }, { E, A, 2 } }, 2, 3, ALL, 1u << READING_EVENT_TO },
		{ { { W, W, 1 }, { E, E, 2 } }, 2, 3, ALL, READINGS_WITH_TO },
		{ { { W, W, 1 }, { E, E, 2 } }, 2, 1, ALL, READINGS_WITHOUT_TO },
		{ { { B, E, 1 } }, 1, 1, ALL, 1u << READING_INGESTION_TO },
		/* Part of one reading and part of the other. */
		{ { { W, A, 1 }, { B, W, 2 } }, 2, 3, ALL, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct verdict v;
		enum reading r;

		judge(&v, cases[i].events, cases[i].n, cases[i].here);
		assert_int_equal(verdict_readings(&v, cases[i].known, &r), cases[i].learned);
	}
}

static void test_counting(void **state)
{
	static const struct event events[] = { { W, W, 1 }, { W, A, 2 }, { B, W, 3 },
					       { E, W, 4 }, { A, E, 5 }, { W, B, 6 } };
	struct verdict v;
	enum reading r;

	(void)state;
	judge(&v, events, 6, 0x23 | 0x08); /* by stamp, with the one at the end */
	assert_int_equal(verdict_readings(&v, ALL, &r), 1u << READING_EVENT_TO);
	assert_int_equal(r, READING_EVENT_TO);
	assert_int_equal(v.counts[r].events, 3);
	assert_int_equal(v.counts[r].boundary, 1);
	assert_int_equal(v.counts[r].early + v.counts[r].late + v.counts[r].elsewhere, 0);

	judge(&v, events, 6, 0x0d | 0x10); /* by ingestion, with the one at the end */
	assert_int_equal(verdict_readings(&v, ALL, &r), 1u << READING_INGESTION_TO);
	assert_int_equal(v.counts[r].events, 3);
	assert_int_equal(v.counts[r].late, 1);
	assert_int_equal(v.counts[r].early, 1);
	assert_int_equal(v.counts[r].boundary, 1);
	assert_int_equal(v.counts[r].elsewhere, 2);
}

/* n of three late events are in the objects; first is the number of the first of them. */
static unsigned judge_late(unsigned here, unsigned first, struct verdict *v, enum reading *r)
{
	struct source s = { 0 };
	struct amount bucket = { 0 };

	for (unsigned i = 0; i < 3; i++) {
		const struct line_sum sum = sum_of(i + 1);
		const struct amount a = { 1, sum };

		/* In the order of FilterLogEvents: by stamp. */
		source_add_late(&s, W, 100 - i, &a);
	}
	for (unsigned i = 0; i < here; i++) {
		const struct line_sum sum = sum_of(3 - i - first);

		amount_add(&bucket, 1, &sum);
	}
	source_sort(&s);
	verdict_init(v);
	verdict_add(v, &s, &bucket.lines);
	source_release(&s);
	return verdict_readings(v, ALL, r);
}

static void test_late_events(void **state)
{
	struct verdict v;
	enum reading r;

	(void)state;
	for (unsigned here = 0; here <= 3; here++) {
		assert_true(judge_late(here, 0, &v, &r) & EVENT);
		assert_int_equal(v.counts[READING_EVENT].events, here);
		assert_int_equal(v.counts[READING_EVENT].missed, 3 - here);
	}
	/* The second and not the first: something was lost. */
	assert_int_equal(judge_late(1, 1, &v, &r), 0);
}

static void test_words(void **state)
{
	(void)state;
	for (unsigned readings = 1; readings <= READINGS_ALL; readings++) {
		const char *by = readings_window_by(readings);
		int to = readings_to_included(readings);

		/* All that can be said in two words is kept. */
		assert_int_equal(readings_from(by, to) & readings, readings);
		assert_string_equal(by ? by : "-", readings & EVENT && readings & INGESTION ? "-"
						   : readings & EVENT ? "event"
								      : "ingestion");
	}
	assert_int_equal(readings_from(NULL, -1), ALL);
	assert_int_equal(readings_from("moon", -1), ALL);
	assert_int_equal(readings_learn(EVENT, READINGS_WITH_TO), 1u << READING_EVENT_TO);
	assert_int_equal(readings_learn(EVENT, INGESTION), INGESTION);
}

static void test_spans_are_merged(void **state)
{
	struct spans s = { 0 }, more = { 0 };

	(void)state;
	spans_add(&s, (struct window){ 10, 11 });
	spans_add(&s, (struct window){ 11, 12 });
	spans_add(&s, (struct window){ 5, 6 });
	spans_add(&s, (struct window){ 10, 11 });
	assert_int_equal(s.n, 2);
	assert_int_equal(s.v[1].to_ms, 12);
	spans_add(&more, (struct window){ 4, 20 });
	spans_merge(&s, &more);
	assert_int_equal(s.n, 1);
	assert_int_equal(s.v[0].from_ms, 4);
	assert_int_equal(s.v[0].to_ms, 20);
}

/* In any order, each time that was added stays in a span, and the two farthest apart stay two. */
static void test_spans_are_bounded(void **state)
{
	struct spans s = { 0 };
	uint64_t x = 1;

	(void)state;
	for (unsigned i = 0; i < 5000; i++) {
		int64_t ms;

		x = x * 6364136223846793005u + 1442695040888963407u;
		ms = (int64_t)(x >> 40) + (i % 2 ? INT64_C(1) << 40 : 0);
		spans_add(&s, (struct window){ ms, ms + 1 });
		assert_true(s.n <= SPANS_MAX);
		for (size_t k = 0, in = 0; k < s.n; k++) {
			in += s.v[k].from_ms <= ms && ms < s.v[k].to_ms;
			assert_true(s.v[k].from_ms < s.v[k].to_ms);
			assert_true(k == 0 || s.v[k - 1].to_ms < s.v[k].from_ms);
			if (k == s.n - 1)
				assert_int_equal(in, 1);
		}
	}
	for (size_t k = 0; k < s.n; k++)
		assert_true(s.v[k].to_ms < INT64_C(1) << 40 || s.v[k].from_ms >= INT64_C(1) << 40);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_learning),
		cmocka_unit_test(test_counting),
		cmocka_unit_test(test_late_events),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_spans_are_merged),
		cmocka_unit_test(test_spans_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
