/* SPDX-License-Identifier: MIT */
/*
 * Every request to AWS goes through aws_call(), which resolves the endpoint, signs,
 * sends, retries and decodes the error. Each attempt gets a new signature.
 */
#ifndef AWS_CLIENT_H
#define AWS_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "aws/cred/credentials.h"
#include "aws/request.h"
#include "base/cleanup.h"

struct aws_settings;
struct buf;
struct env;
struct error;
struct http_options;

/* What all clients of a process share; safe for threads. */
struct aws_session;

struct aws_session_options {
	const struct env *env;               /* borrowed; its stop flag ends calls and waits */
	const struct aws_settings *settings; /* borrowed */
	/* Receives a trace of each request and reply, with secrets hidden; NULL: no trace. */
	void (*trace)(void *data, const char *line);
	void *trace_data;
	/* Creates a transport for each client; NULL: libcurl. For tests. */
	struct http_transport *(*transport)(void *data, const struct http_options *opts);
	void *transport_data;
	int (*ask)(void *data, const char *question, struct buf *ret, struct error **err);
	void *ask_data;
};
struct aws_session *aws_session_new(const struct aws_session_options *opts);
void aws_session_free(struct aws_session *s);
DEFINE_CLEANUP(struct aws_session *, aws_session_free)

/* The number of throttles so far. */
unsigned aws_session_throttles(struct aws_session *s);

/* A client has its own connections and signer: use one for each thread. */
struct aws_client;
struct aws_client *aws_client_new(struct aws_session *s);
void aws_client_free(struct aws_client *c);
DEFINE_CLEANUP(struct aws_client *, aws_client_free)

const struct env *aws_client_env(const struct aws_client *c);
const struct aws_settings *aws_client_settings(const struct aws_client *c);
struct aws_session *aws_client_session(const struct aws_client *c);
/*
 * The current time by AWS's clock: this machine's, corrected by the first reply that had a
 * Date. Whatever depends on the age of a log uses this.
 */
int64_t aws_client_now_ms(const struct aws_client *c);
/*
 * By AWS's clock or this machine's, whichever is earlier. They disagree if this machine's is
 * wrong, or if the Date is, say that of a proxy or of another's S3. What is recorded as
 * finished must be in the past by both; waiting loses no log line, believing the wrong one does.
 */
int64_t aws_client_earlier_now_ms(const struct aws_client *c);
/* The correction that it adds to this machine's clock. */
int64_t aws_client_clock_offset_ms(const struct aws_client *c);
/* The credentials in use, resolved if necessary; the caller releases ret. */
int aws_client_credentials(struct aws_client *c, struct credentials *ret, struct error **err);

/*
 * Sends the request. Returns 0 for a status below 300, though for 206 only if the
 * request has a Range; else -1 and an error: ERR_REFUSED if AWS refused it,
 * ERR_UNREACHABLE if there was no or no intact reply after all attempts,
 * ERR_INTERRUPTED. ret must be fresh from http_response_init(), and has the last reply
 * in both cases.
 */
int aws_call(struct aws_client *c, struct aws_request *req, struct http_response *ret,
	     struct error **err);

#endif
