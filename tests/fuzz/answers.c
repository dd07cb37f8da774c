/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "answers.h"

#include <string.h>

#include "base/error.h"
#include "base/str.h"
#include "base/xalloc.h"

#define SECRET "SeCrEtKeY0123SeCrEtKeY0123"
#define TOKEN "ToKeNtOkEnToKeNtOkEn"

static void add_headers(struct http_response *ret, const char *p, size_t n)
{
	cleanup_free char *head = xstrndup(p, n);
	char *text = head;

	for (char *line = strsep(&text, "\n"); line && *line; line = strsep(&text, "\n")) {
		char *value = strchr(line, ':');

		if (value) {
			*value = '\0';
			http_header_add(&ret->headers, line, value + 1);
		}
	}
}

static int add_body(const struct http_request *req, struct http_response *ret, const char *p,
		    size_t n, struct error **err)
{
	ret->body_bytes = n;
	if (!req->sink || ret->status / 100 != 2) {
		buf_add(&ret->body, p, n);
	} else if (n && req->sink(req->sink_data, p, n, err) < 0) {
		ret->failure = HTTP_SINK;
		return -1;
	}
	return 0;
}

static void check_request(const struct http_request *req)
{
	must(str_starts(req->origin, "https://") && req->path.data[0] == '/');
	must(strlen(req->path.data) == req->path.len && strlen(req->query.data) == req->query.len);
	must(!strpbrk(req->path.data, " ?#\r\n") && !strpbrk(req->query.data, " #\r\n"));
}

/* As http.c does it: an ETag may come back as If-Match. */
static int check_headers(const struct http_request *req, struct error **err)
{
	for (size_t i = 0; i < req->headers.n; i++)
		if (strpbrk(req->headers.v[i].value, "\r\n"))
			return err_set(err, ERR_USAGE, "a line break");
	return 0;
}

static int answer(struct http_transport *t, const struct http_request *req,
		  struct http_response *ret, struct error **err)
{
	static const int statuses[] = { 200, 206, 204, 301, 304, 400, 403, 404, 429, 503 };
	struct answers *a = (struct answers *)t;
	const char *p, *body;
	size_t n;

	check_request(req);
	if (check_headers(req, err) < 0)
		return -1;
	if (a->see)
		a->see(req);
	a->sent++;
	if (!a->replies.left) {
		ret->failure = HTTP_STOPPED;
		return err_interrupted(err);
	}
	p = (const char *)next_part(&a->replies, &n);
	body = memmem(p, n, "\n\n", 2);
	ret->status = n && *p >= '0' && *p <= '9' ? statuses[*p - '0'] : 200;
	if (body)
		add_headers(ret, p + 1, (size_t)(body - p));
	body = body ? body + 2 : p + (n > 0);
	return add_body(req, ret, body, n - (size_t)(body - p), err);
}

static void keep(struct http_transport *t)
{
	(void)t;
}

static struct http_transport *transport(void *data, const struct http_options *opts)
{
	(void)opts;
	return data;
}

static void trace(void *data, const char *line)
{
	const struct answers *a = data;

	must(!strstr(line, TOKEN));
	must(a->knows_secret || !strstr(line, SECRET));
}

void answers_begin(struct answers *a, const uint8_t *data, size_t size)
{
	const struct aws_options options = { .profile = NULL };
	const struct aws_session_options o = { .env = &a->fake.env,
					       .settings = &a->settings,
					       .trace = trace,
					       .trace_data = a,
					       .transport = transport,
					       .transport_data = a };

	*a = (struct answers){
		.http = { answer, keep },
		.fake = { .variables = { "AWS_REGION=eu-west-1", "AWS_ACCESS_KEY_ID=AKID",
					 "AWS_SECRET_ACCESS_KEY=" SECRET,
					 "AWS_SESSION_TOKEN=" TOKEN },
			  .now_ms = INT64_C(1700000000000) },
		.replies = { data, size },
		.knows_secret = memmem(data, size, SECRET, strlen(SECRET)),
	};
	fake_env_init(&a->fake, "/nonexistent");
	must(aws_settings_load(&a->fake.env, &options, &a->settings, NULL) == 0);
	a->session = aws_session_new(&o);
	a->client = aws_client_new(a->session);
}

void answers_end(struct answers *a)
{
	aws_client_free(a->client);
	aws_session_free(a->session);
	aws_settings_release(&a->settings);
}
