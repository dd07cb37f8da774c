/* SPDX-License-Identifier: MIT */
/* The top level: signals, the common options, the command, and the only exit. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/error.h"
#include "base/gz.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "cli/app.h"
#include "cli/args.h"
#include "cli/defaults.h"
#include "cli/exit.h"
#include "cli/help.h"
#include "cli/output.h"
#include "cmd/cmd.h"
#include "net/http.h"

static atomic_int stop_signal;

static void on_signal(int number)
{
	atomic_store(&stop_signal, number);
}

/* A shell starts background jobs with SIGINT ignored, which must stay so. */
static void catch_unless_ignored(int number, const struct sigaction *sa)
{
	struct sigaction old;

	if (sigaction(number, NULL, &old) == 0 && old.sa_handler != SIG_IGN)
		sigaction(number, sa, NULL);
}

static void catch_signals(void)
{
	/* A second signal of the same kind kills the program. */
	struct sigaction sa = { .sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND };

	catch_unless_ignored(SIGINT, &sa);
	catch_unless_ignored(SIGTERM, &sa);
	catch_unless_ignored(SIGHUP, &sa);
	signal(SIGPIPE, SIG_IGN); /* write(2) reports a closed pipe */
}

/* If fd 0, 1 or 2 is closed, the next socket would take its number and receive our output. */
static void open_standard_streams(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		/* Opened in the opposite mode, so I/O on it still fails as on a closed fd. */
		if (fcntl(fd, F_GETFD) < 0 &&
		    open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
			_exit(EXIT_LOCAL);
}

static int unknown_command(const char *name, struct error **err)
{
	const char *near = cmd_nearest(name);

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

static void add_top_help(const struct app *app, struct buf *out)
{
	help_add_usage(out, "Usage: " PACKAGE_NAME " COMMAND [OPTION...]");
	buf_addc(out, '\n');
	help_add_text(out,
		      "Archive AWS API Gateway logs from CloudWatch Logs in S3, and verify that "
		      "every event is there.");
	buf_adds(out, "\nCommands:\n");
	for (const struct cmd *const *c = cmds; *c; c++)
		buf_addf(out, "  %-15s %s\n", (*c)->name, (*c)->summary);
	help_add_groups(out, common_groups, app->out.verbose > 0);
	buf_addc(out, '\n');
	help_add_text(out, "'" PACKAGE_NAME " help COMMAND' explains a command, '" PACKAGE_NAME
			   " help options' lists all common options, 'man " PACKAGE_NAME
			   "' has the rest.");
}

/* topic is a command, "options", or NULL for the top. */
static int print_help(const struct app *app, const char *topic, struct error **err)
{
	cleanup_buf struct buf text = BUF_INIT;
	const struct cmd *cmd = topic ? cmd_find(topic) : NULL;

	if (cmd)
		cmd_help(cmd, app->out.verbose > 0, &text);
	else if (!topic || str_eq(topic, "help"))
		add_top_help(app, &text);
	else if (str_eq(topic, "options"))
		help_add_groups(&text, common_groups, true);
	else
		return unknown_command(topic, err);
	output_write(stdout, text.data + (text.data[0] == '\n'));
	return EXIT_DONE;
}

static int run_command(struct app *app, const struct cmd *cmd, struct error **err)
{
	void *opts = cmd_opts_new(cmd);
	const struct opt_scope scopes[] = { { cmd->groups, opts }, { common_groups, app } };
	int r;

	app->args.topic = cmd->name;
	r = args_read_all(&app->args, scopes, ARRAY_SIZE(scopes), cmd->max_words, err);
	if (r == 0 && app->help)
		r = print_help(app, cmd->name, err);
	else if (r == 0 && app->version)
		print_version();
	else if (r == 0 && (r = defaults_apply(app, &scopes[0], err)) == 0)
		r = cmd->run(app, opts, err);
	cmd_opts_free(cmd, opts);
	return r;
}

/* 'help COMMAND', and 'COMMAND help' with the command as topic. */
static int run_help(struct app *app, const char *topic, struct error **err)
{
	const struct opt_scope common = { common_groups, app };

	if (args_read_all(&app->args, &common, 1, topic ? 0 : 1, err) < 0)
		return -1;
	return print_help(app, topic || !app->args.n_words ? topic : app->args.words[0], err);
}

static int run_version(struct app *app, struct error **err)
{
	const struct opt_scope common = { common_groups, app };

	if (args_read_all(&app->args, &common, 1, 0, err) < 0)
		return -1;
	if (app->help)
		return print_help(app, NULL, err);
	print_version();
	return EXIT_DONE;
}

static int run(struct app *app, struct error **err)
{
	const struct opt_scope common = { common_groups, app };
	struct args *a = &app->args;
	const struct cmd *cmd;
	const char *word;

	if (a->argc < 2)
		return print_help(app, NULL, err);
	if (args_read_options(a, &common, 1, err) < 0)
		return -1;
	if (a->at < a->argc && str_eq(a->argv[a->at], "--"))
		a->at++;
	if (app->version) {
		print_version();
		return EXIT_DONE;
	}
	if (a->at == a->argc && app->help)
		return print_help(app, NULL, err);
	if (a->at == a->argc) {
		err_set(err, ERR_USAGE, "no command was given");
		return err_hint(err, "'apigw-logs --help' lists the commands");
	}
	word = a->argv[a->at++];
	if (str_eq(word, "version"))
		return run_version(app, err);
	if (str_eq(word, "help"))
		return run_help(app, NULL, err);
	cmd = cmd_find(word);
	if (!cmd)
		return unknown_command(word, err);
	if (a->at < a->argc && str_eq(a->argv[a->at], "help")) {
		a->at++;
		return run_help(app, cmd->name, err);
	}
	return run_command(app, cmd, err);
}

static bool reader_has_left(void)
{
	struct pollfd p = { .fd = STDOUT_FILENO, .events = POLLOUT };

	return poll(&p, 1, 0) == 1 && (p.revents & POLLERR);
}

/*
 * Fails if the result could not be written. *ret_quiet: because the reader, such as
 * head(1), has exited.
 */
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
	/*
	 * A core file would hold the secret key. The limit does not count where core_pattern
	 * is a program, and processes of the same user could still read the memory.
	 */
	const struct rlimit no_core = { 0 };
	struct app app;
	bool quiet;
	int status;

	setrlimit(RLIMIT_CORE, &no_core);
	prctl(PR_SET_DUMPABLE, 0);
	open_standard_streams();
	catch_signals();
	app_init(&app, &stop_signal);
	args_init(&app.args, argc, argv);
	status = run(&app, &err);
	if (status < 0) {
		/* If the command line is wrong, --output may not have been read yet. */
		if (err->kind == ERR_USAGE && args_ask_for_json(argc, argv))
			app.out.format = OUTPUT_JSON;
		cmd_complete_hint(&app.args, &err->hint);
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
