/* SPDX-License-Identifier: MIT */
/*
 * Digests, random numbers and base64, by OpenSSL. Digests cannot fail, because running
 * out of memory ends the program.
 */
#ifndef BASE_CRYPTO_H
#define BASE_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

struct buf;

#define SHA256_SIZE 32
#define MD5_SIZE 16

/* SHA-256 of many small texts: the algorithm is fetched once and the context is reused. */
struct sha256;
struct sha256 *sha256_new(void);
void sha256_free(struct sha256 *s);
DEFINE_CLEANUP(struct sha256 *, sha256_free)
void sha256_init(struct sha256 *s);
void sha256_update(struct sha256 *s, const void *p, size_t n);
void sha256_final(struct sha256 *s, uint8_t out[SHA256_SIZE]);

/* HMAC-SHA-256 of many texts with one key. */
struct hmac256;
struct hmac256 *hmac256_new(void);
void hmac256_free(struct hmac256 *h);
DEFINE_CLEANUP(struct hmac256 *, hmac256_free)
void hmac256_set_key(struct hmac256 *h, const void *key, size_t len);
void hmac256(struct hmac256 *h, const void *p, size_t n, uint8_t out[SHA256_SIZE]);

/* Of one text. MD5 is only for S3's Content-MD5, SHA-1 only for the names of SSO's cache files. */
void sha256_once(const void *p, size_t n, uint8_t out[SHA256_SIZE]);
void md5_once(const void *p, size_t n, uint8_t out[MD5_SIZE]);
#define SHA1_SIZE 20
void sha1_once(const void *p, size_t n, uint8_t out[SHA1_SIZE]);

/* ES256 (RFC 7518, 3.4) with a private key of P-256. */
#define ES256_SIZE 32
struct es256;
/* From PEM; NULL if it is not a private key of this curve. */
struct es256 *es256_new(const char *pem);
void es256_free(struct es256 *e);
DEFINE_CLEANUP(struct es256 *, es256_free)
/* The public point: x, then y. */
void es256_point(const struct es256 *e, uint8_t out[2 * ES256_SIZE]);
/* r, then s, as in a JWS. */
void es256_sign(const struct es256 *e, const void *p, size_t n, uint8_t out[2 * ES256_SIZE]);

/* Signatures of documents, as openssl(1) makes and checks them: Ed25519, or ECDSA with SHA-256. */
struct sign_key;
/* From PEM; NULL if it is no such key, or if it needs a passphrase. */
struct sign_key *sign_key_new(const char *pem);
/* A public key, or the public half of a private one. */
struct sign_key *sign_key_new_public(const char *pem);
void sign_key_free(struct sign_key *k);
DEFINE_CLEANUP(struct sign_key *, sign_key_free)
void sign_key_sign(const struct sign_key *k, const void *p, size_t n, struct buf *ret);
bool sign_key_verify(const struct sign_key *k, const void *p, size_t n, const void *signature,
		     size_t len);

void buf_add_base64(struct buf *b, const void *p, size_t n);
/* False, and nothing is added, if it is not base64 with its padding. */
bool buf_add_unbase64(struct buf *b, const char *text);
/* RFC 4648, 5, without padding. */
void buf_add_base64url(struct buf *b, const void *p, size_t n);
/* Uniform in [0, 1). */
double random_unit(void);
void random_bytes(void *p, size_t n);

/* Wipes a string and frees it; NULL is allowed. */
void secret_free(char *s);
DEFINE_CLEANUP(char *, secret_free)
#define cleanup_secret cleanup(secret_freep)

#endif
