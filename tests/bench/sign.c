/* SPDX-License-Identifier: MIT */
/*
 * bench/sign [SECONDS]: how many requests a second one core signs, with the key
 * in the cache: S3 GetObject with a range, signed anew each time, as aws_call() does.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "aws/cred/credentials.h"
#include "aws/sign/sigv4.h"
#include "base/env.h"
#include "base/error.h"
#include "base/str.h"
#include "net/message.h"

static double cpu_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void make_request(struct http_request *req)
{
	http_request_init(req, "GET");
	req->origin = strdup("https://my-api-logs.s3.eu-west-1.amazonaws.com");
	buf_adds(&req->path, "/apigw-logs/v1/eu-west-1/petstore/prod/access/2026-11-21/"
			     "d3b07384-d9a0-4c9b-8f3b-0c5f6a1e2b4d/stream-a/000001.gz");
	http_query_add(req, "x-id", "GetObject");
	http_header_add(&req->headers, "Range", "bytes=0-8388607");
	http_header_add(&req->headers, "If-Match", "\"d41d8cd98f00b204e9800998ecf8427e\"");
	http_header_add(&req->headers, "x-amz-expected-bucket-owner", "123456789012");
	http_header_add(&req->headers, "x-amz-checksum-mode", "ENABLED");
}

int main(int argc, char **argv)
{
	char id[] = "AKIAIOSFODNN7EXAMPLE", secret[] = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
	struct credentials keys = { .access_key_id = id, .secret_access_key = secret };
	struct sigv4_params p = {
		.credentials = &keys,
		.region = "eu-west-1",
		.service = "s3",
		.single_encoding = true,
		.no_normalize = true,
		.sign_body = true,
	};
	cleanup_http_request struct http_request req = { 0 };
	cleanup(sigv4_freep) struct sigv4 *s = sigv4_new();
	int64_t seconds = 2, signs = 0;
	double start, spent = 0;
	struct env env;

	if (argc > 1 && !str_to_int64(argv[1], 1, 3600, &seconds))
		return 2;
	env_system(&env, NULL);
	make_request(&req);
	for (start = cpu_seconds(); spent < (double)seconds; spent = cpu_seconds() - start)
		for (int i = 0; i < 1000; i++, signs++) {
			p.time_ms = env_now_ms(&env);
			if (sigv4_sign(s, &req, &p, NULL) < 0)
				return 1;
		}
	printf("sign: %.0f signs/s\n", (double)signs / spent);
	return 0;
}
