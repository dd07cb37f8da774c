/* SPDX-License-Identifier: MIT */
/* A request to a service, before it is resolved and signed. */
#ifndef AWS_REQUEST_H
#define AWS_REQUEST_H

#include <stdbool.h>

#include "aws/service.h"
#include "net/message.h"

struct xml;

struct aws_request {
	struct http_request http; /* method, path, query, headers, body: the service's */
	enum aws_service service;
	const char *operation;      /* AWS's name of it, borrowed: "CreateExportTask" */
	const char *region;         /* borrowed; NULL: the settings' region */
	const char *bucket;         /* S3: borrowed, or NULL */
	const char *expected_owner; /* S3: x-amz-expected-bucket-owner, borrowed, or NULL */
	bool not_idempotent;        /* not retried after a lost reply: the caller checks first */
	/*
	 * Where to put the reply's XML, which the caller frees. Broken XML or an <Error> is a
	 * failure, whatever the status. NULL: none is expected.
	 */
	struct xml **ret_xml;
	/* Error codes that are answers and not to be retried. NULL-terminated, or NULL. */
	const char *const *final_codes;
	/* Called before each further attempt; may change what it asks for. */
	void (*retry)(void *data, struct aws_request *req);
	void *retry_data;
};
void aws_request_init(struct aws_request *r, enum aws_service service, const char *method,
		      const char *operation);
void aws_request_release(struct aws_request *r);
#define cleanup_aws_request cleanup(aws_request_release)

#endif
