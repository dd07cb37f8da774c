/* SPDX-License-Identifier: MIT */
/* Completes the command in a hint, so that it can be pasted. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "cmd/cmd.h"

#define PROGRAM PACKAGE_NAME " "

static bool has_option(const struct opt_group *groups, const struct opt *wanted)
{
	for (const struct opt_group *g = groups; g && g->title; g++)
		for (const struct opt *o = g->opts; o->name; o++)
			if (str_eq(o->name, wanted->name) && str_eq(o->help, wanted->help))
				return true;
	return false;
}

/* Options of one name may differ between commands, and then so does their help. */
static bool takes(const struct cmd *cmd, const struct opt *o)
{
	return has_option(common_groups, o) ? o->flags & OPT_STICKY : has_option(cmd->groups, o);
}

static void add_quoted(struct buf *out, const char *s)
{
	if (*s && strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
			    "_./:@%+,-") == strlen(s)) {
		buf_adds(out, s);
		return;
	}
	buf_addc(out, '\'');
	for (; *s; s++)
		if (*s == '\'')
			buf_adds(out, "'\\''");
		else
			buf_addc(out, *s);
	buf_addc(out, '\'');
}

/* Adds the user's options that the command takes, except those that the hint already has. */
static void add_options(struct buf *out, const struct args *a, const struct cmd *cmd,
			const char *rest)
{
	for (size_t i = 0; i < a->n_given; i++) {
		const struct opt *o = a->given[i].opt;
		cleanup_free char *named = xasprintf(" --%s ", o->name);

		if (!takes(cmd, o) || strstr(rest, named))
			continue;
		/* A hint that names an API is about that API alone. */
		if (str_eq(o->name, "all-apis") && strstr(rest, " --api "))
			continue;
		buf_addf(out, " --%s", o->name);
		if (a->given[i].value) {
			buf_addc(out, o->flags & OPT_VALUE_OPTIONAL ? '=' : ' ');
			add_quoted(out, a->given[i].value);
		}
	}
}

void cmd_complete_hint(const struct args *a, char **hint)
{
	const char *at = *hint ? strstr(*hint, PROGRAM) : NULL;
	cleanup_buf struct buf out = BUF_INIT;
	cleanup_free char *name = NULL;
	const struct cmd *cmd;
	const char *rest;

	if (!at)
		return;
	at += strlen(PROGRAM);
	rest = at + strspn(at, "abcdefghijklmnopqrstuvwxyz-");
	name = xstrndup(at, (size_t)(rest - at));
	cmd = cmd_find(name);
	if (!cmd)
		return;
	buf_add(&out, *hint, (size_t)(rest - *hint));
	add_options(&out, a, cmd, rest);
	buf_adds(&out, rest);
	free(*hint);
	*hint = buf_take(&out);
}
