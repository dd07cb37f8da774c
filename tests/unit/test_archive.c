/* SPDX-License-Identifier: MIT */
/* Windows, the layout of keys, and reading ledger entries. */
#include "config.h"

#include "calls.h"

#include "archive/archive.h"
#include "archive/layout.h"
#include "archive/ledger.h"
#include "archive/selection.h"
#include "archive/window.h"
#include "base/time.h"
#include "cli/options.h"

#define D0 INT64_C(1763683200000) /* 2025-11-21T00:00:00Z */

/* "0-5 7-9" of l, in hours after D0. */
static void assert_windows(const struct windows *l, const char *wanted)
{
	cleanup_buf struct buf b = BUF_INIT;

	for (size_t i = 0; i < l->n; i++)
		buf_addf(&b, "%s%g-%g", i ? " " : "", (double)(l->v[i].from_ms - D0) / MS_HOUR,
			 (double)(l->v[i].to_ms - D0) / MS_HOUR);
	assert_string_equal(b.data, wanted);
}

static int by_time(const void *a, const void *b)
{
	return window_order(a, b);
}

static void add(struct windows *l, int from, int to)
{
	windows_add(l, D0 + from * MS_HOUR, D0 + to * MS_HOUR);
}

static void test_cutting(void **state)
{
	static const struct {
		int from, to, unit;
		const char *wanted;
	} cases[] = {
		{ 0, 24, 24, "0-24" },
		{ 0, 25, 24, "0-24 24-25" },
		{ 23, 25, 24, "23-24 24-25" },
		{ 5, 6, 24, "5-6" },
		{ 1, 14, 6, "1-6 6-12 12-14" },
		{ -3, 3, 24, "-3-0 0-3" },
		{ 4, 4, 24, "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		cleanup_windows struct windows l = { 0 };

		windows_cut(
			(struct window){ D0 + cases[i].from * MS_HOUR, D0 + cases[i].to * MS_HOUR },
			cases[i].unit * MS_HOUR, &l);
		assert_windows(&l, cases[i].wanted);
	}
}

static void test_missing(void **state)
{
	static const struct {
		int covered[8]; /* pairs, ended by a pair of zeros */
		const char *wanted;
	} cases[] = {
		{ { 0 }, "0-24" },
		{ { 0, 24 }, "" },
		{ { -5, 30 }, "" },
		{ { -5, 3 }, "3-24" },
		{ { 20, 30 }, "0-20" },
		{ { -9, -1, 25, 30 }, "0-24" },
		{ { 2, 3, 3, 5, 7, 8 }, "0-2 5-7 8-24" },
		{ { 1, 20, 2, 3, 22, 23 }, "0-1 20-22 23-24" }, /* one inside another */
		{ { 1, 9, 5, 12 }, "0-1 12-24" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		cleanup_windows struct windows covered = { 0 }, l = { 0 };
		const int *c = cases[i].covered;

		/* In reverse order, which window_order() must correct. */
		for (int k = 6; k >= 0; k -= 2)
			if (c[k] || c[k + 1])
				add(&covered, c[k], c[k + 1]);
		if (covered.n)
			qsort(covered.v, covered.n, sizeof(*covered.v), by_time);
		windows_missing((struct window){ D0, D0 + MS_DAY }, &covered, &l);
		assert_windows(&l, cases[i].wanted);
	}
}

static void test_overlapping(void **state)
{
	const struct window w = { 10, 20 };

	(void)state;
	assert_true(window_overlaps(&w, &w));
	assert_true(window_overlaps(&w, &(struct window){ 19, 30 }));
	assert_true(window_overlaps(&w, &(struct window){ 0, 11 }));
	assert_true(window_overlaps(&w, &(struct window){ 12, 13 }));
	/* Half-open: adjacent windows share nothing. */
	assert_false(window_overlaps(&w, &(struct window){ 20, 30 }));
	assert_false(window_overlaps(&w, &(struct window){ 0, 10 }));
}

static void test_units(void **state)
{
	static const char *const good[] = { "1d", "24h", "12h", "8h", "6h",
					    "4h", "3h",  "2h",  "1h", "60m" };
	static const char *const bad[] = { "",    "0",   "2d", "5h",  "7h", "9h",
					   "30m", "90m", "1s", "-1h", "x" };
	int64_t ms;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		assert_int_equal(window_length_parse(good[i], &ms, NULL), 0);
		assert_int_equal(MS_DAY % ms, 0);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_error(window_length_parse(bad[i], &ms, &err), ERR_USAGE);
}

static void test_destinations(void **state)
{
	const struct api_log stage = { .api_id = (char *)"a1b2",
				       .stage = (char *)"$default",
				       .kind = KIND_ACCESS,
				       .log_group = (char *)"/x" };
	const struct api_log group = { .log_group = (char *)"/aws/x y_é" };
	const struct window w = { D0, D0 + MS_DAY }, w5 = { D0 + 5 * MS_HOUR, D0 + 6 * MS_HOUR };
	const struct window w22 = { D0 + 22 * MS_HOUR + 1, D0 + MS_DAY };
	cleanup_free char *day = layout_destination("p/q", "eu-west-1", &stage, &w);
	cleanup_free char *hour = layout_destination("p", "eu-west-1", &stage, &w5);
	cleanup_free char *named = layout_destination("p", "eu-west-1", &group, &w);
	cleanup_free char *rest = layout_destination("p", "r", &group, &w22);
	cleanup_free char *marker = layout_write_test_key("p/dt=1");

	(void)state;
	assert_string_equal(
		day, "p/q/region=eu-west-1/api=a1b2/stage=$default/kind=access/dt=2025-11-21");
	assert_string_equal(
		hour, "p/region=eu-west-1/api=a1b2/stage=$default/kind=access/dt=2025-11-21/hh=05");
	assert_string_equal(rest, "p/region=r/group=%2Faws%2Fx%20y_%C3%A9/dt=2025-11-21/hh=22");
	assert_string_equal(named, "p/region=eu-west-1/group=%2Faws%2Fx%20y_%C3%A9/dt=2025-11-21");
	assert_string_equal(marker, "p/dt=1/aws-logs-write-test");
}

static void test_ledger_keys(void **state)
{
	static const char *const bad[] = { "",
					   "a",
					   "1-2",
					   "-2.json",
					   "1-.json",
					   "1-2.json2",
					   "2-1.json",
					   "1-1.json",
					   "-1-2.json",
					   "x-2.json",
					   "1-2-3.json",
					   "1.json",
					   "1-99999999999999999999.json" };
	const struct window w = { D0, D0 + MS_DAY };
	cleanup_free char *key = layout_ledger_key("p", "eu-west-1", "/a b", &w);
	struct window back;

	(void)state;
	assert_string_equal(key, "p/_ledger/eu-west-1/%2Fa%20b/1763683200000-1763769600000.json");
	assert_true(layout_ledger_window(key, &back));
	assert_true(back.from_ms == w.from_ms && back.to_ms == w.to_ms);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_false(layout_ledger_window(bad[i], &back));
}

static void test_object_keys(void **state)
{
	static const char *const bad[] = { "p/d",
					   "p/d/",
					   "p/d/t/s",
					   "p/d/t/000000.gz",
					   "p/dx/t/s/0.gz",
					   "p/d/hh=05/t/s/0.gz",
					   "p/d/t/s/0.txt",
					   "q/d/t/s/0.gz",
					   "" };
	cleanup_free char *task = NULL, *stream = NULL, *folder = layout_stream_folder("a/b/[$x]");
	char *none = NULL;

	(void)state;
	assert_true(layout_split_object("p/d", "p/d/task-1/a-[$x] b/000000.gz", &task, &stream));
	assert_string_equal(task, "task-1");
	assert_string_equal(stream, "a-[$x] b");
	assert_string_equal(folder, "a-b-[$x]");
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_false(layout_split_object("p/d", bad[i], &none, &none));
	assert_null(none);
	assert_true(layout_is_task_id("2354cc20-424b-47c6-9fee-eea4fc3271ea"));
	assert_true(layout_is_task_id("2354CC20-424b-47c6-9fee-eea4fc3271ea/s/000000.gz"));
	assert_false(layout_is_task_id("2354cc20-424b-47c6-9fee-eea4fc3271ea0"));
	assert_false(layout_is_task_id("2354cc20-424b-47c6-9fee"));
	assert_false(layout_is_task_id("hh=05/"));
	assert_false(layout_is_task_id(""));
}

static void test_layout_of_days(void **state)
{
	static const char *const bad[] = { "",
					   "dt=",
					   "dt=2026-11-21",
					   "dt=2026-11-21/x",
					   "dt=2026-13-21/",
					   "hh=05/",
					   "date=2026-11-21/" };
	static const char *const no_hour[] = {
		"", "hh=5/", "hh=24/", "hh=05", "dt=05/", "t/s/0.gz"
	};
	const struct api_log log = { .log_group = (char *)"/g" };
	const struct window w = { 5 * MS_HOUR, 6 * MS_HOUR };
	cleanup_free char *destination = layout_destination("p", "r", &log, &w);
	cleanup_free char *day = layout_day_folder(destination),
			  *same = layout_day_folder("p/dt=x");
	cleanup_free char *marker = layout_write_test_key(destination);
	int64_t ms = -1;

	(void)state;
	assert_string_equal(day, "p/region=r/group=%2Fg/dt=1970-01-01/");
	assert_string_equal(same, "p/dt=x/");
	assert_string_equal(layout_skip_hour(destination + strlen(day), &ms), "hh=05");
	assert_string_equal(layout_skip_hour(marker + strlen(day), &ms), "aws-logs-write-test");
	assert_true(ms == 5 * MS_HOUR && layout_is_write_test(marker) &&
		    !layout_is_write_test(day));
	for (size_t i = 0; i < ARRAY_SIZE(no_hour); i++)
		assert_true(layout_skip_hour(no_hour[i], &ms) == no_hour[i] && ms == 0);
	assert_true(layout_parse_day("dt=2026-11-21/", &ms) && ms == INT64_C(1795219200000));
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_false(layout_parse_day(bad[i], &ms));
}

#define HEAD                                                                                       \
	"{\"schema_version\":1,\"region\":\"r\",\"log_group\":\"g\",\"from_ms\":1,\"to_ms\":9,"    \
	"\"state\":\"exported\",\"destination_prefix\":\"d\","
#define OBJECT                                                                                     \
	"{\"key\":\"k\",\"etag\":\"e\",\"stream\":\"s\",\"size\":10,\"events\":3,\"bytes\":20"

static void test_entries(void **state)
{
	static const char text[] = HEAD "\"task_id\":\"t\",\"future\":[1],\"objects\":[" OBJECT
					",\"outside\":2}," OBJECT ",\"first_event_ms\":4}]}";
	cleanup_ledger_entry struct ledger_entry e = { 0 };

	(void)state;
	assert_int_equal(ledger_entry_parse(text, strlen(text), &e, NULL), 0);
	assert_string_equal(e.task_id, "t");
	assert_null(e.account);
	assert_int_equal(e.n_objects, 2);
	assert_int_equal(e.events, 6);
	assert_int_equal(e.bytes, 40);
	assert_int_equal(e.size, 20);
	assert_int_equal(e.objects[0].recorded.outside, 2);
	assert_int_equal(e.objects[1].recorded.outside, 0);
	assert_int_equal(e.objects[1].recorded.first_ms, 4);
	assert_int_equal(e.window.to_ms, 9);
}

static void test_broken_entries(void **state)
{
	static const char *const bad[] = {
		"",
		"[]",
		"null",
		"{}",
		"{\"schema_version\":1}",
		HEAD "\"objects\":{}}",
		HEAD "\"objects\":[1]}",
		HEAD "\"objects\":[{}]}",
		HEAD "\"objects\":[]",
		HEAD "\"objects\":[" OBJECT ",\"outside\":-1}]}",
		HEAD "\"objects\":[" OBJECT ",\"sha256\":\"0123\"}]}",
		HEAD "\"objects\":[" OBJECT ",\"sha256\":null}]}",
		HEAD "\"objects\":[{\"key\":\"k\",\"etag\":\"e\",\"stream\":\"s\",\"size\":-1,"
		     "\"events\":3}]}",
		HEAD "\"objects\":[{\"key\":7,\"etag\":\"e\",\"stream\":\"s\",\"size\":1,"
		     "\"events\":3}]}",
		"{\"schema_version\":3,\"region\":\"r\",\"log_group\":\"g\",\"from_ms\":1,\"to_"
		"ms\":9,"
		"\"state\":\"exported\",\"destination_prefix\":\"d\",\"objects\":[]}",
		"{\"schema_version\":1,\"region\":\"r\",\"log_group\":\"g\",\"from_ms\":9,\"to_"
		"ms\":9,"
		"\"state\":\"exported\",\"destination_prefix\":\"d\",\"objects\":[]}",
		"{\"schema_version\":1,\"region\":\"r\",\"log_group\":\"g\",\"from_ms\":1,\"to_"
		"ms\":9,"
		"\"state\":\"perhaps\",\"destination_prefix\":\"d\",\"objects\":[]}",
	};
	struct ledger_entry e;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_error(ledger_entry_parse(bad[i], strlen(bad[i]), &e, &err), ERR_FOUND);
}

static void test_groups(void **state)
{
	cleanup_free char *name = execution_log_group("a1b2", "prod");

	(void)state;
	assert_string_equal(name, "API-Gateway-Execution-Logs_a1b2/prod");
}

/* An entry of n small objects: -1 where it is too large, else it was written, and is read again. */
static int write_entry(size_t n, struct error **err)
{
	static struct archive_object objects[200000];
	static char key[] = "p/region=eu-west-1/group=g/dt=2025-11-21/"
			    "00000000-0000-0000-0000-000000000000/s/000000.gz";
	const struct archive a = { .bucket = { calls.client, "b", NULL }, .prefix = "p" };
	struct ledger_entry e = {
		.region = (char *)"eu-west-1",
		.log_group = (char *)"g",
		.window = { D0, D0 + MS_DAY },
		.destination = (char *)"p/region=eu-west-1/group=g/dt=2025-11-21",
		.state = (char *)LEDGER_EXPORTED,
		.objects = objects,
		.n_objects = n,
	};
	cleanup_ledger_entry struct ledger_entry read = { 0 };

	for (size_t i = 0; i < n; i++)
		objects[i] = (struct archive_object){
			.key = key,
			.stream = (char *)"s",
			.found = { .etag = (char *)"e",
				   .events = 1,
				   .first_ms = D0,
				   .last_ms = D0 },
		};
	if (ledger_write(&a, &e, NULL, err) < 0)
		return -1;
	assert_int_equal(
		ledger_entry_parse(calls.sent[0].body, strlen(calls.sent[0].body), &read, NULL), 0);
	assert_int_equal(read.n_objects, n);
	return 0;
}

static size_t entry_size(size_t n)
{
	REPLIES({ 200, "", "ETag", "e" });
	assert_int_equal(write_entry(n, NULL), 0);
	return strlen(calls.sent[0].body);
}

static void test_the_largest_entry_can_be_read(void **state)
{
	const size_t max = (size_t)32 << 20;
	struct error *err = NULL;
	size_t none, each, n;

	(void)state;
	calls_start(NULL);
	none = entry_size(0);
	each = (entry_size(1000) - none) / 1000;
	n = (max - none) / (each + 1);
	assert_in_range(entry_size(n), max - (max >> 6), max);
	forget_sent();
	assert_int_equal(write_entry(n + (n >> 6), &err), -1);
	assert_int_equal(calls.n, 0);
	assert_failed(err, ERR_LOCAL, "larger than");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cutting),      cmocka_unit_test(test_missing),
		cmocka_unit_test(test_overlapping),  cmocka_unit_test(test_units),
		cmocka_unit_test(test_destinations), cmocka_unit_test(test_ledger_keys),
		cmocka_unit_test(test_object_keys),  cmocka_unit_test(test_layout_of_days),
		cmocka_unit_test(test_entries),      cmocka_unit_test(test_broken_entries),
		cmocka_unit_test(test_groups),       TEST(test_the_largest_entry_can_be_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
