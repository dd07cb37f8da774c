/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "unit.h"

#include "base/json.h"

/* open, depth times; then close, depth times. */
static int parse_nested(const char *open, const char *close, int depth)
{
	cleanup_json json_t *j = NULL;
	struct buf b = BUF_INIT;
	int r;

	for (int i = 0; i < depth; i++)
		buf_adds(&b, open);
	for (int i = 0; i < depth; i++)
		buf_adds(&b, close);
	r = json_parse(b.data, b.len, "text", &j, NULL);
	buf_release(&b);
	return r;
}

static void test_depth_is_bounded(void **state)
{
	(void)state;
	assert_int_equal(parse_nested("[", "]", JSON_DEPTH_MAX), 0);
	assert_int_equal(parse_nested("[", "]", JSON_DEPTH_MAX + 1), -1);
	assert_int_equal(parse_nested("[", "]", 1000000), -1);
	assert_int_equal(parse_nested("{\"a\":[", "]}", JSON_DEPTH_MAX / 2), 0);
	assert_int_equal(parse_nested("{\"a\":[", "]}", JSON_DEPTH_MAX / 2 + 1), -1);
}

static int parse_repeated(size_t n, const char *item)
{
	cleanup_json json_t *j = NULL;
	cleanup_buf struct buf b = BUF_INIT;

	buf_adds(&b, "[");
	for (size_t i = 0; i < n; i++) {
		buf_adds(&b, i ? "," : "");
		buf_adds(&b, item);
	}
	buf_adds(&b, "]");
	assert_false(buf_full(&b));
	return json_parse(b.data, b.len, "text", &j, NULL);
}

static void test_values_are_bounded(void **state)
{
	(void)state;
	assert_int_equal(parse_repeated(JSON_MARKS_MAX / 2, "{}"), 0);
	assert_int_equal(parse_repeated(JSON_MARKS_MAX / 2 + 1, "{}"), -1);
	assert_int_equal(parse_repeated(JSON_MARKS_MAX + 1, "1"), -1);
	/* Inside a string they are text. */
	assert_int_equal(parse_repeated(1000000, "\",,[[\""), 0);
}

/* Brackets and escaped quotes in strings do not count as nesting. */
static void test_strings_do_not_nest(void **state)
{
	cleanup_json json_t *j = NULL;
	struct buf b = BUF_INIT;

	(void)state;
	buf_adds(&b, "[\"\\\"");
	for (int i = 0; i < 1000; i++)
		buf_adds(&b, "[{\\\\");
	buf_adds(&b, "\"]");
	assert_int_equal(json_parse(b.data, b.len, "text", &j, NULL), 0);
	buf_release(&b);
}

static void test_broken_text(void **state)
{
	static const char *const bad[] = { "",
					   " ",
					   "1",
					   "\"a\"",
					   "{",
					   "[1,]",
					   "{\"a\":1}x",
					   "nul",
					   "{\"a\":\"\xff\"}",
					   "{\"a\":\"\xed\xa0\x80\"}",
					   "[\"\\ud800\"]",
					   "[1e999]",
					   "\xef\xbb\xbf{}" };
	json_t *j = NULL;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_error(json_parse(bad[i], strlen(bad[i]), "text", &j, &err), ERR_UNREACHABLE);
	assert_null(j);
	/* Truncated anywhere, it is refused, and nothing is read past its end. */
	for (size_t n = 0; n < strlen("{\"a\":[1,\"\\u00e9\"]}"); n++) {
		char *copy = malloc(n ? n : 1);

		memcpy(copy, "{\"a\":[1,\"\\u00e9\"]}", n);
		assert_error(json_parse(copy, n, "text", &j, &err), ERR_UNREACHABLE);
		free(copy);
	}
}

static void test_looking_up(void **state)
{
	static const char text[] =
		"{\"s\":\"x\",\"i\":7,\"r\":7.9,\"h\":1e300,\"t\":true,\"n\":null,"
		"\"o\":{},\"a\":[],\"z\":\"a\\u0000b\"}";
	cleanup_json json_t *j = NULL;

	(void)state;
	assert_int_equal(json_parse(text, strlen(text), "text", &j, NULL), 0);
	assert_string_equal(json_str(j, "s"), "x");
	assert_null(json_str(j, "i"));
	assert_null(json_str(j, "n"));
	assert_null(json_str(j, "absent"));
	assert_null(json_str(NULL, "s"));
	assert_int_equal(json_int(j, "i", -1), 7);
	assert_int_equal(json_int(j, "r", -1), 7);
	assert_int_equal(json_int(j, "h", -1), -1);
	assert_int_equal(json_int(j, "s", -1), -1);
	assert_true(json_bool(j, "t", false));
	assert_true(json_bool(j, "s", true));
	assert_non_null(json_obj(j, "o"));
	assert_null(json_obj(j, "a"));
	assert_non_null(json_arr(j, "a"));
	assert_null(json_arr(j, "o"));
	assert_int_equal(json_string_length(json_object_get(j, "z")), 3);
}

static void test_writing(void **state)
{
	cleanup_json json_t *j = NULL;
	struct buf b = BUF_INIT, small = BUF_INIT_MAX(5);

	(void)state;
	assert_int_equal(json_parse("{ \"b\": 1, \"a\": [ 2 ] }", 22, "text", &j, NULL), 0);
	json_add_compact(&b, j);
	assert_string_equal(b.data, "{\"b\":1,\"a\":[2]}");
	buf_clear(&b);
	json_add_sorted(&b, j);
	assert_string_equal(b.data, "{\"a\":[2],\"b\":1}");
	buf_clear(&b);
	json_add_indented(&b, j);
	assert_string_equal(b.data, "{\n  \"b\": 1,\n  \"a\": [\n    2\n  ]\n}");
	json_add_compact(&small, j);
	assert_true(buf_full(&small));
	buf_release(&small);
	buf_release(&b);
}

/* A member is never lost because somebody chose a name that is not UTF-8. */
static void test_text_that_is_not_utf8(void **state)
{
	cleanup_json json_t *j = json_text("caf\xe9"), *none = json_text(NULL);

	(void)state;
	assert_string_equal(json_string_value(j), "caf\\xE9");
	assert_true(json_is_null(none));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_depth_is_bounded),
		cmocka_unit_test(test_values_are_bounded),
		cmocka_unit_test(test_strings_do_not_nest),
		cmocka_unit_test(test_broken_text),
		cmocka_unit_test(test_looking_up),
		cmocka_unit_test(test_text_that_is_not_utf8),
		cmocka_unit_test(test_writing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
