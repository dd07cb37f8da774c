/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "unit.h"

#include "base/str.h"

static void test_comparing(void **state)
{
	(void)state;
	assert_true(str_eq0(NULL, NULL));
	assert_false(str_eq0(NULL, ""));
	assert_true(str_eq0("a", "a"));
	assert_true(str_eq_nocase("X-Amzn-RequestId", "x-amzn-requestid"));
	assert_false(str_eq_nocase("ab", "abc"));
	assert_false(str_eq_nocase("abc", "ab"));
	/* ASCII only: '[' and '{' differ by the same bit as upper and lower case. */
	assert_false(str_eq_nocase("[", "{"));
	assert_true(str_starts("logs:PutX", "logs:"));
	assert_false(str_starts("log", "logs"));
	assert_true(str_starts_nocase("ARN:aws", "arn:"));
	assert_true(str_ends("000000.gz", ".gz"));
	assert_false(str_ends("gz", ".gz"));
}

static void test_numbers(void **state)
{
	static const char *const bad[] = { "",   "-",    "+1",  " 1",  "1 ",
					   "1x", "0x10", "1.5", "--1", "9223372036854775808" };
	int64_t v = 7;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_false(str_to_int64(bad[i], INT64_MIN, INT64_MAX, &v));
	assert_int_equal(v, 7);
	assert_true(str_to_int64("-9223372036854775808", INT64_MIN, INT64_MAX, &v));
	assert_true(v == INT64_MIN);
	assert_true(str_to_int64("9223372036854775807", 0, INT64_MAX, &v));
	assert_true(v == INT64_MAX);
	assert_true(str_to_int64("007", 0, 7, &v));
	assert_int_equal(v, 7);
	assert_false(str_to_int64("8", 0, 7, &v));
	assert_false(str_to_int64("-1", 0, 7, &v));
}

static void test_booleans(void **state)
{
	bool v = false;

	(void)state;
	assert_true(str_to_bool("True", &v));
	assert_true(v);
	assert_true(str_to_bool("FALSE", &v));
	assert_false(v);
	assert_false(str_to_bool("yes", &v));
	assert_false(str_to_bool("", &v));
}

static void check_decode(const char *in, const char *want)
{
	char *got = NULL;

	assert_int_equal(str_uri_decode(in, strlen(in), &got), want != NULL);
	if (want)
		assert_string_equal(got, want);
	else
		assert_null(got);
	free(got);
}

static void test_uri_decoding(void **state)
{
	(void)state;
	check_decode("", "");
	check_decode("a%20b+c", "a b+c");
	check_decode("%7B%22Version%22%3a1%7d", "{\"Version\":1}");
	check_decode("%", NULL);
	check_decode("%4", NULL);
	check_decode("a%4g", NULL);
	check_decode("%00", NULL);
	check_decode("%zz", NULL);
	check_decode("100%25", "100%");
}

static void test_trimming(void **state)
{
	char s[] = " \t a b \r\n", empty[] = "  ", one[] = "x";

	(void)state;
	assert_string_equal(str_trim(s), "a b");
	assert_string_equal(str_trim(empty), "");
	assert_string_equal(str_trim(one), "x");
}

static void test_patterns(void **state)
{
	(void)state;
	assert_true(str_is_glob("API-Gateway-*"));
	assert_false(str_is_glob("/aws/apigateway/welcome"));
	assert_true(str_glob("/aws/*", "/aws/a/b"));
	assert_true(str_glob("*", ".hidden"));
	assert_false(str_glob("a?", "a"));
}

static void test_did_you_mean(void **state)
{
	static const char *const words[] = { "export", "verify", "setup-role", "status", NULL };

	(void)state;
	assert_string_equal(str_nearest("exprot", words), "export");
	assert_string_equal(str_nearest("Verfy", words), "verify");
	assert_string_equal(str_nearest("set", words), "setup-role");
	assert_null(str_nearest("zzzzzz", words));
	assert_null(str_nearest("", words));
	assert_null(str_nearest("a word far longer than the sixty-four characters that a row holds",
				words));
}

static void test_lists(void **state)
{
	struct strv l = STRV_INIT;
	char name[] = "00";

	(void)state;
	strv_sort(&l);
	for (int i = 99; i >= 0; i--) {
		name[0] = (char)('0' + i / 10);
		name[1] = (char)('0' + i % 10);
		strv_add(&l, name);
		assert_null(l.v[l.n]);
	}
	assert_int_equal(l.n, 100);
	assert_true(strv_has(&l, "42"));
	assert_false(strv_has(&l, "4"));
	strv_sort(&l);
	assert_string_equal(l.v[0], "00");
	assert_string_equal(l.v[99], "99");
	strv_release(&l);
	assert_int_equal(l.n, 0);
	assert_null(l.v);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_comparing),    cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_booleans),     cmocka_unit_test(test_uri_decoding),
		cmocka_unit_test(test_trimming),     cmocka_unit_test(test_patterns),
		cmocka_unit_test(test_did_you_mean), cmocka_unit_test(test_lists),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
