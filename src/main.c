/* SPDX-License-Identifier: MIT */
/* The top level: common options, the command, and the one way out. */
#include "config.h"

#include <argp.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/error.h"
#include "base/gz.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "cli/app.h"
#include "cli/args.h"
#include "cli/exit.h"
#include "cli/output.h"
#include "cmd/cmd.h"
#include "net/http.h"

static atomic_int stop_signal;

static void on_signal(int number)
{
	atomic_store(&stop_signal, number);
}

/* A shell starts what it puts into the background with SIGINT ignored: that stays. */
static void catch_unless_ignored(int number, const struct sigaction *sa)
{
	struct sigaction old;

	if (sigaction(number, NULL, &old) == 0 && old.sa_handler != SIG_IGN)
		sigaction(number, sa, NULL);
}

static void catch_signals(void)
{
	/* A second signal of the same kind ends the program at once. */
	struct sigaction sa = { .sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND };

	catch_unless_ignored(SIGINT, &sa);
	catch_unless_ignored(SIGTERM, &sa);
	signal(SIGPIPE, SIG_IGN); /* a closed pipe is an error of write(2) */
}

/* Without this a connection would get a standard stream's number, and what is meant for that. */
static void open_standard_streams(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		/* The wrong way round, so that reading and writing fail as they would have. */
		if (fcntl(fd, F_GETFD) < 0 &&
		    open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
			_exit(EXIT_UNREACHABLE);
}

static char *command_list(int key, const char *text, void *input)
{
	struct buf b = BUF_INIT;

	(void)input;
	if (key != ARGP_KEY_HELP_POST_DOC)
		return (char *)text;
	buf_adds(&b, "Commands:\n");
	for (size_t i = 0; cmds[i]; i++)
		buf_addf(&b, "  %-16s %s\n", cmds[i]->name, cmds[i]->summary);
	buf_adds(&b, "\n'apigw-logs COMMAND --help' explains a command; so does apigw-logs(1).");
	return buf_take(&b);
}

static const struct argp top_argp = {
	NULL,
	NULL,
	"COMMAND [OPTION...]",
	"Get AWS API Gateway logs from CloudWatch Logs into S3, and prove that they are there."
	"\v",
	NULL,
	command_list,
	NULL,
};

static int unknown_command(const char *name, struct error **err)
{
	const char *names[32] = { 0 };
	const char *near;

	for (size_t i = 0; cmds[i] && i < ARRAY_SIZE(names) - 1; i++)
		names[i] = cmds[i]->name;
	near = str_nearest(name, names);
	err_set(err, ERR_USAGE, "there is no command '%s'", name);
	if (near)
		return err_hint(err, "did you mean '%s'?", near);
	return err_hint(err, "'apigw-logs --help' lists the commands");
}

static void print_version(void)
{
	cleanup_free char *text = xasprintf("%s %s\n%s, gunzip by %s\n", PACKAGE_NAME,
					    PACKAGE_VERSION, http_engine(), gunzip_engine());

	output_write(stdout, text);
}

static int run_command(struct app *app, const struct cmd *cmd, int argc, char **argv,
		       struct error **err)
{
	cleanup_free char *name = xasprintf(PACKAGE_NAME " %s", cmd->name);
	void *opts = xcalloc(1, cmd->opts_size);
	int index, r = -1;

	*(struct app **)opts = app;
	argv[0] = name;
	if (args_parse(cmd->argp, app, opts, argc, argv, false, &index, err) == 0) {
		r = EXIT_DONE;
		if (app->help)
			args_help(cmd->argp, stdout, name);
		else if (app->version)
			print_version();
		else
			r = cmd->run(app, opts, err);
	}
	if (cmd->release)
		cmd->release(opts);
	free(opts);
	return r;
}

static int run(struct app *app, int argc, char **argv, struct error **err)
{
	const struct cmd *cmd;
	int index;

	if (args_parse(&top_argp, app, NULL, argc, argv, true, &index, err) < 0)
		return -1;
	if (app->version) {
		print_version();
		return EXIT_DONE;
	}
	if (app->help) {
		args_help(&top_argp, stdout, PACKAGE_NAME);
		return EXIT_DONE;
	}
	if (index < argc && str_eq(argv[index], "--"))
		index++;
	if (index == argc) {
		err_set(err, ERR_USAGE, "no command was given");
		return err_hint(err, "'apigw-logs --help' lists the commands");
	}
	cmd = cmd_find(argv[index]);
	if (!cmd)
		return unknown_command(argv[index], err);
	return run_command(app, cmd, argc - index, argv + index, err);
}

static bool reader_has_left(void)
{
	struct pollfd p = { .fd = STDOUT_FILENO, .events = POLLOUT };

	return poll(&p, 1, 0) == 1 && (p.revents & POLLERR);
}

/* A result that could not be written is no result. *ret_quiet: it was not wanted, either. */
static int close_stdout(bool *ret_quiet, struct error **err)
{
	int failed = ferror(stdout);

	*ret_quiet = reader_has_left();
	errno = 0;
	if (fclose(stdout) != 0 || failed)
		return err_errno(err, errno ? errno : EIO, "cannot write to standard output");
	return 0;
}

int main(int argc, char **argv)
{
	cleanup_error struct error *err = NULL;
	/* A core file would hold the secret key. */
	const struct rlimit no_core = { 0 };
	struct app app;
	int status;
	/* Asked before argp and run_command() change argv. */
	bool quiet, json = args_ask_for_json(argc, argv);

	setrlimit(RLIMIT_CORE, &no_core);
	open_standard_streams();
	catch_signals();
	app_init(&app, &stop_signal);
	status = run(&app, argc, argv, &err);
	if (status < 0) {
		/* Of a command line that is wrong, not all was parsed. */
		if (err->kind == ERR_USAGE && json)
			app.out.format = OUTPUT_JSON;
		error_print(&app.out, err);
		status = exit_status_of(err->kind, stop_signal);
		error_clear(&err);
	}
	if (close_stdout(&quiet, &err) < 0) {
		if (!quiet)
			error_print(&app.out, err);
		if (status == EXIT_DONE)
			status = exit_status_of(err->kind, 0);
	}
	app_release(&app);
	return status;
}
