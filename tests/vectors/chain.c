/* SPDX-License-Identifier: MIT */
/*
 * Runs cases of a credential chain: chain [--strict] DIR..., where DIR is a case
 * or contains cases, in the form of the default-credential-provider-chain of
 * smithy-rs: env.json, fs/, http-traffic.json and test-case.json. A case that
 * should fail may do so in other words, except with --strict, for our own cases.
 */
#include "config.h"

#include <dirent.h>
#include <stdio.h>
#include <unistd.h>

#include "aws/client.h"
#include "aws/config/settings.h"
#include "aws/cred/credentials.h"
#include "base/env.h"
#include "base/error.h"
#include "base/json.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "replay.h"
#include "runner.h"

/* The surroundings of a case. */
struct surroundings {
	json_t *variables;
	int64_t now_ms;
	struct replay replay;
};

static const char *play_get(void *data, const char *name)
{
	struct surroundings *s = data;

	return json_string_value(json_object_get(s->variables, name));
}

static double play_random(void *data)
{
	(void)data;
	return 0.5;
}

static int64_t play_now(void *data)
{
	return ((struct surroundings *)data)->now_ms;
}

static void play_sleep(void *data, int64_t ms)
{
	((struct surroundings *)data)->now_ms += ms;
}

static struct http_transport *play_transport(void *data, const struct http_options *opts)
{
	(void)opts;
	return replay_transport(&((struct surroundings *)data)->replay);
}

static int resolve(struct surroundings *s, const char *root, struct credentials *ret,
		   struct error **err)
{
	/* The recorded expirations are in the past, so the clock starts before them. */
	struct env env = {
		.get = play_get,
		.random = play_random,
		.data = s,
		.root = root,
		.now_ms = play_now,
		.sleep_ms = play_sleep,
	};
	struct aws_options none = { 0 };
	cleanup_settings struct aws_settings settings = { 0 };
	struct aws_session_options opts = {
		.env = &env,
		.settings = &settings,
		.transport = play_transport,
		.transport_data = s,
	};
	cleanup(aws_session_freep) struct aws_session *session = NULL;
	cleanup(aws_client_freep) struct aws_client *client = NULL;

	if (aws_settings_load(&env, &none, &settings, err) < 0)
		return -1;
	session = aws_session_new(&opts);
	client = aws_client_new(session);
	return aws_client_credentials(client, ret, err);
}

static bool strict;

/* NULL if they are the expected ones, else the name of the first part that differs. */
static const char *difference(const json_t *want, const struct credentials *got)
{
	const char *account = json_str(want, "account_id");
	int64_t expiry = json_int(want, "expiry", 0);

	if (!str_eq0(json_str(want, "access_key_id"), got->access_key_id))
		return "access_key_id";
	if (!str_eq0(json_str(want, "secret_access_key"), got->secret_access_key))
		return "secret_access_key";
	if (!str_eq0(json_str(want, "session_token"), got->session_token))
		return "session_token";
	/* Older cases do not say it. */
	if (account && !str_eq0(account, got->account_id))
		return "account_id";
	return expiry == got->expires_ms / 1000 ? NULL : "expiry";
}

static void judge_failure(const char *name, const char *wanted, const struct error *err)
{
	cleanup_free char *note = xasprintf("%s (failed as expected; wording differs)", name);

	if (strstr(err->msg, wanted))
		runner_pass(name);
	else if (!strict)
		runner_pass(note);
	else
		runner_fail(name, "not '%s', but: %s", wanted, err->msg);
}

static void judge(const char *name, const json_t *result, const struct surroundings *s,
		  const struct credentials *got, const struct error *err)
{
	const json_t *want = json_obj(result, "Ok");
	const char *wanted_error = json_str(result, "ErrorContains");
	const char *part = want && !err ? difference(want, got) : NULL;

	if (!want && !wanted_error)
		runner_fail(name, "test-case.json has no result");
	else if (!err && wanted_error)
		runner_fail(name, "credentials of %s, where it should fail with '%s'",
			    got->provider, wanted_error);
	else if (err && wanted_error)
		judge_failure(name, wanted_error, err);
	else if (err)
		runner_fail(name, "%s%s%s", err->msg, s->replay.mismatch.len ? "; sent " : "",
			    s->replay.mismatch.data);
	else if (part)
		runner_fail(name, "another %s than wanted", part);
	else if (s->replay.mismatch.len)
		runner_fail(name, "sent %s", s->replay.mismatch.data);
	else
		runner_pass(name);
}

/* An absent file is an empty object. */
static json_t *load(const char *dir, const char *file)
{
	cleanup_free char *path = xasprintf("%s/%s", dir, file);

	return access(path, F_OK) == 0 ? runner_load(path) : json_object();
}

static void run_case(const char *dir, const char *name)
{
	cleanup_json json_t *variables = load(dir, "env.json");
	cleanup_json json_t *traffic = load(dir, "http-traffic.json");
	cleanup_json json_t *test = load(dir, "test-case.json");
	cleanup_free char *root = xasprintf("%s/fs", dir);
	cleanup_credentials struct credentials got = { 0 };
	cleanup_error struct error *err = NULL;
	struct surroundings s = { .variables = variables };

	replay_init(&s.replay, traffic);
	resolve(&s, root, &got, &err);
	judge(name, json_obj(test, "result"), &s, &got, err);
	replay_release(&s.replay);
}

static bool is_case(const char *dir)
{
	cleanup_free char *file = xasprintf("%s/test-case.json", dir);

	return access(file, F_OK) == 0;
}

static int visible(const struct dirent *d)
{
	return d->d_name[0] != '.';
}

static void run_folder(const char *dir)
{
	struct dirent **names = NULL;
	int n = scandir(dir, &names, visible, alphasort);

	if (n < 0) {
		perror(dir);
		exit(2);
	}
	for (int i = 0; i < n; i++) {
		cleanup_free char *sub = xasprintf("%s/%s", dir, names[i]->d_name);

		if (is_case(sub))
			run_case(sub, names[i]->d_name);
		free(names[i]);
	}
	free(names);
}

int main(int argc, char **argv)
{
	strict = argc > 1 && str_eq(argv[1], "--strict");
	if (argc < 2 + strict)
		runner_usage(argv[0], "[--strict] DIR...");
	for (int i = 1 + strict; i < argc; i++) {
		cleanup_free char *copy = xstrdup(argv[i]);
		size_t n = strlen(copy);

		while (n > 1 && copy[n - 1] == '/')
			copy[--n] = '\0';
		if (is_case(copy))
			run_case(copy, strrchr(copy, '/') ? strrchr(copy, '/') + 1 : copy);
		else
			run_folder(copy);
	}
	return runner_finish();
}
