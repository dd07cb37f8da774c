/* SPDX-License-Identifier: MIT */
/*
 * The partitions: what is the same for all regions of one. Their rules hold for
 * regions that are newer than this program.
 * Source: partitions.json and the endpoint rule set of IAM in botocore.
 */
#ifndef AWS_ENDPOINT_PARTITION_H
#define AWS_ENDPOINT_PARTITION_H

struct partition {
	const char *id;                /* "aws-cn", as in an ARN */
	const char *dns_suffix;        /* "amazonaws.com.cn" */
	const char *dual_stack_suffix; /* "api.amazonwebservices.com.cn" */
	const char *home_region;       /* where IAM signs: "cn-north-1" */
	const char *iam[2][2];         /* IAM's one host, by [FIPS][dual stack] */
};
/* Never NULL: a region of no known partition is in "aws". */
const struct partition *partition_of(const char *region);

#endif
