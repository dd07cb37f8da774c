/* SPDX-License-Identifier: MIT */
/* A byte of flags, one of the service, then region, URL and bucket, each ended by a line feed. */
#include "config.h"

#include <stdint.h>

#include "aws/endpoint/endpoint.h"
#include "base/error.h"
#include "base/str.h"
#include "base/xalloc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Whatever the input, the result is an origin and a path without line breaks. */
static void check(const struct endpoint *e)
{
	const char *host = strstr(e->origin, "://");

	if (!host ||
	    strspn(host + 3, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
			     "-._:[]") != strlen(host + 3))
		abort();
	if ((*e->path && *e->path != '/') || strpbrk(e->path, " \t\r\n?#\"\\") ||
	    !e->signing_region)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup_free char *text = NULL;
	char *parts[3] = { 0 }, *rest;
	struct endpoint_params p;
	cleanup_endpoint struct endpoint e = { 0 };
	cleanup_error struct error *err = NULL;

	if (size < 2)
		return 0;
	rest = text = xstrndup((const char *)data + 2, size - 2);
	for (int i = 0; i < 3 && rest; i++)
		parts[i] = strsep(&rest, "\n");
	p = (struct endpoint_params){
		.service = (enum aws_service)(data[1] % AWS_SERVICE_COUNT),
		.use_fips = data[0] & 1,
		.use_dualstack = data[0] & 2,
		.path_style = data[0] & 4,
		.use_global = data[0] & 8,
		.region = str_empty(parts[0]) ? NULL : parts[0],
		.url = str_empty(parts[1]) ? NULL : parts[1],
		.bucket = str_empty(parts[2]) ? NULL : parts[2],
	};
	if (p.bucket)
		s3_bucket_name_problem(p.bucket);
	if (endpoint_resolve(&p, &e, &err) == 0)
		check(&e);
	else if (!err || err->kind != ERR_USAGE || e.origin)
		abort();
	return 0;
}
