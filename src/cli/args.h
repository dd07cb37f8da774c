/* SPDX-License-Identifier: MIT */
/*
 * Reads the command line by tables of options, like git's parse-options.
 *
 *	static const struct opt options[] = {
 *		{ "jobs", .arg = "N", .set = set_jobs, .help = "…" },
 *		{ "quick", .type = OPT_FLAG, .offset = offsetof(struct opts, quick), .help = "…" },
 *		{ 0 },
 *	};
 *	static const struct opt_group groups[] = { { "How:", options, 0 }, { 0 } };
 *
 * As with getopt_long, a long option may be abbreviated, its value is the next
 * word or follows '=', short options may be combined, and "--" ends the options.
 * An option that takes a value cannot be repeated unless OPT_REPEATS says so.
 *
 * Every mistake is ERR_USAGE with a suggestion; nothing is printed here.
 */
#ifndef CLI_ARGS_H
#define CLI_ARGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;
struct strv;

enum opt_type {
	OPT_CALL,  /* set() stores the value */
	OPT_FLAG,  /* bool */
	OPT_COUNT, /* int: how many times it was given */
	OPT_TEXT,  /* const char *, borrowed from argv */
	OPT_LIST,  /* struct strv; repeats */
	OPT_WORD,  /* int or enum: one of words, counted from first_word */
};

enum opt_flags {
	OPT_REPEATS = 1,        /* may be repeated although it takes a value */
	OPT_VALUE_OPTIONAL = 2, /* the value must be joined with '=' */
	OPT_RARE = 4,           /* a common option that a command's help leaves out */
	OPT_STICKY = 8,         /* to be repeated in a command that a hint suggests */
	OPT_DEFAULT = 16,       /* has a default of the user's: see defaults.h */
};

struct opt {
	const char *name; /* without "--"; NULL ends a table */
	char letter;      /* or 0 */
	const char *arg;  /* name of the value in the help; NULL if there is none */
	const char *help;
	enum opt_type type;
	unsigned flags;
	size_t offset; /* of the target in the input of the group */
	const char *const *words;
	int first_word;
	/* value is NULL if the option has none. */
	int (*set)(void *target, const struct opt *o, const char *value, struct error **err);
};

/* Options below one title in the help, and the offset of their input in the command's options. */
struct opt_group {
	const char *title; /* NULL ends a table */
	const struct opt *opts;
	size_t offset;
};

/* Groups, and the struct that their offsets refer to. */
struct opt_scope {
	const struct opt_group *groups;
	void *input;
};

struct args {
	int argc;
	char *const *argv;
	int at;            /* the next word to read */
	const char *topic; /* the command, for hints; NULL while it is not known */

	/* What has been read: the options in order, and the other words. */
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

/* Reads options of the scopes, up to the first word that is not an option. */
int args_read_options(struct args *a, const struct opt_scope *scopes, size_t n, struct error **err);
/* Reads to the end. There may be up to max_words other words. */
int args_read_all(struct args *a, const struct opt_scope *scopes, size_t n, size_t max_words,
		  struct error **err);

/* True if the command line so far has the option. */
bool args_have(const struct args *a, const char *option);

/* ERR_USAGE that names all that is missing: "missing: --bucket and --from". 0 if the list is empty. */
int args_missing(const struct strv *missing, struct error **err);

/* For set(): the index of value in words, or the error that names the nearest. */
int opt_word(const struct opt *o, const char *const words[], const char *value, int *ret,
	     struct error **err);
/* For set(): a number in [min, max]. unit, such as "seconds", is for the error; or NULL. */
struct opt_range {
	int64_t min, max;
	const char *unit;
};
int opt_number(const struct opt *o, const char *value, struct opt_range range, int64_t *ret,
	       struct error **err);

/* Whether --output json is given, even if the command line cannot be parsed. */
bool args_ask_for_json(int argc, char *const *argv);

#endif
