/* SPDX-License-Identifier: MIT */
/* argv before argp sees it, so that a mistake is named, with the nearest good word. */
#ifndef CLI_ARGS_H
#define CLI_ARGS_H

#include <argp.h>
#include <stdbool.h>
#include <stdio.h>

struct app;
struct error;

/*
 * Parses argv[1…] by the common options and an argp of the caller's, whose
 * input is opts. With stop_at_word it ends at the first word that is no
 * option; *ret_index is where it ended (argc at the end).
 *
 * Every fault is ERR_USAGE with the nearest good word; nothing is printed.
 */
int args_parse(const struct argp *own, struct app *app, void *opts, int argc, char **argv,
	       bool stop_at_word, int *ret_index, struct error **err);
/* Whether --output says json, also of a command line that will not parse. */
bool args_ask_for_json(int argc, char *const *argv);
/* The help of both. */
void args_help(const struct argp *own, FILE *to, const char *name);

#endif
