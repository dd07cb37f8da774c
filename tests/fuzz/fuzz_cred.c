/* SPDX-License-Identifier: MIT */
/*
 * Replies of processes, containers, the instance metadata, STS and SSO: the first
 * byte selects the provider; the bytes ff 0a separate the replies.
 */
#include "config.h"

#include <ftw.h>
#include <stdio.h>
#include <sys/stat.h>

#include "aws/config/settings.h"
#include "../fake_env.h"
#include "aws/cred/cred.h"
#include "base/error.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "fuzz.h"
#include "net/http.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);

enum asked { PROCESS, ROLE, SSO, CONTAINER, METADATA, ASKED_COUNT };
static const char *const profiles[ASKED_COUNT] = { "p", "r", "s", NULL, NULL };

static char root[] = "/tmp/fuzz-cred-XXXXXX";

struct input {
	enum asked asked;
	struct parts parts;
};

static void next_answer(struct input *in, struct buf *out)
{
	size_t n;
	const uint8_t *p = next_part(&in->parts, &n);

	buf_add(out, p, n);
}

static int answer(struct input *in, struct http_response *ret, struct error **err)
{
	static const int status[] = { 200, 200, 200, 404, 500, 401 };

	if (!in->parts.left) {
		ret->failure = HTTP_BROKEN;
		return err_set(err, ERR_UNREACHABLE, "no answer");
	}
	/* Where an answer begins with a digit below 6 that is its status. */
	ret->status =
		*in->parts.at >= '0' && *in->parts.at < '6' ? status[*in->parts.at - '0'] : 200;
	next_answer(in, &ret->body);
	return 0;
}

struct transport {
	struct http_transport base;
	struct input *in;
};

static int fuzz_send(struct http_transport *t, const struct http_request *req,
		     struct http_response *ret, struct error **err)
{
	for (size_t i = 0; i < req->headers.n; i++)
		must(!strpbrk(req->headers.v[i].value, "\r\n"));
	return answer(((struct transport *)t)->in, ret, err);
}

static int call(void *data, enum aws_service service, const char *region,
		const struct credentials *with, struct http_request *req, struct http_response *ret,
		struct error **err)
{
	(void)service, (void)region, (void)with, (void)req;
	if (answer(data, ret, err) < 0)
		return -1;
	return ret->status < 300 ? 0 : err_set(err, ERR_REFUSED, "refused");
}

static int run(void *data, const char *command, struct buf *ret, struct error **err)
{
	(void)command, (void)err;
	next_answer(data, ret);
	return 0;
}

static void write_file(const char *path, const char *text)
{
	cleanup_free char *full = xasprintf("%s%s", root, path);
	FILE *f = fopen(full, "w");

	must(f && fputs(text, f) >= 0 && fclose(f) == 0);
}

static void make_folder(const char *path)
{
	cleanup_free char *full = xasprintf("%s%s", root, path);

	must(mkdir(full, 0700) == 0);
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
	(void)argc, (void)argv;
	must(mkdtemp(root) && atexit(remove_root) == 0);
	make_folder("/home");
	make_folder("/home/.aws");
	make_folder("/home/.aws/sso");
	make_folder("/home/.aws/sso/cache");
	write_file("/home/.aws/config",
		   "[profile p]\ncredential_process = x\n"
		   "[profile r]\nrole_arn = arn:aws:iam::111122223333:role/r\nsource_profile = b\n"
		   "[profile b]\naws_access_key_id = A\naws_secret_access_key = s\n"
		   "[profile s]\nsso_session = corp\nsso_account_id = 1\nsso_role_name = r\n"
		   "[sso-session corp]\nsso_region = eu-west-1\nsso_start_url = https://x/\n");
	write_file("/home/.aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json",
		   "{\"accessToken\":\"t\",\"expiresAt\":\"2030-01-01T00:00:00Z\"}");
	return 0;
}

static void check(const struct credentials *got)
{
	must(!str_empty(got->access_key_id) && !str_empty(got->secret_access_key) && got->provider);
	must(!strpbrk(got->access_key_id, " \r\n"));
	must(!got->session_token || !strpbrk(got->session_token, " \r\n"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { .asked = size ? data[0] % ASKED_COUNT : 0,
			    .parts = { data + (size > 0), size - (size > 0) } };
	struct transport transport = { .base.send = fuzz_send, .in = &in };
	struct fake_env fake = { .now_ms = INT64_C(1700000000000) };
	struct aws_options opts = { .profile = profiles[in.asked] };
	cleanup_settings struct aws_settings settings = { 0 };
	struct cred_context ctx = {
		.env = &fake.env,
		.settings = &settings,
		.http = &transport.base,
		.call = call,
		.call_data = &in,
		.run = run,
		.run_data = &in,
	};
	cleanup(cred_chain_freep) struct cred_chain *chain = NULL;
	cleanup_credentials struct credentials got = { 0 };
	cleanup_error struct error *err = NULL;

	fake.variables[0] = "HOME=/home";
	fake.variables[1] = "AWS_REGION=eu-west-1";
	if (in.asked != METADATA)
		fake.variables[2] = "AWS_EC2_METADATA_DISABLED=true";
	if (in.asked == CONTAINER)
		fake.variables[3] = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=/c";
	fake_env_init(&fake, root);
	must(aws_settings_load(&fake.env, &opts, &settings, &err) == 0);
	chain = cred_chain_new(&ctx);
	if (cred_resolve(chain, &got, &err) == 0)
		check(&got);
	else
		must(err && !str_empty(err->msg) && !got.access_key_id);
	return 0;
}
