/* SPDX-License-Identifier: MIT */
/* Which URLs are accepted, how they are split, and which hosts are this machine. */
#include "config.h"

#include "unit.h"

#include "net/url.h"

static void test_url(void **state)
{
	static const char *const bad[] = {
		"",
		"example.com",
		"ftp://x/",
		"file:///etc/passwd",
		"http://",
		"http://u@h/",
		"http://u:p@h/",
		"http://h/#f",
		"http://h:0/",
		"http://h:65536/",
		"http://h:x/",
		"http://a b/",
		"http://h/\r\nx",
		"https://[::1/",
		"http://h%25/",
		"http://298%3544/",
		"http://evil.com%252f.localhost/",
	};
	cleanup_http_url struct http_url u = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct http_url none = { 0 };

		if (http_url_parse(bad[i], &none, NULL) == 0)
			fail_msg("'%s' was taken", bad[i]);
		assert_null(none.origin);
	}
	assert_int_equal(http_url_parse("HTTPS://H:443", &u, NULL), 0);
	assert_string_equal(u.scheme, "https");
	assert_int_equal(u.port, 443);
	assert_true(str_eq_nocase(u.origin, "https://h"));
	assert_string_equal(u.path, "/");
	assert_string_equal(u.query, "");
	http_url_release(&u);
	assert_int_equal(http_url_parse("http://[::1]:8080/a%20b/?x=1&y", &u, NULL), 0);
	assert_string_equal(u.origin, "http://[::1]:8080");
	assert_string_equal(u.host, "[::1]");
	assert_string_equal(u.path, "/a%20b/");
	assert_string_equal(u.query, "x=1&y");
}

static void test_loopback(void **state)
{
	static const char *const yes[] = { "localhost", "LOCALHOST",       "s3.localhost",
					   "127.0.0.1", "127.255.255.254", "[::1]" };
	static const char *const no[] = {
		"",          "localhost.example.com", "notlocalhost", ".localhost.",
		"128.0.0.1", "127.0.0.1.example.com", "[::2]",        "0.0.0.0",
		"10.0.0.1"
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(yes); i++)
		assert_true(http_host_is_loopback(yes[i]));
	for (size_t i = 0; i < ARRAY_SIZE(no); i++)
		if (http_host_is_loopback(no[i]))
			fail_msg("'%s' is no loopback", no[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_url),
		cmocka_unit_test(test_loopback),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
