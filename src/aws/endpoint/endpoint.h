/* SPDX-License-Identifier: MIT */
/*
 * Endpoints of the services by region and partition. The rules of the partitions also apply
 * to regions newer than this program.
 * Source: the endpoint rule sets and partitions.json in botocore.
 */
#ifndef AWS_ENDPOINT_ENDPOINT_H
#define AWS_ENDPOINT_ENDPOINT_H

#include <stdbool.h>

#include "aws/service.h"
#include "base/cleanup.h"

struct error;

struct endpoint_params {
	enum aws_service service;
	const char *region; /* NULL only with a custom endpoint, and not of S3 */
	bool use_fips, use_dualstack;
	const char *url;    /* custom endpoint, or NULL */
	const char *bucket; /* AWS_S3 only, or NULL for ListBuckets */
	bool path_style;    /* else a bucket is in the host name wherever it can be */
	bool use_global;    /* "UseGlobalEndpoint" of S3 (us-east-1) and STS: legacy */
};

struct endpoint {
	char *origin; /* "https://bucket.s3.eu-west-1.amazonaws.com" */
	char *path;   /* "" or "/bucket" or the custom URL's own path, percent-encoded */
	char *signing_region;
	const char *signing_name;
};

/*
 * Errors are ERR_USAGE, as in the rule sets (tests/vectors/endpoint.c maps them): FIPS
 * or dualstack with a custom endpoint, no region or one that is not a host label, an
 * invalid URL, or a kind of bucket that is not supported.
 */
int endpoint_resolve(const struct endpoint_params *p, struct endpoint *ret, struct error **err);
void endpoint_release(struct endpoint *e);
#define cleanup_endpoint cleanup(endpoint_release)

/* True if it can be a custom endpoint: http or https, a host, a port, a path, and nothing else. */
bool endpoint_url_ok(const char *url);
/* True if it can be one label of a host name. */
bool endpoint_region_ok(const char *region);

/* NULL if S3 accepts the name for a new bucket, else why not, to follow "…: ". */
const char *s3_bucket_name_problem(const char *name);

#endif
