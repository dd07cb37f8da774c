/* SPDX-License-Identifier: MIT */
/* Reading back: fields of access logs, conditions, and sorting more than fits into memory. */
#include "config.h"

#include "unit.h"

#include "base/time.h"
#include "base/xalloc.h"
#include "read/field.h"
#include "read/filter.h"
#include "read/sorter.h"

static void test_fields(void **state)
{
	static const struct {
		const char *line, *name, *value; /* NULL: no such field */
	} cases[] = {
		{ "{\"a\":\"b\"}", "a", "b" },
		{ " { \"a\" : 1.50 , \"b\" : true } ", "a", "1.50" },
		{ "{\"a\":{\"b\":[1,\"}\"]},\"c\":null}", "c", "null" },
		{ "{\"a\":{\"b\":{\"c\":\"d\"}}}", "a.b.c", "d" },
		{ "{\"a.b\":1,\"a\":{\"b\":2}}", "a.b", "1" },
		{ "{\"a\":{\"b.c\":3}}", "a.b.c", "3" },
		{ "{\"a\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\u00e9\\u20ac\\ud83d\\ude00\"}", "a",
		  "\"\\/\b\f\n\r\tA\u00e9\u20ac\U0001f600" },
		{ "{\"a\":\"\\ud83d\"}", "a", NULL },
		{ "{\"a\":\"\\x\"}", "a", NULL },
		{ "{\"a\":\"\\", "a", NULL },
		{ "{\"a\":\"b", "a", NULL },
		{ "{\"a\"", "a", NULL },
		{ "{\"b\":[1,2", "a", NULL },
		{ "{}", "a", NULL },
		{ "{\"a\":\"b\"}", "", NULL },
		{ "", "a", NULL },
		{ "<request id=\"x\"><a>b &amp; c</a></request>", "a", "b &amp; c" },
		{ "<request id=\"x\"><a>b</a></request>", "requestId", "x" },
		{ "<a>b", "a", NULL },
		{ "1.2.3.4 - me [21/Nov/2026:13:00:00 +0000] \"GET /a%20b HTTP/1.1\" 200 5 r e",
		  "user", "me" },
		{ "1.2.3.4 - - [21/Nov/2026:13:00:00 +0000] \"GET /a HTTP/1.1\" 200 5 r e",
		  "requestTime", "21/Nov/2026:13:00:00 +0000" },
		{ "1.2.3.4 - - [21/Nov/2026:13:00:00 +0000] \"GET /a HTTP/1.1\" 200 5 r e",
		  "extendedRequestId", "e" },
		{ "(id) Starting execution", "status", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		cleanup_buf struct buf value = BUF_INIT;
		bool found = field_get(cases[i].line, strlen(cases[i].line), cases[i].name, &value);

		if (found != (cases[i].value != NULL) ||
		    (found && !str_eq(value.data, cases[i].value)))
			fail_msg("%s of %s", cases[i].name, cases[i].line);
	}
}

#define EVENT "2025-11-21T12:00:00.000Z "
#define AT INT64_C(1763726400000)

static void test_request_id_is_a_word(void **state)
{
	cleanup_filter struct filter f = { .range = { 0, INT64_MAX } };
	static const struct {
		const char *event;
		bool match;
	} cases[] = {
		{ EVENT "(a-1) Starting", true },
		{ EVENT "a-1", true },
		{ EVENT "{\"id\":\"a-1\"}", true },
		{ EVENT "a-10 ba-1 (a-1)", true },
		{ EVENT "a-10", false },
		{ EVENT "xa-1", false },
		{ EVENT "a-1= a-1-", false },
		{ EVENT "", false },
	};
	struct matcher *m;

	(void)state;
	assert_int_equal(filter_set_request_id(&f, "a-1", NULL), 0);
	m = matcher_new(&f);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_int_equal(matcher_match(m, AT, cases[i].event, strlen(cases[i].event)),
				 cases[i].match);
	matcher_free(m);
}

static void test_conditions_that_cannot_be(void **state)
{
	static const char *const wrong[] = { "", "=", "a", "<1", "a<", "a>x", "a!b" };
	cleanup_filter struct filter f = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		assert_error(filter_add_where(&f, wrong[i], &err), ERR_USAGE);
	assert_error(filter_set_grep(&f, "a(", &err), ERR_USAGE);
	assert_error(filter_set_request_id(&f, "", &err), ERR_USAGE);
	assert_error(filter_set_request_id(&f, "a b", &err), ERR_USAGE);
	assert_int_equal(f.n_where, 0);
}

#define OBJECTS 12
#define PER_OBJECT 3000
#define SIZE 1000

/* What came out so far. */
struct sorted {
	size_t n;
	int64_t ms;
	size_t object;
	unsigned last[OBJECTS]; /* of each object: the number of its latest event at this time */
	uint64_t sum;
};

static uint64_t digest(const char *p, size_t n)
{
	uint64_t h = 14695981039346656037u;

	for (size_t i = 0; i < n; i++)
		h = (h ^ (uint8_t)p[i]) * 1099511628211u;
	return h;
}

static int take(void *data, const struct event *e, struct error **err)
{
	struct sorted *s = data;
	unsigned i;

	(void)err;
	memcpy(&i, e->p, sizeof(i));
	if (s->n) {
		assert_true(e->ms >= s->ms);
		assert_true(e->ms > s->ms || e->object >= s->object);
		if (e->ms == s->ms && e->object == s->object)
			assert_true(i > s->last[e->object]);
	}
	s->last[e->object] = i;
	s->ms = e->ms;
	s->object = e->object;
	s->sum += digest(e->p, e->n);
	s->n++;
	return 0;
}

/* downwards: each piece of an object is older than the one before, so that all are runs. */
static void sort_all(struct sorter *s, unsigned per_object, bool downwards)
{
	struct sorted found = { 0 };
	uint64_t sum = 0;

	for (size_t o = 0; o < OBJECTS; o++) {
		struct sorter_batch *b = sorter_batch_new(s, o), *dropped = sorter_batch_new(s, o);

		for (unsigned i = 0; i < per_object; i++) {
			int64_t ms = downwards ? (int64_t)(per_object - i) / 2 : i * 7919 % 1000;
			char text[SIZE];
			size_t n = sizeof(i) + (i * 31 + o) % (SIZE - sizeof(i));

			memset(text, (int)(i + o), n);
			memcpy(text, &i, sizeof(i));
			sum += digest(text, n);
			assert_int_equal(sorter_batch_add(b, ms, text, n, NULL), 0);
			assert_int_equal(sorter_batch_add(dropped, ms, text, n, NULL), 0);
		}
		sorter_batch_free(dropped);
		assert_int_equal(sorter_batch_commit(b, NULL), 0);
		sorter_batch_free(b);
	}
	assert_int_equal(sorter_merge(s, take, &found, NULL), 0);
	assert_int_equal(found.n, OBJECTS * (size_t)per_object);
	assert_int_equal(found.sum, sum);
}

static void test_sorting(void **state)
{
	struct sorter *s = sorter_new("/tmp");

	(void)state;
	/* In memory; in a few runs; then more runs than are merged at once, in a sorter that was used. */
	sort_all(s, 20, false);
	sort_all(s, PER_OBJECT, false);
	sort_all(s, 8 * PER_OBJECT, true);
	sort_all(s, 20, true);
	sorter_free(s);
}

static int refuse(void *data, const struct event *e, struct error **err)
{
	(void)e;
	++*(int *)data;
	return err_set(err, ERR_LOCAL, "enough");
}

static void test_sorting_that_fails(void **state)
{
	struct sorter *s = sorter_new("/nowhere");
	struct sorter_batch *b = sorter_batch_new(s, 0);
	cleanup_free char *big = xcalloc(1, 1 << 20);
	int n = 0;

	(void)state;
	assert_error(sorter_batch_add(b, 1, big, 1 << 20, &err), ERR_LOCAL);
	sorter_batch_free(b);
	b = sorter_batch_new(s, 0);
	assert_int_equal(sorter_batch_add(b, 1, "a", 1, NULL), 0);
	assert_int_equal(sorter_batch_add(b, 2, "b", 1, NULL), 0);
	assert_int_equal(sorter_batch_commit(b, NULL), 0);
	sorter_batch_free(b);
	assert_error(sorter_merge(s, refuse, &n, &err), ERR_LOCAL);
	assert_int_equal(n, 1);
	sorter_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_request_id_is_a_word),
		cmocka_unit_test(test_conditions_that_cannot_be),
		cmocka_unit_test(test_sorting),
		cmocka_unit_test(test_sorting_that_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
