/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "aws/query.h"

#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/xalloc.h"
#include "base/xml.h"
#include "net/message.h"

void query_begin(struct buf *form, enum aws_service service, const char *operation)
{
	buf_addf(form, "Action=%s&Version=%s", operation, aws_service_info(service)->version);
}

void query_param(struct buf *form, const char *name, const char *value)
{
	if (!value)
		return;
	buf_addc(form, '&');
	buf_add_uri(form, name, strlen(name), false);
	buf_addc(form, '=');
	buf_add_uri(form, value, strlen(value), false);
}

void query_request(struct http_request *req, const struct buf *form)
{
	buf_addc(&req->path, '/');
	http_header_add(&req->headers, "Content-Type",
			"application/x-www-form-urlencoded; charset=utf-8");
	req->body = form->data;
	req->body_len = form->len;
}

int query_decode(enum aws_service service, const char *operation, const struct buf *body,
		 struct xml **ret_doc, const struct xml **ret, struct error **err)
{
	cleanup_free char *what = aws_reply_name(service, operation);
	cleanup_free char *result = xasprintf("%sResult", operation);
	struct xml *doc;
	const struct xml *x;

	if (xml_parse(body->data, body->len, what, &doc, err) < 0)
		return -1;
	x = xml_child(doc, result);
	if (!x) {
		xml_free(doc);
		return err_set(err, ERR_UNREACHABLE, "%s has no %s", what, result);
	}
	*ret_doc = doc;
	*ret = x;
	return 0;
}
