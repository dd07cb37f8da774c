/* SPDX-License-Identifier: MIT */
/*
 * The caches of `aws sso login` and `aws login`, and what a refresh is answered: the first
 * byte says which; then the file, and the answers, parted by the bytes ff 0a. "@KEY@" in the
 * file stands for a P-256 key.
 */
#include "config.h"

#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "../fake_env.h"
#include "aws/config/settings.h"
#include "aws/cred/cred.h"
#include "base/error.h"
#include "base/json.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "fuzz.h"
#include "net/http.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);

/* Named by SHA-1 of "corp" and SHA-256 of "me". */
#define SSO_FILE "/h/.aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json"
#define LOGIN_FILE                                                                                 \
	"/h/.aws/login/cache/"                                                                     \
	"2744ccd10c7533bd736ad890f9dd5cab2adb27b07d500b9493f29cdc420cb2e0.json"
/* Made by openssl ecparam -genkey for this target. */
#define KEY                                                                                        \
	"-----BEGIN EC PRIVATE KEY-----\\n"                                                        \
	"MHcCAQEEIJSoDopyI+LQmgo10zY9nqCusz0fEbA2LHj7kNCWznQ1oAoGCCqGSM49\\n"                      \
	"AwEHoUQDQgAEtQFVxBKZnfHWRa9eIYxoUb9Zmr4U78sxZItLebwtlgg6Jus4MnVV\\n"                      \
	"OEAmoHritUzTn+MdtR+Y8ICc12vZZy/K0g==\\n"                                                  \
	"-----END EC PRIVATE KEY-----\\n"

static char root[] = "/dev/shm/fuzz-login-XXXXXX";

static int answer(struct parts *in, const struct http_request *req, struct http_response *ret,
		  struct error **err)
{
	const uint8_t *p;
	size_t n;

	for (size_t i = 0; i < req->headers.n; i++)
		must(!strpbrk(req->headers.v[i].value, "\r\n"));
	if (!in->left) {
		ret->failure = HTTP_BROKEN;
		return err_set(err, ERR_UNREACHABLE, "no answer");
	}
	ret->status = *in->at == '4' ? 400 : *in->at == '5' ? 500 : 200;
	p = next_part(in, &n);
	buf_add(&ret->body, p, n);
	return 0;
}

static struct parts *current;

static int fuzz_send(struct http_transport *t, const struct http_request *req,
		     struct http_response *ret, struct error **err)
{
	(void)t;
	must(str_starts(req->origin, "https://") && str_eq(req->path.data, "/v1/token"));
	return answer(current, req, ret, err);
}

static int call(void *data, enum aws_service service, const char *region,
		const struct credentials *with, struct http_request *req, struct http_response *ret,
		struct error **err)
{
	(void)service, (void)region;
	must(!with);
	if (answer(data, req, ret, err) < 0)
		return -1;
	return ret->status < 300 ? 0 : err_set(err, ERR_REFUSED, "refused");
}

static void write_file(const char *path, const char *p, size_t n)
{
	cleanup_free char *full = xasprintf("%s%s", root, path);
	FILE *f = fopen(full, "w");

	must(f && fwrite(p, 1, n, f) == n && fclose(f) == 0);
}

static void write_cache(const char *path, struct parts *in)
{
	cleanup_buf struct buf whole = BUF_INIT;
	size_t n;
	const uint8_t *text = next_part(in, &n), *at = memmem(text, n, "@KEY@", 5);

	if (at) {
		buf_add(&whole, text, (size_t)(at - text));
		buf_adds(&whole, KEY);
		buf_add(&whole, at + 5, n - (size_t)(at + 5 - text));
	} else {
		buf_add(&whole, text, n);
	}
	write_file(path, whole.data, whole.len);
}

/* Whatever was answered, what the next run and the AWS CLI find is a whole document. */
static void check_cache(const struct env *env, const char *path)
{
	cleanup_buf struct buf text = BUF_INIT;
	cleanup_json json_t *j = NULL;

	must(env_read_file(env, path, &text, NULL, NULL) == 0);
	must(json_parse(text.data, text.len, "it", &j, NULL) == 0);
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st, (void)kind, (void)ftw;
	return remove(path);
}

static void remove_root(void)
{
	nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static const char *const folders[] = { "/h",
					       "/h/.aws",
					       "/h/.aws/sso",
					       "/h/.aws/sso/cache",
					       "/h/.aws/login",
					       "/h/.aws/login/cache" };
	static const char config[] =
		"[profile l]\nlogin_session = me\nregion = eu-west-1\n"
		"[profile s]\nsso_session = corp\nsso_account_id = 1\nsso_role_name = r\n"
		"[sso-session corp]\nsso_region = eu-west-1\nsso_start_url = https://x/\n";

	(void)argc, (void)argv;
	must(mkdtemp(root) && atexit(remove_root) == 0);
	for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
		cleanup_free char *full = xasprintf("%s%s", root, folders[i]);

		must(mkdir(full, 0700) == 0);
	}
	write_file("/h/.aws/config", config, strlen(config));
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct parts in = { data + 1, size - 1 };
	bool sso = size && data[0] & 1;
	struct http_transport transport = { .send = fuzz_send };
	struct fake_env fake = {
		.variables = { "HOME=/h", "AWS_EC2_METADATA_DISABLED=true" },
		.now_ms = INT64_C(1700000000000),
	};
	const struct aws_options opts = { .profile = sso ? "s" : "l" };
	cleanup_settings struct aws_settings settings = { 0 };
	struct cred_context ctx = {
		.env = &fake.env,
		.settings = &settings,
		.http = &transport,
		.call = call,
		.call_data = &in,
	};
	cleanup(cred_chain_freep) struct cred_chain *chain = NULL;
	cleanup_credentials struct credentials got = { 0 };
	cleanup_error struct error *err = NULL;

	if (size < 1)
		return 0;
	current = &in;
	fake_env_init(&fake, root);
	write_cache(sso ? SSO_FILE : LOGIN_FILE, &in);
	must(aws_settings_load(&fake.env, &opts, &settings, &err) == 0);
	chain = cred_chain_new(&ctx);
	if (cred_resolve(chain, &got, &err) < 0) {
		must(err && !str_empty(err->msg) && !got.access_key_id);
		return 0;
	}
	must(!str_empty(got.access_key_id) && !str_empty(got.secret_access_key));
	must(!str_empty(got.session_token) && !strpbrk(got.session_token, " \r\n"));
	must(!got.expires_ms || got.expires_ms > fake.now_ms);
	check_cache(&fake.env, sso ? SSO_FILE : LOGIN_FILE);
	return 0;
}
