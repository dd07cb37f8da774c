/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "unit.h"

#include "base/buf.h"
#include "base/crypto.h"

static void check_hex(const uint8_t *got, size_t n, const char *want)
{
	struct buf b = BUF_INIT;

	buf_add_hex(&b, got, n);
	assert_string_equal(b.data, want);
	buf_release(&b);
}

/* FIPS 180-4's examples; the second through the reused context, in pieces. */
static void test_sha256(void **state)
{
	struct sha256 *s = sha256_new();
	uint8_t out[SHA256_SIZE];

	(void)state;
	sha256_once("abc", 3, out);
	check_hex(out, sizeof(out),
		  "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	for (int again = 0; again < 2; again++) {
		static const char text[] =
			"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";

		sha256_init(s);
		for (size_t i = 0; i < sizeof(text) - 1; i++)
			sha256_update(s, text + i, 1);
		sha256_final(s, out);
		check_hex(out, sizeof(out),
			  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
	}
	sha256_init(s);
	sha256_final(s, out);
	check_hex(out, sizeof(out),
		  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	sha256_free(s);
}

/* RFC 4231, test cases 2 and 6; the key stays for the next text. */
static void test_hmac(void **state)
{
	struct hmac256 *h = hmac256_new();
	uint8_t out[SHA256_SIZE], key[131];

	(void)state;
	hmac256_set_key(h, "Jefe", 4);
	for (int again = 0; again < 2; again++) {
		hmac256(h, "what do ya want for nothing?", 28, out);
		check_hex(out, sizeof(out),
			  "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
	}
	memset(key, 0xaa, sizeof(key));
	hmac256_set_key(h, key, sizeof(key));
	hmac256(h, "Test Using Larger Than Block-Size Key - Hash Key First", 54, out);
	check_hex(out, sizeof(out),
		  "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
	hmac256_free(h);
}

/* RFC 1321, A.5, and FIPS 180-4. */
static void test_old_digests(void **state)
{
	uint8_t md5[MD5_SIZE], sha1[SHA1_SIZE];

	(void)state;
	md5_once("message digest", 14, md5);
	check_hex(md5, sizeof(md5), "f96b697d7cb7938d525a2f31aaf161d0");
	sha1_once("abc", 3, sha1);
	check_hex(sha1, sizeof(sha1), "a9993e364706816aba3e25717850c26c9cd0d89d");
}

/* RFC 4648, 10. */
static void test_base64(void **state)
{
	static const char *const want[] = { "",         "Zg==",     "Zm8=",    "Zm9v",
					    "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy" };
	struct buf b = BUF_INIT, small = BUF_INIT_MAX(7);

	(void)state;
	for (size_t n = 0; n < ARRAY_SIZE(want); n++) {
		buf_clear(&b);
		buf_add_base64(&b, "foobar", n);
		assert_string_equal(b.data, want[n]);
		assert_int_equal(b.len, strlen(want[n]));
	}
	buf_adds(&b, "+");
	buf_add_base64(&b, "f", 1);
	assert_string_equal(b.data, "Zm9vYmFy+Zg==");
	buf_clear(&b);
	buf_adds(&b, "=+/");
	buf_add_base64url(&b, "\xfb\xff\xfe\xff", 4);
	assert_string_equal(b.data, "=+/-__-_w");
	buf_add_base64(&small, "foobar", 6);
	assert_true(buf_full(&small));
	buf_release(&small);
	buf_release(&b);
}

static void test_unbase64(void **state)
{
	static const char *const bad[] = {
		"Zg",   "Zg=",       "Z===", "====", "Zg==Zg==",
		"Z-8=", "Zm9v\nZ==", "Zm 9", "Zg=a", "\xc3\xa4\xc3\xa4"
	};
	cleanup_buf struct buf b = BUF_INIT, again = BUF_INIT;

	(void)state;
	for (size_t n = 0; n <= 6; n++) {
		buf_clear(&b);
		buf_clear(&again);
		buf_add_base64(&b, "foo\0ar", n);
		assert_true(buf_add_unbase64(&again, b.data));
		assert_int_equal(again.len, n);
		assert_memory_equal(again.data, "foo\0ar", n);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		assert_false(buf_add_unbase64(&again, bad[i]));
		assert_int_equal(again.len, 6);
	}
}

static void test_random_numbers(void **state)
{
	double low = 1, high = 0;

	(void)state;
	for (int i = 0; i < 10000; i++) {
		double r = random_unit();

		assert_true(r >= 0 && r < 1);
		low = r < low ? r : low;
		high = r > high ? r : high;
	}
	assert_true(low < 0.01 && high > 0.99);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sha256),      cmocka_unit_test(test_hmac),
		cmocka_unit_test(test_old_digests), cmocka_unit_test(test_base64),
		cmocka_unit_test(test_unbase64),    cmocka_unit_test(test_random_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
