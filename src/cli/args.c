/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "cli/args.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "cli/app.h"

/* All options of an argp and of its children. */
struct known {
	const struct argp_option **v;
	size_t n;
};

static void collect(const struct argp *argp, struct known *k)
{
	for (const struct argp_option *o = argp->options; o && (o->name || o->key || o->doc); o++) {
		if (!o->name && o->key <= 0)
			continue; /* a heading */
		GROW(k->v, k->n);
		k->v[k->n++] = o;
	}
	for (const struct argp_child *c = argp->children; c && c->argp; c++)
		collect(c->argp, k);
}

static int unknown_option(const struct known *k, const char *name, struct error **err)
{
	const char **words = xcalloc(k->n + 1, sizeof(*words));
	const char *near;
	size_t n = 0;

	for (size_t i = 0; i < k->n; i++)
		if (k->v[i]->name)
			words[n++] = k->v[i]->name;
	near = str_nearest(name, words);
	free(words);
	err_set(err, ERR_USAGE, "there is no option '--%s'", name);
	if (near)
		return err_hint(err, "did you mean '--%s'?", near);
	return err_hint(err, "'--help' lists them");
}

/* As getopt_long has it: the whole name, or a beginning that only one has. */
static int find_long(const struct known *k, const char *name, const struct argp_option **ret,
		     struct error **err)
{
	const struct argp_option *found = NULL;

	for (size_t i = 0; *name && i < k->n; i++) {
		const char *known = k->v[i]->name;

		if (!known || !str_starts(known, name))
			continue;
		if (str_eq(known, name)) {
			*ret = k->v[i];
			return 0;
		}
		if (found) {
			err_set(err, ERR_USAGE, "'--%s' could be '--%s' or '--%s'", name,
				found->name, known);
			return err_hint(err, "write it in full");
		}
		found = k->v[i];
	}
	if (!found)
		return unknown_option(k, name, err);
	*ret = found;
	return 0;
}

/* Returns how many words of argv it took, or -1. */
static int check_long(const struct known *k, char **argv, int left, struct error **err)
{
	const char *eq = strchr(argv[0], '=');
	cleanup_free char *name =
		eq ? xstrndup(argv[0] + 2, (size_t)(eq - argv[0]) - 2) : xstrdup(argv[0] + 2);
	const struct argp_option *o = NULL;

	if (find_long(k, name, &o, err) < 0)
		return -1;
	if (!o->arg && eq)
		return err_set(err, ERR_USAGE, "'--%s' takes no value", o->name);
	if (!o->arg || eq || (o->flags & OPTION_ARG_OPTIONAL))
		return 1;
	if (left < 2)
		return err_set(err, ERR_USAGE, "'--%s' needs a value: %s", o->name, o->arg);
	return 2;
}

/* "-é" is one letter, of two bytes. */
static int letter_len(const char *c)
{
	int n = 1;

	while (((unsigned char)c[n] & 0xC0) == 0x80)
		n++;
	return n;
}

static int check_short(const struct known *k, const char *arg, struct error **err)
{
	for (const char *c = arg + 1; *c; c++) {
		bool found = false;

		for (size_t i = 0; i < k->n && !found; i++)
			found = k->v[i]->key == *c;
		if (!found) {
			err_set(err, ERR_USAGE, "there is no option '-%.*s'", letter_len(c), c);
			return err_hint(err, "'--help' lists them");
		}
	}
	return 1;
}

/* Every option is one of ours, and has its value. */
static int check(const struct argp *argp, int argc, char **argv, bool stop_at_word, int *ret_index,
		 struct error **err)
{
	struct known k = { 0 };
	int i = 1, took = 1;

	collect(argp, &k);
	while (i < argc && took > 0) {
		bool word = argv[i][0] != '-' || !argv[i][1];

		if (str_eq(argv[i], "--") || (word && stop_at_word))
			break;
		if (word)
			took = 1;
		else if (argv[i][1] == '-')
			took = check_long(&k, argv + i, argc - i, err);
		else
			took = check_short(&k, argv[i], err);
		if (took > 0)
			i += took;
	}
	free(k.v);
	*ret_index = i;
	return took > 0 ? 0 : -1;
}

/* The inputs of the two argps that a parse consists of. */
struct inputs {
	struct app *app;
	void *opts;
};

static error_t pass_inputs(int key, char *arg, struct argp_state *state)
{
	const struct inputs *in = state->input;

	(void)arg;
	if (key != ARGP_KEY_INIT)
		return ARGP_ERR_UNKNOWN;
	state->child_inputs[0] = in->app;
	state->child_inputs[1] = in->opts;
	return 0;
}

int args_parse(const struct argp *own, struct app *app, void *opts, int argc, char **argv,
	       bool stop_at_word, int *ret_index, struct error **err)
{
	const struct argp_child children[] = { { &common_argp, 0, NULL, 0 },
					       { own, 0, NULL, 0 },
					       { 0 } };
	const struct argp both = { NULL, pass_inputs, NULL, NULL, children, NULL, NULL };
	struct inputs in = { app, opts };
	error_t failed;
	int end;

	if (check(&both, argc, argv, stop_at_word, ret_index, err) < 0)
		return -1;
	/* Help and errors are ours: argp would print, and exit by itself. */
	failed = argp_parse(&both, stop_at_word ? *ret_index : argc, argv,
			    ARGP_NO_HELP | ARGP_NO_ERRS | ARGP_NO_EXIT, &end, &in);
	if (app->parse_error) {
		return err_move(&app->parse_error, err);
	}
	if (failed)
		return err_set(err, ERR_USAGE, "the command line could not be read: %s",
			       strerror(failed));
	return 0;
}

bool args_ask_for_json(int argc, char *const *argv)
{
	bool json = false;

	for (int i = 1; i < argc && !str_eq(argv[i], "--"); i++) {
		size_t n = strcspn(argv[i], "=");
		const char *value = argv[i][n] ? argv[i] + n + 1 : i + 1 < argc ? argv[i + 1] : "";

		/* Abbreviated, too: no other option begins with an o. */
		if (n > 2 && n <= strlen("--output") && strncmp(argv[i], "--output", n) == 0)
			json = str_eq(value, "json");
	}
	return json;
}

void args_help(const struct argp *own, FILE *to, const char *name)
{
	const struct argp_child children[] = { { &common_argp, 0, NULL, 0 },
					       { own, 0, NULL, 0 },
					       { 0 } };
	const struct argp both = { NULL, NULL, NULL, NULL, children, NULL, NULL };
	cleanup_free char *copy = xstrdup(name); /* argp_help takes no const */

	argp_help(&both, to, ARGP_HELP_STD_HELP & ~(unsigned)ARGP_HELP_EXIT_OK, copy);
}
