/* SPDX-License-Identifier: MIT */
/* A command is a file in cmd/ with one struct cmd, which cmds.c lists. */
#ifndef CMD_CMD_H
#define CMD_CMD_H

#include <stddef.h>

#include "cli/app.h"
#include "cli/args.h"

struct buf;
struct error;

/* An IAM permission that the caller of a command needs. */
struct permission {
	const char *action; /* "s3:PutObject"; NULL ends a table */
	const char *when;   /* "with --tag"; NULL: always */
};

struct cmd {
	const char *name, *summary;

	/* For the help: what follows the name, a paragraph, two example command lines. */
	const char *usage, *about, *examples[3];

	const struct opt_group *groups; /* the command's options, or NULL */
	size_t max_words;               /* arguments that are not options: app->args.words */

	const struct permission *permissions; /* the fewest that suffice; or NULL */

	size_t opts_size;     /* of the struct that the options fill, or 0 */
	const void *defaults; /* its initial value; NULL: zeros */

	/* Returns the exit status, or -1 and the error. */
	int (*run)(struct app *app, void *opts, struct error **err);
	void (*release)(void *opts); /* or NULL */
};

extern const struct cmd cmd_setup_role, cmd_setup_bucket, cmd_enable_logging, cmd_export,
	cmd_status, cmd_cancel, cmd_verify, cmd_cat, cmd_doctor, cmd_policy;

/* All commands, in the order of the help; ends with NULL. */
extern const struct cmd *const cmds[];

const struct cmd *cmd_find(const char *name);
/* The nearest name, "help" and "version" included, or NULL. */
const char *cmd_nearest(const char *name);

/* The struct that the options fill, set to the defaults. Caller frees. */
void *cmd_opts_new(const struct cmd *cmd);
void cmd_opts_free(const struct cmd *cmd, void *opts);

/*
 * Completes a command that a hint suggests ("… apigw-logs NAME …") with those of
 * the user's options that it takes: --region, --profile, --bucket … *hint may be
 * NULL.
 */
void cmd_complete_hint(const struct args *a, char **hint);

/* all: include every common option, not only the most important ones. */
void cmd_help(const struct cmd *cmd, bool all, struct buf *out);

#endif
