/* SPDX-License-Identifier: MIT */
/* Options that several commands share, as argp children. */
#ifndef CLI_SELECT_H
#define CLI_SELECT_H

#include <argp.h>

#include "archive/selection.h"

struct app;

/* --api --all-apis --stage --kind --log-group. */
struct select_input {
	struct app *app;
	struct selection selection;
};
extern const struct argp select_argp;
/* The same without --kind and --log-group, for what works on stages. */
extern const struct argp select_stages_argp;

/* --bucket and --prefix. prefix is never NULL after parsing, and has no '/' at its ends. */
struct bucket_input {
	struct app *app;
	const char *bucket;
	char *prefix; /* owned */
};
extern const struct argp bucket_argp;
/* ERR_USAGE if --bucket is missing. */
int bucket_input_check(const struct bucket_input *in, struct error **err);

/* --from and --to, as typed. */
struct range_input {
	struct app *app;
	const char *from, *to;
};
extern const struct argp range_argp;

#endif
