/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "aws/endpoint/endpoint.h"
#include "aws/endpoint/partition.h"
#include "base/error.h"
#include "base/str.h"
#include "base/xalloc.h"

static void assert_url(const struct endpoint_params *p, const char *url, const char *region)
{
	cleanup_endpoint struct endpoint e = { 0 };
	cleanup_error struct error *err = NULL;
	cleanup_free char *got = NULL;

	if (endpoint_resolve(p, &e, &err) < 0)
		fail_msg("%s: %s", url, err->msg);
	got = xasprintf("%s%s", e.origin, e.path);
	assert_string_equal(got, url);
	assert_string_equal(e.signing_region, region);
	assert_string_equal(e.signing_name, aws_service_info(p->service)->signing_name);
}

static void assert_refused(const struct endpoint_params *p, const char *words)
{
	struct endpoint e = { 0 };
	cleanup_error struct error *err = NULL;

	assert_int_equal(endpoint_resolve(p, &e, &err), -1);
	assert_null(e.origin);
	assert_int_equal(err->kind, ERR_USAGE);
	if (!strstr(err->msg, words))
		fail_msg("'%s' is not in: %s", words, err->msg);
}

#define P(...) (&(struct endpoint_params){ __VA_ARGS__ })

static void test_partitions(void **state)
{
	static const char *const regions[][2] = {
		{ "eu-central-9", "aws" },        { "xx-new-1", "aws" },
		{ "cn-south-3", "aws-cn" },       { "us-gov-mid-1", "aws-us-gov" },
		{ "us-iso-mid-1", "aws-iso" },    { "us-isob-mid-1", "aws-iso-b" },
		{ "eu-isoe-mid-1", "aws-iso-e" }, { "us-isof-mid-1", "aws-iso-f" },
		{ "eusc-fr-west-1", "aws-eusc" }, { "aws-cn-global", "aws-cn" },
		{ "aws-global", "aws" },          { "cn-", "aws" },
		{ "cn-north-1x", "aws" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(regions); i++)
		assert_string_equal(partition_of(regions[i][0])->id, regions[i][1]);
}

static void test_regional(void **state)
{
	(void)state;
	assert_url(P(AWS_LOGS, "cn-south-3"), "https://logs.cn-south-3.amazonaws.com.cn",
		   "cn-south-3");
	assert_url(P(AWS_SSO, "eu-west-1"), "https://portal.sso.eu-west-1.amazonaws.com",
		   "eu-west-1");
	assert_url(P(AWS_SSO_OIDC, "us-gov-west-1", .use_fips = true),
		   "https://oidc.us-gov-west-1.amazonaws.com", "us-gov-west-1");
	assert_url(P(AWS_LOGS, "us-gov-west-3", .use_fips = true),
		   "https://logs-fips.us-gov-west-3.amazonaws.com", "us-gov-west-3");
	assert_url(P(AWS_APIGATEWAY, "eusc-de-east-1", .use_fips = true, .use_dualstack = true),
		   "https://apigateway-fips.eusc-de-east-1.api.amazonwebservices.eu",
		   "eusc-de-east-1");
	assert_url(P(AWS_IAM, "ap-south-2"), "https://iam.amazonaws.com", "us-east-1");
	assert_url(P(AWS_IAM, "us-gov-east-1"), "https://iam.us-gov.amazonaws.com",
		   "us-gov-west-1");
	assert_url(P(AWS_IAM, "cn-northwest-1", .url = "http://localhost:4566"),
		   "http://localhost:4566", "cn-north-1");
	assert_url(P(AWS_STS, "eu-west-3", .use_global = true), "https://sts.amazonaws.com",
		   "us-east-1");
	assert_url(P(AWS_STS, "eu-south-2", .use_global = true),
		   "https://sts.eu-south-2.amazonaws.com", "eu-south-2");
	assert_refused(P(AWS_LOGS), "no region is set");
	assert_refused(P(AWS_LOGS, ""), "no region is set");
	assert_refused(P(AWS_LOGS, "eu.evil.example"), "is not a valid region name");
	assert_refused(P(AWS_IAM, "-"), "is not a valid region name");
}

static void test_custom(void **state)
{
	(void)state;
	assert_url(P(AWS_LOGS, "eu-west-1", .url = "HTTPS://Proxy.example:8443/aws/logs/"),
		   "https://Proxy.example:8443/aws/logs", "eu-west-1");
	assert_url(P(AWS_LOGS, NULL, .url = "http://[::1]:80"), "http://[::1]", "us-east-1");
	for (const char *const *u =
		     (const char *const[]){
			     "ftp://x", "https://", "http:///x", "https://x?y", "https://x#y",
			     "https://u@x", "https://x:0", "https://x:65536", "https://x y",
			     "https://x/%4", "https://x/../y", "https://x/.", "https://[::1",
			     "https://[]", "x", "", "https://x\r\nHost: y", "https://.x", NULL };
	     *u; u++) {
		if (endpoint_url_ok(*u))
			fail_msg("'%s' is taken", *u);
		assert_refused(P(AWS_LOGS, "eu-west-1", .url = *u), "is not a valid endpoint URL");
		assert_refused(P(AWS_S3, "eu-west-1", .url = *u, .bucket = "abc"),
			       "is not a valid endpoint URL");
	}
}

static void test_s3(void **state)
{
	(void)state;
	assert_url(P(AWS_S3, "eu-west-1", .bucket = "a-b"),
		   "https://a-b.s3.eu-west-1.amazonaws.com", "eu-west-1");
	assert_url(P(AWS_S3, "eu-west-1", .bucket = "a.b"),
		   "https://s3.eu-west-1.amazonaws.com/a.b", "eu-west-1");
	assert_url(P(AWS_S3, "eu-west-1", .bucket = "abc", .path_style = true, .use_fips = true),
		   "https://s3-fips.eu-west-1.amazonaws.com/abc", "eu-west-1");
	assert_url(P(AWS_S3, "us-east-1", .bucket = "abc", .use_global = true),
		   "https://abc.s3.amazonaws.com", "us-east-1");
	assert_url(P(AWS_S3, "us-iso-east-1", .use_dualstack = true),
		   "https://s3.dualstack.us-iso-east-1.c2s.ic.gov", "us-iso-east-1");
	assert_url(P(AWS_S3, "us-east-1", .bucket = "a.b", .url = "http://h/p"), "http://a.b.h/p",
		   "us-east-1");
	assert_url(P(AWS_S3, "us-east-1", .bucket = "a.b", .url = "https://h/p/"),
		   "https://h/p/a.b", "us-east-1");
	assert_url(P(AWS_S3, "us-east-1", .bucket = "abc", .url = "http://127.0.0.1:9000"),
		   "http://127.0.0.1:9000/abc", "us-east-1");
	assert_url(P(AWS_S3, "us-east-1", .bucket = "../x"),
		   "https://s3.us-east-1.amazonaws.com/..%2Fx", "us-east-1");
	assert_url(P(AWS_S3, "us-east-1", .bucket = "1.2.3.4", .url = "http://h"),
		   "http://h/1.2.3.4", "us-east-1");
	assert_refused(P(AWS_S3, .bucket = "abc"), "no region is set");
	assert_refused(P(AWS_S3, "eu.west", .bucket = "abc"), "is not a valid region name");
	assert_refused(P(AWS_S3, "us-west-2", .bucket = "a--usw2-az1--x-s3"),
		       "is not a general purpose bucket");
	assert_refused(P(AWS_S3, "us-west-2", .bucket = "arn:aws:s3:::x"),
		       "is not a general purpose bucket");
}

static void test_bucket_names(void **state)
{
	static const char *const good[] = { "abc", "a.b-c.9", "0-0" };
	static const char *const bad[] = {
		"ab",        "Abc",      "a_b",    "-ab",      "ab.",
		"a..b",      "1.2.3.4",  "xn--a",  "sthree-a", "amzn-s3-demo-a",
		"a-s3alias", "a--ol-s3", "a.mrap", "a--x-s3",  "a--table-s3"
	};
	char name[65];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		assert_null(s3_bucket_name_problem(good[i]));
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_non_null(s3_bucket_name_problem(bad[i]));
	memset(name, 'a', sizeof(name));
	name[63] = '\0';
	assert_null(s3_bucket_name_problem(name));
	name[63] = 'a';
	name[64] = '\0';
	assert_non_null(s3_bucket_name_problem(name));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_partitions),   cmocka_unit_test(test_regional),
		cmocka_unit_test(test_custom),       cmocka_unit_test(test_s3),
		cmocka_unit_test(test_bucket_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
