/* SPDX-License-Identifier: MIT */
/*
 * What an error reply says, in any of the four protocols.
 * Source: the awsJson, restJson, awsQuery and restXml protocols of Smithy; S3's
 * "Error responses". A code is cut at the first ':' and after '#'.
 */
#ifndef AWS_REPLY_H
#define AWS_REPLY_H

#include <stdbool.h>

#include "aws/service.h"

struct http_response;
struct xml;

struct reply_error {
	char *code;       /* "AccessDenied"; NULL where the reply has none */
	char *message;    /* or NULL */
	char *request_id; /* or NULL */
	char *region;     /* S3's x-amz-bucket-region or <Region>, or NULL */
};
/* For a reply whose status is an error. Never fails: what cannot be decoded is NULL. */
void reply_error_decode(enum aws_protocol protocol, const struct http_response *reply,
			struct reply_error *ret);
void reply_error_release(struct reply_error *e);

/* The request id of any reply, borrowed, or NULL. */
const char *reply_request_id(const struct http_response *reply);
/*
 * Parses the XML of a successful reply; the caller frees *ret. False where S3 answered with
 * 200 and an <Error> body, or cut the XML off: a failure to be retried.
 */
bool reply_read_xml(const struct http_response *reply, struct xml **ret);

#endif
