/* SPDX-License-Identifier: MIT */
/*
 * A day is exported by an AWS that lies. For each call the input has a byte that says how it
 * is answered: as it should be, with an error, not at all, before or after the call took
 * effect, in half, or with the next answer of answers.h. A second run, to which AWS is honest,
 * then finishes the day.
 */
#include "config.h"

#include <pthread.h>
#include <string.h>

#include "answers.h"
#include "archive/api_log.h"
#include "archive/archive.h"
#include "archive/ledger.h"
#include "base/error.h"
#include "base/json.h"
#include "base/str.h"
#include "base/time.h"
#include "base/xalloc.h"
#include "export/export.h"
#include "export/run.h"
#include "fuzz.h"

#define DAY INT64_C(1699833600000) /* 2023-11-13T00:00:00Z, a day before the clock of answers.c */
#define TASK "01234567-89ab-cdef-0123-456789abcdef"
#define STRANGER "payroll/2026.db"
#define CALLS_MAX 2000

/* "2023-11-13T01:00:00.000Z hello\n", by gzip. */
static const char member[] = "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\x33\x32\x30\x32\xd6\x35"
			     "\x34\xd4\x35\x34\x0e\x31\x30\xb4\x32\x30\x00\x22\x3d\x03\x03\x83"
			     "\x28\x85\x8c\xd4\x9c\x9c\x7c\x2e\x00\xdc\x07\xff\x07\x1f\x00\x00"
			     "\x00";
#define EVENT                                                                                      \
	"{\"logStreamName\":\"s\",\"timestamp\":1699837200000,\"ingestionTime\":1699837201000,"    \
	"\"message\":\"hello\",\"eventId\":\"1\"}"

/* What AWS holds. */
static struct {
	struct object {
		char *key;
		struct buf body;
	} objects[16];
	size_t n;
	char *task_name, *destination;
	bool lying;
	bool made_up; /* an answer was, so that what AWS said it holds may not be there */
	unsigned calls;
	int (*scripted)(struct http_transport *t, const struct http_request *req,
			struct http_response *ret, struct error **err);
	pthread_mutex_t lock;
} world = { .lock = PTHREAD_MUTEX_INITIALIZER };

static struct object *find(const char *key)
{
	for (size_t i = 0; i < world.n; i++)
		if (str_eq(world.objects[i].key, key))
			return &world.objects[i];
	return NULL;
}

static void put(const char *key, const void *p, size_t n)
{
	struct object *o = find(key);

	if (!o) {
		must(world.n < ARRAY_SIZE(world.objects));
		o = &world.objects[world.n++];
		*o = (struct object){ xstrdup(key), BUF_INIT };
	}
	buf_clear(&o->body);
	buf_add(&o->body, p, n);
}

static void drop(const char *key)
{
	struct object *o = find(key);

	must(str_starts(key, "p/"));
	if (!o)
		return;
	free(o->key);
	buf_release(&o->body);
	*o = world.objects[--world.n];
}

/* The value of a query parameter, decoded; the caller frees it. */
static char *parameter(const struct http_request *req, const char *name)
{
	cleanup_free char *wanted = xasprintf("&%s=", name);
	cleanup_free char *query = xasprintf("&%s", req->query.data);
	const char *at = strstr(query, wanted);
	char *value = NULL;

	if (!at)
		return xstrdup("");
	at += strlen(wanted);
	must(str_uri_decode(at, strcspn(at, "&"), &value));
	return value;
}

static void list(const struct http_request *req, struct buf *out)
{
	cleanup_free char *prefix = parameter(req, "prefix");
	bool folders = strstr(req->query.data, "delimiter=");

	buf_adds(out, "<ListBucketResult><IsTruncated>false</IsTruncated>");
	for (size_t i = 0; i < world.n; i++) {
		const char *key = world.objects[i].key, *slash;

		if (!str_starts(key, prefix))
			continue;
		slash = strchr(key + strlen(prefix), '/');
		if (folders && slash) {
			buf_adds(out, "<CommonPrefixes><Prefix>");
			buf_add_uri(out, key, (size_t)(slash + 1 - key), true);
			buf_adds(out, "</Prefix></CommonPrefixes>");
			continue;
		}
		buf_adds(out, "<Contents><Key>");
		buf_add_uri(out, key, strlen(key), true);
		buf_addf(out, "</Key><Size>%zu</Size><ETag>\"e%zu\"</ETag></Contents>",
			 world.objects[i].body.len, world.objects[i].body.len);
	}
	buf_adds(out, "</ListBucketResult>");
}

static void s3(const struct http_request *req, struct http_response *ret)
{
	cleanup_free char *key = NULL;
	struct object *o;

	must(str_uri_decode(req->path.data + 1, strlen(req->path.data + 1), &key));
	o = find(key);
	if (str_eq(req->method, "HEAD")) {
		http_header_add(&ret->headers, "x-amz-bucket-region", "eu-west-1");
	} else if (str_eq(req->method, "DELETE")) {
		drop(key);
		ret->status = 204;
	} else if (str_eq(req->method, "PUT")) {
		must(str_starts(key, "p/_ledger/"));
		if (o)
			ret->status = 412;
		else
			put(key, req->body, req->body_len);
		buf_adds(&ret->body, o ? "<Error><Code>PreconditionFailed</Code></Error>" : "");
		http_header_add(&ret->headers, "ETag", "\"e\"");
	} else if (!*key) {
		list(req, &ret->body);
	} else if (o) {
		buf_add(&ret->body, o->body.data, o->body.len);
		http_header_add(&ret->headers, "ETag", "\"e\"");
	} else {
		ret->status = 404;
		buf_adds(&ret->body, "<Error><Code>NoSuchKey</Code></Error>");
	}
}

static void create_task(const json_t *in, struct buf *out)
{
	cleanup_free char *key =
		xasprintf("%s/" TASK "/s/000000.gz", json_str(in, "destinationPrefix"));

	free(world.task_name);
	free(world.destination);
	world.task_name = xstrdup(json_str(in, "taskName"));
	world.destination = xstrdup(json_str(in, "destinationPrefix"));
	put(key, member, sizeof(member) - 1);
	buf_adds(out, "{\"taskId\":\"" TASK "\"}");
}

/* Its one task is completed at once. */
static void describe_tasks(const json_t *in, struct buf *out)
{
	const char *status = json_str(in, "statusCode");

	if (!world.task_name || (status && !str_eq(status, "COMPLETED")))
		buf_adds(out, "{\"exportTasks\":[]}");
	else
		buf_addf(out,
			 "{\"exportTasks\":[{\"taskId\":\"" TASK "\",\"taskName\":\"%s\","
			 "\"logGroupName\":\"g\",\"from\":%lld,\"to\":%lld,"
			 "\"destination\":\"bucket\",\"destinationPrefix\":\"%s\","
			 "\"status\":{\"code\":\"COMPLETED\"},"
			 "\"executionInfo\":{\"creationTime\":1699990000000,"
			 "\"completionTime\":1699990001000}}]}",
			 world.task_name, (long long)DAY, (long long)(DAY + MS_DAY),
			 world.destination);
}

static void logs(const struct http_request *req, struct http_response *ret)
{
	const char *target = http_header_get(&req->headers, "X-Amz-Target");
	cleanup_json json_t *in = NULL;
	int64_t from, to;

	must(json_parse(req->body, req->body_len, "it", &in, NULL) == 0);
	if (str_ends(target, ".CreateExportTask")) {
		create_task(in, &ret->body);
	} else if (str_ends(target, ".DescribeExportTasks")) {
		describe_tasks(in, &ret->body);
	} else if (str_ends(target, ".FilterLogEvents")) {
		from = json_int(in, "startTime", 0);
		to = json_int(in, "endTime", INT64_MAX);
		buf_addf(&ret->body, "{\"events\":[%s]}",
			 from <= DAY + MS_HOUR && DAY + MS_HOUR <= to ? EVENT : "");
	} else if (str_ends(target, ".DescribeLogGroups")) {
		buf_adds(&ret->body, "{\"logGroups\":[{\"logGroupName\":\"g\",\"creationTime\":1,"
				     "\"arn\":\"arn:aws:logs:eu-west-1:1:log-group:g:*\"}]}");
	} else {
		ret->status = 400;
		buf_adds(&ret->body, "{\"__type\":\"UnknownOperationException\"}");
	}
}

static int lose(struct http_response *ret, struct error **err)
{
	http_response_release(ret);
	ret->failure = HTTP_BROKEN;
	return err_set(err, ERR_UNREACHABLE, "the connection was lost");
}

static int refuse(const struct http_request *req, struct http_response *ret, int status,
		  const char *code)
{
	bool xml = !http_header_get(&req->headers, "X-Amz-Target");

	ret->status = status;
	buf_addf(&ret->body, xml ? "<Error><Code>%s</Code></Error>" : "{\"__type\":\"%s\"}", code);
	return 0;
}

/* The body, or half of it, goes into the sink where there is one. */
static int effect(const struct http_request *req, struct http_response *ret, bool half,
		  struct error **err)
{
	cleanup_buf struct buf body = BUF_INIT;
	size_t n;

	ret->status = 200;
	if (http_header_get(&req->headers, "X-Amz-Target"))
		logs(req, ret);
	else
		s3(req, ret);
	body = ret->body;
	ret->body = BUF_INIT;
	ret->body_bytes = n = half ? body.len / 2 : body.len;
	if (!req->sink || ret->status / 100 != 2) {
		buf_add(&ret->body, body.data, n);
	} else if (n && req->sink(req->sink_data, body.data, n, err) < 0) {
		ret->failure = HTTP_SINK;
		return -1;
	}
	return 0;
}

static int answer(struct http_transport *t, const struct http_request *req,
		  struct http_response *ret, struct error **err)
{
	struct answers *a = (struct answers *)t;
	int how = 0;

	must(++world.calls < CALLS_MAX);
	if (world.lying && a->replies.left) {
		how = *a->replies.at++;
		a->replies.left--;
	}
	switch (how) {
	case 'E':
		return refuse(req, ret, 503, "ServiceUnavailable");
	case 'T':
		return refuse(req, ret, 400, "ThrottlingException");
	case 'L':
		return refuse(req, ret, 400, "LimitExceededException");
	case 'N':
		return refuse(req, ret, 404, "ResourceNotFoundException");
	case 'D':
		return refuse(req, ret, 403, "AccessDenied");
	case 'B':
		return lose(ret, err);
	case 'A':
		effect(req, ret, false, NULL);
		return lose(ret, err);
	case 'H':
		return effect(req, ret, true, err);
	case 'S':
		world.made_up = true;
		return world.scripted(t, req, ret, err);
	default:
		return effect(req, ret, false, err);
	}
}

/* verify's workers may ask side by side. */
static int locked(struct http_transport *t, const struct http_request *req,
		  struct http_response *ret, struct error **err)
{
	int r;

	pthread_mutex_lock(&world.lock);
	r = answer(t, req, ret, err);
	pthread_mutex_unlock(&world.lock);
	return r;
}

static bool recorded(void)
{
	for (size_t i = 0; i < world.n; i++)
		if (str_starts(world.objects[i].key, "p/_ledger/"))
			return true;
	return false;
}

/* What is said to be done is recorded, and says what was read. */
static void on_window(void *data, const struct export_result *r)
{
	(void)data;
	must(r->state != WINDOW_FAILED || !str_empty(r->error->msg));
	if (r->state != WINDOW_EXPORTED && r->state != WINDOW_EMPTY)
		return;
	must((recorded() || world.made_up) && r->entry->window.from_ms == DAY);
	for (size_t i = 0; i < r->entry->n_objects; i++)
		must(str_starts(r->entry->objects[i].key, r->entry->destination));
}

static void on_progress(void *data, const struct export_progress *p)
{
	(void)data;
	must(!str_empty(p->what) && !str_empty(p->state) && p->n <= p->total);
}

static void on_note(void *data, const char *message)
{
	(void)data;
	must(!str_empty(message));
}

static int run(struct answers *a, struct error **err)
{
	static const struct export_sink sink = { NULL, on_window, on_progress, on_note };
	const struct archive archive = {
		.bucket = { a->client, "bucket", "123456789012" },
		.prefix = "p",
		.region = "eu-west-1",
		.account = (char *)"123456789012",
	};
	struct api_log log = { .log_group = (char *)"g", .expected = true };
	const struct api_logs all = { .v = &log, .n = 1 };
	const struct export_options o = {
		.archive = &archive,
		.range = { DAY, DAY + MS_DAY },
		.window_ms = MS_DAY,
		.settled_ms = DAY + MS_DAY,
		.deadline_ms = a->fake.now_ms + MS_HOUR,
	};

	world.calls = 0;
	return export_run(&all, &o, &sink, err);
}

static void forget(void)
{
	while (world.n) {
		struct object *o = &world.objects[--world.n];

		free(o->key);
		buf_release(&o->body);
	}
	free(TAKE(world.task_name));
	free(TAKE(world.destination));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup_error struct error *err = NULL;
	struct answers a;
	int r;

	answers_begin(&a, data, size);
	world.scripted = a.http.send;
	a.http.send = locked;
	put(STRANGER, "pay", 3);
	world.lying = true;
	world.made_up = false;
	r = run(&a, &err);
	must(r == 0 ? !err : err && !str_empty(err->msg));
	must(find(STRANGER) && (r == 0 || size));
	world.lying = world.made_up = false;
	error_clear(&err);
	r = run(&a, &err);
	must(r == 0 && recorded() && find(STRANGER));
	answers_end(&a);
	forget();
	return 0;
}
