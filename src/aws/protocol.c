/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "aws/protocol.h"

#include <stdlib.h>

#include "aws/query.h"
#include "base/error.h"
#include "base/str.h"
#include "base/xalloc.h"

static int parse_json(const struct aws_request *req, const struct http_response *reply,
		      json_t **ret, struct error **err)
{
	cleanup_free char *what = aws_reply_name(req->service, req->operation);

	cleanup_json json_t *j = NULL;

	if (!ret)
		return 0;
	if (json_parse(reply->body.data, reply->body.len, what, &j, err) < 0)
		return -1;
	/* Otherwise it would pass for a list without items. */
	if (!json_is_object(j))
		return err_set(err, ERR_UNREACHABLE, "%s is not a JSON object", what);
	*ret = TAKE(j);
	return 0;
}

int aws_json_call(struct aws_client *c, enum aws_service service, const char *operation,
		  json_t *params, const struct json_call_options *opts, json_t **ret,
		  struct error **err)
{
	cleanup_json json_t *owned = params;
	cleanup_buf struct buf body = BUF_INIT;
	cleanup_free char *target =
		xasprintf("%s.%s", aws_service_info(service)->target_prefix, operation);
	cleanup_http_response struct http_response reply = { 0 };
	cleanup_aws_request struct aws_request req = { 0 };

	http_response_init(&reply);
	aws_request_init(&req, service, "POST", operation);
	buf_addc(&req.http.path, '/');
	http_header_add(&req.http.headers, "Content-Type", "application/x-amz-json-1.1");
	http_header_add(&req.http.headers, "X-Amz-Target", target);
	json_add_compact(&body, owned);
	req.http.body = body.data;
	req.http.body_len = body.len;
	if (opts) {
		req.final_codes = opts->final_codes;
		req.not_idempotent = opts->not_idempotent;
	}
	if (aws_call(c, &req, &reply, err) < 0)
		return -1;
	return parse_json(&req, &reply, ret, err);
}

int aws_rest_call(struct aws_client *c, struct aws_request *req, json_t *body, json_t **ret,
		  struct error **err)
{
	cleanup_json json_t *owned = body;
	cleanup_buf struct buf text = BUF_INIT;
	cleanup_http_response struct http_response reply = { 0 };

	http_response_init(&reply);
	if (owned) {
		http_header_set(&req->http.headers, "Content-Type", "application/json");
		json_add_compact(&text, owned);
		req->http.body = text.data;
		req->http.body_len = text.len;
	}
	if (aws_call(c, req, &reply, err) < 0)
		return -1;
	return parse_json(req, &reply, ret, err);
}

int aws_query_call(struct aws_client *c, enum aws_service service, const char *operation,
		   const struct buf *params, struct xml **ret_doc, const struct xml **ret,
		   struct error **err)
{
	cleanup_buf struct buf form = BUF_INIT;
	cleanup_http_response struct http_response reply = { 0 };
	cleanup_aws_request struct aws_request req = { 0 };

	http_response_init(&reply);
	aws_request_init(&req, service, "POST", operation);
	query_begin(&form, service, operation);
	buf_add(&form, params->data, params->len);
	query_request(&req.http, &form);
	if (aws_call(c, &req, &reply, err) < 0)
		return -1;
	return ret ? query_decode(service, operation, &reply.body, ret_doc, ret, err) : 0;
}

int aws_xml_call(struct aws_client *c, struct aws_request *req, struct xml **ret,
		 struct error **err)
{
	cleanup_http_response struct http_response reply = { 0 };
	cleanup_xml struct xml *root = NULL;

	http_response_init(&reply);
	req->ret_xml = ret ? &root : NULL;
	if (aws_call(c, req, &reply, err) < 0)
		return -1;
	if (ret)
		*ret = TAKE(root);
	return 0;
}

int aws_next_token(enum aws_service service, const char *operation, char **token, const char *next,
		   struct error **err)
{
	const char *problem = NULL;

	if (next && !*next)
		problem = "an empty page token";
	else if (next && str_eq0(next, *token))
		problem = "the same page token twice";
	if (problem)
		return err_set(err, ERR_UNREACHABLE, "%s:%s returned %s",
			       aws_service_info(service)->name, operation, problem);
	free(*token);
	*token = xstrdup(next);
	return 0;
}
