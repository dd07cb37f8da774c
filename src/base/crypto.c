/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/crypto.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <string.h>
#include <sys/random.h>

#include "base/buf.h"
#include "base/xalloc.h"

struct sha256 {
	EVP_MD *md;
	EVP_MD_CTX *ctx;
};

struct hmac256 {
	EVP_MAC *mac;
	EVP_MAC_CTX *ctx;
};

/* OpenSSL fails here only without memory or without its own providers. */
static void must(int ok)
{
	if (ok != 1)
		xalloc_die();
}

struct sha256 *sha256_new(void)
{
	struct sha256 *s = xcalloc(1, sizeof(*s));

	s->md = EVP_MD_fetch(NULL, "SHA256", NULL);
	s->ctx = EVP_MD_CTX_new();
	must(s->md && s->ctx);
	sha256_init(s);
	return s;
}

void sha256_free(struct sha256 *s)
{
	if (!s)
		return;
	EVP_MD_CTX_free(s->ctx);
	EVP_MD_free(s->md);
	free(s);
}

void sha256_init(struct sha256 *s)
{
	must(EVP_DigestInit_ex2(s->ctx, s->md, NULL));
}

void sha256_update(struct sha256 *s, const void *p, size_t n)
{
	must(EVP_DigestUpdate(s->ctx, p, n));
}

void sha256_final(struct sha256 *s, uint8_t out[SHA256_SIZE])
{
	must(EVP_DigestFinal_ex(s->ctx, out, NULL));
}

struct hmac256 *hmac256_new(void)
{
	struct hmac256 *h = xcalloc(1, sizeof(*h));
	char digest[] = "SHA256";
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
		OSSL_PARAM_construct_end(),
	};

	h->mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	must(h->mac != NULL);
	h->ctx = EVP_MAC_CTX_new(h->mac);
	must(h->ctx && EVP_MAC_CTX_set_params(h->ctx, params));
	return h;
}

void hmac256_free(struct hmac256 *h)
{
	if (!h)
		return;
	EVP_MAC_CTX_free(h->ctx);
	EVP_MAC_free(h->mac);
	free(h);
}

void hmac256_set_key(struct hmac256 *h, const void *key, size_t len)
{
	must(EVP_MAC_init(h->ctx, key, len, NULL));
}

void hmac256(struct hmac256 *h, const void *p, size_t n, uint8_t out[SHA256_SIZE])
{
	size_t len;

	/* Without a key, EVP_MAC_init starts over with the key it has. */
	must(EVP_MAC_init(h->ctx, NULL, 0, NULL));
	must(EVP_MAC_update(h->ctx, p, n));
	must(EVP_MAC_final(h->ctx, out, &len, SHA256_SIZE));
}

void sha256_once(const void *p, size_t n, uint8_t out[SHA256_SIZE])
{
	must(EVP_Q_digest(NULL, "SHA256", NULL, p, n, out, NULL));
}

void md5_once(const void *p, size_t n, uint8_t out[MD5_SIZE])
{
	must(EVP_Q_digest(NULL, "MD5", "-fips", p, n, out, NULL));
}

void sha1_once(const void *p, size_t n, uint8_t out[SHA1_SIZE])
{
	must(EVP_Q_digest(NULL, "SHA1", NULL, p, n, out, NULL));
}

void buf_add_base64(struct buf *b, const void *p, size_t n)
{
	size_t len = (n + 2) / 3 * 4;

	/* EVP_EncodeBlock writes its own NUL after len bytes, where buf has room for one. */
	if (n > b->max / 2 || !buf_reserve(b, len)) {
		b->full = true;
		return;
	}
	EVP_EncodeBlock((unsigned char *)b->data + b->len, p, (int)n);
	b->len += len;
}

void random_bytes(void *p, size_t n)
{
	unsigned char *out = p;

	while (n) {
		size_t chunk = n < 256 ? n : 256; /* never interrupted, never short */

		must(getrandom(out, chunk, 0) == (ssize_t)chunk);
		out += chunk;
		n -= chunk;
	}
}

double random_unit(void)
{
	uint64_t bits;

	random_bytes(&bits, sizeof(bits));
	return (double)(bits >> 11) * 0x1p-53;
}

void secret_free(char *s)
{
	if (s)
		OPENSSL_cleanse(s, strlen(s));
	free(s);
}
