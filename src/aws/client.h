/* SPDX-License-Identifier: MIT */
/*
 * The one way to AWS: aws_call() resolves the endpoint, signs, sends, retries
 * and decodes the error. It signs anew on every attempt.
 */
#ifndef AWS_CLIENT_H
#define AWS_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "aws/cred/cred.h"
#include "aws/ratelimit.h"
#include "aws/retry.h"
#include "aws/service.h"
#include "base/cleanup.h"
#include "net/http.h"

struct aws_settings;
struct env;
struct error;

/* What all clients of a process share; safe for threads. */
struct aws_session;

struct aws_session_options {
	const struct env *env;               /* borrowed */
	const struct aws_settings *settings; /* borrowed */
	const volatile int *stop;            /* borrowed; non-zero ends calls and waits */
	/* One line a request and reply, secrets hidden; NULL: no trace. */
	void (*trace)(void *data, const char *line);
	void *trace_data;
	/* For tests: NULL means libcurl. Makes one transport for each client. */
	struct http_transport *(*transport)(void *data, const struct http_options *opts);
	void *transport_data;
	int (*ask)(void *data, const char *question, struct buf *ret, struct error **err);
	void *ask_data;
};
struct aws_session *aws_session_new(const struct aws_session_options *opts);
void aws_session_free(struct aws_session *s);
DEFINE_CLEANUP(struct aws_session *, aws_session_free)

/* A client has connections and a signer of its own: one for each thread. */
struct aws_client;
struct aws_client *aws_client_new(struct aws_session *s);
void aws_client_free(struct aws_client *c);
DEFINE_CLEANUP(struct aws_client *, aws_client_free)

const struct env *aws_client_env(const struct aws_client *c);
const struct aws_settings *aws_client_settings(const struct aws_client *c);
struct aws_session *aws_client_session(const struct aws_client *c);
/* The credentials in use, resolved if need be; ret is the caller's to release. */
int aws_client_credentials(struct aws_client *c, struct credentials *ret, struct error **err);

struct aws_request {
	struct http_request http; /* method, path, query, headers, body: the service's */
	enum aws_service service;
	const char *operation;      /* AWS's name of it, borrowed: "CreateExportTask" */
	const char *region;         /* borrowed; NULL: the settings' region */
	const char *bucket;         /* S3: borrowed, or NULL */
	const char *expected_owner; /* S3: x-amz-expected-bucket-owner, borrowed, or NULL */
	bool not_idempotent;        /* a lost reply is not retried: the caller looks first */
	bool xml_reply;             /* a 200 whose XML is broken or an <Error> is a failure */
	/* Codes that are an answer, not a throttle: not retried. NULL-terminated, or NULL. */
	const char *const *final_codes;
	/* Called before each attempt with a sink: what an earlier one left must go. */
	void (*restart)(void *data);
	void *restart_data;
};
void aws_request_init(struct aws_request *r, enum aws_service service, const char *method,
		      const char *operation);
void aws_request_release(struct aws_request *r);
#define cleanup_aws_request cleanup(aws_request_release)

/*
 * Sends it. 0 for a status below 300, or 304; else -1 with the error decoded
 * ("DescribeStages: …"): ERR_REFUSED for what AWS refused, ERR_UNREACHABLE for
 * no or a broken answer after all attempts, ERR_INTERRUPTED. ret is
 * fresh from http_response_init; it has the last reply in both cases.
 */
int aws_call(struct aws_client *c, struct aws_request *req, struct http_response *ret,
	     struct error **err);

#endif
