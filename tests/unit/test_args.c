/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "unit.h"

#include "base/xalloc.h"
#include "cli/app.h"
#include "cli/args.h"
#include "cli/output.h"

#define WORDS_MAX 16

/* A command's own options, with a short one, an abbreviation's trap and an optional value. */
struct opts {
	bool force;
	const char *log, *logs, *level, *words[WORDS_MAX];
	int n;
};

static error_t parse_own(int key, char *arg, struct argp_state *state)
{
	struct opts *o = state->input;

	switch (key) {
	case 'f':
		o->force = true;
		return 0;
	case 1001:
		o->log = arg;
		return 0;
	case 1002:
		o->logs = arg;
		return 0;
	case 1003:
		o->level = arg ? arg : "";
		return 0;
	case ARGP_KEY_ARG:
		o->words[o->n++] = arg;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option own_options[] = {
	{ NULL, 0, NULL, 0, "Its own:", 1 },
	{ "force", 'f', NULL, 0, "x", 1 },
	{ "log", 1001, "NAME", 0, "x", 1 },
	{ "logs", 1002, "NAME", 0, "x", 1 },
	{ "level", 1003, "LEVEL", OPTION_ARG_OPTIONAL, "x", 1 },
	{ 0 },
};
static const struct argp own = { own_options, parse_own, NULL, NULL, NULL, NULL, NULL };

/* What a command line, words with blanks between them, comes to. */
struct parsed {
	char *text, *argv[WORDS_MAX + 1];
	struct app app;
	struct opts opts;
	struct error *err;
	int argc, index, result;
};

static int split(char *text, char **argv)
{
	int argc = 0;

	for (char *word = text, *next; word; word = next) {
		next = strchr(word, ' ');
		if (next)
			*next++ = '\0';
		argv[argc++] = word;
	}
	return argc;
}

static void parse(struct parsed *p, const char *line, bool stop_at_word)
{
	*p = (struct parsed){ .text = xstrdup(line) };
	p->argc = split(p->text, p->argv);
	app_init(&p->app, NULL);
	p->result = args_parse(&own, &p->app, &p->opts, p->argc, p->argv, stop_at_word, &p->index,
			       &p->err);
	assert_int_equal(p->result < 0, p->err != NULL);
}

static void parsed_release(struct parsed *p)
{
	app_release(&p->app);
	error_free(p->err);
	free(p->text);
}
#define cleanup_parsed cleanup(parsed_release)

static void all_forms(void **state)
{
	cleanup_parsed struct parsed p = { 0 };

	(void)state;
	parse(&p, "x one --log=a --region r -fvq two --logs b --output json -- --three", false);
	assert_int_equal(p.result, 0);
	assert_string_equal(p.opts.log, "a");
	assert_string_equal(p.opts.logs, "b");
	assert_string_equal(p.app.options.region, "r");
	assert_true(p.opts.force && p.app.out.quiet && p.app.out.verbose == 1);
	assert_int_equal(p.app.out.format, OUTPUT_JSON);
	assert_int_equal(p.opts.n, 3);
	assert_string_equal(p.opts.words[0], "one");
	assert_string_equal(p.opts.words[1], "two");
	assert_string_equal(p.opts.words[2], "--three");
}

static void a_value_may_look_like_an_option(void **state)
{
	cleanup_parsed struct parsed p = { 0 };

	(void)state;
	parse(&p, "x --log --force --logs -- --region=", false);
	assert_int_equal(p.result, 0);
	assert_string_equal(p.opts.log, "--force");
	assert_string_equal(p.opts.logs, "--");
	assert_string_equal(p.app.options.region, "");
	assert_false(p.opts.force);
}

static void an_optional_value_is_never_the_next_word(void **state)
{
	cleanup_parsed struct parsed p = { 0 };
	cleanup_parsed struct parsed with = { 0 };

	(void)state;
	parse(&p, "x --level INFO", false);
	assert_string_equal(p.opts.level, "");
	assert_int_equal(p.opts.n, 1);
	parse(&with, "x --level=INFO", false);
	assert_string_equal(with.opts.level, "INFO");
}

static void stops_at_the_command(void **state)
{
	static const struct {
		const char *line;
		int index;
	} cases[] = {
		{ "x", 1 },
		{ "x export --bogus", 1 },
		{ "x -v --region r export -n", 4 },
		{ "x --region=r", 2 },
		{ "x -v -- export", 2 },
		{ "x - y", 1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		cleanup_parsed struct parsed p = { 0 };

		parse(&p, cases[i].line, true);
		assert_int_equal(p.result, 0);
		assert_int_equal(p.index, cases[i].index);
	}
}

static void mistakes(void **state)
{
	static const struct {
		const char *line, *message, *hint;
	} cases[] = {
		{ "x --lo", "'--lo' could be '--log' or '--logs'", "write it in full" },
		{ "x --loggs y", "there is no option '--loggs'", "did you mean '--logs'?" },
		{ "x --quux", "there is no option '--quux'", "'--help' lists them" },
		{ "x --=y", "there is no option '--'", NULL },
		{ "x -fz", "there is no option '-z'", "'--help' lists them" },
		{ "x -\303\251f", "there is no option '-\303\251'", NULL },
		{ "x --force=y", "'--force' takes no value", NULL },
		{ "x --for=y", "'--force' takes no value", NULL },
		{ "x --log", "'--log' needs a value: NAME", NULL },
		{ "x --output tex", "--output does not take 'tex'", "did you mean 'text'?" },
		{ "x --read-timeout 1.5",
		  "--read-timeout takes a number of seconds from 1 to 86400, not '1.5'", NULL },
		/* The first fault counts. */
		{ "x --max-attempts 0 --color z",
		  "--max-attempts takes a number from 1 to 100, not '0'", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		cleanup_parsed struct parsed p = { 0 };

		parse(&p, cases[i].line, false);
		assert_int_equal(p.result, -1);
		assert_int_equal(p.err->kind, ERR_USAGE);
		assert_string_equal(p.err->msg, cases[i].message);
		if (cases[i].hint)
			assert_string_equal(p.err->hint, cases[i].hint);
	}
}

static void names_in_full_win_over_longer_ones(void **state)
{
	cleanup_parsed struct parsed p = { 0 };

	(void)state;
	parse(&p, "x --log a --fo --no-p --use-f", false);
	assert_int_equal(p.result, 0);
	assert_string_equal(p.opts.log, "a");
	assert_null(p.opts.logs);
	assert_true(p.opts.force && p.app.out.no_progress && p.app.options.use_fips);
}

static bool ask_json(const char *line)
{
	cleanup_free char *text = xstrdup(line);
	char *argv[WORDS_MAX + 1] = { NULL };

	return args_ask_for_json(split(text, argv), argv);
}

static void json_is_found_anywhere(void **state)
{
	(void)state;
	assert_true(ask_json("x --output json"));
	assert_true(ask_json("x bogus --bogus --output=json"));
	assert_true(ask_json("x --out json --o=json"));
	assert_true(ask_json("x --output text --output json"));
	assert_false(ask_json("x"));
	assert_false(ask_json("x --output"));
	assert_false(ask_json("x --output json --output text"));
	assert_false(ask_json("x --output jsonl"));
	assert_false(ask_json("x --outputs json"));
	assert_false(ask_json("x -- --output json"));
	assert_false(ask_json("--output json"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_forms),
		cmocka_unit_test(a_value_may_look_like_an_option),
		cmocka_unit_test(an_optional_value_is_never_the_next_word),
		cmocka_unit_test(stops_at_the_command),
		cmocka_unit_test(mistakes),
		cmocka_unit_test(names_in_full_win_over_longer_ones),
		cmocka_unit_test(json_is_found_anywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
