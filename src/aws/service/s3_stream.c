/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdbool.h>
#include <stdlib.h>

#include "aws/client.h"
#include "aws/request.h"
#include "aws/service/s3.h"
#include "base/error.h"
#include "base/str.h"
#include "base/xalloc.h"

/* One object on its way, in as many replies as it takes. */
struct transfer {
	http_sink *sink;
	void *data;
	const struct http_response *reply;
	bool guarded;   /* by If-Match */
	bool started;   /* this reply's body */
	uint64_t taken; /* by the sink */
	uint64_t skip;  /* of this reply: the sink has it already */
};

static void ask_for_the_rest(void *data, struct aws_request *req)
{
	struct transfer *t = data;
	cleanup_free char *range = NULL;

	t->started = false;
	if (!t->taken)
		return;
	range = xasprintf("bytes=%llu-", (unsigned long long)t->taken);
	http_header_set(&req->http.headers, "Range", range);
}

/* Where in the object this reply's body begins. */
static int start_reply(struct transfer *t, struct error **err)
{
	const char *range = http_header_get(&t->reply->headers, "Content-Range");
	cleanup_free char *wanted = xasprintf("bytes %llu-", (unsigned long long)t->taken);

	t->started = true;
	t->skip = 0;
	if (t->taken && !t->guarded)
		return err_set(err, ERR_UNREACHABLE,
			       "the connection was lost within an object that has no ETag");
	if (t->reply->status != 206)
		t->skip = t->taken; /* a server that ignores Range sends the whole object */
	else if (!range || !str_starts(range, wanted))
		return err_set(err, ERR_UNREACHABLE,
			       "S3 sent another part than was asked for: '%s'", range ? range : "");
	return 0;
}

static int on_body(void *data, const char *p, size_t n, struct error **err)
{
	struct transfer *t = data;
	size_t known;

	if (!t->started && start_reply(t, err) < 0)
		return -1;
	known = n < t->skip ? n : (size_t)t->skip;
	t->skip -= known;
	if (known == n)
		return 0;
	t->taken += n - known;
	return t->sink(t->data, p + known, n - known, err);
}

void s3_meta_release(struct s3_meta *m)
{
	free(m->checksum);
	free(m->encryption);
	free(m->kms_key);
	*m = (struct s3_meta){ 0 };
}

/* Finds any checksum that S3 knows. Values are base64, followed by "-N" if they are of N parts. */
static char *find_checksum(const struct http_headers *h)
{
	static const struct {
		const char *header, *name;
	} known[] = {
		{ "x-amz-checksum-crc64nvme", "CRC64NVME" }, { "x-amz-checksum-sha256", "SHA256" },
		{ "x-amz-checksum-sha1", "SHA1" },           { "x-amz-checksum-crc32c", "CRC32C" },
		{ "x-amz-checksum-crc32", "CRC32" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		const char *value = http_header_get(h, known[i].header);

		if (!str_empty(value))
			return xasprintf("%s %s", known[i].name, value);
	}
	return NULL;
}

static void read_meta(const struct http_response *reply, struct s3_meta *ret)
{
	const struct http_headers *h = &reply->headers;

	*ret = (struct s3_meta){
		/* The checksum of a partial reply may be that of the part. */
		.checksum = reply->status == 206 ? NULL : find_checksum(h),
		.encryption = xstrdup(http_header_get(h, "x-amz-server-side-encryption")),
		.kms_key =
			xstrdup(http_header_get(h, "x-amz-server-side-encryption-aws-kms-key-id")),
	};
}

int s3_head_object(const struct s3_bucket *b, const char *key, const char *if_match,
		   struct s3_meta *ret, struct error **err)
{
	cleanup_error struct error *own = NULL;
	cleanup_http_response struct http_response reply = { 0 };
	cleanup_aws_request struct aws_request req = { 0 };

	http_response_init(&reply);
	s3_request_init(&req, "HEAD", "HeadObject", b, key);
	http_header_add(&req.http.headers, "x-amz-checksum-mode", "ENABLED");
	if (!str_empty(if_match))
		s3_request_if_match(&req, if_match);
	if (aws_call(b->client, &req, &reply, &own) == 0) {
		read_meta(&reply, ret);
		return 1;
	}
	/* Without a body, there is no error code. */
	return reply.status == 404 || reply.status == 412 ? 0 : err_move(&own, err);
}

int s3_stream_object(const struct s3_bucket *b, const char *key, const char *if_match,
		     http_sink *sink, void *data, uint64_t *ret_bytes, struct s3_meta *ret_meta,
		     struct error **err)
{
	cleanup_http_response struct http_response reply = { 0 };
	cleanup_aws_request struct aws_request req = { 0 };
	struct transfer t = { .sink = sink, .data = data, .reply = &reply };

	http_response_init(&reply);
	s3_request_init(&req, "GET", "GetObject", b, key);
	http_header_add(&req.http.headers, "x-amz-checksum-mode", "ENABLED");
	t.guarded = !str_empty(if_match);
	if (t.guarded)
		s3_request_if_match(&req, if_match);
	req.http.sink = on_body;
	req.http.sink_data = &t;
	req.retry = ask_for_the_rest;
	req.retry_data = &t;
	if (aws_call(b->client, &req, &reply, err) < 0)
		return -1;
	*ret_bytes = t.taken;
	if (ret_meta)
		read_meta(&reply, ret_meta);
	return 0;
}
