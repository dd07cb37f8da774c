/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "unit.h"

#include "base/xalloc.h"
#include "cli/app.h"
#include "cli/args.h"
#include "cli/output.h"

#define WORDS_MAX 16
#define WORDS_ALLOWED 3

/* The options of a command: a short one, names with a common beginning, an optional value. */
struct opts {
	bool force;
	const char *log, *logs, *level;
	struct strv tags;
};

static int set_level(void *target, const struct opt *o, const char *value, struct error **err)
{
	(void)o;
	(void)err;
	*(const char **)target = value ? value : "";
	return 0;
}

#define TARGET(member) .offset = offsetof(struct opts, member)

static const struct opt own_options[] = {
	{ "force", 'f', .help = "x", .type = OPT_FLAG, TARGET(force) },
	{ "log", .arg = "NAME", .help = "x", .type = OPT_TEXT, TARGET(log) },
	{ "logs", .arg = "NAME", .help = "x", .type = OPT_TEXT, TARGET(logs) },
	{ "level", .arg = "LEVEL", .help = "x", .set = set_level, .flags = OPT_VALUE_OPTIONAL,
	  TARGET(level) },
	{ "tag", .arg = "TAG", .help = "x", .type = OPT_LIST, TARGET(tags) },
	{ 0 },
};
static const struct opt_group own[] = { { "Its own:", own_options, 0 }, { 0 } };

/* The result of a command line, given as words separated by blanks. */
struct parsed {
	char *text, *argv[WORDS_MAX + 1];
	struct app app;
	struct opts opts;
	struct error *err;
	int argc, result;
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
	const struct opt_scope scopes[] = { { own, &p->opts }, { common_groups, &p->app } };

	*p = (struct parsed){ .text = xstrdup(line) };
	p->argc = split(p->text, p->argv);
	app_init(&p->app, NULL);
	args_init(&p->app.args, p->argc, p->argv);
	p->result = stop_at_word ? args_read_options(&p->app.args, scopes, 2, &p->err)
				 : args_read_all(&p->app.args, scopes, 2, WORDS_ALLOWED, &p->err);
	assert_int_equal(p->result < 0, p->err != NULL);
}

static void parsed_release(struct parsed *p)
{
	app_release(&p->app);
	strv_release(&p->opts.tags);
	error_free(p->err);
	free(p->text);
}
#define cleanup_parsed cleanup(parsed_release)

static void test_all_forms(void **state)
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
	assert_int_equal(p.app.args.n_words, 3);
	assert_string_equal(p.app.args.words[0], "one");
	assert_string_equal(p.app.args.words[1], "two");
	assert_string_equal(p.app.args.words[2], "--three");
}

static void test_a_value_may_look_like_an_option(void **state)
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

static void test_an_optional_value_is_never_the_next_word(void **state)
{
	cleanup_parsed struct parsed p = { 0 };
	cleanup_parsed struct parsed with = { 0 };

	(void)state;
	parse(&p, "x --level INFO", false);
	assert_string_equal(p.opts.level, "");
	assert_int_equal(p.app.args.n_words, 1);
	parse(&with, "x --level=INFO", false);
	assert_string_equal(with.opts.level, "INFO");
}

static void test_stops_at_the_command(void **state)
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
		assert_int_equal(p.app.args.at, cases[i].index);
	}
}

static void test_mistakes(void **state)
{
	static const struct {
		const char *line, *message, *hint;
	} cases[] = {
		{ "x --lo", "'--lo' could be '--log' or '--logs'", "write it in full" },
		{ "x --loggs y", "there is no option '--loggs'", "did you mean '--logs'?" },
		{ "x --quux", "there is no option '--quux'",
		  "'apigw-logs help options' lists the options" },
		{ "x --=y", "there is no option '--'", NULL },
		{ "x -fz", "there is no option '-z'",
		  "'apigw-logs help options' lists the options" },
		{ "x -\303\251f", "there is no option '-\303\251'", NULL },
		{ "x --force=y", "'--force' takes no value", NULL },
		{ "x --for=y", "'--force' takes no value", NULL },
		{ "x --log", "'--log' needs a value: NAME", NULL },
		{ "x --output tex", "--output takes text, json or ndjson, not 'tex'",
		  "did you mean 'text'?" },
		{ "x --read-timeout 1.5",
		  "--read-timeout takes a number of seconds from 1 to 86400, not '1.5'", NULL },
		{ "x a b c d", "unexpected argument 'd'",
		  "'apigw-logs help options' lists the options" },
		{ "x a b c --level d", "unexpected argument 'd'",
		  "a value is joined to --level with '=': --level=LEVEL" },
		{ "x --log a --region=r --log=b", "'--log' is given twice: 'a' and 'b'", NULL },
		{ "x --region r --reg r", "'--region' is given twice: 'r' and 'r'", NULL },
		/* The first mistake is reported. */
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

static void test_names_in_full_win_over_longer_ones(void **state)
{
	cleanup_parsed struct parsed p = { 0 };

	(void)state;
	parse(&p, "x --log a --fo --no-p --use-f", false);
	assert_int_equal(p.result, 0);
	assert_string_equal(p.opts.log, "a");
	assert_null(p.opts.logs);
	assert_true(p.opts.force && p.app.out.no_progress && p.app.options.use_fips);
}

static void test_lists_repeat_and_flags_may(void **state)
{
	cleanup_parsed struct parsed p = { 0 };

	(void)state;
	parse(&p, "x --tag a -ff --tag=b -vv --force", false);
	assert_int_equal(p.result, 0);
	assert_int_equal(p.opts.tags.n, 2);
	assert_string_equal(p.opts.tags.v[1], "b");
	assert_int_equal(p.app.out.verbose, 2);
}

static void test_what_is_missing_is_said_at_once(void **state)
{
	cleanup_strv struct strv missing = STRV_INIT;
	cleanup_error struct error *err = NULL;

	(void)state;
	assert_int_equal(args_missing(&missing, &err), 0);
	strv_add(&missing, "--a");
	strv_add(&missing, "--b");
	strv_add(&missing, "--c");
	assert_int_equal(args_missing(&missing, &err), -1);
	assert_int_equal(err->kind, ERR_USAGE);
	assert_string_equal(err->msg, "missing: --a, --b and --c");
}

static bool ask_json(const char *line)
{
	cleanup_free char *text = xstrdup(line);
	char *argv[WORDS_MAX + 1] = { NULL };

	return args_ask_for_json(split(text, argv), argv);
}

static void test_json_is_found_anywhere(void **state)
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
		cmocka_unit_test(test_all_forms),
		cmocka_unit_test(test_a_value_may_look_like_an_option),
		cmocka_unit_test(test_an_optional_value_is_never_the_next_word),
		cmocka_unit_test(test_stops_at_the_command),
		cmocka_unit_test(test_mistakes),
		cmocka_unit_test(test_names_in_full_win_over_longer_ones),
		cmocka_unit_test(test_lists_repeat_and_flags_may),
		cmocka_unit_test(test_what_is_missing_is_said_at_once),
		cmocka_unit_test(test_json_is_found_anywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
