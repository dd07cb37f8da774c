/* SPDX-License-Identifier: MIT */
/* Command lines: words are separated by newlines, the first is a command's name. */
#include "config.h"

#include <string.h>

#include "base/error.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "cli/app.h"
#include "cli/args.h"
#include "cmd/cmd.h"
#include "fuzz.h"

#define WORDS_MAX 64

static void parse(struct app *app, const struct cmd *cmd, int argc, char **argv)
{
	void *opts = xcalloc(1, cmd->opts_size);
	struct error *err = NULL;
	int index;

	*(struct app **)opts = app;
	if (args_parse(cmd->argp, app, opts, argc, argv, false, &index, &err) < 0) {
		must(err && err->kind == ERR_USAGE && *err->msg);
		error_free(err);
	} else {
		must(!err && index <= argc);
	}
	if (cmd->release)
		cmd->release(opts);
	free(opts);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup_free char *text = xstrndup((const char *)data, size);
	char *argv[WORDS_MAX + 1] = { NULL };
	const struct cmd *cmd;
	struct app app;
	int argc = 0;

	for (char *word = text; word && argc < WORDS_MAX;) {
		char *nl = strchr(word, '\n');

		if (nl)
			*nl++ = '\0';
		argv[argc++] = word;
		word = nl;
	}
	cmd = cmd_find(argv[0]);
	app_init(&app, NULL);
	parse(&app, cmd ? cmd : cmds[3], argc, argv);
	app_release(&app);
	return 0;
}
