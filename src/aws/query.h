/* SPDX-License-Identifier: MIT */
/*
 * The Query protocol of IAM and STS, apart from the call: a form is sent, XML comes back.
 * Source: the awsQuery protocol of Smithy.
 */
#ifndef AWS_QUERY_H
#define AWS_QUERY_H

#include "aws/service.h"

struct buf;
struct error;
struct http_request;
struct xml;

/* Action and Version. */
void query_begin(struct buf *form, enum aws_service service, const char *operation);
/* Adds a parameter, or nothing where value is NULL. */
void query_param(struct buf *form, const char *name, const char *value);
/* Makes req, whose method is POST, send the form, which is borrowed. */
void query_request(struct http_request *req, const struct buf *form);
/*
 * The <OperationResult> of <OperationResponse>, in a tree that the caller frees through
 * *ret_doc. A reply without one is ERR_UNREACHABLE.
 */
int query_decode(enum aws_service service, const char *operation, const struct buf *body,
		 struct xml **ret_doc, const struct xml **ret, struct error **err);

#endif
