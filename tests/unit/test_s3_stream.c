/* SPDX-License-Identifier: MIT */
/* An object whose replies are cut: each byte reaches the sink once, and all are of one object. */
#include "unit.h"

#include "aws/service/s3.h"
#include "base/buf.h"
#include "base/str.h"
#include "calls.h"
#include "server.h"

#define CUT "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n01234"
#define PART(range, body)                                                                          \
	"HTTP/1.1 206 Partial Content\r\nContent-Range: bytes " range                              \
	"/10\r\nContent-Length: 5\r\n\r\n" body
#define WHOLE "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789"
#define BUSY "HTTP/1.1 503 Slow Down\r\nContent-Length: 0\r\n\r\n"
#define OTHER "HTTP/1.1 412 Precondition Failed\r\nContent-Length: 0\r\n\r\n"

static struct server *server;
static struct buf got;

static int take(void *data, const char *p, size_t n, struct error **err)
{
	(void)data, (void)err;
	buf_add(&got, p, n);
	return 0;
}

static int teardown(void **state)
{
	server_free(TAKE(server));
	buf_release(&got);
	return calls_teardown(state);
}

/* Reads an object from a server that does these steps; the error, or NULL with all of it in got. */
static struct error *stream(const struct server_step *steps, size_t n, const char *etag)
{
	struct aws_options options = { 0 };
	struct aws_session_options o = { .env = &calls.fake.env, .settings = &calls.settings };
	struct s3_bucket bucket = { .name = "bucket" };
	struct error *err = NULL;
	uint64_t bytes = 0;

	got = BUF_INIT;
	server = server_new(steps, n);
	options.endpoint_url = server_origin(server);
	assert_int_equal(aws_settings_load(&calls.fake.env, &options, &calls.settings, NULL), 0);
	calls.session = aws_session_new(&o);
	calls.client = bucket.client = aws_client_new(calls.session);
	if (s3_stream_object(&bucket, "key", etag, take, NULL, &bytes, NULL, &err) == 0)
		assert_int_equal(bytes, got.len);
	return err;
}
#define STREAM(etag, ...)                                                                          \
	stream((const struct server_step[]){ __VA_ARGS__ },                                        \
	       ARRAY_SIZE(((const struct server_step[]){ __VA_ARGS__ })), etag)

static void test_goes_on(void **state)
{
	(void)state;
	assert_ok(STREAM("e", { CUT, NULL, SERVER_CLOSE }, { BUSY, NULL, SERVER_KEEP },
			 { PART("5-9", "56789"), NULL, SERVER_KEEP }));
	assert_string_equal(got.data, "0123456789");
	assert_int_equal(server_requests(server), 3);
	assert_true(server_saw(server, "Range: bytes=5-\r\n"));
	assert_true(server_saw(server, "If-Match: \"e\"\r\n"));
}

static void test_server_without_ranges(void **state)
{
	(void)state;
	assert_ok(STREAM("e", { CUT, NULL, SERVER_RESET }, { CUT, NULL, SERVER_CLOSE },
			 { WHOLE, NULL, SERVER_KEEP }));
	assert_string_equal(got.data, "0123456789");
}

static void test_another_part(void **state)
{
	(void)state;
	assert_failed(STREAM("e", { CUT, NULL, SERVER_CLOSE },
			     { PART("4-8", "45678"), NULL, SERVER_KEEP }),
		      ERR_UNREACHABLE, "another part");
	assert_string_equal(got.data, "01234");
}

static void test_another_object(void **state)
{
	(void)state;
	assert_failed(STREAM("e", { CUT, NULL, SERVER_CLOSE }, { OTHER, NULL, SERVER_KEEP }),
		      ERR_REFUSED, "412");
}

/* Nothing says that the rest would be the same object's. */
static void test_no_etag(void **state)
{
	(void)state;
	assert_failed(STREAM(NULL, { CUT, NULL, SERVER_CLOSE }, { WHOLE, NULL, SERVER_KEEP }),
		      ERR_UNREACHABLE, "no ETag");
	assert_string_equal(got.data, "01234");
}

/* A part that nobody asked for is not the object. */
static void test_part_unasked(void **state)
{
	(void)state;
	assert_failed(STREAM("e", { PART("0-4", "01234"), NULL, SERVER_KEEP },
			     { PART("0-4", "01234"), NULL, SERVER_KEEP },
			     { PART("0-4", "01234"), NULL, SERVER_KEEP }),
		      ERR_UNREACHABLE, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_goes_on, calls_setup, teardown),
		cmocka_unit_test_setup_teardown(test_server_without_ranges, calls_setup, teardown),
		cmocka_unit_test_setup_teardown(test_another_part, calls_setup, teardown),
		cmocka_unit_test_setup_teardown(test_another_object, calls_setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_etag, calls_setup, teardown),
		cmocka_unit_test_setup_teardown(test_part_unasked, calls_setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
