/* SPDX-License-Identifier: MIT */
/*
 * What a service may answer, through a session's transport: the first byte says which
 * list or call; the bytes ff 0a part the answers. An answer is a digit that stands for the
 * status, headers, a line each, to an empty line, and the body.
 */
#include "config.h"

#include <string.h>

#include "../fake_env.h"
#include "aws/client.h"
#include "aws/config/settings.h"
#include "aws/service/apigateway.h"
#include "aws/service/iam.h"
#include "aws/service/logs.h"
#include "aws/service/s3.h"
#include "aws/service/sts.h"
#include "base/error.h"
#include "base/str.h"
#include "base/time.h"
#include "base/xalloc.h"
#include "fuzz.h"

#define SECRET "SeCrEtKeY0123SeCrEtKeY0123"
#define TOKEN "ToKeNtOkEnToKeNtOkEn"
#define PREFIX "logs/"

struct session {
	const uint8_t *at;
	size_t left;
	unsigned sent;
	struct aws_client *client;
};

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

static void add_body(const struct http_request *req, struct http_response *ret, const char *p,
		     size_t n)
{
	ret->body_bytes = n;
	if (req->sink && ret->status / 100 == 2)
		must(req->sink(req->sink_data, p, n, NULL) == 0);
	else
		buf_add(&ret->body, p, n);
}

/* After the last answer the user presses ^C, so that no retry goes on. */
static int answer(struct session *s, const struct http_request *req, struct http_response *ret,
		  struct error **err)
{
	static const int statuses[] = { 200, 206, 204, 301, 304, 400, 403, 404, 429, 503 };
	const uint8_t *cut = memmem(s->at, s->left, "\xff\n", 2);
	size_t n = cut ? (size_t)(cut - s->at) : s->left;
	const char *p = (const char *)s->at, *body = memmem(p, n, "\n\n", 2);

	s->sent++;
	if (!s->left) {
		ret->failure = HTTP_STOPPED;
		return err_interrupted(err);
	}
	s->at += cut ? n + 2 : n;
	s->left -= cut ? n + 2 : n;
	ret->status = n && *p >= '0' && *p <= '9' ? statuses[*p - '0'] : 200;
	if (body)
		add_headers(ret, p + 1, (size_t)(body - p));
	body = body ? body + 2 : p + (n > 0);
	add_body(req, ret, body, n - (size_t)(body - p));
	return 0;
}

static struct session *current;

static int fuzz_send(struct http_transport *t, const struct http_request *req,
		     struct http_response *ret, struct error **err)
{
	(void)t;
	must(str_starts(req->origin, "https://") && req->path.data[0] == '/');
	must(strlen(req->path.data) == req->path.len && strlen(req->query.data) == req->query.len);
	must(!strpbrk(req->path.data, " ?#\r\n") && !strpbrk(req->query.data, " #\r\n"));
	/* As http.c does: an ETag may come back as If-Match. */
	for (size_t i = 0; i < req->headers.n; i++)
		if (strpbrk(req->headers.v[i].value, "\r\n"))
			return err_set(err, ERR_USAGE, "a line break");
	return answer(current, req, ret, err);
}

static void free_nothing(struct http_transport *t)
{
	(void)t;
}

static struct http_transport *transport(void *data, const struct http_options *opts)
{
	static struct http_transport fake = { fuzz_send, free_nothing };

	(void)data, (void)opts;
	return &fake;
}

static void trace(void *data, const char *line)
{
	(void)data;
	must(!strstr(line, SECRET) && !strstr(line, TOKEN));
}

static int check(int r, const struct error *err)
{
	must(r < 0 ? err && !str_empty(err->msg) : !err);
	return r;
}

static int log_groups(struct session *s, struct error **err)
{
	cleanup_aws_pages struct aws_pages p = { 0 };
	struct log_group g;
	int r;

	logs_groups_init(&p, s->client, NULL);
	while ((r = logs_groups_next(&p, &g, err)) > 0) {
		must(g.name && g.arn && g.class && !str_ends(g.arn, ":*:*"));
		must(g.retention_days >= 0 && g.retention_days < INT64_MAX / MS_DAY);
		log_group_release(&g);
	}
	return r;
}

static int log_tasks(struct session *s, struct error **err)
{
	cleanup_aws_pages struct aws_pages p = { 0 };
	struct export_task t;
	int r;

	logs_tasks_init(&p, s->client, NULL);
	while ((r = logs_tasks_next(&p, &t, err)) > 0) {
		must(t.id && t.status);
		export_task_release(&t);
	}
	return r;
}

static int log_events(struct session *s, struct error **err)
{
	cleanup_aws_pages struct aws_pages p = { 0 };
	struct log_event e;
	int r;

	logs_events_init(&p, s->client, "g", 0, MS_DAY, 100);
	while ((r = logs_events_next(&p, &e, err)) > 0)
		must(e.stream && e.message && e.message[e.message_len] == '\0');
	return r;
}

static int log_task(struct session *s, struct error **err)
{
	const struct export_spec spec = { "n", "g", "b", "p", 0, MS_DAY };
	cleanup_free char *id = NULL;
	cleanup_export_task struct export_task t = { 0 };
	int r = logs_create_export_task(s->client, &spec, &id, err);

	must((r == 0) == (id && *id));
	/* It may have been made: not sent again. */
	must(s->sent <= 3);
	if (r != 0)
		return r;
	r = logs_get_export_task(s->client, id, &t, err);
	must((r == 1) == (t.id && t.status));
	return r;
}

static int apis(struct session *s, struct error **err)
{
	cleanup_api_pages struct api_pages p = { 0 };
	struct api a;
	int r;

	api_pages_init(&p, s->client);
	while ((r = api_pages_next(&p, &a, err)) > 0) {
		cleanup_stages struct stages stages = { 0 };

		must(!str_empty(a.id) && a.name);
		r = apigateway_get_stages(s->client, &a, &stages, err);
		for (size_t i = 0; i < stages.n; i++)
			must(stages.v[i].name && stages.v[i].api_id);
		api_release(&a);
		if (r < 0)
			return r;
	}
	return r;
}

static int account_role(struct session *s, struct error **err)
{
	cleanup_free char *arn = NULL;
	int r = apigateway_get_account_role(s->client, &arn, err);

	must(!arn || (r == 0 && *arn));
	return r;
}

static struct s3_bucket bucket(const struct session *s)
{
	return (struct s3_bucket){ s->client, "bucket", "123456789012" };
}

static int objects(struct session *s, struct error **err)
{
	cleanup_s3_list struct s3_list l = { 0 };
	struct s3_bucket b = bucket(s);
	struct s3_object o;
	int r;

	s3_list_init(&l, &b, PREFIX, NULL);
	while ((r = s3_list_next(&l, &o, err)) > 0) {
		must(str_starts(o.key, PREFIX) && o.etag && o.size <= INT64_MAX);
		s3_object_release(&o);
	}
	return r;
}

static int prefixes(struct session *s, struct error **err)
{
	cleanup_s3_list struct s3_list l = { 0 };
	struct s3_bucket b = bucket(s);
	char *prefix = NULL;
	int r;

	s3_list_init(&l, &b, PREFIX, "/");
	while ((r = s3_list_next_prefix(&l, &prefix, err)) > 0) {
		must(str_starts(prefix, PREFIX));
		free(TAKE(prefix));
	}
	return r;
}

static int take(void *data, const char *p, size_t n, struct error **err)
{
	(void)err;
	buf_add(data, p, n);
	return 0;
}

static void restart(void *data)
{
	buf_clear(data);
}

static int object(struct session *s, struct error **err)
{
	cleanup_buf struct buf kept = BUF_INIT_MAX(4096), streamed = BUF_INIT;
	const struct s3_stream to = { take, restart, &streamed };
	struct s3_bucket b = bucket(s);
	cleanup_free char *etag = NULL;
	uint64_t bytes = UINT64_MAX;
	int r = s3_get_object(&b, PREFIX "key", &kept, &etag, err);

	must((r == 1) == (etag != NULL));
	if (r >= 0)
		r = s3_stream_object(&b, PREFIX "key", etag, &to, &bytes, err);
	if (r == 0)
		must(bytes == streamed.len);
	if (r >= 0)
		r = s3_put_object(&b, PREFIX "key", "x", 1, "text/plain", true, err);
	if (r >= 0)
		r = s3_delete_object(&b, PREFIX "key", err);
	return r;
}

static int bucket_itself(struct session *s, struct error **err)
{
	cleanup_buf struct buf text = BUF_INIT;
	struct s3_bucket b = bucket(s);
	enum s3_presence presence = S3_ABSENT;
	cleanup_free char *region = NULL;
	int r = s3_head_bucket(&b, &presence, &region, err);

	must((r == 0 && presence == S3_THERE) == (region != NULL));
	if (r == 0)
		r = s3_get_config(&b, "policy", &text, err);
	return r;
}

static int role(struct session *s, struct error **err)
{
	cleanup_iam_role struct iam_role found = { 0 };
	cleanup_strv struct strv policies = { 0 };
	int r = iam_get_role(s->client, "r", &found, err);

	must((r == 1) == (found.name && found.arn));
	if (r >= 0)
		r = iam_list_attached_role_policies(s->client, "r", &policies, err);
	return r;
}

static int identity(struct session *s, struct error **err)
{
	cleanup(sts_identity_release) struct sts_identity who = { 0 };
	int r = sts_get_caller_identity(s->client, &who, err);

	must((r == 0) == (who.account && who.arn && who.user_id));
	return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int (*const modes[])(struct session *, struct error **) = {
		log_groups, log_tasks, log_events, log_task,      apis, account_role,
		objects,    prefixes,  object,     bucket_itself, role, identity,
	};
	struct session s = { .at = data + 1, .left = size - 1 };
	struct fake_env fake = {
		.variables = { "AWS_REGION=eu-west-1", "AWS_ACCESS_KEY_ID=AKID",
			       "AWS_SECRET_ACCESS_KEY=" SECRET, "AWS_SESSION_TOKEN=" TOKEN },
		.now_ms = INT64_C(1700000000000),
	};
	const struct aws_options options = { .profile = NULL };
	cleanup_settings struct aws_settings settings = { 0 };
	cleanup_error struct error *err = NULL;
	struct aws_session_options o = {
		.env = &fake.env, .settings = &settings, .trace = trace, .transport = transport
	};
	struct aws_session *session;

	/* Nobody but us knows the key, so that no answer quotes it. */
	if (size < 1 || memmem(data, size, SECRET, strlen(SECRET)))
		return 0;
	fake_env_init(&fake, "/nonexistent");
	must(aws_settings_load(&fake.env, &options, &settings, NULL) == 0);
	current = &s;
	session = aws_session_new(&o);
	s.client = aws_client_new(session);
	check(modes[data[0] % ARRAY_SIZE(modes)](&s, &err), err);
	aws_client_free(s.client);
	aws_session_free(session);
	return 0;
}
