/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "cli/app.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>
#include <fcntl.h>

#include "aws/client.h"
#include "base/error.h"
#include "base/str.h"
#include "base/time.h"
#include "base/xalloc.h"
#include "cli/output.h"

enum {
	OPT_REGION = 0x1000,
	OPT_PROFILE,
	OPT_ENDPOINT_URL,
	OPT_OUTPUT,
	OPT_CA_BUNDLE,
	OPT_CONNECT_TIMEOUT,
	OPT_READ_TIMEOUT,
	OPT_MAX_ATTEMPTS,
	OPT_USE_FIPS,
	OPT_USE_DUALSTACK,
	OPT_NO_PROGRESS,
	OPT_COLOR,
};

static const struct argp_option options[] = {
	{ NULL, 0, NULL, 0, "Common options, before or after the command:", 100 },
	{ "region", OPT_REGION, "REGION", 0, "The AWS region to work in", 0 },
	{ "profile", OPT_PROFILE, "NAME", 0, "The profile in ~/.aws/config and ~/.aws/credentials",
	  0 },
	{ "endpoint-url", OPT_ENDPOINT_URL, "URL", 0, "Send every request there instead of to AWS",
	  0 },
	{ "output", OPT_OUTPUT, "FORMAT", 0, "text or json (text)", 0 },
	{ "ca-bundle", OPT_CA_BUNDLE, "FILE", 0,
	  "Trust the certificate authorities in this PEM file only", 0 },
	{ "connect-timeout", OPT_CONNECT_TIMEOUT, "SECONDS", 0, "Longest wait for a connection",
	  0 },
	{ "read-timeout", OPT_READ_TIMEOUT, "SECONDS", 0,
	  "Longest wait for the next byte of a reply", 0 },
	{ "max-attempts", OPT_MAX_ATTEMPTS, "N", 0, "How often a request is sent at most (3)", 0 },
	{ "use-fips", OPT_USE_FIPS, NULL, 0, "Use the FIPS 140 endpoints", 0 },
	{ "use-dualstack", OPT_USE_DUALSTACK, NULL, 0, "Use the endpoints that have IPv6 too", 0 },
	{ "dry-run", 'n', NULL, 0, "Show what would be done, and change nothing", 0 },
	{ "quiet", 'q', NULL, 0, "Print errors and results only", 0 },
	{ "verbose", 'v', NULL, 0, "Say more; twice: show each request and reply, secrets hidden",
	  0 },
	{ "no-progress", OPT_NO_PROGRESS, NULL, 0, "Show no progress on a terminal", 0 },
	{ "color", OPT_COLOR, "WHEN", 0, "auto, always or never (auto)", 0 },
	{ "help", '?', NULL, 0, "Print this help", -1 },
	{ "version", 'V', NULL, 0, "Print the version", -1 },
	{ 0 },
};

error_t app_bad_option(struct app *app, const char *fmt, ...)
{
	cleanup_free char *msg = NULL;
	va_list ap;

	va_start(ap, fmt);
	msg = xvasprintf(fmt, ap);
	va_end(ap);
	if (!app->parse_error)
		err_set(&app->parse_error, ERR_USAGE, "%s", msg);
	return EINVAL;
}

static error_t word_option(struct app *app, const char *name, const char *arg,
			   const char *const words[], int *ret)
{
	const char *near;

	for (int i = 0; words[i]; i++)
		if (str_eq(arg, words[i])) {
			*ret = i;
			return 0;
		}
	near = str_nearest(arg, words);
	app_bad_option(app, "%s does not take '%s'", name, arg);
	if (near)
		err_hint(&app->parse_error, "did you mean '%s'?", near);
	return EINVAL;
}

static error_t seconds_option(struct app *app, const char *name, const char *arg, int64_t *ret_ms)
{
	int64_t s;

	if (!str_to_int64(arg, 1, 86400, &s))
		return app_bad_option(app, "%s takes a number of seconds from 1 to 86400, not '%s'",
				      name, arg);
	*ret_ms = s * MS_SECOND;
	return 0;
}

static error_t parse_more(int key, const char *arg, struct app *app)
{
	static const char *const outputs[] = { "text", "json", NULL };
	static const char *const colors[] = { "auto", "always", "never", NULL };
	int64_t n;
	int word;

	switch (key) {
	case OPT_OUTPUT:
		if (word_option(app, "--output", arg, outputs, &word))
			return EINVAL;
		app->out.format = (enum output_format)word;
		return 0;
	case OPT_COLOR:
		if (word_option(app, "--color", arg, colors, &word))
			return EINVAL;
		app->out.color = (enum color_when)word;
		return 0;
	case OPT_CONNECT_TIMEOUT:
		return seconds_option(app, "--connect-timeout", arg,
				      &app->options.connect_timeout_ms);
	case OPT_READ_TIMEOUT:
		return seconds_option(app, "--read-timeout", arg, &app->options.read_timeout_ms);
	case OPT_MAX_ATTEMPTS:
		if (!str_to_int64(arg, 1, 100, &n))
			return app_bad_option(
				app, "--max-attempts takes a number from 1 to 100, not '%s'", arg);
		app->options.max_attempts = (int)n;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct app *app = state->input;

	switch (key) {
	case OPT_REGION:
		app->options.region = arg;
		return 0;
	case OPT_PROFILE:
		app->options.profile = arg;
		return 0;
	case OPT_ENDPOINT_URL:
		app->options.endpoint_url = arg;
		return 0;
	case OPT_CA_BUNDLE:
		app->options.ca_bundle = arg;
		return 0;
	case OPT_USE_FIPS:
		app->options.use_fips = true;
		return 0;
	case OPT_USE_DUALSTACK:
		app->options.use_dualstack = true;
		return 0;
	case OPT_NO_PROGRESS:
		app->out.no_progress = true;
		return 0;
	case 'n':
		app->dry_run = true;
		return 0;
	case 'q':
		app->out.quiet = true;
		return 0;
	case 'v':
		app->out.verbose++;
		return 0;
	case '?':
		app->help = true;
		return 0;
	case 'V':
		app->version = true;
		return 0;
	default:
		return parse_more(key, arg, app);
	}
}

const struct argp common_argp = { options, parse, NULL, NULL, NULL, NULL, NULL };

void app_init(struct app *app, const atomic_int *stop)
{
	*app = (struct app){ .out.env = &app->env };
	env_system(&app->env, stop);
}

void app_release(struct app *app)
{
	aws_client_free(app->client);
	aws_session_free(app->session);
	if (app->have_settings)
		aws_settings_release(&app->settings);
	error_free(app->parse_error);
}

/* A line, without its end; false if there is none, or the person had enough. */
static bool read_line(int fd, const struct env *env, struct buf *ret)
{
	struct pollfd ready = { .fd = fd, .events = POLLIN };
	char c;

	while (!env_stopped(env)) {
		/* In slices, for a signal just before the wait would not end it. */
		if (poll(&ready, 1, 200) <= 0)
			continue;
		if (read(fd, &c, 1) != 1)
			return false;
		if (c == '\n')
			return true;
		buf_addc(ret, c);
	}
	return false;
}

/* An MFA code is asked for on the terminal itself: stdin may be a pipe. */
static int ask_terminal(void *data, const char *question, struct buf *ret, struct error **err)
{
	const struct app *app = data;
	int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	struct termios old, quiet;
	bool is_terminal, ok;

	if (fd < 0)
		return err_set(err, ERR_REFUSED, "there is no terminal to ask for it on");
	is_terminal = tcgetattr(fd, &old) == 0;
	if (is_terminal) {
		quiet = old;
		quiet.c_lflag &= ~(tcflag_t)ECHO;
		tcsetattr(fd, TCSAFLUSH, &quiet);
	}
	ok = write(fd, question, strlen(question)) > 0 && read_line(fd, &app->env, ret);
	if (is_terminal)
		tcsetattr(fd, TCSAFLUSH, &old);
	ok = write(fd, "\n", 1) == 1 && ok && ret->len;
	close(fd);
	if (env_stopped(&app->env))
		return err_interrupted(err);
	return ok ? 0 : err_set(err, ERR_REFUSED, "the terminal gave no answer");
}

int app_settings(struct app *app, const struct aws_settings **ret, struct error **err)
{
	if (!app->have_settings) {
		if (aws_settings_load(&app->env, &app->options, &app->settings, err) < 0)
			return -1;
		app->have_settings = true;
	}
	*ret = &app->settings;
	return 0;
}

int app_client(struct app *app, struct aws_client **ret, struct error **err)
{
	const struct aws_settings *settings;
	struct aws_session_options o = {
		.env = &app->env,
		.trace = app->out.verbose >= 2 ? trace_line : NULL,
		.ask = ask_terminal,
		.ask_data = app,
	};
	const char *plain;

	if (!app->client) {
		if (app_settings(app, &settings, err) < 0 ||
		    aws_settings_need_region(settings, err) < 0)
			return -1;
		plain = aws_settings_plain_endpoint(settings);
		if (plain)
			note(&app->out,
			     "'%s' has no TLS: requests, their credentials and the logs "
			     "travel unencrypted",
			     plain);
		o.settings = settings;
		app->session = aws_session_new(&o);
		app->client = aws_client_new(app->session);
	}
	*ret = app->client;
	return 0;
}
