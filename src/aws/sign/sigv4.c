/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "aws/sign/sigv4.h"

#include <stdlib.h>
#include <string.h>

#include "aws/cred/credentials.h"
#include "aws/sign/canonical.h"
#include "base/buf.h"
#include "base/crypto.h"
#include "base/error.h"
#include "base/str.h"
#include "base/time.h"
#include "base/xalloc.h"
#include "net/message.h"

#define ALGORITHM "AWS4-HMAC-SHA256"
#define CONTENT_HASH "x-amz-content-sha256"
#define DATE_LEN 8

struct sigv4 {
	struct sha256 *sha;
	struct hmac256 *step; /* for deriving the key */
	struct hmac256 *key;  /* keyed with the signing key below */
	/* What the key was derived from. */
	char *secret, *region, *service;
	struct buf scope; /* "20150830/us-east-1/service/aws4_request" */
	/* X-Amz-Date of the last second. */
	int64_t stamp_ms;
	char stamp[TIME_AMZ_SIZE];
	struct canonical canonical;
	struct buf request, to_sign, scratch;
};

struct sigv4 *sigv4_new(void)
{
	struct sigv4 *s = xcalloc(1, sizeof(*s));

	s->sha = sha256_new();
	s->step = hmac256_new();
	s->key = hmac256_new();
	s->stamp_ms = -1;
	/* The request and its headers hold the session token. */
	s->canonical.text = s->request = s->scratch = BUF_SECRET;
	s->to_sign = s->scope = BUF_INIT;
	return s;
}

static void forget_key(struct sigv4 *s)
{
	secret_free(TAKE(s->secret));
	free(TAKE(s->region));
	free(TAKE(s->service));
}

void sigv4_free(struct sigv4 *s)
{
	if (!s)
		return;
	forget_key(s);
	sha256_free(s->sha);
	hmac256_free(s->step);
	hmac256_free(s->key);
	canonical_release(&s->canonical);
	buf_release(&s->request);
	buf_release(&s->to_sign);
	buf_release(&s->scratch);
	buf_release(&s->scope);
	free(s);
}

static const char *stamp_of(struct sigv4 *s, int64_t time_ms)
{
	int64_t second = time_floor(time_ms, MS_SECOND);

	if (second != s->stamp_ms) {
		time_amz(second, s->stamp);
		s->stamp_ms = second;
	}
	return s->stamp;
}

/* kSigning = HMAC(HMAC(HMAC(HMAC("AWS4" + secret, date), region), service), "aws4_request") */
static void derive_key(struct sigv4 *s, const struct sigv4_params *p, const char *date)
{
	const char *secret = p->credentials->secret_access_key;
	cleanup_buf struct buf start = BUF_SECRET;
	uint8_t k[SHA256_SIZE];

	buf_reserve(&start, strlen(secret) + 4); /* no copy is left behind by growing */
	buf_adds(&start, "AWS4");
	buf_adds(&start, secret);
	hmac256_set_key(s->step, start.data, start.len);
	hmac256(s->step, date, DATE_LEN, k);
	hmac256_set_key(s->step, k, sizeof(k));
	hmac256(s->step, p->region, strlen(p->region), k);
	hmac256_set_key(s->step, k, sizeof(k));
	hmac256(s->step, p->service, strlen(p->service), k);
	hmac256_set_key(s->step, k, sizeof(k));
	hmac256(s->step, "aws4_request", strlen("aws4_request"), k);
	hmac256_set_key(s->key, k, sizeof(k));
	explicit_bzero(k, sizeof(k));
}

/* Makes key and scope those of the day, region, service and secret. */
static void need_key(struct sigv4 *s, const struct sigv4_params *p)
{
	const char *secret = p->credentials->secret_access_key;
	const char *stamp = stamp_of(s, p->time_ms);

	if (s->secret && memcmp(s->scope.data, stamp, DATE_LEN) == 0 &&
	    str_eq(s->region, p->region) && str_eq(s->service, p->service) &&
	    str_eq(s->secret, secret))
		return;
	forget_key(s);
	s->secret = xstrdup(secret);
	s->region = xstrdup(p->region);
	s->service = xstrdup(p->service);
	buf_clear(&s->scope);
	buf_add(&s->scope, stamp, DATE_LEN);
	buf_addf(&s->scope, "/%s/%s/aws4_request", p->region, p->service);
	derive_key(s, p, stamp);
}

static void add_hash(struct sigv4 *s, const void *p, size_t n, struct buf *out)
{
	/* The digest of the empty body, which most requests have. */
	static const char empty[] =
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
	uint8_t digest[SHA256_SIZE];

	if (n == 0) {
		buf_add(out, empty, sizeof(empty) - 1);
		return;
	}
	sha256_init(s->sha);
	sha256_update(s->sha, p, n);
	sha256_final(s->sha, digest);
	buf_add_hex(out, digest, sizeof(digest));
}

static void add_payload_hash(struct sigv4 *s, const struct http_request *req,
			     const struct sigv4_params *p, struct buf *out)
{
	const char *said = p->payload_hash;

	if (!said)
		said = http_header_get(&req->headers, CONTENT_HASH);
	if (said)
		buf_adds(out, said);
	else
		add_hash(s, req->body, req->body_len, out);
}

static void add_scope(struct sigv4 *s, const struct sigv4_params *p, struct buf *out)
{
	need_key(s, p);
	buf_add(out, s->scope.data, s->scope.len);
}

static void prepare_headers(struct sigv4 *s, struct http_request *req, const struct sigv4_params *p)
{
	const char *token = p->credentials->session_token;

	if (token && !p->omit_session_token)
		http_header_set(&req->headers, "X-Amz-Security-Token", token);
	else
		http_header_remove(&req->headers, "X-Amz-Security-Token");
	http_header_set(&req->headers, "X-Amz-Date", stamp_of(s, p->time_ms));
	if (p->sign_body) {
		buf_clear(&s->scratch);
		if (p->payload_hash)
			buf_adds(&s->scratch, p->payload_hash);
		else
			add_hash(s, req->body, req->body_len, &s->scratch);
		http_header_set(&req->headers, CONTENT_HASH, s->scratch.data);
	}
}

static void prepare_query(struct sigv4 *s, struct http_request *req, const struct sigv4_params *p)
{
	const char *token = p->credentials->session_token;
	cleanup_buf struct buf v = BUF_INIT;

	http_query_add(req, "X-Amz-Algorithm", ALGORITHM);
	buf_addf(&v, "%s/", p->credentials->access_key_id);
	add_scope(s, p, &v);
	http_query_add(req, "X-Amz-Credential", v.data);
	http_query_add(req, "X-Amz-Date", stamp_of(s, p->time_ms));
	buf_clear(&v);
	canonical_headers_collect(&s->canonical, req);
	canonical_headers_names(&s->canonical, &v);
	http_query_add(req, "X-Amz-SignedHeaders", v.data);
	buf_clear(&v);
	buf_addf(&v, "%d", p->expires_s);
	http_query_add(req, "X-Amz-Expires", v.data);
	if (token && !p->omit_session_token)
		http_query_add(req, "X-Amz-Security-Token", token);
}

void sigv4_prepare(struct sigv4 *s, struct http_request *req, const struct sigv4_params *p,
		   bool presigned)
{
	if (presigned)
		prepare_query(s, req, p);
	else
		prepare_headers(s, req, p);
}

int sigv4_canonical_request(struct sigv4 *s, const struct http_request *req,
			    const struct sigv4_params *p, struct buf *out, struct error **err)
{
	buf_adds(out, req->method);
	buf_addc(out, '\n');
	canonical_path(req->path.data, req->path.len, p->single_encoding, !p->no_normalize, out);
	buf_addc(out, '\n');
	canonical_query(&s->canonical, req->query.data, req->query.len, out);
	buf_addc(out, '\n');
	canonical_headers_collect(&s->canonical, req);
	canonical_headers_add(&s->canonical, out);
	buf_addc(out, '\n');
	canonical_headers_names(&s->canonical, out);
	buf_addc(out, '\n');
	add_payload_hash(s, req, p, out);
	if (buf_full(out) || buf_full(&s->canonical.text))
		return err_set(err, ERR_LOCAL, "the request is too large to sign");
	return 0;
}

void sigv4_string_to_sign(struct sigv4 *s, const struct sigv4_params *p,
			  const struct buf *canonical, struct buf *out)
{
	buf_adds(out, ALGORITHM "\n");
	buf_adds(out, stamp_of(s, p->time_ms));
	buf_addc(out, '\n');
	add_scope(s, p, out);
	buf_addc(out, '\n');
	add_hash(s, canonical->data, canonical->len, out);
}

void sigv4_signature(struct sigv4 *s, const struct sigv4_params *p,
		     const struct buf *string_to_sign, char out[65])
{
	uint8_t mac[SHA256_SIZE];

	need_key(s, p);
	hmac256(s->key, string_to_sign->data, string_to_sign->len, mac);
	buf_clear(&s->scratch);
	buf_add_hex(&s->scratch, mac, sizeof(mac));
	memcpy(out, s->scratch.data, 65);
}

static int sign(struct sigv4 *s, struct http_request *req, const struct sigv4_params *p,
		bool presigned, char signature[65], struct error **err)
{
	sigv4_prepare(s, req, p, presigned);
	buf_clear(&s->request);
	if (sigv4_canonical_request(s, req, p, &s->request, err) < 0)
		return -1;
	buf_clear(&s->to_sign);
	sigv4_string_to_sign(s, p, &s->request, &s->to_sign);
	sigv4_signature(s, p, &s->to_sign, signature);
	return 0;
}

int sigv4_sign(struct sigv4 *s, struct http_request *req, const struct sigv4_params *p,
	       struct error **err)
{
	struct buf *b = &s->scratch;
	char signature[65];

	if (sign(s, req, p, false, signature, err) < 0)
		return -1;
	buf_clear(b);
	buf_adds(b, ALGORITHM " Credential=");
	buf_adds(b, p->credentials->access_key_id);
	buf_addc(b, '/');
	add_scope(s, p, b);
	buf_adds(b, ", SignedHeaders=");
	canonical_headers_names(&s->canonical, b);
	buf_adds(b, ", Signature=");
	buf_add(b, signature, 64);
	if (p->omit_session_token && p->credentials->session_token)
		http_header_set(&req->headers, "X-Amz-Security-Token",
				p->credentials->session_token);
	http_header_set(&req->headers, "Authorization", b->data);
	return 0;
}

int sigv4_presign(struct sigv4 *s, struct http_request *req, const struct sigv4_params *p,
		  struct error **err)
{
	char signature[65];

	if (p->expires_s < 1 || p->expires_s > SIGV4_PRESIGN_MAX_S)
		return err_set(err, ERR_USAGE, "a presigned URL lasts 1 second to 7 days");
	if (sign(s, req, p, true, signature, err) < 0)
		return -1;
	if (p->omit_session_token && p->credentials->session_token)
		http_query_add(req, "X-Amz-Security-Token", p->credentials->session_token);
	http_query_add(req, "X-Amz-Signature", signature);
	return 0;
}
