/* SPDX-License-Identifier: MIT */
/* Options that several commands share, with their checks. */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "archive/archive.h"
#include "archive/selection.h"
#include "cli/args.h"

struct app;
struct aws_client;
struct window;

/* set() of --tag KEY=VALUE, which may be repeated; target: a json_t *, an object or NULL. */
int opt_tag(void *target, const struct opt *o, const char *value, struct error **err);

/* --bucket, --bucket-owner and --prefix. */
struct place_options {
	struct archive_place place;
	char *prefix; /* owns place.prefix */
};
void place_options_release(struct place_options *o);
/* Sets place.prefix, without '/' at either end. ERR_USAGE if --bucket is missing. */
int place_options_check(struct place_options *o, struct error **err);

/* --api, --all-apis and --stage; target: a struct selection. */
extern const struct opt stage_options[];
/* target: a struct place_options */
extern const struct opt place_options[];

/* The options of every command that works on a part of the archive. */
struct archive_options {
	struct selection selection; /* --api, --all-apis, --stage, --kind, --log-group */
	const char *from, *to;      /* --from and --to, as typed */
	struct place_options where;
};
void archive_options_release(struct archive_options *o);

/* Their groups, for a command whose options have a struct archive_options as member. */
#define ARCHIVE_OPTION_GROUPS(type, member)                                                        \
	{ "Which logs:", log_options, offsetof(type, member) },                                    \
		{ "Which time, in UTC:", range_options, offsetof(type, member) },                  \
	{                                                                                          \
		"Which bucket:", place_options, offsetof(type, member.where)                       \
	}
extern const struct opt log_options[], range_options[];

/* ERR_USAGE that names all that is missing, or options that exclude each other. */
int archive_options_check(struct archive_options *o, bool need_from, struct error **err);
/* archive_open(); warns if this machine's clock is wrong. */
int archive_options_open(struct app *app, const struct archive_options *o, bool export,
			 struct archive *ret, struct error **err);
/* groups_select(); prints the notes. */
int archive_options_select(struct app *app, const struct archive_options *o,
			   const struct archive *a, struct api_logs *ret, struct error **err);

/*
 * The range of --from and --to, or ERR_USAGE. now_ms depends on AWS's clock, so the archive
 * must be open. Without --from, the range begins at 0. Without --to, it ends at
 * settled_ms; if nothing since --from has settled, it ends now, so that the run shows
 * what is not due. An age, such as 7d, is rounded down to window_ms, so that a daily
 * run works on whole windows.
 */
int range_resolve(const struct archive_options *o, int64_t now_ms, int64_t window_ms,
		  int64_t settled_ms, struct window *ret, struct error **err);

/* Parses "1d", "6h" or any other length in whole hours that divides a day. */
int window_length_parse(const char *s, int64_t *ret_ms, struct error **err);

#endif
