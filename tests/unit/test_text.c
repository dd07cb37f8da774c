/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "unit.h"

#include "base/cleanup.h"
#include "base/json.h"
#include "base/str.h"
#include "base/text.h"

static const struct {
	const char *text, *escaped;
} cases[] = {
	{ "plain\ttext", "plain\ttext" },
	{ "a\033[2Jb\r\n\177", "a\\x1B[2Jb\\x0D\\x0A\\x7F" },
	{ "\303\251 \346\274\242 \360\237\230\200", "\303\251 \346\274\242 \360\237\230\200" },
	{ "\302\233[", "\\u009B[" },
	{ "\233[\377", "\\x9B[\\xFF" },
	{ "\300\200", "\\xC0\\x80" },                   /* overlong */
	{ "\340\200\200", "\\xE0\\x80\\x80" },          /* overlong */
	{ "\355\240\200", "\\xED\\xA0\\x80" },          /* a surrogate */
	{ "\364\220\200\200", "\\xF4\\x90\\x80\\x80" }, /* past U+10FFFF */
	{ "\342\202", "\\xE2\\x82" },                   /* cut off */
	{ "\342\202x", "\\xE2\\x82x" },
	{ "\360\237\230", "\\xF0\\x9F\\x98" },
	/* What reorders text, and its neighbours, which do not. */
	{ "\330\234|\330\233", "\\u061C|\330\233" },
	{ "\342\200\216\342\200\217|\342\200\215", "\\u200E\\u200F|\342\200\215" },
	{ "\342\200\250\342\200\256|\342\200\257", "\\u2028\\u202E|\342\200\257" },
	{ "\342\201\246\342\201\251|\342\201\252", "\\u2066\\u2069|\342\201\252" },
};

static void test_foreign_text_is_escaped(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		cleanup_free char *s = text_escaped(cases[i].text, false);
		cleanup_free char *again = text_escaped(s, false);

		assert_string_equal(s, cases[i].escaped);
		assert_string_equal(again, s);
	}
}

static void test_lines_are_kept_where_wanted(void **state)
{
	cleanup_free char *s = text_escaped("a\n\033b\n", true);

	(void)state;
	assert_string_equal(s, "a\n\\x1Bb\n");
}

static void test_json_loses_no_member(void **state)
{
	cleanup_json json_t *o = json_object();

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		json_set_text(o, "member", cases[i].text);
		assert_true(json_is_string(json_object_get(o, "member")));
	}
	/* What JSON can hold is not changed. */
	json_set_text(o, "member", "\033\342\200\256");
	assert_string_equal(json_str(o, "member"), "\033\342\200\256");
	json_set_text(o, "member", NULL);
	assert_true(json_is_null(json_object_get(o, "member")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_foreign_text_is_escaped),
		cmocka_unit_test(test_lines_are_kept_where_wanted),
		cmocka_unit_test(test_json_loses_no_member),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
