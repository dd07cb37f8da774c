/* SPDX-License-Identifier: MIT */
/* The headers of a request or a reply: found, added, replaced and removed, in any case. */
#include "config.h"

#include "unit.h"

#include "net/message.h"

static void test_headers(void **state)
{
	struct http_headers h = { 0 };

	(void)state;
	http_header_add(&h, "A", "1");
	http_header_add(&h, "b", "2");
	http_header_add(&h, "a", "3");
	http_header_add(&h, "A", "4");
	assert_string_equal(http_header_get(&h, "a"), "1");
	http_header_set(&h, "a", "longer than before");
	assert_int_equal(h.n, 2);
	assert_string_equal(h.v[0].value, "longer than before");
	http_header_set(&h, "a", "short");
	assert_string_equal(h.v[0].value, "short");
	http_header_set(&h, "B", "5");
	assert_string_equal(h.v[1].value, "5");
	http_header_set(&h, "c", "");
	assert_int_equal(h.n, 3);
	http_header_remove(&h, "A");
	assert_null(http_header_get(&h, "a"));
	assert_int_equal(h.n, 2);
	http_headers_release(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_headers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
