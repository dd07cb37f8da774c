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

static void parse(struct app *app, const struct cmd *cmd)
{
	void *opts = cmd_opts_new(cmd);
	const struct opt_scope scopes[] = { { cmd->groups, opts }, { common_groups, app } };
	struct error *err = NULL;

	if (args_read_all(&app->args, scopes, ARRAY_SIZE(scopes), cmd->max_words, &err) < 0) {
		must(err && err->kind == ERR_USAGE && *err->msg);
		error_free(err);
	} else {
		must(!err && app->args.at == app->args.argc && app->args.n_words <= cmd->max_words);
	}
	cmd_opts_free(cmd, opts);
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
	args_init(&app.args, argc, argv);
	parse(&app, cmd ? cmd : &cmd_export);
	app_release(&app);
	return 0;
}
