/* SPDX-License-Identifier: MIT */
/* Options that several commands share, as argp children. */
#ifndef CLI_SELECT_H
#define CLI_SELECT_H

#include <argp.h>

#include "archive/archive.h"
#include "archive/selection.h"
#include "base/json.h"

struct app;

/* --api --all-apis --stage --kind --log-group. */
struct select_input {
	struct app *app;
	struct selection selection;
};
extern const struct argp select_argp;
/* The same without --kind and --log-group, for what works on stages. */
extern const struct argp select_stages_argp;

/* --bucket, --bucket-owner and --prefix. prefix is never NULL after parsing, and has no '/' at its ends. */
struct bucket_input {
	struct app *app;
	struct archive_place place;
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
/*
 * Both are given and in order, or ERR_USAGE. to_default_ms stands in for --to;
 * -1: it must be there. An age, such as 7d, is rounded down to window_ms, so that
 * a line that runs every day means whole windows.
 */
struct window;
int range_resolve(const struct range_input *in, int64_t window_ms, int64_t to_default_ms,
		  struct window *ret, struct error **err);

/* "2026-11-21" for a day of UTC, else both ends. Caller frees. */
char *window_label(const struct window *w);
/* log_group, api_id, api_name, stage, kind, from and to. */
json_t *log_window_json(const struct api_log *s, const struct window *w);

#endif
