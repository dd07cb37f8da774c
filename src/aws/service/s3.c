/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "aws/service/s3.h"

#include <stdlib.h>
#include <string.h>

#include "aws/config/settings.h"
#include "aws/protocol.h"
#include "base/crypto.h"
#include "base/error.h"
#include "base/str.h"
#include "base/time.h"
#include "base/xalloc.h"

void s3_request_init(struct aws_request *req, const char *method, const char *operation,
		     const struct s3_bucket *b, const char *key)
{
	aws_request_init(req, AWS_S3, method, operation);
	req->bucket = b->name;
	req->expected_owner = b->owner;
	if (key) {
		buf_addc(&req->http.path, '/');
		buf_add_uri(&req->http.path, key, strlen(key), true);
	}
}

int s3_head_bucket(const struct s3_bucket *b, enum s3_presence *ret, char **ret_region,
		   struct error **err)
{
	cleanup_error struct error *own = NULL;
	cleanup_http_response struct http_response reply = { 0 };
	cleanup_aws_request struct aws_request req = { 0 };
	const char *region;

	http_response_init(&reply);
	s3_request_init(&req, "HEAD", "HeadBucket", b, NULL);
	if (aws_call(b->client, &req, &reply, &own) < 0) {
		if (reply.status == 404)
			*ret = S3_ABSENT;
		else if (reply.status == 403)
			*ret = S3_FORBIDDEN;
		else
			return err_move(&own, err);
		return 0;
	}
	region = http_header_get(&reply.headers, "x-amz-bucket-region");
	*ret = S3_THERE;
	*ret_region = xstrdup(region ? region : aws_client_settings(b->client)->region);
	return 0;
}

void s3_request_md5(struct aws_request *req)
{
	cleanup_buf struct buf b = BUF_INIT;
	uint8_t md5[MD5_SIZE];

	md5_once(req->http.body, req->http.body_len, md5);
	buf_add_base64(&b, md5, sizeof(md5));
	http_header_set(&req->http.headers, "Content-MD5", b.data);
}

int s3_create_bucket(const struct s3_bucket *b, bool object_lock, struct error **err)
{
	const char *region = aws_client_settings(b->client)->region;
	cleanup_buf struct buf body = BUF_INIT;
	cleanup_aws_request struct aws_request req = { 0 };

	s3_request_init(&req, "PUT", "CreateBucket", b, NULL);
	req.expected_owner = NULL;
	http_header_add(&req.http.headers, "x-amz-object-ownership", "BucketOwnerEnforced");
	if (object_lock)
		http_header_add(&req.http.headers, "x-amz-bucket-object-lock-enabled", "true");
	/* us-east-1 is not a valid LocationConstraint: it is the default. */
	if (!str_eq(region, "us-east-1")) {
		buf_addf(&body,
			 "<CreateBucketConfiguration "
			 "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
			 "<LocationConstraint>%s</LocationConstraint></CreateBucketConfiguration>",
			 region);
		http_header_add(&req.http.headers, "Content-Type", "application/xml");
	}
	req.http.body = body.data;
	req.http.body_len = body.len;
	return aws_xml_call(b->client, &req, NULL, err);
}

void s3_object_release(struct s3_object *o)
{
	free(o->key);
	free(o->etag);
	free(o->storage_class);
	*o = (struct s3_object){ 0 };
}

void s3_list_init(struct s3_list *l, const struct s3_bucket *b, const char *prefix,
		  const char *delimiter)
{
	*l = (struct s3_list){ .bucket = *b, .prefix = prefix, .delimiter = delimiter };
}

void s3_list_release(struct s3_list *l)
{
	free(l->token);
	xml_free(l->page);
	*l = (struct s3_list){ 0 };
}

static int next_page(struct s3_list *l, struct error **err)
{
	cleanup_aws_request struct aws_request req = { 0 };
	const char *token, *truncated;

	s3_request_init(&req, "GET", "ListObjectsV2", &l->bucket, NULL);
	http_query_add(&req.http, "list-type", "2");
	/* Keys may contain characters that XML cannot. */
	http_query_add(&req.http, "encoding-type", "url");
	http_query_add(&req.http, "prefix", l->prefix);
	if (l->delimiter)
		http_query_add(&req.http, "delimiter", l->delimiter);
	if (l->token)
		http_query_add(&req.http, "continuation-token", l->token);
	xml_free(TAKE(l->page));
	if (aws_xml_call(l->bucket.client, &req, &l->page, err) < 0)
		return -1;
	l->at = xml_child(l->page, "Contents");
	l->at_prefix = xml_child(l->page, "CommonPrefixes");
	truncated = xml_text(l->page, "IsTruncated");
	token = xml_text(l->page, "NextContinuationToken");
	l->last = !truncated || !str_eq(truncated, "true");
	if (l->last)
		token = NULL;
	else if (!token)
		token = ""; /* truncated, but without a token to continue */
	return aws_next_token(AWS_S3, "ListObjectsV2", &l->token, token, err);
}

/* encoding-type=url is a form's encoding: '+' stands for a space. */
static char *decode_key(const struct s3_list *l, const char *s, struct error **err)
{
	cleanup_free char *spaced = xstrdup(s);
	cleanup_free char *key = NULL;

	for (char *p = spaced; *p; p++)
		if (*p == '+')
			*p = ' ';
	if (!str_uri_decode(spaced, strlen(spaced), &key))
		err_set(err, ERR_UNREACHABLE,
			"s3:ListObjectsV2 returned a key that is not URL-encoded");
	else if (str_starts(key, l->prefix))
		return TAKE(key);
	else
		err_set(err, ERR_UNREACHABLE,
			"s3:ListObjectsV2 lists '%s', which is outside the prefix '%s' that was "
			"asked for",
			key, l->prefix);
	return NULL;
}

static char *unquoted(const char *etag)
{
	size_t n = strlen(etag);

	if (n >= 2 && etag[0] == '"' && etag[n - 1] == '"')
		return xstrndup(etag + 1, n - 2);
	return xstrdup(etag);
}

static int read_object(const struct s3_list *l, const struct xml *x, struct s3_object *ret,
		       struct error **err)
{
	const char *key = xml_text(x, "Key"), *size = xml_text(x, "Size");
	const char *etag = xml_text(x, "ETag"), *modified = xml_text(x, "LastModified");
	struct s3_object o = { 0 };
	int64_t n;

	if (!key || !size || !str_to_int64(size, 0, INT64_MAX, &n))
		return err_set(err, ERR_UNREACHABLE,
			       "s3:ListObjectsV2 returned an object without a key or size");
	o.key = decode_key(l, key, err);
	if (!o.key)
		return -1;
	o.size = (uint64_t)n;
	o.etag = unquoted(etag ? etag : "");
	o.storage_class = xstrdup(xml_text(x, "StorageClass"));
	if (modified)
		time_parse_iso(modified, &o.modified_ms);
	*ret = o;
	return 0;
}

int s3_list_next(struct s3_list *l, struct s3_object *ret, struct error **err)
{
	while (!l->at) {
		if (l->page && l->last)
			return 0;
		if (next_page(l, err) < 0)
			return -1;
	}
	if (read_object(l, l->at, ret, err) < 0)
		return -1;
	l->at = xml_next(l->at);
	return 1;
}

int s3_list_next_prefix(struct s3_list *l, char **ret, struct error **err)
{
	const char *text;

	while (!l->at_prefix) {
		if (l->page && l->last)
			return 0;
		if (next_page(l, err) < 0)
			return -1;
	}
	text = xml_text(l->at_prefix, "Prefix");
	l->at_prefix = xml_next(l->at_prefix);
	*ret = decode_key(l, text ? text : "", err);
	return *ret ? 1 : -1;
}

int s3_get_object(const struct s3_bucket *b, const char *key, struct buf *ret, char **ret_etag,
		  struct error **err)
{
	cleanup_error struct error *own = NULL;
	cleanup_http_response struct http_response reply = { 0 };
	cleanup_aws_request struct aws_request req = { 0 };

	http_response_init(&reply);
	s3_request_init(&req, "GET", "GetObject", b, key);
	req.http.response_max = ret->max;
	if (aws_call(b->client, &req, &reply, &own) < 0)
		return err_is(own, "NoSuchKey") ? 0 : err_move(&own, err);
	buf_add(ret, reply.body.data, reply.body.len);
	if (ret_etag) {
		const char *etag = http_header_get(&reply.headers, "ETag");

		*ret_etag = unquoted(etag ? etag : "");
	}
	return 1;
}

void s3_request_if_match(struct aws_request *req, const char *etag)
{
	cleanup_free char *quoted = xasprintf("\"%s\"", etag);

	http_header_add(&req->http.headers, "If-Match", quoted);
}

int s3_put_object(const struct s3_bucket *b, const char *key, const void *p, size_t n,
		  const char *content_type, const char *if_match, struct error **err)
{
	cleanup_error struct error *own = NULL;
	cleanup_http_response struct http_response reply = { 0 };
	cleanup_aws_request struct aws_request req = { 0 };

	http_response_init(&reply);
	s3_request_init(&req, "PUT", "PutObject", b, key);
	http_header_add(&req.http.headers, "Content-Type", content_type);
	if (if_match)
		s3_request_if_match(&req, if_match);
	else
		http_header_add(&req.http.headers, "If-None-Match", "*");
	if (b->sse)
		http_header_add(&req.http.headers, "x-amz-server-side-encryption", b->sse);
	req.http.body = p;
	req.http.body_len = n;
	s3_request_md5(&req);
	if (aws_call(b->client, &req, &reply, &own) == 0) {
		/* A 200 from something in between, such as a proxy, must not pass for S3's. */
		if (http_header_get(&reply.headers, "ETag"))
			return 1;
		return err_set(err, ERR_UNREACHABLE, "the reply of s3:PutObject has no ETag");
	}
	/* 404: the object that was to be replaced is gone. */
	if (err_is(own, "PreconditionFailed") || (if_match && err_is(own, "NoSuchKey")))
		return 0;
	return err_move(&own, err);
}

static int delete_object(const struct s3_bucket *b, const char *key, const char *if_match,
			 struct error **err)
{
	cleanup_http_response struct http_response reply = { 0 };
	cleanup_aws_request struct aws_request req = { 0 };

	http_response_init(&reply);
	s3_request_init(&req, "DELETE", "DeleteObject", b, key);
	if (if_match)
		s3_request_if_match(&req, if_match);
	if (aws_call(b->client, &req, &reply, err) < 0)
		return -1;
	if (reply.status == 204)
		return 0;
	return err_set(err, ERR_UNREACHABLE, "s3:DeleteObject was answered with status %d, not 204",
		       reply.status);
}

int s3_delete_object(const struct s3_bucket *b, const char *key, struct error **err)
{
	return delete_object(b, key, NULL, err);
}

int s3_delete_object_if(const struct s3_bucket *b, const char *key, const char *etag,
			struct error **err)
{
	cleanup_error struct error *own = NULL;

	if (delete_object(b, key, etag, &own) == 0)
		return 1;
	if (own->http_status == 412 || own->http_status == 404)
		return 0;
	return err_move(&own, err);
}

int s3_delete_folder(const struct s3_bucket *b, const char *prefix, struct error **err)
{
	cleanup_s3_list struct s3_list list = { 0 };
	struct s3_object o;
	int r;

	s3_list_init(&list, b, prefix, NULL);
	while ((r = s3_list_next(&list, &o, err)) > 0) {
		int removed = s3_delete_object(b, o.key, err);

		s3_object_release(&o);
		if (removed < 0)
			return -1;
	}
	return r;
}
