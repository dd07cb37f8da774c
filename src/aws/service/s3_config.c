/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "aws/service/s3_config.h"

#include "aws/protocol.h"
#include "aws/service/s3.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"
#include "base/xalloc.h"

/* S3's error codes for a configuration that is not set. */
static bool is_absent_config(const struct error *e)
{
	static const char *const codes[] = { "NoSuchBucketPolicy",
					     "NoSuchLifecycleConfiguration",
					     "NoSuchPublicAccessBlockConfiguration",
					     "OwnershipControlsNotFoundError",
					     "ServerSideEncryptionConfigurationNotFoundError",
					     "NoSuchTagSet",
					     "ObjectLockConfigurationNotFoundError" };

	for (size_t i = 0; i < ARRAY_SIZE(codes); i++)
		if (err_is(e, codes[i]))
			return true;
	return false;
}

/* "policy" is GetBucketPolicy: S3 and IAM name these calls after the configuration. */
static char *config_operation(const char *verb, const char *name)
{
	static const struct {
		const char *query, *name;
	} names[] = {
		{ "publicAccessBlock", "PublicAccessBlock" },
		{ "ownershipControls", "BucketOwnershipControls" },
		{ "policy", "BucketPolicy" },
		{ "versioning", "BucketVersioning" },
		{ "encryption", "BucketEncryption" },
		{ "lifecycle", "BucketLifecycleConfiguration" },
		{ "object-lock", "ObjectLockConfiguration" },
		{ "tagging", "BucketTagging" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (str_eq(name, names[i].query))
			return xasprintf("%s%s", verb, names[i].name);
	return xasprintf("%s %s", verb, name);
}

#define MINIMUM_SIZE "x-amz-transition-default-minimum-object-size"

/* A setting that comes as a header goes into *ret_header. */
static int get_config(const struct s3_bucket *b, const char *name, struct buf *ret,
		      const char *header, char **ret_header, struct error **err)
{
	cleanup_free char *operation = config_operation("Get", name);
	cleanup_error struct error *own = NULL;
	cleanup_http_response struct http_response reply = { 0 };
	cleanup_aws_request struct aws_request req = { 0 };

	http_response_init(&reply);
	s3_request_init(&req, "GET", operation, b, NULL);
	buf_addf(&req.http.query, "%s=", name);
	if (aws_call(b->client, &req, &reply, &own) < 0)
		return is_absent_config(own) ? 0 : err_move(&own, err);
	buf_add(ret, reply.body.data, reply.body.len);
	if (header)
		*ret_header = xstrdup(http_header_get(&reply.headers, header));
	return 1;
}

int s3_get_config(const struct s3_bucket *b, const char *name, struct buf *ret, struct error **err)
{
	return get_config(b, name, ret, NULL, NULL, err);
}

int s3_get_lifecycle(const struct s3_bucket *b, struct buf *ret, char **ret_minimum,
		     struct error **err)
{
	return get_config(b, "lifecycle", ret, MINIMUM_SIZE, ret_minimum, err);
}

int s3_put_config(const struct s3_bucket *b, const char *name, const struct buf *text,
		  const char *minimum, struct error **err)
{
	cleanup_free char *operation = config_operation("Put", name);
	cleanup_aws_request struct aws_request req = { 0 };

	s3_request_init(&req, "PUT", operation, b, NULL);
	buf_addf(&req.http.query, "%s=", name);
	http_header_add(&req.http.headers, "Content-Type",
			str_eq(name, "policy") ? "application/json" : "application/xml");
	if (minimum)
		http_header_add(&req.http.headers, MINIMUM_SIZE, minimum);
	req.http.body = text->data;
	req.http.body_len = text->len;
	s3_request_md5(&req);
	return aws_xml_call(b->client, &req, NULL, err);
}

int s3_delete_config(const struct s3_bucket *b, const char *name, struct error **err)
{
	/* Of the life cycle, only Get and Put are called after the configuration. */
	cleanup_free char *operation = str_eq(name, "lifecycle") ? xstrdup("DeleteBucketLifecycle")
								 : config_operation("Delete", name);
	cleanup_aws_request struct aws_request req = { 0 };

	s3_request_init(&req, "DELETE", operation, b, NULL);
	buf_addf(&req.http.query, "%s=", name);
	return aws_xml_call(b->client, &req, NULL, err);
}
