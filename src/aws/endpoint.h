/* SPDX-License-Identifier: MIT */
/*
 * Where a service is, by region and partition. The partitions' rules hold for
 * regions that are newer than this program.
 * Source: the endpoint rule sets and partitions.json in botocore.
 */
#ifndef AWS_ENDPOINT_H
#define AWS_ENDPOINT_H

#include <stdbool.h>

#include "aws/service.h"

struct error;

struct partition {
	const char *id;                /* "aws-cn" */
	const char *dns_suffix;        /* "amazonaws.com.cn" */
	const char *dual_stack_suffix; /* "api.amazonwebservices.com.cn" */
	const char *home_region;       /* where IAM signs: "cn-north-1" */
	bool fips, dual_stack;
};
/* Never NULL: a region that no partition knows is in aws. */
const struct partition *partition_of(const char *region);

struct endpoint_params {
	enum aws_service service;
	const char *region;
	bool use_fips, use_dualstack;
	const char *url;      /* custom endpoint, or NULL */
	const char *bucket;   /* AWS_S3 only, or NULL for ListBuckets */
	bool path_style;
	bool use_global;      /* "UseGlobalEndpoint" of S3 (us-east-1) and STS: legacy */
};

struct endpoint {
	char *origin;         /* "https://bucket.s3.eu-west-1.amazonaws.com" */
	char *path;           /* "" or "/bucket" or the custom URL's own path, percent-encoded */
	char *signing_region;
	const char *signing_name;
};

/*
 * Errors are ERR_USAGE: FIPS or dual stack with a custom endpoint or where the
 * partition has none, a region that is no DNS label, a bad URL.
 */
int endpoint_resolve(const struct endpoint_params *p, struct endpoint *ret, struct error **err);
void endpoint_release(struct endpoint *e);
#define cleanup_endpoint cleanup(endpoint_release)

/* NULL if S3 accepts the name for a new bucket, else why not, to follow "…: ". */
const char *s3_bucket_name_problem(const char *name);

#endif
