/* SPDX-License-Identifier: MIT */
/* KMS: the keys that log groups and buckets are encrypted with, and who may use them. */
#ifndef AWS_SERVICE_KMS_H
#define AWS_SERVICE_KMS_H

#include <stdbool.h>

#include "base/cleanup.h"
#include "base/crypto.h"

struct aws_client;
struct buf;
struct error;

struct kms_key {
	char *id, *arn;
	char *state;      /* "Enabled", "Disabled", "PendingDeletion" … */
	bool aws_managed; /* by AWS itself: nobody can change its policy */
	bool symmetric;   /* what services encrypt with */
};
void kms_key_release(struct kms_key *k);
#define cleanup_kms_key cleanup(kms_key_release)

/* By id, ARN or alias ("alias/x"): 1, 0 if there is none in the region, -1. */
int kms_describe_key(struct aws_client *c, const char *id, struct kms_key *ret, struct error **err);
/* The key's policy as text. id: not an alias. Caller frees. */
int kms_get_key_policy(struct aws_client *c, const char *id, char **ret, struct error **err);
int kms_put_key_policy(struct aws_client *c, const char *id, const char *policy,
		       struct error **err);

/*
 * Signs a SHA-256 with ECDSA on P-256; id: an ARN. ret gets the signature in DER, as
 * openssl(1) makes it.
 */
int kms_sign(struct aws_client *c, const char *id, const uint8_t digest[SHA256_SIZE],
	     struct buf *ret, struct error **err);

#endif
