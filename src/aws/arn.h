/* SPDX-License-Identifier: MIT */
/*
 * Amazon Resource Names: arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE.
 * Source: "Identify AWS resources with Amazon Resource Names (ARNs)", IAM User
 * Guide; the lengths are those of arnType, IAM API Reference.
 */
#ifndef AWS_ARN_H
#define AWS_ARN_H

#include <stdbool.h>
#include <stddef.h>

#define ARN_MAX 2048

/* A field of an ARN; it is not a string of its own. */
struct arn_field {
	const char *start;
	size_t len;
};

/* Borrowed from the text. Region and account may be empty; the others are not. */
struct arn {
	struct arn_field partition, service, region, account;
	const char *resource;
};

/* False, with *ret untouched, if the text is not an ARN. */
bool arn_parse(const char *text, struct arn *ret);

/*
 * The resource of an ARN of this service, in the region's partition, the account and,
 * if the service has regions, the region. NULL if the text is not such an ARN.
 * Borrowed.
 */
const char *arn_resource(const char *text, const char *service, const char *region,
			 const char *account);
/* The name in the ARN of a log group, of any region and account, or NULL. Borrowed. */
const char *arn_log_group(const char *text);

/*
 * The ARN of a resource in a region. IAM's have no region in them, S3's neither
 * region nor account (NULL will do). Caller frees.
 */
char *arn_make(const char *service, const char *region, const char *account, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

#endif
