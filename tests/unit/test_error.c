/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "unit.h"

#include <errno.h>

#include "base/error.h"
#include "base/xalloc.h"

static void test_wrapping_keeps_what_aws_said(void **state)
{
	cleanup_error struct error *err = NULL;

	(void)state;
	assert_int_equal(err_set(&err, ERR_REFUSED, "%s is %d", "x", 7), -1);
	err->aws_code = xstrdup("AccessDenied");
	err->http_status = 403;
	assert_int_equal(err_wrap(&err, "cannot export '%s'", "/aws/x"), -1);
	assert_string_equal(err->msg, "cannot export '/aws/x': x is 7");
	assert_int_equal(err->kind, ERR_REFUSED);
	assert_int_equal(err->http_status, 403);
	assert_true(err_is(err, "AccessDenied"));
	assert_false(err_is(err, "AccessDeniedException"));
}

static void test_the_first_hint_stays(void **state)
{
	cleanup_error struct error *err = NULL;

	(void)state;
	err_set(&err, ERR_USAGE, "no");
	assert_int_equal(err_hint(&err, "near"), -1);
	assert_int_equal(err_hint(&err, "far"), -1);
	assert_string_equal(err->hint, "near");
}

static void test_nobody_wants_to_know(void **state)
{
	struct error *none = NULL;

	(void)state;
	assert_int_equal(err_set(NULL, ERR_LOCAL, "x"), -1);
	assert_int_equal(err_wrap(NULL, "x"), -1);
	assert_int_equal(err_hint(NULL, "x"), -1);
	assert_int_equal(err_errno(NULL, EIO, "x"), -1);
	assert_int_equal(err_wrap(&none, "x"), -1);
	assert_int_equal(err_hint(&none, "x"), -1);
	assert_null(none);
	assert_int_equal(err_interrupted(NULL), -1);
	err_drop_hint(NULL);
	err_drop_hint(&none);
	assert_false(err_is(NULL, "x"));
	assert_false(err_says(NULL, "x"));
	error_clear(&none);
	error_free(NULL);
}

static void test_moving_hands_over(void **state)
{
	cleanup_error struct error *to = NULL;
	struct error *own = NULL, *same;

	(void)state;
	err_set(&own, ERR_FOUND, "x");
	same = own;
	assert_int_equal(err_move(&own, &to), -1);
	assert_null(own);
	assert_ptr_equal(to, same);
	/* Freed; otherwise the leak checker would complain. */
	err_set(&own, ERR_FOUND, "y");
	assert_int_equal(err_move(&own, NULL), -1);
	assert_null(own);
}

static void test_only_aws_says(void **state)
{
	cleanup_error struct error *err = NULL;

	(void)state;
	err_set(&err, ERR_REFUSED, "the bucket does not exist");
	assert_false(err_says(err, "bucket does not exist"));
	err->aws_message = xstrdup("The given bucket does not exist. Check it");
	assert_true(err_says(err, "bucket does not exist"));
}

static void test_what_ends_a_run(void **state)
{
	static const bool fatal[] = {
		[ERR_USAGE] = true,    [ERR_UNREACHABLE] = true, [ERR_INTERRUPTED] = true,
		[ERR_LOCAL] = true,    [ERR_REFUSED] = false,    [ERR_FOUND] = false,
		[ERR_PARTIAL] = false,
	};

	(void)state;
	for (int i = ERR_USAGE; i <= ERR_LOCAL; i++) {
		struct error e = { .kind = (enum err_kind)i };

		assert_int_equal(err_is_fatal(&e), fatal[i]);
		e.http_status = 500;
		assert_int_equal(err_is_fatal(&e), fatal[i] && i != ERR_UNREACHABLE);
		e.credentials = true;
		assert_true(err_is_fatal(&e));
	}
}

static void test_by_errno(void **state)
{
	struct error *err = NULL;

	(void)state;
	err_errno(&err, ENOSPC, "cannot write '%s'", "f");
	assert_string_equal(err->msg, "cannot write 'f': No space left on device");
	assert_int_equal(err->kind, ERR_LOCAL);
	assert_false(err_is(err, "x"));
	error_clear(&err);
	assert_null(err);
}

static void test_each_kind_has_a_name(void **state)
{
	(void)state;
	for (int i = ERR_USAGE; i <= ERR_LOCAL; i++)
		for (int j = ERR_USAGE; j < i; j++)
			assert_string_not_equal(err_kind_name((enum err_kind)i),
						err_kind_name((enum err_kind)j));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wrapping_keeps_what_aws_said),
		cmocka_unit_test(test_the_first_hint_stays),
		cmocka_unit_test(test_nobody_wants_to_know),
		cmocka_unit_test(test_moving_hands_over),
		cmocka_unit_test(test_only_aws_says),
		cmocka_unit_test(test_what_ends_a_run),
		cmocka_unit_test(test_by_errno),
		cmocka_unit_test(test_each_kind_has_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
