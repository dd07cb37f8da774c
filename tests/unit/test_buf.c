/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "unit.h"

#include "base/buf.h"

static void test_grows_and_stays_a_string(void **state)
{
	struct buf b = BUF_INIT;

	(void)state;
	assert_string_equal(b.data, "");
	for (int i = 0; i < 1000; i++) {
		buf_addf(&b, "%d,", i % 10);
		assert_int_equal(b.len, 2 * (i + 1));
		assert_int_equal(strlen(b.data), b.len);
	}
	buf_clear(&b);
	assert_string_equal(b.data, "");
	assert_true(b.cap > 0);
	buf_release(&b);
	assert_ptr_equal(b.data, buf_empty);
	assert_int_equal(b.max, BUF_MAX_DEFAULT);
}

static void test_max_is_exact(void **state)
{
	struct buf b = BUF_INIT_MAX(100);

	(void)state;
	for (int i = 0; i < 10; i++)
		buf_adds(&b, "0123456789");
	assert_int_equal(b.len, 100);
	assert_false(buf_full(&b));
	buf_addc(&b, 'x');
	assert_true(buf_full(&b));
	assert_int_equal(b.len, 100);
	buf_clear(&b);
	assert_false(buf_full(&b));
	buf_adds(&b, "again");
	assert_string_equal(b.data, "again");
	buf_release(&b);
}

/* After an append that failed, nothing is appended: half a text could be mistaken for the whole. */
static void test_full_takes_nothing_more(void **state)
{
	struct buf b = BUF_INIT_MAX(5);

	(void)state;
	buf_adds(&b, "abc");
	buf_adds(&b, "defg");
	buf_adds(&b, "d");
	assert_string_equal(b.data, "abc");
	assert_true(buf_full(&b));
	buf_release(&b);
}

static void test_every_kind_of_append_is_bounded(void **state)
{
	struct buf b = BUF_INIT_MAX(3);

	(void)state;
	buf_addf(&b, "%s", "four");
	assert_true(buf_full(&b));
	buf_clear(&b);
	buf_add_hex(&b, "ab", 2);
	assert_true(buf_full(&b));
	assert_int_equal(b.len, 0);
	buf_clear(&b);
	buf_add_uri(&b, "a b", 3, false);
	assert_true(buf_full(&b));
	assert_true(b.len <= 3);
	buf_clear(&b);
	assert_false(buf_reserve(&b, SIZE_MAX));
	assert_true(buf_full(&b));
	buf_release(&b);
}

static void test_no_maximum_at_all(void **state)
{
	struct buf b = BUF_INIT_MAX(SIZE_MAX);

	(void)state;
	buf_adds(&b, "text");
	buf_adds(&b, "more");
	assert_string_equal(b.data, "textmore");
	buf_release(&b);
}

static void test_secrets_stay_secret(void **state)
{
	struct buf b = BUF_SECRET_MAX(4096);

	(void)state;
	for (int i = 0; i < 1000; i++)
		buf_adds(&b, "abc");
	assert_int_equal(b.len, 3000);
	assert_int_equal(memcmp(b.data + 2997, "abc", 4), 0);
	buf_release(&b);
	assert_true(b.secret);
	assert_int_equal(b.max, 4096);
	buf_adds(&b, "x");
	free(buf_take(&b));
	assert_true(b.secret);
}

static void test_nothing_is_written_to_the_shared_empty(void **state)
{
	struct buf b = BUF_INIT;
	char *s;

	(void)state;
	buf_clear(&b);
	buf_add(&b, "", 0);
	buf_addf(&b, "%s", "");
	assert_int_equal(b.cap, 0);
	buf_release(&b);
	s = buf_take(&b);
	assert_string_equal(s, "");
	assert_ptr_not_equal(s, buf_empty);
	free(s);
}

static void test_take_hands_over(void **state)
{
	struct buf b = BUF_INIT;
	char *s;

	(void)state;
	buf_add(&b, "a\0b", 3);
	s = buf_take(&b);
	assert_memory_equal(s, "a\0b", 4);
	assert_int_equal(b.len, 0);
	assert_ptr_equal(b.data, buf_empty);
	free(s);
}

/* RFC 3986, 2.3; the digits are upper case, as SigV4 wants them. */
static void test_uri_encoding(void **state)
{
	struct buf b = BUF_INIT;

	(void)state;
	buf_add_uri(&b, "AZaz09-._~ /+%\xc3\xa9*'()", 20, false);
	assert_string_equal(b.data, "AZaz09-._~%20%2F%2B%25%C3%A9%2A%27%28%29");
	buf_clear(&b);
	buf_add_uri(&b, "a/b c", 5, true);
	assert_string_equal(b.data, "a/b%20c");
	buf_release(&b);
}

static void test_hex(void **state)
{
	struct buf b = BUF_INIT;

	(void)state;
	buf_add_hex(&b, "\x00\xff\x1a", 3);
	assert_string_equal(b.data, "00ff1a");
	buf_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_grows_and_stays_a_string),
		cmocka_unit_test(test_max_is_exact),
		cmocka_unit_test(test_full_takes_nothing_more),
		cmocka_unit_test(test_every_kind_of_append_is_bounded),
		cmocka_unit_test(test_no_maximum_at_all),
		cmocka_unit_test(test_secrets_stay_secret),
		cmocka_unit_test(test_nothing_is_written_to_the_shared_empty),
		cmocka_unit_test(test_take_hands_over),
		cmocka_unit_test(test_uri_encoding),
		cmocka_unit_test(test_hex),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
