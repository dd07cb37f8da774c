/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/crypto.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/pem.h>
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

/* OpenSSL fails here only if it is out of memory or lacks its own providers. */
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

	/* Without a key, EVP_MAC_init() starts again with the previous one. */
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

bool buf_add_unbase64(struct buf *b, const char *text)
{
	size_t n = strlen(text), padding = n ? strspn(text + strcspn(text, "="), "=") : 0;
	int len;

	if (n % 4 || n > b->max / 2 || padding > 2 || strcspn(text, "=") + padding != n ||
	    strpbrk(text, " \t\r\n-") || !buf_reserve(b, n))
		return false;
	len = EVP_DecodeBlock((unsigned char *)b->data + b->len, (const unsigned char *)text,
			      (int)n);
	if (len < 0)
		return false;
	b->len += (size_t)len - padding;
	b->data[b->len] = '\0';
	return true;
}

void buf_add_base64url(struct buf *b, const void *p, size_t n)
{
	size_t start = b->len;

	buf_add_base64(b, p, n);
	while (b->len > start && b->data[b->len - 1] == '=')
		b->data[--b->len] = '\0';
	for (size_t i = start; i < b->len; i++)
		b->data[i] = b->data[i] == '+' ? '-' : b->data[i] == '/' ? '_' : b->data[i];
}

/* An opaque name for OpenSSL's EVP_PKEY. */
#define ES256_KEY(e) ((EVP_PKEY *)(e))

/* Otherwise OpenSSL would ask for a passphrase on the terminal. */
static int no_passphrase(char *out, int size, int rw, void *data)
{
	(void)out, (void)size, (void)rw, (void)data;
	return -1;
}

struct es256 *es256_new(const char *pem)
{
	BIO *in = BIO_new_mem_buf(pem, -1);
	EVP_PKEY *key;
	char group[64] = "";

	must(in != NULL);
	key = PEM_read_bio_PrivateKey(in, NULL, no_passphrase, NULL);
	BIO_free(in);
	if (key && EVP_PKEY_get_group_name(key, group, sizeof(group), NULL) == 1 &&
	    strcmp(group, "prime256v1") == 0)
		return (struct es256 *)key;
	EVP_PKEY_free(key);
	return NULL;
}

void es256_free(struct es256 *e)
{
	EVP_PKEY_free(ES256_KEY(e));
}

void es256_point(const struct es256 *e, uint8_t out[2 * ES256_SIZE])
{
	BIGNUM *x = NULL, *y = NULL;

	must(EVP_PKEY_get_bn_param(ES256_KEY(e), OSSL_PKEY_PARAM_EC_PUB_X, &x));
	must(EVP_PKEY_get_bn_param(ES256_KEY(e), OSSL_PKEY_PARAM_EC_PUB_Y, &y));
	must(BN_bn2binpad(x, out, ES256_SIZE) == ES256_SIZE);
	must(BN_bn2binpad(y, out + ES256_SIZE, ES256_SIZE) == ES256_SIZE);
	BN_free(x);
	BN_free(y);
}

void es256_sign(const struct es256 *e, const void *p, size_t n, uint8_t out[2 * ES256_SIZE])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	unsigned char der[128];
	const unsigned char *at = der;
	size_t len = sizeof(der);
	ECDSA_SIG *sig;

	must(ctx != NULL);
	must(EVP_DigestSignInit_ex(ctx, NULL, "SHA256", NULL, NULL, ES256_KEY(e), NULL));
	must(EVP_DigestSign(ctx, der, &len, p, n));
	EVP_MD_CTX_free(ctx);
	/* OpenSSL's signature is in DER; a JWS has the two numbers at a fixed length. */
	sig = d2i_ECDSA_SIG(NULL, &at, (long)len);
	must(sig != NULL);
	must(BN_bn2binpad(ECDSA_SIG_get0_r(sig), out, ES256_SIZE) == ES256_SIZE);
	must(BN_bn2binpad(ECDSA_SIG_get0_s(sig), out + ES256_SIZE, ES256_SIZE) == ES256_SIZE);
	ECDSA_SIG_free(sig);
}

typedef EVP_PKEY *pem_reader(BIO *in, EVP_PKEY **key, pem_password_cb *ask, void *data);

/* An opaque name, as above. */
#define SIGN_KEY(k) ((EVP_PKEY *)(k))

/* NULL for a key that cannot sign documents; what OpenSSL has to say about it is of no use. */
static struct sign_key *accept_key(EVP_PKEY *key)
{
	ERR_clear_error();
	if (key && (EVP_PKEY_is_a(key, "ED25519") || EVP_PKEY_is_a(key, "EC")))
		return (struct sign_key *)key;
	EVP_PKEY_free(key);
	return NULL;
}

static EVP_PKEY *read_key(const char *pem, pem_reader *read)
{
	BIO *in = BIO_new_mem_buf(pem, -1);
	EVP_PKEY *key;

	must(in != NULL);
	key = read(in, NULL, no_passphrase, NULL);
	BIO_free(in);
	return key;
}

struct sign_key *sign_key_new(const char *pem)
{
	return accept_key(read_key(pem, PEM_read_bio_PrivateKey));
}

struct sign_key *sign_key_new_public(const char *pem)
{
	EVP_PKEY *key = read_key(pem, PEM_read_bio_PUBKEY);

	return accept_key(key ? key : read_key(pem, PEM_read_bio_PrivateKey));
}

void sign_key_free(struct sign_key *k)
{
	EVP_PKEY_free(SIGN_KEY(k));
}

/* Ed25519 has its digest built in. */
static const char *digest_for(const struct sign_key *k)
{
	return EVP_PKEY_is_a(SIGN_KEY(k), "EC") ? "SHA256" : NULL;
}

void sign_key_sign(const struct sign_key *k, const void *p, size_t n, struct buf *ret)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	unsigned char out[256];
	size_t len = sizeof(out);

	must(ctx != NULL);
	must(EVP_DigestSignInit_ex(ctx, NULL, digest_for(k), NULL, NULL, SIGN_KEY(k), NULL));
	must(EVP_DigestSign(ctx, out, &len, p, n));
	EVP_MD_CTX_free(ctx);
	buf_add(ret, out, len);
}

bool sign_key_verify(const struct sign_key *k, const void *p, size_t n, const void *signature,
		     size_t len)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool good;

	must(ctx != NULL);
	must(EVP_DigestVerifyInit_ex(ctx, NULL, digest_for(k), NULL, NULL, SIGN_KEY(k), NULL));
	good = EVP_DigestVerify(ctx, signature, len, p, n) == 1;
	EVP_MD_CTX_free(ctx);
	ERR_clear_error();
	return good;
}

void random_bytes(void *p, size_t n)
{
	unsigned char *out = p;

	while (n) {
		size_t chunk =
			n < 256 ? n
				: 256; /* getrandom(2): up to 256 bytes are never interrupted and never short */

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
