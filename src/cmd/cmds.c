/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "cmd/cmd.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "cli/help.h"

const struct cmd *const cmds[] = {
	&cmd_setup_role,
	&cmd_setup_bucket,
	&cmd_enable_logging,
	&cmd_export,
	&cmd_status,
	&cmd_cancel,
	&cmd_verify,
	&cmd_cat,
	&cmd_doctor,
	&cmd_policy,
	NULL,
};

const struct cmd *cmd_find(const char *name)
{
	for (size_t i = 0; cmds[i]; i++)
		if (str_eq(cmds[i]->name, name))
			return cmds[i];
	return NULL;
}

const char *cmd_nearest(const char *name)
{
	const char *names[ARRAY_SIZE(cmds) + 2] = { "help", "version" };

	for (size_t i = 0; cmds[i]; i++)
		names[i + 2] = cmds[i]->name;
	return str_nearest(name, names);
}

void *cmd_opts_new(const struct cmd *cmd)
{
	void *opts = xcalloc(1, cmd->opts_size + 1);

	if (cmd->defaults)
		memcpy(opts, cmd->defaults, cmd->opts_size);
	return opts;
}

void cmd_opts_free(const struct cmd *cmd, void *opts)
{
	if (cmd->release)
		cmd->release(opts);
	free(opts);
}

/* Where the reason for a permission begins. */
#define WHEN_COLUMN 35

static void add_permissions(const struct permission *p, struct buf *out)
{
	buf_adds(out, "\nPermissions that the caller needs:\n");
	if (!p)
		buf_adds(out, "  none\n");
	for (; p && p->action; p++) {
		cleanup_free char *left = xasprintf("  %s", p->action);

		help_add_row(out, left, p->when ? p->when : "always", WHEN_COLUMN);
	}
}

void cmd_help(const struct cmd *cmd, bool all, struct buf *out)
{
	cleanup_free char *usage =
		xasprintf("Usage: " PACKAGE_NAME " %s %s", cmd->name, cmd->usage);

	help_add_usage(out, usage);
	buf_addc(out, '\n');
	help_add_text(out, cmd->about);
	buf_adds(out, "\nExamples:\n");
	for (const char *const *e = cmd->examples; *e; e++)
		buf_addf(out, "  %s\n", *e);
	help_add_groups(out, cmd->groups, true);
	help_add_groups(out, common_groups, all);
	if (all)
		add_permissions(cmd->permissions, out);
	else
		buf_adds(out, "\n'" PACKAGE_NAME " help options' lists all common options.\n");
}
