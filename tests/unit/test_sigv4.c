/* SPDX-License-Identifier: MIT */
/* What the published cases of tests/vectors/sigv4 do not cover: one signer, many requests. */
#include "config.h"

#include "aws/sign/sigv4.h"

#include "unit.h"

#include "aws/cred/credentials.h"
#include "aws/sign/canonical.h"
#include "base/time.h"
#include "base/xalloc.h"
#include "net/message.h"

static char id[] = "AKIDEXAMPLE", secret[] = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
static char other_secret[] = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEZ", token[] = "TOKEN";

struct fixture {
	struct credentials keys;
	struct sigv4_params p;
	struct http_request req;
	struct sigv4 *s;
};

static int setup(void **state)
{
	struct fixture *f = *state = xcalloc(1, sizeof(*f));

	f->keys = (struct credentials){ .access_key_id = id, .secret_access_key = secret };
	f->p = (struct sigv4_params){ .credentials = &f->keys,
				      .region = "us-east-1",
				      .service = "service",
				      .expires_s = 60 };
	assert_true(time_parse_iso("2015-08-30T12:36:00Z", &f->p.time_ms));
	http_request_init(&f->req, "GET");
	f->req.origin = xstrdup("https://example.amazonaws.com");
	buf_addc(&f->req.path, '/');
	f->s = sigv4_new();
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	http_request_release(&f->req);
	sigv4_free(f->s);
	free(f);
	return 0;
}

/* The signature that this signer gives the fixture's request. */
static char *sign(struct fixture *f, struct sigv4 *s)
{
	const char *header;

	assert_int_equal(sigv4_sign(s, &f->req, &f->p, NULL), 0);
	header = http_header_get(&f->req.headers, "Authorization");
	assert_non_null(header);
	header = strstr(header, "Signature=");
	assert_non_null(header);
	return xstrdup(header + strlen("Signature="));
}

/* A signer that has been used signs like a new one. */
static void assert_like_new(struct fixture *f, const char *before)
{
	cleanup(sigv4_freep) struct sigv4 *fresh = sigv4_new();
	cleanup_free char *got = sign(f, f->s), *want = sign(f, fresh);

	assert_string_equal(got, want);
	assert_string_not_equal(got, before);
}

/* AWS's suite, get-vanilla. */
#define VANILLA "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"

static void test_known(void **state)
{
	cleanup_free char *got = sign(*state, ((struct fixture *)*state)->s);

	assert_string_equal(got, VANILLA);
}

static void test_key_cache(void **state)
{
	struct fixture *f = *state;
	int64_t noon = f->p.time_ms;

	free(sign(f, f->s));
	f->p.time_ms = noon + MS_DAY;
	assert_like_new(f, VANILLA);
	f->p.time_ms = noon;
	test_known(state);
	f->p.region = "us-east-2";
	assert_like_new(f, VANILLA);
	f->p.region = "us-east-1";
	test_known(state);
	f->p.service = "servicf";
	assert_like_new(f, VANILLA);
	f->p.service = "service";
	test_known(state);
	f->keys.secret_access_key = other_secret;
	assert_like_new(f, VANILLA);
	f->keys.secret_access_key = secret;
	test_known(state);
}

static void test_stamp(void **state)
{
	struct fixture *f = *state;

	free(sign(f, f->s));
	f->p.time_ms += 999;
	test_known(state);
	f->p.time_ms += 1;
	assert_like_new(f, VANILLA);
	assert_string_equal(http_header_get(&f->req.headers, "x-amz-date"), "20150830T123601Z");
}

static size_t count_of(const struct http_headers *h, const char *name)
{
	size_t n = 0;

	for (size_t i = 0; i < h->n; i++)
		n += str_eq_nocase(h->v[i].name, name);
	return n;
}

static void test_sign_again(void **state)
{
	struct fixture *f = *state;
	cleanup_free char *first = NULL, *again = NULL;

	f->keys.session_token = token;
	f->p.sign_body = true;
	f->req.body = "a";
	f->req.body_len = 1;
	first = sign(f, f->s);
	f->req.body = "b";
	again = sign(f, f->s);
	assert_string_not_equal(first, again);
	assert_int_equal(f->req.headers.n, 4);
	assert_int_equal(count_of(&f->req.headers, "authorization"), 1);
	assert_int_equal(count_of(&f->req.headers, "x-amz-date"), 1);
	assert_int_equal(count_of(&f->req.headers, "x-amz-security-token"), 1);
	assert_string_equal(http_header_get(&f->req.headers, "x-amz-content-sha256"),
			    "3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d");
	/* The token of credentials that are no longer used is not kept. */
	f->keys.session_token = NULL;
	free(sign(f, f->s));
	assert_int_equal(count_of(&f->req.headers, "x-amz-security-token"), 0);
}

static void test_token_after_signing(void **state)
{
	struct fixture *f = *state;

	f->keys.session_token = token;
	f->p.omit_session_token = true;
	for (int i = 0; i < 2; i++) {
		cleanup_free char *got = sign(f, f->s);

		assert_string_equal(got, VANILLA);
		assert_int_equal(count_of(&f->req.headers, "x-amz-security-token"), 1);
	}
}

/* libc's, for buffers with secrets: how many of those that are wiped have the token in them. */
static int tokens_wiped;

void explicit_bzero(void *p, size_t n)
{
	volatile char *to = p;
	const void *volatile from = p; /* glibc declares that it is not read */

	tokens_wiped += memmem(from, n, token, strlen(token)) != NULL;
	while (n)
		to[--n] = '\0';
}

/* What it is called under _FORTIFY_SOURCE. */
void __explicit_bzero_chk(void *p, size_t n, size_t size);
void __explicit_bzero_chk(void *p, size_t n, size_t size)
{
	assert_true(n <= size);
	explicit_bzero(p, n);
}

/* The canonical request, and what was collected for it. */
static void test_nothing_keeps_the_token(void **state)
{
	struct fixture *f = *state;

	f->keys.session_token = token;
	free(sign(f, f->s));
	tokens_wiped = 0;
	sigv4_free(TAKE(f->s));
	assert_true(tokens_wiped >= 2);
}

static void assert_canonical(struct fixture *f, const char *part)
{
	cleanup_buf struct buf out = BUF_INIT;

	assert_int_equal(sigv4_canonical_request(f->s, &f->req, &f->p, &out, NULL), 0);
	if (!strstr(out.data, part))
		fail_msg("'%s' is not in '%s'", part, out.data);
}

/* A line break in a header would start a new line of the canonical request. */
static void test_injection(void **state)
{
	struct fixture *f = *state;

	http_header_add(&f->req.headers, "a", "x\r\nhost:evil\n\nb");
	assert_canonical(f, "\na:x host:evil b\nhost:example.amazonaws.com\n");
	buf_adds(&f->req.query, "a=%0Ab%00&b=1\n2&%=%zz");
	assert_canonical(f, "\n%25=%25zz&a=%0Ab%00&b=1%0A2\n");
}

static void test_query(void **state)
{
	struct fixture *f = *state;

	buf_adds(&f->req.query, "&&b=2&b=1&a-=1&a=%c3%bc&A=+&=x&c%3Dd&%41=%7e&");
	assert_canonical(f, "\n=x&A=%2B&A=~&a=%C3%BC&a-=1&b=1&b=2&c%3Dd=\n");
}

static void test_unsigned_headers(void **state)
{
	static const char *const names[] = { "User-Agent",    "Expect",
					     "CONNECTION",    "te",
					     "Traceparent",   "X-Amzn-Trace-Id",
					     "Authorization", "Transfer-Encoding" };
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		http_header_add(&f->req.headers, names[i], "x");
	assert_canonical(f, "\n\nhost:example.amazonaws.com\n\nhost\n");
	http_header_add(&f->req.headers, "X-Amz-", "x");
	assert_canonical(f, "\n\nhost:example.amazonaws.com\nx-amz-:x\n\nhost;x-amz-\n");
}

/* The payload hash that a request declares is used, unless the signer has to add it. */
static void test_payload(void **state)
{
	struct fixture *f = *state;

	http_header_add(&f->req.headers, "X-Amz-Content-SHA256", SIGV4_UNSIGNED_PAYLOAD);
	assert_canonical(f, "\nhost;x-amz-content-sha256\nUNSIGNED-PAYLOAD");
	f->p.payload_hash = "abc";
	assert_canonical(f, "\nhost;x-amz-content-sha256\nabc");
	f->p.payload_hash = NULL;
	f->p.sign_body = true;
	sigv4_prepare(f->s, &f->req, &f->p, false);
	assert_canonical(f, "\ne3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

static void assert_path(const char *path, bool single, bool normalize, const char *want)
{
	cleanup_buf struct buf out = BUF_INIT;

	canonical_path(path, strlen(path), single, normalize, &out);
	assert_string_equal(out.data, want);
}

static void test_path(void **state)
{
	(void)state;
	assert_path("", false, true, "/");
	assert_path("/", true, false, "/");
	assert_path("/..", false, true, "/");
	assert_path("/../../a", false, true, "/a");
	assert_path("/a/..", false, true, "/");
	assert_path("/a/../", false, true, "/");
	assert_path("/a/b/..", false, true, "/a");
	assert_path("/a/.", false, true, "/a");
	assert_path("//a///b//", false, true, "/a/b/");
	assert_path("/.../..a/.b", false, true, "/.../..a/.b");
	assert_path("/a%2Fb c", false, true, "/a%252Fb%20c");
	assert_path("/a%2Fb c%2", true, false, "/a%2Fb%20c%252");
	assert_path("/a/../b//./$", true, false, "/a/../b//./%24");
}

static void test_presign(void **state)
{
	struct fixture *f = *state;

	f->p.expires_s = 0;
	assert_error(sigv4_presign(f->s, &f->req, &f->p, &err), ERR_USAGE);
	f->p.expires_s = SIGV4_PRESIGN_MAX_S + 1;
	assert_error(sigv4_presign(f->s, &f->req, &f->p, &err), ERR_USAGE);
	assert_int_equal(f->req.query.len, 0);
	f->p.expires_s = SIGV4_PRESIGN_MAX_S;
	assert_int_equal(sigv4_presign(f->s, &f->req, &f->p, NULL), 0);
	assert_non_null(strstr(f->req.query.data, "X-Amz-Expires=604800&X-Amz-Signature="));
	assert_int_equal(f->req.headers.n, 0);
}

static void test_too_large(void **state)
{
	struct fixture *f = *state;
	cleanup_free char *long_value = xcalloc(1, BUF_MAX_DEFAULT + 2);

	memset(long_value, 'x', BUF_MAX_DEFAULT + 1);
	http_header_add(&f->req.headers, "a", long_value);
	assert_error(sigv4_sign(f->s, &f->req, &f->p, &err), ERR_LOCAL);
	assert_null(http_header_get(&f->req.headers, "Authorization"));
	/* And the signer is as good as before. */
	http_header_remove(&f->req.headers, "a");
	test_known(state);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_known),
		TEST(test_key_cache),
		TEST(test_stamp),
		TEST(test_sign_again),
		TEST(test_token_after_signing),
		TEST(test_nothing_keeps_the_token),
		TEST(test_injection),
		TEST(test_query),
		TEST(test_unsigned_headers),
		TEST(test_payload),
		TEST(test_path),
		TEST(test_presign),
		TEST(test_too_large),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
