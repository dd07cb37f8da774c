/* SPDX-License-Identifier: MIT */
/*
 * credential_process: a command that writes credentials as JSON.
 * Source: "Process credential provider" in the AWS SDKs and Tools Reference Guide.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "aws/cred/keys.h"
#include "aws/cred/lookup.h"
#include "aws/cred/provider.h"
#include "base/buf.h"
#include "base/env.h"
#include "base/error.h"
#include "base/json.h"
#include "base/str.h"
#include "base/time.h"
#include "base/xalloc.h"

#define OUTPUT_MAX ((size_t)256 << 10)
/* A signal interrupts a wait; one that arrives just before it delays the reaction by this. */
#define WAIT_MS 200
/* It usually exits right after closing its output. */
#define EXIT_POLL_MS 5
/* As in aws-sdk-go, which leaves time to type an MFA code; botocore has no limit and hangs. */
#define RUN_MAX_MS MS_MINUTE

static int exec_failed(const char *what, struct error **err)
{
	return err_errno(err, errno, "cannot run a credential process: %s", what);
}

static void child(const char *command, int out)
{
	/* This program ignores SIGPIPE, and the command would inherit that. */
	signal(SIGPIPE, SIG_DFL);
	/* stderr is inherited: what the command prints there is for the user. */
	if (dup2(out, STDOUT_FILENO) < 0)
		_exit(127);
	/* libcurl's sockets are not close-on-exec: a daemon started here would keep them. */
	closefrom(STDERR_FILENO + 1);
	execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(127);
}

/* 0 while it may go on; deadline_ms is by env's clock. */
static int check_time(const struct env *env, int64_t deadline_ms, struct error **err)
{
	if (env_stopped(env))
		return err_interrupted(err);
	if (env_now_ms(env) < deadline_ms)
		return 0;
	return err_set(err, ERR_UNREACHABLE, "it did not end within %lld s",
		       (long long)(RUN_MAX_MS / MS_SECOND));
}

static int read_all(const struct env *env, int fd, int64_t deadline_ms, struct buf *ret,
		    struct error **err)
{
	struct pollfd ready = { .fd = fd, .events = POLLIN };
	ssize_t n = 0;

	while (buf_reserve(ret, 4096)) {
		if (check_time(env, deadline_ms, err) < 0)
			return -1;
		if (poll(&ready, 1, WAIT_MS) <= 0)
			continue;
		n = read(fd, ret->data + ret->len, 4096);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		ret->len += (size_t)n;
	}
	ret->data[ret->len] = '\0';
	if (buf_full(ret))
		return err_set(err, ERR_UNREACHABLE, "its output is larger than %zu bytes",
			       ret->max);
	return n < 0 ? err_errno(err, errno, "cannot read its output") : 0;
}

/* It may have closed stdout and still be running. */
static int wait_for(const struct env *env, pid_t pid, int64_t deadline_ms, int *ret_status,
		    struct error **err)
{
	pid_t got;

	while ((got = waitpid(pid, ret_status, WNOHANG)) != pid) {
		if (got < 0 && errno != EINTR)
			return exec_failed("waitpid", err);
		if (check_time(env, deadline_ms, err) < 0)
			return -1;
		poll(NULL, 0, EXIT_POLL_MS);
	}
	return 0;
}

static int ended_well(int status, struct error **err)
{
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	if (WIFSIGNALED(status))
		return err_set(err, ERR_REFUSED, "it was killed by signal %d", WTERMSIG(status));
	return err_set(err, ERR_REFUSED, "it exited with status %d", WEXITSTATUS(status));
}

static int run_sh(const struct env *env, const char *command, struct buf *ret, struct error **err)
{
	int64_t deadline_ms = env_now_ms(env) + RUN_MAX_MS;
	int fds[2], result, status;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return exec_failed("pipe", err);
	pid = fork();
	if (pid < 0) {
		exec_failed("fork", err);
		close(fds[0]);
		close(fds[1]);
		return -1;
	}
	if (pid == 0)
		child(command, fds[1]);
	close(fds[1]);
	result = read_all(env, fds[0], deadline_ms, ret, err);
	close(fds[0]);
	if (result == 0)
		result = wait_for(env, pid, deadline_ms, &status, err);
	if (result == 0)
		return ended_well(status, err);
	/* It is not waited for, since it may ignore the signal. */
	kill(pid, SIGTERM);
	waitpid(pid, NULL, WNOHANG);
	return -1;
}

static int decode(const struct buf *out, struct credentials *ret, struct error **err)
{
	cleanup_keys json_t *doc = NULL;
	const char *key;
	json_t *value;
	int64_t version = -1;

	if (json_parse(out->data, out->len, "its output", &doc, err) < 0)
		return -1;
	json_object_foreach(doc, key, value)
		if (json_is_integer(value) && str_eq_nocase(key, "Version"))
			version = json_integer_value(value);
	if (version != 1)
		return err_set(err, ERR_UNREACHABLE,
			       version == -1 ? "its output has no Version"
					     : "its output has a Version other than 1");
	return keys_decode(doc, 0, "its output", ret, err);
}

/* The command line is not shown because it may contain secrets. */
static int failed(const char *profile, struct error **err)
{
	err_wrap(err, "credential_process of profile '%s' failed", profile);
	return err_hint(err, "run the command of credential_process yourself: it must write JSON "
			     "with Version 1, AccessKeyId and SecretAccessKey");
}

int cred_process(const struct cred_context *ctx, const char *profile, const char *command,
		 struct credentials *ret, struct error **err)
{
	cleanup_buf struct buf out = BUF_SECRET_MAX(OUTPUT_MAX);
	int result = ctx->run ? ctx->run(ctx->run_data, command, &out, err)
			      : run_sh(ctx->env, command, &out, err);

	if (result < 0 || decode(&out, ret, err) < 0)
		return failed(profile, err);
	if (!ret->account_id)
		ret->account_id = xstrdup(cred_profile_get(ctx, profile, "aws_account_id"));
	ret->provider = xasprintf("profile '%s' (credential_process)", profile);
	return 0;
}
