/* SPDX-License-Identifier: MIT */
/* A command: one file, one struct cmd, one place in the table. */
#ifndef CMD_CMD_H
#define CMD_CMD_H

#include <argp.h>
#include <stddef.h>

struct app;
struct error;

/*
 * argp is the command's own: its options, its args_doc and its doc; its input
 * is a struct of opts_size zeroed bytes that begins with a struct app *, which
 * is set. run gets the same. It returns -1 with an error, or an exit status.
 */
struct cmd {
	const char *name;
	const char *summary; /* one line, no full stop */
	const struct argp *argp;
	size_t opts_size;
	int (*run)(struct app *app, void *opts, struct error **err);
	void (*release)(void *opts); /* may be NULL */
};

extern const struct cmd cmd_setup_role, cmd_setup_bucket, cmd_enable_logging, cmd_export,
	cmd_verify, cmd_doctor;

/* NULL-terminated, in the order of the help. */
extern const struct cmd *const cmds[];
const struct cmd *cmd_find(const char *name);

#endif
