/* SPDX-License-Identifier: MIT */
/*
 * Runs endpoint rule tests: endpoint SERVICE FILE, a file in the form of
 * botocore's endpoint-tests-1.json. SERVICE is a service of botocore's.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/endpoint/endpoint.h"
#include "base/error.h"
#include "base/json.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "runner.h"

/* Parameters of a rule set that stand for what this program does not have. */
static const struct {
	const char *param, *feature;
} features[] = {
	{ "Accelerate", "no S3 Transfer Acceleration" },
	{ "UseObjectLambdaEndpoint", "no S3 Object Lambda" },
	{ "AccountId", "no account-based endpoints" },
};

/* Kinds of buckets, by the end of the name. */
static const struct {
	const char *suffix, *feature;
} kinds[] = {
	{ "--x-s3", "no directory buckets" },
	{ "--xa-s3", "no access points of directory buckets" },
	{ "--op-s3", "no S3 on Outposts" },
};

/* What a rule set says, and what the program says instead, in its own style. */
static const struct {
	const char *theirs, *ours;
} errors[] = {
	{ "Invalid Configuration: FIPS and custom endpoint are not supported",
	  "FIPS endpoints cannot be combined with a custom endpoint" },
	{ "A custom endpoint cannot be combined with FIPS",
	  "FIPS endpoints cannot be combined with a custom endpoint" },
	{ "Invalid Configuration: Dualstack and custom endpoint are not supported",
	  "dualstack endpoints cannot be combined with a custom endpoint" },
	{ "Cannot set dual-stack in combination with a custom endpoint.",
	  "dualstack endpoints cannot be combined with a custom endpoint" },
	{ "Invalid Configuration: Missing Region", "no region is set" },
	{ "A region must be set when sending requests to S3.", "no region is set" },
	{ "Invalid region: region was not a valid DNS name.", "is not a valid region name" },
	{ "Partition does not support FIPS", "S3 has no FIPS endpoints in partition" },
	{ "was not a valid URI", "is not a valid endpoint URL" },
};

/* An error that is not listed is expected as it is, and so fails. */
static const char *our_error(const char *theirs)
{
	for (size_t i = 0; theirs && i < ARRAY_SIZE(errors); i++)
		if (str_ends(theirs, errors[i].theirs))
			return errors[i].ours;
	return theirs;
}

static const char *missing_feature(const json_t *params)
{
	const char *bucket = json_str(params, "Bucket");

	for (size_t i = 0; i < ARRAY_SIZE(features); i++) {
		const json_t *v = json_object_get(params, features[i].param);

		if (json_is_true(v) || json_is_string(v))
			return features[i].feature;
	}
	for (size_t i = 0; bucket && i < ARRAY_SIZE(kinds); i++)
		if (str_ends(bucket, kinds[i].suffix))
			return kinds[i].feature;
	/* Of no account with a bucket that is not one of those. */
	if (!bucket && json_bool(params, "UseS3ExpressControlEndpoint", false))
		return "no directory buckets";
	return bucket && str_starts(bucket, "arn:") ? "no ARNs as buckets" : NULL;
}

/* A slash at the end of a URL without a path makes no difference. */
static bool same_url(const char *want, const struct endpoint *e)
{
	cleanup_free char *got = xasprintf("%s%s", e->origin, e->path);
	size_t n = want ? strlen(want) : 0;

	if (!want)
		return false;
	return str_eq(want, got) ||
	       (str_ends(want, "/") && strlen(got) == n - 1 && strncmp(want, got, n - 1) == 0);
}

static void compare(const char *name, const json_t *want, const struct endpoint *e)
{
	const json_t *schemes = json_arr(json_obj(want, "properties"), "authSchemes");
	const json_t *scheme = json_array_get(schemes, 0);
	const char *region = json_str(scheme, "signingRegion");
	const char *signing_name = json_str(scheme, "signingName");

	if (!same_url(json_str(want, "url"), e))
		runner_fail(name, "the URL is %s%s, not %s", e->origin, e->path,
			    json_str(want, "url"));
	else if (region && !str_eq(region, e->signing_region))
		runner_fail(name, "signed for region %s, not %s", e->signing_region, region);
	else if (signing_name && !str_eq(signing_name, e->signing_name))
		runner_fail(name, "signed for service %s, not %s", e->signing_name, signing_name);
	else
		runner_pass(name);
}

static void run(enum aws_service service, const json_t *test, const char *name)
{
	const json_t *params = json_obj(test, "params"), *expect = json_obj(test, "expect");
	const char *wanted = our_error(json_str(expect, "error")),
		   *feature = missing_feature(params);
	cleanup_endpoint struct endpoint e = { 0 };
	cleanup_error struct error *err = NULL;
	const struct endpoint_params p = {
		.service = service,
		.region = json_str(params, "Region"),
		.use_fips = json_bool(params, "UseFIPS", false),
		.use_dualstack = json_bool(params, "UseDualStack", false),
		.url = json_str(params, "Endpoint"),
		.bucket = json_str(params, "Bucket"),
		.path_style = json_bool(params, "ForcePathStyle", false),
		.use_global = json_bool(params, "UseGlobalEndpoint", false),
	};

	if (feature)
		runner_skip(name, feature);
	else if (endpoint_resolve(&p, &e, &err) == 0 && wanted)
		runner_fail(name, "no error, but %s%s", e.origin, e.path);
	else if (!err)
		compare(name, json_obj(expect, "endpoint"), &e);
	else if (!wanted)
		runner_fail(name, "unexpected error: %s", err->msg);
	else if (!strstr(err->msg, wanted))
		runner_fail(name, "the error is: %s", err->msg);
	else
		runner_pass(name);
}

static enum aws_service find_service(const char *name)
{
	enum aws_service service;

	/* Version 2 has a model of its own and the same hosts. */
	if (str_eq(name, "apigatewayv2"))
		return AWS_APIGATEWAY;
	if (!aws_service_by_name(name, &service)) {
		fprintf(stderr, "endpoint: '%s' is no service of this program\n", name);
		exit(2);
	}
	return service;
}

int main(int argc, char **argv)
{
	cleanup_json json_t *root = NULL;
	enum aws_service service;
	size_t i;
	json_t *test;

	if (argc != 3)
		runner_usage(argv[0], "SERVICE FILE");
	service = find_service(argv[1]);
	root = runner_load(argv[2]);
	json_array_foreach(json_object_get(root, "testCases"), i, test) {
		const char *doc = json_str(test, "documentation");
		cleanup_free char *name = xasprintf("%zu: %s", i + 1, doc ? doc : "(no name)");

		run(service, test, name);
	}
	return runner_finish();
}
