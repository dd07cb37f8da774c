/* SPDX-License-Identifier: MIT */
/*
 * The command line, read by tables of options, after git's parse-options.
 *
 *	static const struct opt options[] = {
 *		{ "jobs", .arg = "N", .set = set_jobs, .help = "…" },
 *		{ "quick", .type = OPT_FLAG, .offset = offsetof(struct opts, quick), .help = "…" },
 *		{ 0 },
 *	};
 *	static const struct opt_group groups[] = { { "How:", options, 0 }, { 0 } };
 *
 * As getopt_long has it, a long option may be abbreviated, its value is the next
 * word or follows '=', short ones stand together, and "--" ends the options.
 * One that takes a value is given once, unless it says that it repeats.
 *
 * Every fault is ERR_USAGE, names the nearest good word, and prints nothing.
 */
#ifndef CLI_ARGS_H
#define CLI_ARGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;
struct strv;

enum opt_type {
	OPT_CALL,  /* set() takes it */
	OPT_FLAG,  /* bool */
	OPT_COUNT, /* int: how many times it is there */
	OPT_TEXT,  /* const char *, borrowed from argv */
	OPT_LIST,  /* struct strv; repeats */
	OPT_WORD,  /* int or enum: one of words, counted from first_word */
};

enum opt_flags {
	OPT_REPEATS = 1,        /* though it takes a value */
	OPT_VALUE_OPTIONAL = 2, /* then it must be joined with '=' */
	OPT_RARE = 4,           /* a common option that a command's help leaves out */
	OPT_STICKY = 8,         /* a command that a hint proposes needs it, too */
};

struct opt {
	const char *name; /* without "--"; NULL ends a table */
	char letter;      /* or 0 */
	const char *arg;  /* what the help calls its value; NULL: it takes none */
	const char *help;
	enum opt_type type;
	unsigned flags;
	size_t offset; /* of its target in the input of its group */
	const char *const *words;
	int first_word;
	/* value is NULL where there is none. */
	int (*set)(void *target, const struct opt *o, const char *value, struct error **err);
};

/* A titled part of the help, and where its targets are in the command's options. */
struct opt_group {
	const char *title; /* NULL ends a table */
	const struct opt *opts;
	size_t offset;
};

/* Groups, and what their offsets count from. */
struct opt_scope {
	const struct opt_group *groups;
	void *input;
};

struct args {
	int argc;
	char *const *argv;
	int at; /* the next word to read */

	/* What was read so far: the options in order, and the words that are none. */
	struct given {
		const struct opt *opt;
		const char *value; /* or NULL */
	} * given;
	size_t n_given;
	const char **words;
	size_t n_words;
};
/* argv is borrowed for as long as the options are used; argv[0] is skipped. */
void args_init(struct args *a, int argc, char *const *argv);
void args_release(struct args *a);

/* Reads on: options of the scopes, up to the first word that is none. */
int args_read_options(struct args *a, const struct opt_scope *scopes, size_t n, struct error **err);
/* Reads to the end, with at most so many other words. */
int args_read_all(struct args *a, const struct opt_scope *scopes, size_t n, size_t max_words,
		  struct error **err);

/* ERR_USAGE that names all that is missing: "missing: --bucket and --from". 0 if the list is empty. */
int args_missing(const struct strv *missing, struct error **err);

/* For set(): the index of value in words, or the error that names the nearest. */
int opt_word(const struct opt *o, const char *const words[], const char *value, int *ret,
	     struct error **err);
/* For set(): a number in [min, max]. unit, such as "seconds", says of what; or NULL. */
struct opt_range {
	int64_t min, max;
	const char *unit;
};
int opt_number(const struct opt *o, const char *value, struct opt_range range, int64_t *ret,
	       struct error **err);

/* Whether --output says json, also of a command line that will not parse. */
bool args_ask_for_json(int argc, char *const *argv);

#endif
