/* SPDX-License-Identifier: MIT */
/* The transport over real sockets on loopback, against a server that misbehaves. */
#include "config.h"

#include "unit.h"

#include "base/env.h"
#include "base/xalloc.h"
#include "net/http.h"
#include "server.h"

#define OK "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
#define CHUNKED "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

static struct {
	struct server *server;
	struct http_transport *http;
	struct http_request req;
	struct http_response res;
	struct error *err;
	atomic_int stop;
	struct env env;
} w;

static int setup(void **state)
{
	const struct http_options o = {
		.connect_timeout_ms = 5000,
		.read_timeout_ms = 1000,
		.user_agent = "unit/1",
		.env = &w.env,
	};

	(void)state;
	memset(&w, 0, sizeof(w));
	env_system(&w.env, &w.stop);
	w.http = http_curl_new(&o);
	return 0;
}

static void forget(void)
{
	http_request_release(&w.req);
	http_response_release(&w.res);
	error_clear(&w.err);
}

static int teardown(void **state)
{
	(void)state;
	forget();
	http_transport_free(w.http);
	server_free(w.server);
	return 0;
}

#define SERVE(...)                                                                                 \
	do {                                                                                       \
		static const struct server_step steps[] = { __VA_ARGS__ };                         \
		server_free(w.server);                                                             \
		w.server = server_new(steps, ARRAY_SIZE(steps));                                   \
	} while (0)

/* A new request, to be completed by the test. */
static struct http_request *request(const char *method)
{
	forget();
	http_request_init(&w.req, method);
	http_response_init(&w.res);
	w.req.origin = xstrdup(w.server ? server_origin(w.server) : "");
	buf_adds(&w.req.path, "/p");
	return &w.req;
}

static int send_it(void)
{
	return http_send(w.http, &w.req, &w.res, &w.err);
}

static void assert_sent(const char *body)
{
	if (send_it() < 0)
		fail_msg("%s", w.err->msg);
	assert_int_equal(w.res.failure, HTTP_OK);
	assert_string_equal(w.res.body.data, body);
}

static void assert_gets(const char *body)
{
	request("GET");
	assert_sent(body);
}

static void assert_fails(enum http_failure failure)
{
	assert_int_equal(send_it(), -1);
	assert_int_equal(w.res.failure, failure);
	assert_non_null(w.err);
	assert_int_equal(w.err->kind, failure == HTTP_STOPPED ? ERR_INTERRUPTED : ERR_UNREACHABLE);
}

static void assert_get_fails(enum http_failure failure)
{
	request("GET");
	assert_fails(failure);
}

static void test_keep_alive(void **state)
{
	(void)state;
	SERVE({ OK }, { OK }, { OK, NULL, SERVER_CLOSE }, { OK });
	for (int i = 0; i < 3; i++) {
		assert_gets("ok");
	}
	assert_int_equal(server_connections(w.server), 1);
	assert_gets("ok");
	assert_int_equal(server_connections(w.server), 2);
	assert_int_equal(server_requests(w.server), 4);
	/* What comes beyond a reply is not the next one's. */
	SERVE({ OK "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil" }, { OK });
	assert_gets("ok");
	assert_gets("ok");
}

/* libcurl adds no header of its own: each header must be signed or left out. */
static void test_request_bytes(void **state)
{
	cleanup_free char *want = NULL;

	(void)state;
	SERVE({ OK });
	request("GET");
	buf_adds(&w.req.path, "/../x%2Fy//.");
	buf_adds(&w.req.query, "a=%20&b");
	http_header_add(&w.req.headers, "X-Empty", "");
	http_header_add(&w.req.headers, "X-One", " 1");
	assert_sent("ok");
	want = xasprintf("GET /p/../x%%2Fy//.?a=%%20&b HTTP/1.1\r\nHost: %s\r\n"
			 "User-Agent: unit/1\r\nX-Empty:\r\nX-One:  1\r\n\r\n",
			 server_origin(w.server) + strlen("http://"));
	assert_true(server_saw(w.server, want));
}

static void test_bodies(void **state)
{
	cleanup_free char *large = xcalloc(1, 3 << 20);

	(void)state;
	SERVE({ OK }, { OK }, { OK }, { OK }, { OK });
	request("PUT");
	assert_sent("ok");
	assert_true(server_saw(w.server, "PUT /p HTTP/1.1\r\n"));
	assert_true(server_saw(w.server, "\r\nContent-Length: 0\r\n"));
	assert_false(server_saw(w.server, "Content-Type"));
	request("PUT")->body = "a\0b";
	w.req.body_len = 3;
	http_header_add(&w.req.headers, "Content-Type", "x/y");
	assert_sent("ok");
	assert_true(server_saw(w.server, "\r\nContent-Length: 3\r\n"));
	assert_true(server_saw(w.server, "\r\nContent-Type: x/y\r\n"));
	/* No waiting for a 100 either. */
	request("POST")->body = large;
	w.req.body_len = 3 << 20;
	assert_sent("ok");
	assert_true(server_saw(w.server, "\r\nContent-Length: 3145728\r\n"));
	assert_false(server_saw(w.server, "Expect"));
	/* Settings of an earlier request do not persist. */
	request("DELETE");
	assert_sent("ok");
	assert_true(server_saw(w.server, "DELETE /p HTTP/1.1\r\n"));
	assert_false(server_saw(w.server, "Content-"));
	assert_gets("ok");
	assert_true(server_saw(w.server, "GET /p HTTP/1.1\r\n"));
	assert_int_equal(server_connections(w.server), 1);
}

static void test_head(void **state)
{
	(void)state;
	SERVE({ "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\nETag: \"x\"\r\n\r\n" }, { OK });
	request("HEAD");
	assert_sent("");
	assert_true(server_saw(w.server, "HEAD /p HTTP/1.1\r\n"));
	assert_string_equal(http_header_get(&w.res.headers, "etag"), "\"x\"");
	assert_gets("ok");
	assert_int_equal(server_connections(w.server), 1);
}

static void test_statuses(void **state)
{
	(void)state;
	SERVE({ "HTTP/1.1 404 No\r\nContent-Length: 1\r\n\r\nx" },
	      { "HTTP/1.1 301 Moved\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: "
		"0\r\n\r\n" },
	      { "HTTP/1.1 204 None\r\n\r\n" });
	assert_gets("x");
	assert_int_equal(w.res.status, 404);
	assert_gets("");
	assert_int_equal(w.res.status, 301);
	assert_gets("");
	assert_int_equal(w.res.status, 204);
	assert_int_equal(server_requests(w.server), 3);
}

static void test_continue(void **state)
{
	(void)state;
	SERVE({ "HTTP/1.1 100 Continue\r\nX-Old: 1\r\n\r\nHTTP/1.1 200 OK\r\nX-New: 1\r\n"
		"Content-Length: 2\r\n\r\nok" });
	request("PUT")->body = "x";
	w.req.body_len = 1;
	assert_sent("ok");
	assert_int_equal(w.res.status, 200);
	assert_null(http_header_get(&w.res.headers, "x-old"));
	assert_non_null(http_header_get(&w.res.headers, "x-new"));
}

static void test_chunked(void **state)
{
	(void)state;
	SERVE({ CHUNKED "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n" },
	      { CHUNKED "3\r\nabc\r\n5\r\nd", NULL, SERVER_CLOSE },
	      { CHUNKED "zz\r\nabc\r\n", NULL, SERVER_CLOSE });
	assert_gets("abcde");
	assert_int_equal(w.res.body_bytes, 5);
	assert_get_fails(HTTP_BROKEN);
	assert_get_fails(HTTP_BROKEN);
	/* Lines that come after the body are headers, too, and do not begin another head. */
	SERVE({ CHUNKED "2\r\nok\r\n0\r\nX-Late: y\r\nX-Later: z\r\n\r\n" });
	assert_gets("ok");
	assert_string_equal(http_header_get(&w.res.headers, "x-later"), "z");
}

static void test_truncated(void **state)
{
	(void)state;
	SERVE({ "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345", NULL, SERVER_CLOSE },
	      { "HTTP/1.1 200 OK\r\nContent-Le", NULL, SERVER_CLOSE },
	      { "HTTP/1.1 200 OK\r\nX: y\r\n", NULL, SERVER_CLOSE },
	      { "SSH-2.0-OpenSSH\r\n", NULL, SERVER_CLOSE });
	assert_get_fails(HTTP_BROKEN);
	assert_int_equal(w.res.status, 200);
	assert_int_equal(w.res.body_bytes, 5);
	for (int i = 0; i < 3; i++) {
		assert_get_fails(HTTP_BROKEN);
	}
}

static void test_endless(void **state)
{
	(void)state;
	SERVE({ "HTTP/1.1 200 OK\r\n\r\n", "0123456789", SERVER_REPEAT },
	      { "HTTP/1.1 200 OK\r\n", "X-Bomb: 0123456789012345678901234567890123456789\r\n",
		SERVER_REPEAT },
	      { "HTTP/1.1 200 OK\r\nX: ", "0123456789", SERVER_REPEAT },
	      { "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n01234567890" });
	request("GET")->response_max = 100000;
	assert_fails(HTTP_TOO_LARGE);
	assert_true(w.res.body.len <= 100000);
	assert_get_fails(HTTP_TOO_LARGE);
	request("GET");
	assert_int_equal(send_it(), -1);
	request("GET")->response_max = 10;
	assert_fails(HTTP_TOO_LARGE);
}

static void test_stall(void **state)
{
	(void)state;
	SERVE({ "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345", NULL, SERVER_STALL },
	      { "", NULL, SERVER_STALL }, { "", NULL, SERVER_STALL });
	assert_get_fails(HTTP_TIMEOUT);
	assert_get_fails(HTTP_TIMEOUT);
	assert_int_equal(w.res.status, 0);
	request("GET")->timeout_ms = 100;
	assert_fails(HTTP_TIMEOUT);
}

/* The server may have acted on it: only the caller may send it again. */
static void test_lost_reply(void **state)
{
	(void)state;
	SERVE({ OK }, { "", NULL, SERVER_RESET });
	request("POST");
	assert_sent("ok");
	request("POST")->fresh_connection = true;
	assert_fails(HTTP_BROKEN);
	assert_int_equal(server_requests(w.server), 2);
	assert_int_equal(server_connections(w.server), 2);
}

/* libcurl's own second try: a server may close an idle connection at any time. */
static void test_idle_connection_lost(void **state)
{
	(void)state;
	SERVE({ OK }, { "", NULL, SERVER_RESET }, { OK });
	assert_gets("ok");
	assert_gets("ok");
	assert_int_equal(server_requests(w.server), 3);
}

static void test_no_server(void **state)
{
	(void)state;
	SERVE({ OK });
	request("GET");
	server_free(w.server);
	w.server = NULL;
	assert_fails(HTTP_CONNECT);
	assert_non_null(w.err->hint);
	request("GET");
	free(w.req.origin);
	w.req.origin = xstrdup("http://no-such-host.invalid");
	assert_fails(HTTP_CONNECT);
}

static void test_stop(void **state)
{
	(void)state;
	SERVE({ "", NULL, SERVER_STALL });
	atomic_store(&w.stop, 1);
	assert_get_fails(HTTP_STOPPED);
}

static void test_bad_header(void **state)
{
	(void)state;
	SERVE({ OK });
	request("GET");
	http_header_add(&w.req.headers, "X-A", "b\r\nX-Evil: 1");
	assert_int_equal(send_it(), -1);
	assert_int_equal(w.err->kind, ERR_USAGE);
	/* Failures that mean that nothing was sent. */
	assert_int_equal(w.res.failure, HTTP_OK);
	assert_int_equal(w.res.status, 0);
	request("GET");
	http_header_add(&w.req.headers, "X-A", "b\nX-Evil: 1");
	assert_int_equal(send_it(), -1);
	assert_int_equal(server_requests(w.server), 0);
}

static int take(void *data, const char *p, size_t n, struct error **err)
{
	struct buf *b = data;

	buf_add(b, p, n);
	return b->full ? err_set(err, ERR_FOUND, "that is enough") : 0;
}

static void test_sink(void **state)
{
	cleanup_buf struct buf b = BUF_INIT_MAX(2);

	(void)state;
	SERVE({ OK }, { "HTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\nno" },
	      { "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc" });
	request("GET")->sink = take;
	w.req.sink_data = &b;
	assert_sent("");
	assert_string_equal(b.data, "ok");
	buf_clear(&b);
	request("GET")->sink = take;
	w.req.sink_data = &b;
	assert_sent("no");
	assert_int_equal(b.len, 0);
	request("GET")->sink = take;
	w.req.sink_data = &b;
	assert_int_equal(send_it(), -1);
	assert_int_equal(w.res.failure, HTTP_SINK);
	assert_int_equal(w.err->kind, ERR_FOUND);
}

static void test_no_proxy(void **state)
{
	(void)state;
	setenv("http_proxy", "http://127.0.0.1:1", 1);
	setenv("all_proxy", "http://127.0.0.1:1", 1);
	SERVE({ OK });
	assert_gets("ok");
	unsetenv("http_proxy");
	unsetenv("all_proxy");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_keep_alive), TEST(test_request_bytes), TEST(test_bodies),
		TEST(test_head),       TEST(test_statuses),      TEST(test_continue),
		TEST(test_chunked),    TEST(test_truncated),     TEST(test_endless),
		TEST(test_stall),      TEST(test_lost_reply),    TEST(test_idle_connection_lost),
		TEST(test_no_server),  TEST(test_stop),          TEST(test_bad_header),
		TEST(test_sink),       TEST(test_no_proxy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
