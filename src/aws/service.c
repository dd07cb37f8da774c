/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "aws/service.h"

#include "base/str.h"
#include "base/xalloc.h"

/* Source: the service models in botocore; sdk_id is serviceId in lower case with '_' for ' '. */
static const struct aws_service_info table[AWS_SERVICE_COUNT] = {
	[AWS_LOGS] = { "logs", "logs", "logs", "cloudwatch_logs", PROTOCOL_JSON,
		       .target_prefix = "Logs_20140328", .gov_fips = GOV_FIPS_PLAIN_2 },
	[AWS_IAM] = { "iam", "iam", "iam", "iam", PROTOCOL_QUERY, .version = "2010-05-08",
		      .global = true },
	[AWS_STS] = { "sts", "sts", "sts", "sts", PROTOCOL_QUERY, .version = "2011-06-15",
		      .secret_bodies = true, .gov_fips = GOV_FIPS_PLAIN },
	[AWS_S3] = { "s3", "s3", "s3", "s3", PROTOCOL_S3 },
	[AWS_KMS] = { "kms", "kms", "kms", "kms", PROTOCOL_JSON, .target_prefix = "TrentService" },
	[AWS_APIGATEWAY] = { "apigateway", "apigateway", "apigateway", "api_gateway",
			     PROTOCOL_REST_JSON },
	[AWS_SSO] = { "sso", "portal.sso", "awsssoportal", "sso", PROTOCOL_REST_JSON,
		      .secret_bodies = true, .gov_fips = GOV_FIPS_PLAIN },
	[AWS_SSO_OIDC] = { "sso-oidc", "oidc", "sso-oauth", "sso_oidc", PROTOCOL_REST_JSON,
			   .secret_bodies = true, .gov_fips = GOV_FIPS_PLAIN },
};

const struct aws_service_info *aws_service_info(enum aws_service service)
{
	return &table[service];
}

char *aws_reply_name(enum aws_service service, const char *operation)
{
	return xasprintf("the reply of %s:%s", table[service].name, operation);
}

bool aws_service_by_name(const char *name, enum aws_service *ret)
{
	for (int i = 0; i < AWS_SERVICE_COUNT; i++)
		if (str_eq(table[i].name, name) || str_eq(table[i].endpoint, name)) {
			*ret = (enum aws_service)i;
			return true;
		}
	return false;
}
