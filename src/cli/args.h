/* SPDX-License-Identifier: MIT */
/* argv before argp sees it, so that a mistake is named, with the nearest good word. */
#ifndef CLI_ARGS_H
#define CLI_ARGS_H

#include <argp.h>
#include <stdbool.h>

struct error;

/*
 * Checks that every option in argv[1…] is one of argp's or its children's, and
 * has an argument where it takes one. With stop_at_word it ends at the first
 * word that is no option; *ret_index is where it ended (argc at the end).
 */
int args_check(const struct argp *argp, int argc, char **argv, bool stop_at_word, int *ret_index,
	       struct error **err);

#endif
