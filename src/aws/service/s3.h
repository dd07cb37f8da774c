/* SPDX-License-Identifier: MIT */
/* S3 buckets and objects. ETags are kept as S3 sends them, without the quotes. */
#ifndef AWS_SERVICE_S3_H
#define AWS_SERVICE_S3_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "net/message.h"

struct aws_client;
struct aws_request;
struct error;
struct xml;

/*
 * A bucket as one client sees it; all borrowed. Every call on it names the owner
 * (x-amz-expected-bucket-owner), so that S3 refuses with AccessDenied where
 * another account has taken the name. NULL: whoever owns it.
 */
struct s3_bucket {
	struct aws_client *client;
	const char *name;
	const char *owner; /* an account's id, 12 digits */
	const char *sse;   /* x-amz-server-side-encryption of what is put; NULL: none is sent */
};

/*
 * Whether the bucket exists, and where. S3_THERE sets *ret_region (caller frees).
 * S3_FORBIDDEN: it is another account's, or the caller lacks permission.
 */
enum s3_presence { S3_ABSENT, S3_THERE, S3_FORBIDDEN };
int s3_head_bucket(const struct s3_bucket *b, enum s3_presence *ret, char **ret_region,
		   struct error **err);
/* In the client's region and the caller's account; b->owner is not used. */
int s3_create_bucket(const struct s3_bucket *b, bool object_lock, struct error **err);

struct s3_object {
	char *key, *etag, *storage_class; /* storage_class: NULL if S3 does not say */
	uint64_t size;
	int64_t modified_ms;
};
void s3_object_release(struct s3_object *o);
#define cleanup_s3_object cleanup(s3_object_release)

/* The objects under a prefix, in order of their keys. */
struct s3_list {
	struct s3_bucket bucket;
	const char *prefix, *delimiter; /* borrowed; delimiter may be NULL */
	char *token;
	struct xml *page;
	const struct xml *at, *at_prefix;
	bool last;
};
void s3_list_init(struct s3_list *l, const struct s3_bucket *b, const char *prefix,
		  const char *delimiter);
void s3_list_release(struct s3_list *l);
#define cleanup_s3_list cleanup(s3_list_release)
/*
 * 1 and an object, 0 at the end, -1. A key outside the prefix is an error: callers
 * delete what is listed, and index behind the prefix. With a delimiter, s3_list_next_prefix has the rest.
 */
int s3_list_next(struct s3_list *l, struct s3_object *ret, struct error **err);
/* The same for the common prefixes; use one of the two on a list, not both. Caller frees. */
int s3_list_next_prefix(struct s3_list *l, char **ret, struct error **err);

/* The whole object in memory, up to ret->max: 1, 0 if there is none, -1. */
int s3_get_object(const struct s3_bucket *b, const char *key, struct buf *ret, char **ret_etag,
		  struct error **err);

/* What the head of a reply says of an object besides its ETag and size; NULL: nothing. */
struct s3_meta {
	char *checksum;   /* that S3 keeps, of the whole object: "CRC64NVME BASE64" */
	char *encryption; /* "AES256", "aws:kms" or "aws:kms:dsse" */
	char *kms_key;    /* its ARN */
};
void s3_meta_release(struct s3_meta *m);
#define cleanup_s3_meta cleanup(s3_meta_release)
/* HeadObject: 1, 0 if there is none, or if it has another ETag by now (if_match), -1. */
int s3_head_object(const struct s3_bucket *b, const char *key, const char *if_match,
		   struct s3_meta *ret, struct error **err);
/*
 * The object as a stream, each byte once: after a reply that was cut, the next
 * attempt asks for the rest by Range. if_match: the ETag it must have, so that the
 * rest is the same object's; where it is NULL, a cut reply is the end of it.
 * ret_meta is from the last reply, and has no checksum if that was a part; may be NULL.
 */
int s3_stream_object(const struct s3_bucket *b, const char *key, const char *if_match,
		     http_sink *sink, void *data, uint64_t *ret_bytes, struct s3_meta *ret_meta,
		     struct error **err);
/*
 * Only where there is none yet (if_match NULL), or in place of the one with this ETag.
 * 1 if written, 0 if there is another by now, or no longer one, -1.
 */
int s3_put_object(const struct s3_bucket *b, const char *key, const void *p, size_t n,
		  const char *content_type, const char *if_match, struct error **err);
/* All objects whose keys begin with prefix. */
int s3_delete_folder(const struct s3_bucket *b, const char *prefix, struct error **err);
/* Succeeds if there is none. */
int s3_delete_object(const struct s3_bucket *b, const char *key, struct error **err);
/* Only if it still has this ETag: 1 if it is removed, 0 if there is none or another by now, -1. */
int s3_delete_object_if(const struct s3_bucket *b, const char *key, const char *etag,
			struct error **err);

/* For these calls themselves. key may be NULL. */
void s3_request_init(struct aws_request *req, const char *method, const char *operation,
		     const struct s3_bucket *b, const char *key);
void s3_request_if_match(struct aws_request *req, const char *etag);
/* Content-MD5 of the body, which S3 wants with every document that it keeps. */
void s3_request_md5(struct aws_request *req);

#endif
