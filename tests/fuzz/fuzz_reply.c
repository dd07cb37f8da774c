/* SPDX-License-Identifier: MIT */
/* First byte: protocol and status; then headers, a line each, to an empty line; then the body. */
#include "config.h"

#include <stdint.h>
#include <string.h>

#include "aws/reply.h"
#include "aws/retry/retry.h"
#include "aws/retry/skew.h"
#include "base/cleanup.h"
#include "base/xalloc.h"
#include "base/xml.h"
#include "fuzz.h"
#include "net/message.h"

static void add_headers(struct http_headers *headers, char *text)
{
	for (char *line = strsep(&text, "\n"); line && *line; line = strsep(&text, "\n")) {
		char *value = strchr(line, ':');

		if (value) {
			*value = '\0';
			http_header_add(headers, line, value + 1);
		}
	}
}

/* x-amzn-query-error is used as it is; all other codes are shortened. */
static void check_code(const struct http_response *reply, const char *code)
{
	if (!code)
		return;
	must(*code);
	if (!http_header_get(&reply->headers, "x-amzn-query-error"))
		must(!strchr(code, ':') && !strchr(code, '#'));
}

static void check_retry(const struct http_response *reply, const char *code)
{
	enum retry_class why = retry_classify(AWS_STS, HTTP_OK, reply->status, code);
	int64_t delay_ms = -1, offset_ms = 0;
	struct retry_quota q;
	int cost = 0;

	retry_quota_init(&q, RETRY_QUOTA_MAX);
	if (retry_next(&q, 3, 1, why, 0.5, &reply->headers, &delay_ms, &cost) == RETRY_AGAIN)
		must(delay_ms >= (why == RETRY_THROTTLE ? 500 : 25) &&
		     delay_ms <= RETRY_AFTER_MAX_MS && cost > 0);
	else
		must(why == RETRY_NO && delay_ms == -1 && q.tokens == RETRY_QUOTA_MAX);
	retry_quota_destroy(&q);
	if (clock_skew_detect(code, &reply->headers, 0, &offset_ms))
		must(offset_ms > CLOCK_SKEW_MAX_MS || offset_ms < -CLOCK_SKEW_MAX_MS);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int statuses[] = { 200, 301, 400, 403, 429, 500, 503, 599 };
	struct http_response reply;
	const uint8_t *body;
	struct reply_error e;
	struct xml *root = NULL;

	if (size < 1)
		return 0;
	http_response_init(&reply);
	reply.status = statuses[data[0] >> 2 & 7];
	body = memmem(data, size, "\n\n", 2);
	if (body) {
		cleanup_free char *head = xstrndup((const char *)data + 1, (size_t)(body - data));

		add_headers(&reply.headers, head);
		buf_add(&reply.body, body + 2, size - (size_t)(body + 2 - data));
	}
	reply_error_decode((enum aws_protocol)(data[0] & 3), &reply, &e);
	check_code(&reply, e.code);
	must(!e.message || *e.message);
	must(!e.request_id || *e.request_id);
	if (reply_read_xml(&reply, &root))
		must(root && strcmp(root->name, "Error") != 0);
	xml_freep(&root);
	check_retry(&reply, e.code);
	reply_error_release(&e);
	http_response_release(&reply);
	return 0;
}
