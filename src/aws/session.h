/* SPDX-License-Identifier: MIT */
/*
 * The members of struct aws_session and struct aws_client, for client.c, call.c and
 * trace.c only. All others use aws/client.h.
 */
#ifndef AWS_SESSION_H
#define AWS_SESSION_H

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "aws/request.h"
#include "aws/retry/retry.h"

struct aws_settings;
struct env;
struct http_options;

/* What all clients share; safe for threads. */
struct aws_session {
	const struct env *env;
	const struct aws_settings *settings;
	void (*trace)(void *data, const char *line);
	void *trace_data;
	struct http_transport *(*transport)(void *data, const struct http_options *opts);
	void *transport_data;
	struct retry_quota quota;
	struct cred_chain *chain;
	struct http_transport *metadata_http; /* the chain's: metadata, containers */
	struct aws_client *chain_client;      /* the chain's: STS, SSO */
	_Atomic int64_t clock_offset_ms;      /* learned from a reply: add to our clock */
	atomic_bool clock_known;              /* a reply had a Date */
	atomic_uint throttles;                /* the number of replies that were throttles */
	pthread_mutex_t lock;                 /* guards what follows */
	char *moved_bucket, *moved_region; /* the last bucket that S3 redirected, and its region */
	struct limiter {
		const struct quota *quota;
		char *region;
		struct rate_limiter *limiter;
	} limiters[64];
	size_t n_limiters;
};
/* The limiter of an operation in a region; NULL if it has no known quota. */
struct rate_limiter *session_limiter(struct aws_session *s, const struct aws_request *req,
				     const char *region);
void session_limiters_release(struct aws_session *s);

struct aws_client {
	struct aws_session *session;
	struct http_transport *http;
	struct sigv4 *signer;
};

#endif
