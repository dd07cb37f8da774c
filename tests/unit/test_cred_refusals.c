/* SPDX-License-Identifier: MIT */
/* What the providers refuse: settings that make no sense, and odd replies. */
#include "config.h"

#include "unit.h"

#include <sys/stat.h>

#include "aws/cred/cache.h"
#include "aws/cred/cred.h"
#include "base/json.h"
#include "base/xalloc.h"
#include "world.h"

/* What is asked, what it is answered, and what the chain says then. */
struct refusal {
	const char *variables[4]; /* beside HOME and AWS_REGION */
	struct world_reply replies[4];
	enum err_kind kind;
	const char *words;
	int sent; /* requests in all; 0: whatever */
};

/* Each in the same world; profile may be NULL. */
static void refuse_all(struct world *w, const char *profile, const struct refusal *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		cleanup(cred_chain_freep) struct cred_chain *c = NULL;

		memcpy(w->replies, cases[i].replies, sizeof(cases[i].replies));
		for (size_t j = 0; j < ARRAY_SIZE(cases[i].variables); j++)
			w->fake.variables[2 + j] = cases[i].variables[j];
		w->sent = 0;
		c = world_chain(w, profile);
		world_fails(c, cases[i].kind, cases[i].words, NULL);
		if (cases[i].sent && w->sent != cases[i].sent)
			fail_msg("%s: %d requests", cases[i].words, w->sent);
	}
}

#define REFUSE(w, profile, ...)                                                                    \
	do {                                                                                       \
		static const struct refusal cases[] = { __VA_ARGS__ };                             \
		refuse_all(w, profile, cases, ARRAY_SIZE(cases));                                  \
	} while (0)

static void test_environment(void **state)
{
	REFUSE(*state, NULL,
	       { { "AWS_ACCESS_KEY_ID=A\177", "AWS_SECRET_ACCESS_KEY=s" },
		 .kind = ERR_USAGE,
		 .words = "the access key id" },
	       { { "AWS_ACCESS_KEY_ID=A", "AWS_SECRET_ACCESS_KEY=s", "AWS_SESSION_TOKEN=a\tb" },
		 .kind = ERR_USAGE,
		 .words = "the session token" },
	       { { "AWS_WEB_IDENTITY_TOKEN_FILE=/t" },
		 .kind = ERR_USAGE,
		 .words = "AWS_ROLE_ARN is not" });
}

#define DISABLED "AWS_EC2_METADATA_DISABLED=true"
#define FULL "AWS_CONTAINER_CREDENTIALS_FULL_URI="
#define RELATIVE "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI="

static void test_container(void **state)
{
	struct world *w = *state;

	world_file(w, "/token", "a\nb");
	REFUSE(w, NULL,
	       { { DISABLED, RELATIVE "x" }, .kind = ERR_USAGE, .words = "begin with '/'" },
	       { { DISABLED, FULL "::" }, .kind = ERR_USAGE, .words = "_FULL_URI" },
	       { { DISABLED, FULL "http://10.0.0.1/" },
		 .kind = ERR_USAGE,
		 .words = "neither https" },
	       { { DISABLED, RELATIVE "/\177" }, .kind = ERR_USAGE, .words = "not an http" },
	       { { DISABLED, RELATIVE "/c", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=/token" },
		 .kind = ERR_USAGE,
		 .words = "the token in '/token'" },
	       { { DISABLED, RELATIVE "/c", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=/none" },
		 .kind = ERR_LOCAL,
		 .words = "_TOKEN_FILE" },
	       /* What passes is asked for again, what does not is not. */
	       { { DISABLED, RELATIVE "/c" }, { { 503, "" } }, ERR_UNREACHABLE, "answered 503", 3 },
	       { { DISABLED, RELATIVE "/c" }, { { 429, "" } }, ERR_REFUSED, "answered 429", 3 },
	       { { DISABLED, RELATIVE "/c" },
		 { { 403, "{\"code\":\"No\",\"message\":\"never\"}" } },
		 ERR_REFUSED,
		 "answered 403 No: never",
		 1 },
	       { { DISABLED, RELATIVE "/c" }, { { 0 } }, ERR_UNREACHABLE, "no connection", 3 },
	       { { DISABLED, RELATIVE "/c" },
		 { { 200, "{\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"s\",\"Token\":\"t\"}" } },
		 ERR_UNREACHABLE,
		 "has no Expiration" },
	       { { DISABLED, RELATIVE "/c" },
		 { { 200, "{\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"s\","
			  "\"Expiration\":\"2030-01-01T00:00:00Z\"}" } },
		 ERR_UNREACHABLE,
		 "has no Token" },
	       { { DISABLED, RELATIVE "/c" },
		 { { 200, "{\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"s\",\"Token\":\"t\","
			  "\"Expiration\":\"2020-01-01T00:00:00Z\"}" } },
		 ERR_REFUSED,
		 "expired at 2020-01-01" },
	       { { DISABLED, RELATIVE "/c" },
		 { { 200, "{\"AccessKeyId\":\"\"}" } },
		 ERR_UNREACHABLE,
		 "has no AccessKeyId" });
}

#define TOKEN                                                                                      \
	{                                                                                          \
		200, "token"                                                                       \
	}

static void test_instance_metadata(void **state)
{
	REFUSE(*state, NULL,
	       { { "AWS_METADATA_SERVICE_TIMEOUT=0" }, .kind = ERR_USAGE, .words = "1 to 3600" },
	       { { "AWS_METADATA_SERVICE_NUM_ATTEMPTS=x" }, .kind = ERR_USAGE, .words = "not 'x'" },
	       { { "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE=IPv5" },
		 .kind = ERR_USAGE,
		 .words = "not 'IPv5'" },
	       { { "AWS_EC2_METADATA_SERVICE_ENDPOINT=x y" },
		 .kind = ERR_USAGE,
		 .words = "AWS_EC2_METADATA_SERVICE_ENDPOINT" },
	       /* No such service, or none that has something: the chain ends without credentials. */
	       { { NULL }, { { 0 } }, ERR_REFUSED, "no AWS credentials found", 1 },
	       { { "AWS_METADATA_SERVICE_NUM_ATTEMPTS=2" },
		 { { 0 } },
		 ERR_REFUSED,
		 "no AWS credentials found",
		 2 },
	       { { "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE=ipv6" },
		 { { 404, "" } },
		 ERR_REFUSED,
		 "'http://[fd00:ec2::254]' has no IMDSv2" },
	       { { NULL }, { { 405, "" } }, ERR_REFUSED, "has no IMDSv2" },
	       { { NULL }, { { 403, "" } }, ERR_REFUSED, "disabled or unreachable" },
	       { { NULL }, { TOKEN, { 404, "" } }, ERR_REFUSED, "has no IAM role" },
	       { { NULL }, { TOKEN, { 200, "\n" } }, ERR_REFUSED, "has no IAM role" },
	       /* One that answers, and wrongly, is an error of its own. */
	       { { NULL }, { { 400, "" } }, ERR_UNREACHABLE, "it answered 400" },
	       { { NULL }, { { 200, "a\nb" } }, ERR_UNREACHABLE, "with no token" },
	       { { NULL }, { TOKEN, { 400, "" } }, ERR_REFUSED, "answered 400" },
	       { { NULL }, { TOKEN, { 200, "r" }, { 501, "" } }, ERR_UNREACHABLE, "answered 501" },
	       { { NULL }, { TOKEN, { 200, "r" }, { 200, "x" } }, ERR_UNREACHABLE, "not JSON" },
	       { { NULL },
		 { TOKEN, { 200, "r" }, { 200, "{\"Code\":\"No\",\"Message\":\"never\"}" } },
		 ERR_REFUSED,
		 "role 'r': No: never" },
	       { { NULL },
		 { TOKEN, { 200, "r" }, { 200, "{\"Code\":\"No\"}" } },
		 ERR_REFUSED,
		 "role 'r': No" });
}

#define STS(inside)                                                                                \
	"<AssumeRoleResponse><AssumeRoleResult>" inside "</AssumeRoleResult></AssumeRoleResponse>"
#define KEYS "<AccessKeyId>A</AccessKeyId><SecretAccessKey>s</SecretAccessKey>"

static void test_roles(void **state)
{
	struct world *w = *state;

	world_file(w, "/home/.aws/config",
		   "[profile r]\nrole_arn = arn:aws:iam::111122223333:role/r\nsource_profile = b\n"
		   "[profile w]\nrole_arn = arn:aws:iam::111122223333:role/r\n"
		   "web_identity_token_file = /token\n"
		   "[profile d]\nrole_arn = arn:aws:iam::111122223333:role/r\n"
		   "web_identity_token_file = /good\nduration_seconds = 5\n"
		   "[profile b]\naws_access_key_id = AKIABASE\naws_secret_access_key = s\n");
	world_file(w, "/token", "a\200b");
	world_file(w, "/good", "e.y.J");
	REFUSE(w, "r",
	       { { DISABLED }, { { 200, "<x>" } }, ERR_UNREACHABLE, "sts:AssumeRole is not" },
	       { { DISABLED }, { { 200, "<x/>" } }, ERR_UNREACHABLE, "has no AssumeRoleResult" },
	       { { DISABLED }, { { 200, STS("") } }, ERR_UNREACHABLE, "key, token or expiration" },
	       { { DISABLED },
		 { { 200, STS("<Credentials>" KEYS "</Credentials>") } },
		 ERR_UNREACHABLE,
		 "key, token or expiration" },
	       { { DISABLED },
		 { { 200, STS("<Credentials>" KEYS "<SessionToken>t</SessionToken>"
			      "</Credentials>") } },
		 ERR_UNREACHABLE,
		 "key, token or expiration" },
	       { { DISABLED },
		 { { 200, STS("<Credentials>" KEYS "<SessionToken>t</SessionToken>"
			      "<Expiration>soon</Expiration></Credentials>") } },
		 ERR_UNREACHABLE,
		 "key, token or expiration" });
	REFUSE(w, "w", { { DISABLED }, .kind = ERR_USAGE, .words = "is empty or not text" });
	REFUSE(w, "d", { { DISABLED }, .kind = ERR_USAGE, .words = "a number from 900 to 43200" });
}

static void test_sso_settings(void **state)
{
	struct world *w = *state;

	world_file(w, "/home/.aws/config",
		   "[profile a]\nsso_session = c\nsso_role_name = r\n"
		   "[profile b]\nsso_session = c\nsso_account_id = 1\n"
		   "[profile c]\nsso_session = none\nsso_account_id = 1\nsso_role_name = r\n"
		   "[profile d]\nsso_session = c\nsso_account_id = 1\nsso_role_name = r\n"
		   "sso_region = eu-west-2\n"
		   "[profile e]\nsso_session = f\nsso_account_id = 1\nsso_role_name = r\n"
		   "[profile g]\nsso_account_id = 1\nsso_role_name = r\n"
		   "[sso-session c]\nsso_region = eu-west-1\nsso_start_url = https://x/\n"
		   "[sso-session f]\nsso_region = eu-west-1\n");
	REFUSE(w, "a", { { DISABLED }, .kind = ERR_USAGE, .words = "no sso_account_id" });
	REFUSE(w, "b", { { DISABLED }, .kind = ERR_USAGE, .words = "no sso_role_name" });
	REFUSE(w, "c", { { DISABLED }, .kind = ERR_USAGE, .words = "sso-session 'none'" });
	REFUSE(w, "d", { { DISABLED }, .kind = ERR_USAGE, .words = "is not the one of its" });
	REFUSE(w, "e", { { DISABLED }, .kind = ERR_USAGE, .words = "'f' has no sso_start_url" });
	REFUSE(w, "g", { { DISABLED }, .kind = ERR_USAGE, .words = "'g' has no sso_start_url" });
}

/* Made by openssl ecparam -genkey for this test. */
#define LOGIN                                                                                      \
	"{\"accessToken\":{\"accessKeyId\":\"A\",\"secretAccessKey\":\"s\",\"sessionToken\":"      \
	"\"t\","                                                                                   \
	"\"expiresAt\":\"2020-01-01T00:00:00Z\"},\"refreshToken\":\"r\",\"clientId\":\"c\",%"      \
	"s\"dpopKey\":"                                                                            \
	"\"-----BEGIN EC PRIVATE KEY-----\\n"                                                      \
	"MHcCAQEEIJSoDopyI+LQmgo10zY9nqCusz0fEbA2LHj7kNCWznQ1oAoGCCqGSM49\\n"                      \
	"AwEHoUQDQgAEtQFVxBKZnfHWRa9eIYxoUb9Zmr4U78sxZItLebwtlgg6Jus4MnVV\\n"                      \
	"OEAmoHritUzTn+MdtR+Y8ICc12vZZy/K0g==\\n"                                                  \
	"-----END EC PRIVATE KEY-----\\n\"}"

/* Named by SHA-256 of "me". */
#define LOGIN_FILE                                                                                 \
	"/home/.aws/login/cache/"                                                                  \
	"2744ccd10c7533bd736ad890f9dd5cab2adb27b07d500b9493f29cdc420cb2e0.json"

static void login(struct world *w, const char *more)
{
	cleanup_free char *text = xasprintf(LOGIN, more);

	world_file(w, "/home/.aws/config", "[profile l]\nlogin_session = me\n");
	world_file(w, LOGIN_FILE, text);
}

static void test_login(void **state)
{
	struct world *w = *state;

	login(w, "");
	REFUSE(w, "l",
	       { { DISABLED },
		 { { 400, "{\"error\":\"USER_CREDENTIALS_CHANGED\"}" } },
		 ERR_REFUSED,
		 "password has been changed",
		 1 },
	       { { DISABLED },
		 { { 403, "{\"error\":\"INSUFFICIENT_PERMISSIONS\"}" } },
		 ERR_REFUSED,
		 "signin:CreateOAuth2Token",
		 1 },
	       { { DISABLED }, { { 500, "" } }, ERR_UNREACHABLE, "answered 500", 3 },
	       { { DISABLED }, { { 200, "{}" } }, ERR_UNREACHABLE, "has no token" },
	       { { DISABLED }, { { 200, "[" } }, ERR_UNREACHABLE, "is not JSON" },
	       { { DISABLED },
		 { { 200, "{\"accessToken\":{\"accessKeyId\":\"A\",\"secretAccessKey\":\"s\","
			  "\"sessionToken\":\"t\"},\"refreshToken\":\"r\",\"expiresIn\":-5}" } },
		 ERR_UNREACHABLE,
		 "has no token" });
}

/* The host of the sign-in service is the region's partition's. */
static void test_login_host(void **state)
{
	static const char *const hosts[][2] = {
		{ "cn-north-1", "https://cn-north-1.signin.amazonaws.cn/" },
		{ "us-gov-west-1", "https://us-gov-west-1.signin.amazonaws-us-gov.com/" },
		{ "eusc-de-east-1", "https://eusc-de-east-1.signin.amazonaws.eu/" },
	};
	struct world *w = *state;

	for (size_t i = 0; i < ARRAY_SIZE(hosts); i++) {
		cleanup_free char *region = xasprintf("\"signInRegion\":\"%s\",", hosts[i][0]);

		login(w, region);
		REFUSE(w, "l", { { DISABLED }, { { 400, "" } }, ERR_REFUSED, "answered 400" });
		if (!strstr(w->last.data, hosts[i][1]))
			fail_msg("not to %s: %s", hosts[i][1], w->last.data);
	}
}

/* Where no file can be made, and where its place is taken. */
static void test_cache_that_cannot_be_written(void **state)
{
	struct world *w = *state;
	cleanup_json json_t *doc = json_pack("{ss}", "refreshToken", "new");
	cleanup_free char *taken = xasprintf("%s/taken", w->root);

	assert_error(cache_write(&w->ctx, "/nowhere/c.json", doc, &err), ERR_LOCAL);
	assert_int_equal(mkdir(taken, 0700), 0);
	assert_error(cache_write(&w->ctx, "/taken", doc, &err), ERR_LOCAL);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_environment),       TEST(test_container),
		TEST(test_instance_metadata), TEST(test_roles),
		TEST(test_sso_settings),      TEST(test_login),
		TEST(test_login_host),        TEST(test_cache_that_cannot_be_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
