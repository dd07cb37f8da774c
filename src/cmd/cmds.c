/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/str.h"
#include "cmd/cmd.h"

const struct cmd *const cmds[] = {
	&cmd_setup_role,
	&cmd_setup_bucket,
	&cmd_enable_logging,
	&cmd_export,
	&cmd_verify,
	&cmd_doctor,
	NULL,
};

const struct cmd *cmd_find(const char *name)
{
	for (size_t i = 0; cmds[i]; i++)
		if (str_eq(cmds[i]->name, name))
			return cmds[i];
	return NULL;
}
