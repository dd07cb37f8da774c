/* SPDX-License-Identifier: MIT */
/* STS: who the caller is. Source: AWS Security Token Service API Reference. */
#ifndef AWS_SERVICE_STS_H
#define AWS_SERVICE_STS_H

#include "base/cleanup.h"

struct aws_client;
struct error;

struct sts_identity {
	char *account, *arn, *user_id;
};
void sts_identity_release(struct sts_identity *i);
#define cleanup_sts_identity cleanup(sts_identity_release)

/* Needs no permission, so it also tells whether the credentials are valid. */
int sts_get_caller_identity(struct aws_client *c, struct sts_identity *ret, struct error **err);

#endif
