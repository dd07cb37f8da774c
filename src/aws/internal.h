/* SPDX-License-Identifier: MIT */
/* Between client.c, call.c and trace.c; nobody else includes it. */
#ifndef AWS_INTERNAL_H
#define AWS_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>

#include "aws/client.h"

struct sigv4;

struct aws_session {
	struct aws_session_options opts;
	struct retry_quota quota;
	struct cred_chain *chain;
	struct http_transport *metadata_http; /* the chain's: metadata, containers */
	struct aws_client *chain_client;      /* the chain's: STS, SSO */
	_Atomic int64_t clock_offset_ms;      /* learnt from a reply: add to our clock */
	pthread_mutex_t lock;                 /* of the limiters */
	struct limiter {
		const struct quota *quota; /* of the table in quotas.c */
		char *region;
		struct rate_limiter *limiter;
	} limiters[64];
	size_t n_limiters;
};

struct aws_client {
	struct aws_session *session;
	struct http_transport *http;
	struct sigv4 *signer;
	char *moved_bucket, *moved_region; /* the bucket that S3 last redirected, and where to */
};

/* Who signs: the chain's credentials, those given, or nobody. */
enum auth { AUTH_CHAIN, AUTH_GIVEN, AUTH_NONE };
int aws_call_as(struct aws_client *c, struct aws_request *req, enum auth auth,
		const struct credentials *given, struct http_response *ret, struct error **err);
/* The limiter of an operation, or NULL: quotas.c. */
struct rate_limiter *session_limiter(struct aws_session *s, const struct aws_request *req,
				     const char *region);

void trace_request(struct aws_session *s, const struct aws_request *req,
		   const struct http_request *wire, int attempt);
/* token: the session token that the request had, or NULL; it is not shown. */
void trace_reply(struct aws_session *s, const struct aws_request *req,
		 const struct http_response *reply, const char *token, const struct error *err);

#endif
