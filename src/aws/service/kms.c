/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "aws/service/kms.h"

#include <stdlib.h>

#include "aws/protocol.h"
#include "base/error.h"
#include "base/str.h"
#include "base/xalloc.h"

void kms_key_release(struct kms_key *k)
{
	free(k->id);
	free(k->arn);
	free(k->state);
	*k = (struct kms_key){ 0 };
}

int kms_describe_key(struct aws_client *c, const char *id, struct kms_key *ret, struct error **err)
{
	cleanup_error struct error *own = NULL;
	cleanup_json json_t *reply = NULL;
	const json_t *key;

	if (aws_json_call(c, AWS_KMS, "DescribeKey", json_pack("{ss}", "KeyId", id), NULL, &reply,
			  &own) < 0)
		return err_is(own, "NotFoundException") ? 0 : err_move(&own, err);
	key = json_obj(reply, "KeyMetadata");
	if (!json_str(key, "KeyId") || !json_str(key, "Arn") || !json_str(key, "KeyState"))
		return err_set(err, ERR_UNREACHABLE,
			       "the reply of kms:DescribeKey has no key id, ARN or state");
	*ret = (struct kms_key){
		.id = xstrdup(json_str(key, "KeyId")),
		.arn = xstrdup(json_str(key, "Arn")),
		.state = xstrdup(json_str(key, "KeyState")),
		.aws_managed = str_eq0(json_str(key, "KeyManager"), "AWS"),
		.symmetric = str_eq0(json_str(key, "KeySpec"), "SYMMETRIC_DEFAULT"),
	};
	return 1;
}

int kms_get_key_policy(struct aws_client *c, const char *id, char **ret, struct error **err)
{
	cleanup_json json_t *reply = NULL;

	if (aws_json_call(c, AWS_KMS, "GetKeyPolicy",
			  json_pack("{ss ss}", "KeyId", id, "PolicyName", "default"), NULL, &reply,
			  err) < 0)
		return -1;
	if (!json_str(reply, "Policy"))
		return err_set(err, ERR_UNREACHABLE, "the reply of kms:GetKeyPolicy has no policy");
	*ret = xstrdup(json_str(reply, "Policy"));
	return 0;
}

int kms_put_key_policy(struct aws_client *c, const char *id, const char *policy, struct error **err)
{
	return aws_json_call(
		c, AWS_KMS, "PutKeyPolicy",
		json_pack("{ss ss ss}", "KeyId", id, "PolicyName", "default", "Policy", policy),
		NULL, NULL, err);
}

int kms_sign(struct aws_client *c, const char *id, const uint8_t digest[SHA256_SIZE],
	     struct buf *ret, struct error **err)
{
	cleanup_buf struct buf message = BUF_INIT;
	cleanup_json json_t *reply = NULL;
	const char *signature;

	buf_add_base64(&message, digest, SHA256_SIZE);
	if (aws_json_call(c, AWS_KMS, "Sign",
			  json_pack("{ss ss ss ss}", "KeyId", id, "Message", message.data,
				    "MessageType", "DIGEST", "SigningAlgorithm", "ECDSA_SHA_256"),
			  NULL, &reply, err) < 0)
		return -1;
	signature = json_str(reply, "Signature");
	if (!signature || !*signature || !buf_add_unbase64(ret, signature))
		return err_set(err, ERR_UNREACHABLE, "the reply of kms:Sign has no signature");
	return 0;
}
