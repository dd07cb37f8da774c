/* SPDX-License-Identifier: MIT */
/* The services that this program calls: their names, protocols and quirks, in one table. */
#ifndef AWS_SERVICE_H
#define AWS_SERVICE_H

#include <stdbool.h>

/* The order is the table's in service.c. */
enum aws_service {
	AWS_LOGS,
	AWS_IAM,
	AWS_STS,
	AWS_S3,
	AWS_KMS,
	AWS_APIGATEWAY, /* v2 as well: same host, same signing name */
	AWS_SSO,        /* GetRoleCredentials: portal.sso.REGION */
	AWS_SSO_OIDC,   /* CreateToken: oidc.REGION */
	AWS_SERVICE_COUNT,
};

enum aws_protocol { PROTOCOL_JSON, PROTOCOL_REST_JSON, PROTOCOL_QUERY, PROTOCOL_S3 };

/* What a FIPS endpoint without dual stack is called in GovCloud. */
enum aws_gov_fips {
	GOV_FIPS_NAMED,   /* with -fips, as elsewhere */
	GOV_FIPS_PLAIN,   /* like the plain one */
	GOV_FIPS_PLAIN_2, /* like the plain one, in the two original regions */
};

struct aws_service_info {
	const char *name;         /* in messages, IAM action prefix: "logs" */
	const char *endpoint;     /* host prefix: "logs", "portal.sso" */
	const char *signing_name; /* "logs" */
	const char *sdk_id; /* in AWS_ENDPOINT_URL_<ID> and services sections: "cloudwatch_logs" */
	enum aws_protocol protocol;
	const char *target_prefix; /* PROTOCOL_JSON: "Logs_20140328" */
	const char *version;       /* PROTOCOL_QUERY: "2010-05-08" */
	bool global;               /* one endpoint and signing region a partition: IAM */
	bool secret_bodies;        /* requests and replies hold credentials */
	enum aws_gov_fips gov_fips;
};

const struct aws_service_info *aws_service_info(enum aws_service service);
/* "the reply of logs:DescribeLogGroups", for errors. Caller frees. */
char *aws_reply_name(enum aws_service service, const char *operation);
/* By name or endpoint prefix, for the vector runners; false if it is none of ours. */
bool aws_service_by_name(const char *name, enum aws_service *ret);

#endif
