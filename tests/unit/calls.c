/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "calls.h"

#include "base/xalloc.h"
#include "base/xml.h"
#include "net/http.h"

struct calls calls;

static char *copy_of(const struct http_request *req, const char *name)
{
	const char *v = http_header_get(&req->headers, name);

	return xstrdup(v ? v : "");
}

static int send_one(struct http_transport *t, const struct http_request *req,
		    struct http_response *ret, struct error **err)
{
	const struct reply *r;

	(void)t;
	if (calls.during)
		calls.during();
	r = &calls.replies[calls.n < calls.n_replies ? calls.n : calls.n_replies - 1];
	assert_true(calls.n < MAX_SENT);
	calls.sent[calls.n++] = (struct sent){
		.url = xasprintf("%s %s%s%s%s", req->method, req->origin, req->path.data,
				 req->query.len ? "?" : "", req->query.data),
		.stamp = copy_of(req, "X-Amz-Date"),
		.authorization = copy_of(req, "Authorization"),
		.token = copy_of(req, "X-Amz-Security-Token"),
		.body = xstrndup(req->body_len ? req->body : "", req->body_len),
		.fresh = req->fresh_connection,
		.timeout_ms = req->timeout_ms,
	};
	ret->status = r->status;
	ret->failure = r->failure;
	if (r->header)
		http_header_add(&ret->headers, r->header, r->value);
	if (r->header2)
		http_header_add(&ret->headers, r->header2, r->value2);
	if (r->failure)
		return err_set(err, r->failure == HTTP_STOPPED ? ERR_INTERRUPTED : ERR_UNREACHABLE,
			       "lost on the way");
	buf_adds(&ret->body, r->body ? r->body : "");
	ret->body_bytes = ret->body.len;
	return 0;
}

static void free_nothing(struct http_transport *t)
{
	(void)t;
}

static struct http_transport *transport(void *data, const struct http_options *opts)
{
	static struct http_transport fake = { send_one, free_nothing };

	(void)data, (void)opts;
	return &fake;
}

static void trace(void *data, const char *line)
{
	(void)data;
	buf_adds(&calls.trace, line);
	buf_addc(&calls.trace, '\n');
}

void forget_sent(void)
{
	for (size_t i = 0; i < calls.n; i++) {
		free(calls.sent[i].url);
		free(calls.sent[i].stamp);
		free(calls.sent[i].authorization);
		free(calls.sent[i].token);
		free(calls.sent[i].body);
	}
	calls.n = 0;
}

int calls_setup(void **state)
{
	static const char *const variables[] = {
		"AWS_REGION=eu-west-1",
		"AWS_ACCESS_KEY_ID=AKIDEXAMPLE",
		("AWS_SECRET_ACCESS_KEY=" SECRET),
		"AWS_SESSION_TOKEN=TOKEN-ONE",
	};

	(void)state;
	memset(&calls, 0, sizeof(calls));
	memcpy(calls.fake.variables, variables, sizeof(variables));
	calls.fake.now_ms = START;
	calls.trace = BUF_INIT;
	fake_env_init(&calls.fake, "/nonexistent");
	return 0;
}

int calls_teardown(void **state)
{
	(void)state;
	forget_sent();
	aws_client_free(calls.client);
	aws_session_free(calls.session);
	aws_settings_release(&calls.settings);
	buf_release(&calls.trace);
	return 0;
}

void calls_start(const char *endpoint)
{
	const struct aws_options options = { .endpoint_url = endpoint };
	struct aws_session_options o = {
		.env = &calls.fake.env,
		.settings = &calls.settings,
		.trace = trace,
		.transport = transport,
	};

	assert_int_equal(aws_settings_load(&calls.fake.env, &options, &calls.settings, NULL), 0);
	calls.session = aws_session_new(&o);
	calls.client = aws_client_new(calls.session);
}

/* Sends it; on failure the caller owns the error. */
struct error *call(struct aws_request *req)
{
	cleanup_http_response struct http_response reply = { 0 };
	struct error *err = NULL;
	int r;

	if (!calls.client)
		calls_start(NULL);
	http_response_init(&reply);
	r = aws_call(calls.client, req, &reply, &err);
	assert_int_equal(r, err ? -1 : 0);
	if (r == 0)
		assert_true(reply.status < 300);
	return err;
}

struct error *call_sts(void)
{
	cleanup_aws_request struct aws_request req = { 0 };

	aws_request_init(&req, AWS_STS, "POST", "GetCallerIdentity");
	req.http.body = "Action=GetCallerIdentity";
	req.http.body_len = strlen(req.http.body);
	return call(&req);
}

struct error *call_s3(const char *bucket)
{
	cleanup_aws_request struct aws_request req = { 0 };
	cleanup_xml struct xml *root = NULL;

	aws_request_init(&req, AWS_S3, "GET", "GetObject");
	req.bucket = bucket;
	req.ret_xml = &root;
	buf_adds(&req.http.path, "/key");
	return call(&req);
}

struct error *call_once(void)
{
	cleanup_aws_request struct aws_request req = { 0 };

	aws_request_init(&req, AWS_LOGS, "POST", "CreateExportTask");
	req.not_idempotent = true;
	return call(&req);
}

void assert_ok(struct error *err)
{
	if (err)
		fail_msg("%s", err->msg);
}

void assert_failed(struct error *err, enum err_kind kind, const char *words)
{
	cleanup_error struct error *owned = err;

	assert_non_null(err);
	assert_int_equal(err->kind, kind);
	if (!strstr(owned->msg, words))
		fail_msg("'%s' is not in '%s'", words, owned->msg);
}
