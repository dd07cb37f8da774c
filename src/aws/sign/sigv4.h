/* SPDX-License-Identifier: MIT */
/*
 * AWS Signature Version 4, in its three stages.
 * Source: "Create a signed AWS API request" and "Authenticating requests:
 * using query parameters (S3)"; checked with AWS's published test suite.
 *
 * The path of an http_request is what goes over the wire, encoded once. S3
 * signs it as it is; every other service normalises it and encodes it again.
 */
#ifndef AWS_SIGN_SIGV4_H
#define AWS_SIGN_SIGV4_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cleanup.h"

struct buf;
struct credentials;
struct error;
struct http_request;

#define SIGV4_UNSIGNED_PAYLOAD "UNSIGNED-PAYLOAD"
#define SIGV4_PRESIGN_MAX_S (7 * 24 * 3600)

struct sigv4_params {
	const struct credentials *credentials;
	const char *region, *service;
	int64_t time_ms;
	bool single_encoding;    /* S3: the path is signed as it is sent */
	bool no_normalize;       /* "." and ".." and "//" stay: S3 */
	bool sign_body;          /* adds x-amz-content-sha256 */
	bool omit_session_token; /* the token is added after signing */
	/*
	 * Hex or SIGV4_UNSIGNED_PAYLOAD. NULL: that of the body, or without sign_body
	 * what x-amz-content-sha256 says where the request has it.
	 */
	const char *payload_hash;
	int expires_s; /* presigned URLs only: 1 to SIGV4_PRESIGN_MAX_S */
};

/* Contexts and the signing key of the last day, region and service. Not for two threads at once. */
struct sigv4;
struct sigv4 *sigv4_new(void);
void sigv4_free(struct sigv4 *s);
DEFINE_CLEANUP(struct sigv4 *, sigv4_free)

/*
 * The stages, for tests that hold each against published data. The request must
 * carry what sigv4_prepare added: headers, or (presigned) query parameters.
 */
void sigv4_prepare(struct sigv4 *s, struct http_request *req, const struct sigv4_params *p,
		   bool presigned);
int sigv4_canonical_request(struct sigv4 *s, const struct http_request *req,
			    const struct sigv4_params *p, struct buf *out, struct error **err);
void sigv4_string_to_sign(struct sigv4 *s, const struct sigv4_params *p,
			  const struct buf *canonical, struct buf *out);
/* 64 hex digits and a NUL. */
void sigv4_signature(struct sigv4 *s, const struct sigv4_params *p,
		     const struct buf *string_to_sign, char out[65]);

/*
 * All stages: adds X-Amz-Date, X-Amz-Security-Token, x-amz-content-sha256 and
 * Authorization, replacing those of an earlier attempt.
 */
int sigv4_sign(struct sigv4 *s, struct http_request *req, const struct sigv4_params *p,
	       struct error **err);
/* The same in the query, for a URL that is valid for p->expires_s seconds. */
int sigv4_presign(struct sigv4 *s, struct http_request *req, const struct sigv4_params *p,
		  struct error **err);

#endif
