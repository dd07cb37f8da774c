/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "cli/app.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "aws/client.h"
#include "base/error.h"
#include "base/str.h"
#include "base/time.h"
#include "cli/output.h"

#define SCHEMA_VERSION 1
/* Some services refuse requests whose clock is off by more than this. */
#define CLOCK_WARN_MS (5 * MS_MINUTE)

static int set_seconds(void *target, const struct opt *o, const char *value, struct error **err)
{
	int64_t s;

	if (opt_number(o, value, (struct opt_range){ 1, 86400, "seconds" }, &s, err) < 0)
		return -1;
	*(int64_t *)target = s * MS_SECOND;
	return 0;
}

static int set_attempts(void *target, const struct opt *o, const char *value, struct error **err)
{
	int64_t n;

	if (opt_number(o, value, (struct opt_range){ 1, 100, NULL }, &n, err) < 0)
		return -1;
	*(int *)target = (int)n;
	return 0;
}

static const char *const formats[] = { "text", "json", "ndjson", NULL };
static const char *const colors[] = { "auto", "always", "never", NULL };

#define TARGET(member) .offset = offsetof(struct app, member)

static const struct opt options[] = {
	{ "region", .arg = "REGION", .type = OPT_TEXT, TARGET(options.region), .flags = OPT_STICKY,
	  .help = "The AWS region to work in" },
	{ "profile", .arg = "NAME", .type = OPT_TEXT, TARGET(options.profile), .flags = OPT_STICKY,
	  .help = "The profile in ~/.aws/config or ~/.aws/credentials" },
	{ "endpoint-url", .arg = "URL", .type = OPT_TEXT, TARGET(options.endpoint_url),
	  .flags = OPT_STICKY | OPT_RARE,
	  .help = "Send all requests to this URL instead of to AWS" },
	{ "output", .arg = "FORMAT", .type = OPT_WORD, TARGET(out.format), .words = formats,
	  .help = "text, json or ndjson (default: text)" },
	{ "ca-bundle", .arg = "FILE", .type = OPT_TEXT, TARGET(options.ca_bundle),
	  .flags = OPT_STICKY | OPT_RARE,
	  .help = "Trust only the certificate authorities in this PEM file" },
	{ "connect-timeout", .arg = "SECONDS", TARGET(options.connect_timeout_ms),
	  .set = set_seconds, .flags = OPT_RARE,
	  .help = "How long to wait for a connection (default: 10)" },
	{ "read-timeout", .arg = "SECONDS", TARGET(options.read_timeout_ms), .set = set_seconds,
	  .flags = OPT_RARE,
	  .help = "How long to wait for the next byte of a reply (default: 60)" },
	{ "max-attempts", .arg = "N", TARGET(options.max_attempts), .set = set_attempts,
	  .flags = OPT_RARE, .help = "Send a request at most this many times (default: 3)" },
	{ "use-fips", .type = OPT_FLAG, TARGET(options.use_fips), .flags = OPT_STICKY | OPT_RARE,
	  .help = "Use the FIPS 140 endpoints" },
	{ "use-dualstack", .type = OPT_FLAG, TARGET(options.use_dualstack),
	  .flags = OPT_STICKY | OPT_RARE, .help = "Use the endpoints that support IPv4 and IPv6" },
	{ "dry-run", 'n', .type = OPT_FLAG, TARGET(dry_run),
	  .help = "Show what would be done, and change nothing" },
	{ "quiet", 'q', .type = OPT_FLAG, TARGET(out.quiet),
	  .help = "Print only what went wrong, on standard error" },
	{ "verbose", 'v', .type = OPT_COUNT, TARGET(out.verbose),
	  .help = "Print more; twice: show requests and replies, with secrets hidden" },
	{ "no-progress", .type = OPT_FLAG, TARGET(out.no_progress), .flags = OPT_RARE,
	  .help = "Show no progress on a terminal" },
	{ "color", .arg = "WHEN", .type = OPT_WORD, TARGET(out.color), .words = colors,
	  .flags = OPT_RARE, .help = "auto, always or never (default: auto)" },
	{ "help", 'h', .type = OPT_FLAG, TARGET(help),
	  .help = "Print this help; with --verbose, all common options" },
	{ "version", 'V', .type = OPT_FLAG, TARGET(version), .flags = OPT_RARE,
	  .help = "Print the version" },
	{ 0 },
};

const struct opt_group common_groups[] = {
	{ "Common options, before or after the command:", options, 0 },
	{ 0 },
};

void app_init(struct app *app, const atomic_int *stop)
{
	*app = (struct app){ .out.env = &app->env,
			     .out.notes = json_array(),
			     .out.terminal = isatty(STDOUT_FILENO) };
	env_system(&app->env, stop);
	app->started_ms = env_now_ms(&app->env);
}

void app_release(struct app *app)
{
	aws_client_free(app->client);
	aws_session_free(app->session);
	if (app->have_settings)
		aws_settings_release(&app->settings);
	args_release(&app->args);
	json_decref(app->out.notes);
}

/*
 * While echo is off, no signal may end or stop the program: a second ^C, ^\\ and ^Z are
 * held until the terminal is restored.
 */
#define N_HELD 5
static const int held[N_HELD] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP };

static void hold_signals(struct sigaction old[N_HELD])
{
	for (int i = 0; i < N_HELD; i++) {
		struct sigaction sa;

		sigaction(held[i], NULL, &old[i]);
		sa = old[i];
		sa.sa_flags &= ~(int)SA_RESETHAND;
		if (sa.sa_handler == SIG_DFL)
			sa.sa_handler = SIG_IGN;
		sigaction(held[i], &sa, NULL);
	}
}

static void release_signals(const struct sigaction old[N_HELD])
{
	for (int i = 0; i < N_HELD; i++)
		sigaction(held[i], &old[i], NULL);
}

/* Reads a line, without its '\n'. Returns false at end of file or when interrupted. */
static bool read_line(int fd, const struct env *env, struct buf *ret)
{
	struct pollfd ready = { .fd = fd, .events = POLLIN };
	char c;

	while (!env_stopped(env)) {
		/* In slices, because a signal that arrives just before poll() does not end it. */
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
	struct sigaction actions[N_HELD];
	bool is_terminal, ok;

	if (fd < 0)
		return err_set(err, ERR_REFUSED, "there is no terminal to ask for it");
	hold_signals(actions);
	is_terminal = tcgetattr(fd, &old) == 0;
	if (is_terminal) {
		quiet = old;
		quiet.c_lflag &= ~(tcflag_t)ECHO;
		tcsetattr(fd, TCSAFLUSH, &quiet);
	}
	ok = write(fd, question, strlen(question)) > 0 && read_line(fd, &app->env, ret);
	if (is_terminal)
		tcsetattr(fd, TCSAFLUSH, &old);
	release_signals(actions);
	ok = write(fd, "\n", 1) == 1 && ok && ret->len;
	close(fd);
	if (env_stopped(&app->env))
		return err_interrupted(err);
	return ok ? 0 : err_set(err, ERR_REFUSED, "the terminal gave no answer");
}

void app_check_clock(const struct app *app)
{
	int64_t ms = aws_client_clock_offset_ms(app->client);
	cleanup_free char *length =
		time_duration_str(time_floor(llabs(ms) + MS_MINUTE / 2, MS_MINUTE));

	if (ms <= -CLOCK_WARN_MS)
		warning(&app->out,
			"this machine's clock is %s ahead of AWS's, which is used instead", length);
	else if (ms >= CLOCK_WARN_MS)
		warning(&app->out,
			"this machine's clock is %s behind AWS's: export takes nothing for settled "
			"that is not so by both",
			length);
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

json_t *app_document(const struct app *app, json_t *document)
{
	cleanup_json json_t *own = document;
	json_t *whole = json_object();
	int64_t offset = app->client ? aws_client_clock_offset_ms(app->client) : 0;

	if (app->out.format == OUTPUT_NDJSON)
		json_set_text(whole, "type", "run");
	json_set_int(whole, "schema_version", SCHEMA_VERSION);
	json_set_text(whole, "version", PACKAGE_VERSION);
	json_set_text(whole, "command", app->args.topic);
	json_set_time(whole, "started_at", app->started_ms + offset);
	json_set_time(whole, "ended_at", env_now_ms(&app->env) + offset);
	/* Fails if json_pack() met bytes that are not UTF-8, which json_text() would have escaped. */
	if (json_object_update(whole, own) < 0)
		abort();
	json_object_set(whole, "notes", app->out.notes);
	return whole;
}

void app_print_json(const struct app *app, json_t *document)
{
	cleanup_json json_t *whole = app_document(app, document);

	write_json(&app->out, stdout, whole);
}

void app_print_json_end(const struct app *app, json_t *rest)
{
	print_json_end(app_document(app, rest));
}
