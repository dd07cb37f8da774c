/* SPDX-License-Identifier: MIT */
/* What the chain sends to STS, SSO and the sign-in service, and what it keeps of their replies. */
#include "config.h"

#include "unit.h"

#include <sys/stat.h>

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "aws/cred/cred.h"
#include "base/json.h"
#include "base/time.h"
#include "base/xalloc.h"
#include "world.h"

#define BASE_KEYS "[base]\naws_access_key_id = AKIABASE\naws_secret_access_key = s\n"
#define ROLE "role_arn = arn:aws:iam::111122223333:role/r\nsource_profile = base\n"
#define STS_REPLY                                                                                  \
	"<AssumeRoleResponse><AssumeRoleResult><AssumedRoleUser>"                                  \
	"<Arn>arn:aws:sts::111122223333:assumed-role/r/me</Arn></AssumedRoleUser><Credentials>"    \
	"<AccessKeyId>ASIAR</AccessKeyId><SecretAccessKey>rs</SecretAccessKey>"                    \
	"<SessionToken>rt</SessionToken><Expiration>2030-01-01T00:00:00Z</Expiration>"             \
	"</Credentials></AssumeRoleResult></AssumeRoleResponse>"

/* Named by SHA-1 of "corp", by sha1sum. */
#define SSO_CACHE "/home/.aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json"
#define SSO_PROFILE                                                                                \
	"[profile s]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = R\n"      \
	"[sso-session corp]\nsso_region = eu-central-1\nsso_start_url = https://x/start\n"
#define SSO_CREDENTIALS                                                                            \
	"{\"roleCredentials\":{\"accessKeyId\":\"ASIAS\",\"secretAccessKey\":\"ss\","              \
	"\"sessionToken\":\"st\",\"expiration\":1893456000000}}"

/* Named by SHA-256 of the session, by sha256sum. */
#define LOGIN_SESSION "arn:aws:iam::123456789012:user/me"
#define LOGIN_CACHE                                                                                \
	"/home/.aws/login/cache/"                                                                  \
	"286187707741fc2ccb93cf9e56dbd0ee0a16208feed5fbc8ae1baa86d44c283f.json"
/* Made by openssl ecparam -genkey for this test; X and Y are what openssl ec -text says. */
#define LOGIN_KEY                                                                                  \
	"-----BEGIN EC PRIVATE KEY-----\n"                                                         \
	"MHcCAQEEIDVEhf09y7D/8WEKyvhID2YWmEuw0U3y59hIl1FJmyPjoAoGCCqGSM49\n"                       \
	"AwEHoUQDQgAEM3+I2RIYQMeiFTqjBcNZ7LWrS6GetlmXB+RJc8PBb0FHs7UZBWTM\n"                       \
	"z6/gunG07GZazpEDc9pd6I0yG3MpngMOxA==\n"                                                   \
	"-----END EC PRIVATE KEY-----\n"
#define LOGIN_KEY_X "M3-I2RIYQMeiFTqjBcNZ7LWrS6GetlmXB-RJc8PBb0E"
#define LOGIN_KEY_Y "R7O1GQVkzM-v4LpxtOxmWs6RA3PaXeiNMhtzKZ4DDsQ"

static void resolve_ok(struct world *w, const char *profile, struct credentials *ret)
{
	cleanup(cred_chain_freep) struct cred_chain *c = world_chain(w, profile);

	world_resolves(c, ret);
}

static void resolve_fails(struct world *w, const char *profile, enum err_kind kind,
			  const char *words, const char *hint)
{
	cleanup(cred_chain_freep) struct cred_chain *c = world_chain(w, profile);

	world_fails(c, kind, words, hint);
}

static void test_assume_role(void **state)
{
	struct world *w = *state;
	cleanup_credentials struct credentials got = { 0 };

	world_file(w, "/home/.aws/credentials", BASE_KEYS);
	world_file(w, "/home/.aws/config",
		   "[profile r]\n" ROLE "mfa_serial = arn:mfa/me\n"
		   "external_id = a b&c\nduration_seconds = 3600\n");
	w->code = " 123456 ";
	w->replies[0] = (struct world_reply){ 200, STS_REPLY };
	resolve_ok(w, "r", &got);
	assert_string_equal(w->question, "MFA code for arn:mfa/me: ");
	assert_string_equal(w->last.data,
			    "POST /\n"
			    "Content-Type: application/x-www-form-urlencoded; charset=utf-8\n\n"
			    "Action=AssumeRole&Version=2011-06-15"
			    "&RoleArn=arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2Fr"
			    "&RoleSessionName=apigw-logs-1700000000&ExternalId=a%20b%26c"
			    "&DurationSeconds=3600&SerialNumber=arn%3Amfa%2Fme&TokenCode=123456\n"
			    "[sts eu-west-1 AKIABASE]");
	assert_string_equal(got.access_key_id, "ASIAR");
	assert_string_equal(got.secret_access_key, "rs");
	assert_string_equal(got.session_token, "rt");
	assert_string_equal(got.account_id, "111122223333");
	assert_true(got.expires_ms == INT64_C(1893456000000));
	assert_string_equal(got.provider, "profile 'r' (assumed role "
					  "arn:aws:iam::111122223333:role/r, with profile 'base')");
}

static void test_assume_role_bad_reply(void **state)
{
	static const char *const bad[] = {
		"",
		"<a",
		"<AssumeRoleResponse/>",
		"{}",
		"<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>A</AccessKeyId>"
		"<SecretAccessKey/><SessionToken>t</SessionToken><Expiration>2030-01-01T00:00:00Z"
		"</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>",
		"<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>A</AccessKeyId>"
		"<SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>soon"
		"</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>",
	};
	struct world *w = *state;

	world_file(w, "/home/.aws/credentials", BASE_KEYS);
	world_file(w, "/home/.aws/config", "[profile r]\n" ROLE);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		w->sent = 0;
		w->replies[0] = (struct world_reply){ 200, bad[i] };
		resolve_fails(w, "r", ERR_UNREACHABLE,
			      "cannot assume role 'arn:aws:iam::111122223333:role/r'", NULL);
	}
}

static char *sso_token(const struct world *w, int64_t left_ms)
{
	char until[TIME_ISO_SIZE];

	return xasprintf("{\"startUrl\":\"https://x/start\",\"region\":\"eu-central-1\","
			 "\"accessToken\":\"old\",\"expiresAt\":\"%s\",\"clientId\":\"id\","
			 "\"clientSecret\":\"cs\","
			 "\"registrationExpiresAt\":\"2030-01-01T00:00:00Z\","
			 "\"refreshToken\":\"rt\",\"kept\":[1]}",
			 time_iso(w->fake.now_ms + left_ms, until));
}

static void test_sso_refresh(void **state)
{
	struct world *w = *state;
	cleanup_credentials struct credentials got = { 0 };
	cleanup_free char *old = sso_token(w, 5 * MS_MINUTE), *new = NULL;
	struct stat st;
	cleanup_free char *path = xasprintf("%s" SSO_CACHE, w->root);

	world_file(w, "/home/.aws/config", SSO_PROFILE);
	world_file(w, SSO_CACHE, old);
	w->replies[0] = (struct world_reply){ 200, "{\"accessToken\":\"new\",\"expiresIn\":3600,"
						   "\"refreshToken\":\"rt2\"}" };
	w->replies[1] = (struct world_reply){ 200, SSO_CREDENTIALS };
	resolve_ok(w, "s", &got);
	assert_int_equal(w->sent, 2);
	assert_string_equal(w->last.data, "GET /federation/credentials?account_id=123456789012"
					  "&role_name=R\nx-amz-sso_bearer_token: new\n\n\n"
					  "[portal.sso eu-central-1 unsigned]");
	assert_string_equal(got.access_key_id, "ASIAS");
	assert_string_equal(got.account_id, "123456789012");
	assert_true(got.expires_ms == INT64_C(1893456000000));
	new = world_read(w, SSO_CACHE);
	assert_string_equal(new,
			    "{\"startUrl\":\"https://x/start\",\"region\":\"eu-central-1\","
			    "\"accessToken\":\"new\",\"expiresAt\":\"2023-11-14T23:13:20Z\","
			    "\"clientId\":\"id\",\"clientSecret\":\"cs\",\"registrationExpiresAt\":"
			    "\"2030-01-01T00:00:00Z\",\"refreshToken\":\"rt2\",\"kept\":[1]}");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

static void test_sso_refresh_request(void **state)
{
	struct world *w = *state;
	cleanup_free char *old = sso_token(w, -MS_MINUTE), *same = NULL;

	world_file(w, "/home/.aws/config", SSO_PROFILE);
	world_file(w, SSO_CACHE, old);
	w->replies[0] = (struct world_reply){ 400, "{\"error\":\"invalid_grant\"}" };
	resolve_fails(w, "s", ERR_REFUSED,
		      "the SSO login of profile 's' has expired, and could not be renewed",
		      "aws sso login --profile s");
	assert_string_equal(w->last.data,
			    "POST /token\nContent-Type: application/json\n\n"
			    "{\"clientId\":\"id\",\"clientSecret\":\"cs\",\"grantType\":"
			    "\"refresh_token\",\"refreshToken\":\"rt\"}\n"
			    "[oidc eu-central-1 unsigned]");
	same = world_read(w, SSO_CACHE);
	assert_string_equal(same, old);
}

static void test_sso_refresh_tolerated(void **state)
{
	struct world *w = *state;
	cleanup_credentials struct credentials got = { 0 };
	cleanup_free char *old = sso_token(w, 5 * MS_MINUTE);

	world_file(w, "/home/.aws/config", SSO_PROFILE);
	world_file(w, SSO_CACHE, old);
	w->replies[0] = (struct world_reply){ 0, NULL };
	w->replies[1] = (struct world_reply){ 200, SSO_CREDENTIALS };
	resolve_ok(w, "s", &got);
	assert_non_null(strstr(w->last.data, "x-amz-sso_bearer_token: old\n"));
}

static void test_sso_refused(void **state)
{
	struct world *w = *state;
	cleanup_free char *token = sso_token(w, MS_HOUR);

	world_file(w, "/home/.aws/config", SSO_PROFILE);
	world_file(w, SSO_CACHE, token);
	w->replies[0] = (struct world_reply){ 401, "{}" };
	resolve_fails(w, "s", ERR_REFUSED, "cannot get SSO credentials for profile 's'",
		      "aws sso login --profile s");
	w->replies[1] = (struct world_reply){ 403, "{}" };
	resolve_fails(w, "s", ERR_REFUSED, "cannot get SSO credentials",
		      "role 'R' in account 123456789012");
}

static void login_file(struct world *w, int64_t left_ms)
{
	char until[TIME_ISO_SIZE];
	cleanup_json json_t *doc = json_pack(
		"{s:{s:s, s:s, s:s, s:s, s:s}, s:s, s:s, s:s, s:s, s:s}", "accessToken",
		"accessKeyId", "ASIAOLD", "secretAccessKey", "os", "sessionToken", "ot",
		"accountId", "123456789012", "expiresAt", time_iso(w->fake.now_ms + left_ms, until),
		"tokenType", "aws_sigv4", "refreshToken", "rt", "idToken", "it", "clientId", "cid",
		"dpopKey", LOGIN_KEY);
	cleanup_buf struct buf text = BUF_INIT;

	json_add_compact(&text, doc);
	world_file(w, LOGIN_CACHE, text.data);
	world_file(w, "/home/.aws/config", "[profile l]\nlogin_session = " LOGIN_SESSION "\n");
}

/* base64url, decoded by OpenSSL; returns the length. */
static size_t decode(const char *text, size_t n, unsigned char *out)
{
	cleanup_free char *padded = xasprintf("%.*s%s", (int)n, text, &"===="[4 - (4 - n % 4) % 4]);
	int len;

	for (char *p = padded; *p; p++)
		*p = *p == '-' ? '+' : *p == '_' ? '/' : *p;
	len = EVP_DecodeBlock(out, (unsigned char *)padded, (int)strlen(padded));
	assert_true(len >= 0);
	return (size_t)len - (4 - n % 4) % 4;
}

/* RFC 7518, 3.4: r and s, turned into the DER that OpenSSL verifies. */
static void verify(const char *message, size_t len, const unsigned char *signature)
{
	BIO *in = BIO_new_mem_buf(LOGIN_KEY, -1);
	EVP_PKEY *key = PEM_read_bio_PrivateKey(in, NULL, NULL, NULL);
	ECDSA_SIG *sig = ECDSA_SIG_new();
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	unsigned char *der = NULL;
	int n;

	ECDSA_SIG_set0(sig, BN_bin2bn(signature, 32, NULL), BN_bin2bn(signature + 32, 32, NULL));
	n = i2d_ECDSA_SIG(sig, &der);
	assert_int_equal(EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, key), 1);
	assert_int_equal(EVP_DigestVerify(ctx, der, (size_t)n, (const unsigned char *)message, len),
			 1);
	OPENSSL_free(der);
	EVP_MD_CTX_free(ctx);
	ECDSA_SIG_free(sig);
	EVP_PKEY_free(key);
	BIO_free(in);
}

static void check_proof(const char *proof)
{
	const char *payload = strchr(proof, '.') + 1, *signature = strchr(payload, '.') + 1;
	unsigned char text[1024] = { 0 };
	cleanup_json json_t *head = NULL, *claims = NULL;
	size_t n = decode(proof, (size_t)(payload - 1 - proof), text);

	assert_int_equal(json_parse((char *)text, n, "head", &head, NULL), 0);
	assert_string_equal(json_str(head, "typ"), "dpop+jwt");
	assert_string_equal(json_str(head, "alg"), "ES256");
	assert_string_equal(json_str(json_obj(head, "jwk"), "x"), LOGIN_KEY_X);
	assert_string_equal(json_str(json_obj(head, "jwk"), "y"), LOGIN_KEY_Y);
	assert_null(json_object_get(json_obj(head, "jwk"), "d"));
	n = decode(payload, (size_t)(signature - 1 - payload), text);
	assert_int_equal(json_parse((char *)text, n, "claims", &claims, NULL), 0);
	assert_string_equal(json_str(claims, "htm"), "POST");
	assert_string_equal(json_str(claims, "htu"),
			    "https://eu-west-1.signin.aws.amazon.com/v1/token");
	assert_true(json_int(claims, "iat", 0) == 1700000000);
	n = decode(signature, strcspn(signature, "\n"), text);
	assert_int_equal(n, 64);
	verify(proof, (size_t)(signature - 1 - proof), text);
}

static void test_login_refresh(void **state)
{
	struct world *w = *state;
	cleanup_credentials struct credentials got = { 0 };
	cleanup_free char *new = NULL;
	const char *proof;

	login_file(w, MS_MINUTE);
	w->replies[0] = (struct world_reply){
		200,
		"{\"accessToken\":{\"accessKeyId\":\"ASIANEW\","
		"\"secretAccessKey\":\"ns\",\"sessionToken\":\"nt\"},\"tokenType\":\"aws_sigv4\","
		"\"expiresIn\":900,\"refreshToken\":\"rt2\"}"
	};
	resolve_ok(w, "l", &got);
	assert_string_equal(got.access_key_id, "ASIANEW");
	assert_string_equal(got.session_token, "nt");
	assert_string_equal(got.account_id, "123456789012");
	assert_true(got.expires_ms == w->fake.now_ms + 900000);
	assert_true(str_starts(w->last.data, "POST https://eu-west-1.signin.aws.amazon.com/v1/token"
					     "\nContent-Type: application/json\nDPoP: "));
	assert_true(str_ends(w->last.data, "\n\n{\"clientId\":\"cid\",\"grantType\":"
					   "\"refresh_token\",\"refreshToken\":\"rt\"}"));
	proof = strstr(w->last.data, "DPoP: ") + strlen("DPoP: ");
	check_proof(proof);
	new = world_read(w, LOGIN_CACHE);
	assert_non_null(strstr(new, "\"refreshToken\":\"rt2\""));
	assert_non_null(strstr(new, "\"accessKeyId\":\"ASIANEW\""));
	assert_non_null(strstr(new, "\"expiresAt\":\"2023-11-14T22:28:20Z\""));
	assert_non_null(strstr(new, "\"idToken\":\"it\""));
	assert_non_null(strstr(new, "BEGIN EC PRIVATE KEY"));
}

static void test_login_failures(void **state)
{
	struct world *w = *state;
	cleanup_credentials struct credentials got = { 0 };

	login_file(w, MS_MINUTE);
	w->replies[0] = (struct world_reply){ 400, "{\"error\":\"TOKEN_EXPIRED\"}" };
	resolve_ok(w, "l", &got);
	assert_string_equal(got.access_key_id, "ASIAOLD");
	login_file(w, -MS_MINUTE);
	resolve_fails(w, "l", ERR_REFUSED,
		      "the login of profile 'l' has expired, and could not be renewed: the sign-in "
		      "service answered 400 TOKEN_EXPIRED",
		      "aws login --profile l");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_assume_role),           TEST(test_assume_role_bad_reply),
		TEST(test_sso_refresh),           TEST(test_sso_refresh_request),
		TEST(test_sso_refresh_tolerated), TEST(test_sso_refused),
		TEST(test_login_refresh),         TEST(test_login_failures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
