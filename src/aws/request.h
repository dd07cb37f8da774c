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
	bool not_idempotent;        /* a lost reply is not retried: the caller looks first */
	/*
	 * Where the reply's XML goes, which the caller frees: one that is broken, or an
	 * <Error>, is a failure whatever its status. NULL: it has none.
	 */
	struct xml **ret_xml;
	/* Codes that are an answer, not a throttle: not retried. NULL-terminated, or NULL. */
	const char *const *final_codes;
	/* Called before each further attempt, which it may have ask for less. */
	void (*retry)(void *data, struct aws_request *req);
	void *retry_data;
};
void aws_request_init(struct aws_request *r, enum aws_service service, const char *method,
		      const char *operation);
void aws_request_release(struct aws_request *r);
#define cleanup_aws_request cleanup(aws_request_release)

#endif
