/* SPDX-License-Identifier: MIT */
/*
 * What all commands share: the common options, where output goes, and the client, which
 * is created on first use.
 */
#ifndef CLI_APP_H
#define CLI_APP_H

#include <stdbool.h>

#include "aws/config/settings.h"
#include "base/env.h"
#include "cli/args.h"
#include "cli/output.h"

struct aws_client;
struct aws_session;
struct error;

struct app {
	struct env env;
	struct aws_options options;
	struct args args; /* the command line so far */
	struct output out;
	bool dry_run, help, version;

	int64_t started_ms;

	struct aws_settings settings;
	bool have_settings;
	struct aws_session *session;
	struct aws_client *client;
};
/* stop: see struct env. */
void app_init(struct app *app, const atomic_int *stop);
void app_release(struct app *app);

/* The settings, which may be without a region. Borrowed. */
int app_settings(struct app *app, const struct aws_settings **ret, struct error **err);
/* The client of the main thread, with a region. Borrowed. */
int app_client(struct app *app, struct aws_client **ret, struct error **err);
/* Warns if this machine's clock is 5 minutes or more from AWS's, once AWS has replied. */
void app_check_clock(const struct app *app);

/*
 * A document with what all of them have: schema_version, version, command, started_at,
 * ended_at (by AWS's clock) and notes. Consumes the one given; caller frees.
 */
json_t *app_document(const struct app *app, json_t *document);
/* Prints it on stdout; consumes it. */
void app_print_json(const struct app *app, json_t *document);
/* The same for one that print_json_begin() has begun. */
void app_print_json_end(const struct app *app, json_t *rest);

/* The common options; their input is the struct app. */
extern const struct opt_group common_groups[];

#endif
