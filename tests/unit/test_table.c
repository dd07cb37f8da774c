/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "unit.h"

#include <stdio.h>
#include <unistd.h>

#include "cli/table.h"
#include "../fake_env.h"

#define GREEK "\316\261\316\262\316\263\316\264\316\265\316\266\316\267\316\270\316\271\316\272"

static struct {
	struct fake_env fake;
	struct output out;
	struct table table;
	char printed[65536];
} t;

static int set_up(void **state)
{
	(void)state;
	memset(&t, 0, sizeof(t));
	fake_env_init(&t.fake, "");
	t.out.env = &t.fake.env;
	table_init(&t.table, 2);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	table_release(&t.table);
	return 0;
}

/* What table_print() writes to stdout on a screen of this width ("COLUMNS=80"), or to a file. */
static const char *printed(const char *columns)
{
	FILE *file = tmpfile();
	int was = dup(STDOUT_FILENO);
	size_t n;

	assert_non_null(file);
	t.fake.variables[0] = columns;
	fflush(stdout);
	dup2(fileno(file), STDOUT_FILENO);
	table_print(&t.out, &t.table);
	fflush(stdout);
	dup2(was, STDOUT_FILENO);
	close(was);
	rewind(file);
	n = fread(t.printed, 1, sizeof(t.printed) - 1, file);
	t.printed[n] = '\0';
	fclose(file);
	return t.printed;
}

static void add_row(const char *first, const char *last)
{
	table_add(&t.table, "%s", first);
	table_add(&t.table, "%s", last);
}

static void test_columns_are_aligned(void **state)
{
	(void)state;
	add_row("a", "one");
	add_row("bcd", "");
	add_row("", "three");
	assert_string_equal(printed(NULL), "a    one\nbcd\n     three\n");
}

static void test_width_is_in_characters(void **state)
{
	(void)state;
	add_row(GREEK, "x");
	add_row("0123456789", "y");
	assert_string_equal(printed(NULL), GREEK "  x\n0123456789  y\n");
}

static void test_a_control_character_is_as_wide_as_it_is_shown(void **state)
{
	(void)state;
	add_row("\033", "x");
	add_row("1234", "y");
	assert_string_equal(printed(NULL), "\\x1B  x\n1234  y\n");
}

static void test_wrapped_at_blanks(void **state)
{
	(void)state;
	add_row("abcd", "the quick brown fox jumps over the lazy dog");
	assert_string_equal(printed("COLUMNS=30"), "abcd  the quick brown fox\n"
						   "      jumps over the lazy dog\n");
}

static void test_wrapped_at_slashes_or_anywhere(void **state)
{
	(void)state;
	add_row("abcd", "logs/execution/abcdefghijklmnopq");
	add_row("abcd", "abcdefghijklmnopqrstuvwxyz");
	assert_string_equal(printed("COLUMNS=30"), "abcd  logs/execution/\n"
						   "      abcdefghijklmnopq\n"
						   "abcd  abcdefghijklmnopqrstuvwx\n"
						   "      yz\n");
}

static void test_no_character_is_cut(void **state)
{
	(void)state;
	add_row("abcd", GREEK GREEK GREEK);
	assert_string_equal(printed("COLUMNS=30"),
			    "abcd  " GREEK GREEK "\316\261\316\262\316\263\316\264\n"
			    "      \316\265\316\266\316\267\316\270\316\271\316\272\n");
}

static void test_shortened_in_the_middle(void **state)
{
	(void)state;
	add_row("0123456789abcdefghij", "x");
	add_row(GREEK GREEK, "y");
	/* 24 for the last column and 2 between them leave 14. */
	assert_string_equal(printed("COLUMNS=40"),
			    "012345...fghij  x\n"
			    "\316\261\316\262\316\263\316\264\316\265\316\266..."
			    "\316\266\316\267\316\270\316\271\316\272  y\n");
}

static void test_no_column_is_lost(void **state)
{
	(void)state;
	add_row("0123456789abcdefghij", "x");
	assert_string_equal(printed("COLUMNS=1"), "012...hij  x\n");
}

/* The longest line, in characters. */
static size_t widest_line(const char *s)
{
	size_t widest = 0, n = 0;

	for (; *s; s++) {
		n = *s == '\n' ? 0 : n + (((unsigned char)*s & 0xC0) != 0x80);
		widest = n > widest ? n : widest;
	}
	return widest;
}

static void test_80_columns(void **state)
{
	char name[120] = "";

	(void)state;
	table_add_heading(&t.table, "A group");
	for (int i = 1; i < 100; i++) {
		name[i - 1] = i % 7 ? 'n' : '/';
		add_row(name, name);
	}
	assert_true(widest_line(printed("COLUMNS=80")) <= 80);
	/* A file has each row in one line. */
	assert_int_equal(widest_line(printed(NULL)), TABLE_INDENT + 99 + 2 + 99);
	assert_non_null(strstr(t.printed, name));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_columns_are_aligned),
		TEST(test_width_is_in_characters),
		TEST(test_a_control_character_is_as_wide_as_it_is_shown),
		TEST(test_wrapped_at_blanks),
		TEST(test_wrapped_at_slashes_or_anywhere),
		TEST(test_no_character_is_cut),
		TEST(test_shortened_in_the_middle),
		TEST(test_no_column_is_lost),
		TEST(test_80_columns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
