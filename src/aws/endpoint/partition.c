/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "aws/endpoint/partition.h"

#include <stdbool.h>
#include <string.h>

#include "base/str.h"

struct rule {
	/* Regions are PREFIX WORD-NUMBER; for aws-eusc a country stands before it. */
	const char *prefix;
	bool country;
	const char *global; /* a pseudo region, or NULL */
	struct partition partition;
};

/* Source: partitions.json and the rule set of IAM in botocore. */
static const struct rule rules[] = {
	{ "cn-",
	  false,
	  "aws-cn-global",
	  { "aws-cn",
	    "amazonaws.com.cn",
	    "api.amazonwebservices.com.cn",
	    "cn-north-1",
	    { { "iam.cn-north-1.amazonaws.com.cn", "iam.global.api.amazonwebservices.com.cn" },
	      { "iam-fips.amazonaws.com.cn", "iam-fips.api.amazonwebservices.com.cn" } } } },
	{ "us-gov-",
	  false,
	  "aws-us-gov-global",
	  { "aws-us-gov",
	    "amazonaws.com",
	    "api.aws",
	    "us-gov-west-1",
	    { { "iam.us-gov.amazonaws.com", "iam.us-gov.api.aws" },
	      { "iam.us-gov.amazonaws.com", "iam.us-gov.api.aws" } } } },
	{ "eusc-",
	  true,
	  NULL,
	  { "aws-eusc",
	    "amazonaws.eu",
	    "api.amazonwebservices.eu",
	    "eusc-de-east-1",
	    { { "iam.eusc-de-east-1.amazonaws.eu", "iam.global.api.amazonwebservices.eu" },
	      { "iam-fips.amazonaws.eu", "iam-fips.api.amazonwebservices.eu" } } } },
	{ "us-iso-",
	  false,
	  "aws-iso-global",
	  { "aws-iso",
	    "c2s.ic.gov",
	    "api.aws.ic.gov",
	    "us-iso-east-1",
	    { { "iam.us-iso-east-1.c2s.ic.gov", "iam.api.aws.ic.gov" },
	      { "iam-fips.us-iso-east-1.c2s.ic.gov", "iam-fips.api.aws.ic.gov" } } } },
	{ "us-isob-",
	  false,
	  "aws-iso-b-global",
	  { "aws-iso-b",
	    "sc2s.sgov.gov",
	    "api.aws.scloud",
	    "us-isob-east-1",
	    { { "iam.us-isob-east-1.sc2s.sgov.gov", "iam.api.aws.scloud" },
	      { "iam-fips.us-isob-east-1.sc2s.sgov.gov", "iam-fips.api.aws.scloud" } } } },
	{ "eu-isoe-",
	  false,
	  "aws-iso-e-global",
	  { "aws-iso-e",
	    "cloud.adc-e.uk",
	    "api.cloud-aws.adc-e.uk",
	    "eu-isoe-west-1",
	    { { "iam.eu-isoe-west-1.cloud.adc-e.uk", "iam.api.cloud-aws.adc-e.uk" },
	      { "iam-fips.cloud.adc-e.uk", "iam-fips.api.cloud-aws.adc-e.uk" } } } },
	{ "us-isof-",
	  false,
	  "aws-iso-f-global",
	  { "aws-iso-f",
	    "csp.hci.ic.gov",
	    "api.aws.hci.ic.gov",
	    "us-isof-south-1",
	    { { "iam.us-isof-south-1.csp.hci.ic.gov", "iam.api.aws.hci.ic.gov" },
	      { "iam-fips.csp.hci.ic.gov", "iam-fips.api.aws.hci.ic.gov" } } } },
};

/* Everything else, including regions newer than this program. */
static const struct partition aws = { "aws",
				      "amazonaws.com",
				      "api.aws",
				      "us-east-1",
				      { { "iam.amazonaws.com", "iam.global.api.aws" },
					{ "iam-fips.amazonaws.com", "iam-fips.global.api.aws" } } };

/* Cuts WORD and a '-' off the front; NULL if they are not there. */
static const char *skip_word(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");

	return n && s[n] == '-' ? s + n + 1 : NULL;
}

static bool matches(const struct rule *r, const char *region)
{
	const char *at;

	if (r->global && str_eq(region, r->global))
		return true;
	if (!str_starts(region, r->prefix))
		return false;
	at = region + strlen(r->prefix);
	if (r->country)
		at = skip_word(at);
	at = at ? skip_word(at) : NULL;
	return at && str_is_digits(at, strlen(at));
}

const struct partition *partition_of(const char *region)
{
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++)
		if (matches(&rules[i], region))
			return &rules[i].partition;
	return &aws;
}
