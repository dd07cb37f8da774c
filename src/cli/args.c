/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "cli/args.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"
#include "base/xalloc.h"

void args_init(struct args *a, int argc, char *const *argv)
{
	*a = (struct args){ .argc = argc, .argv = argv, .at = 1 };
}

void args_release(struct args *a)
{
	free(a->given);
	free(a->words);
	*a = (struct args){ 0 };
}

/* All options of the scopes, each with its target. */
struct known {
	struct known_opt {
		const struct opt *opt;
		void *target;
	} * v;
	size_t n;
};

static void known_release(struct known *k)
{
	free(k->v);
}

static void collect(const struct opt_scope *s, struct known *k)
{
	for (const struct opt_group *g = s->groups; g && g->title; g++)
		for (const struct opt *o = g->opts; o->name; o++) {
			GROW(k->v, k->n);
			k->v[k->n++] =
				(struct known_opt){ o, (char *)s->input + g->offset + o->offset };
		}
}

/* Adds a hint where the options are listed. */
static int hint_help(const struct args *a, struct error **err)
{
	return err_hint(err, "'" PACKAGE_NAME " help %s' lists the options",
			a->topic ? a->topic : "options");
}

static int unknown_option(const struct args *a, const struct known *k, const char *name,
			  struct error **err)
{
	const char **names = xcalloc(k->n + 1, sizeof(*names));
	const char *near;

	for (size_t i = 0; i < k->n; i++)
		names[i] = k->v[i].opt->name;
	near = str_nearest(name, names);
	free(names);
	err_set(err, ERR_USAGE, "there is no option '--%s'", name);
	if (near)
		return err_hint(err, "did you mean '--%s'?", near);
	return hint_help(a, err);
}

/* Finds an option by its name or an unambiguous abbreviation. */
static int find_long(const struct args *a, const struct known *k, const char *name,
		     const struct known_opt **ret, struct error **err)
{
	const struct known_opt *found = NULL;
	const struct known_opt *other = NULL;

	for (size_t i = 0; *name && i < k->n; i++) {
		const struct known_opt *o = &k->v[i];

		if (str_eq(o->opt->name, name)) {
			*ret = o;
			return 0;
		}
		if (str_starts(o->opt->name, name)) {
			other = found;
			found = o;
		}
	}
	if (!found)
		return unknown_option(a, k, name, err);
	if (other) {
		err_set(err, ERR_USAGE, "'--%s' could be '--%s' or '--%s'", name, other->opt->name,
			found->opt->name);
		return err_hint(err, "write it in full");
	}
	*ret = found;
	return 0;
}

bool args_have(const struct args *a, const char *option)
{
	for (size_t i = 0; i < a->n_given; i++)
		if (str_eq(a->given[i].opt->name, option))
			return true;
	return false;
}

static int refuse_second(const struct args *a, const struct opt *o, const char *value,
			 struct error **err)
{
	if (!o->arg || o->type == OPT_LIST || o->flags & OPT_REPEATS)
		return 0;
	for (size_t i = 0; i < a->n_given; i++)
		if (a->given[i].opt == o)
			return err_set(err, ERR_USAGE, "'--%s' is given twice: '%s' and '%s'",
				       o->name, a->given[i].value ? a->given[i].value : "",
				       value ? value : "");
	return 0;
}

static int set(struct args *a, const struct known_opt *k, const char *value, struct error **err)
{
	const struct opt *o = k->opt;
	int word;

	if (refuse_second(a, o, value, err) < 0)
		return -1;
	GROW(a->given, a->n_given);
	a->given[a->n_given++] = (struct given){ o, value };
	switch (o->type) {
	case OPT_CALL:
		return o->set(k->target, o, value, err);
	case OPT_FLAG:
		*(bool *)k->target = true;
		break;
	case OPT_COUNT:
		++*(int *)k->target;
		break;
	case OPT_TEXT:
		*(const char **)k->target = value;
		break;
	case OPT_LIST:
		if (!*value) {
			err_set(err, ERR_USAGE, "the value of '--%s' is empty", o->name);
			return err_hint(err, "is it a shell variable that is not set?");
		}
		strv_add(k->target, value);
		break;
	case OPT_WORD:
		if (opt_word(o, o->words, value, &word, err) < 0)
			return -1;
		*(int *)k->target = o->first_word + word;
		break;
	}
	return 0;
}

static int read_long(struct args *a, const struct known *k, struct error **err)
{
	const char *text = a->argv[a->at++] + 2;
	const char *eq = strchr(text, '='), *value = eq ? eq + 1 : NULL;
	cleanup_free char *name = eq ? xstrndup(text, (size_t)(eq - text)) : xstrdup(text);
	const struct known_opt *o = NULL;

	if (find_long(a, k, name, &o, err) < 0)
		return -1;
	if (!o->opt->arg && eq)
		return err_set(err, ERR_USAGE, "'--%s' takes no value", o->opt->name);
	if (o->opt->arg && !eq && !(o->opt->flags & OPT_VALUE_OPTIONAL)) {
		if (a->at == a->argc)
			return err_set(err, ERR_USAGE, "'--%s' needs a value: %s", o->opt->name,
				       o->opt->arg);
		value = a->argv[a->at++];
	}
	return set(a, o, value, err);
}

/* Bytes of a letter: "-é" has one letter of two bytes. */
static int letter_len(const char *c)
{
	int n = 1;

	while (((unsigned char)c[n] & 0xC0) == 0x80)
		n++;
	return n;
}

/* No short option takes a value. */
static int read_short(struct args *a, const struct known *k, struct error **err)
{
	for (const char *c = a->argv[a->at++] + 1; *c; c++) {
		const struct known_opt *found = NULL;

		for (size_t i = 0; i < k->n && !found; i++)
			if (k->v[i].opt->letter == *c)
				found = &k->v[i];
		if (!found) {
			err_set(err, ERR_USAGE, "there is no option '-%.*s'", letter_len(c), c);
			return hint_help(a, err);
		}
		if (set(a, found, NULL, err) < 0)
			return -1;
	}
	return 0;
}

int args_read_options(struct args *a, const struct opt_scope *scopes, size_t n, struct error **err)
{
	cleanup(known_release) struct known k = { 0 };

	for (size_t i = 0; i < n; i++)
		collect(&scopes[i], &k);
	while (a->at < a->argc) {
		const char *word = a->argv[a->at];

		if (word[0] != '-' || !word[1] || str_eq(word, "--"))
			return 0;
		if ((word[1] == '-' ? read_long(a, &k, err) : read_short(a, &k, err)) < 0)
			return -1;
	}
	return 0;
}

static int read_word(struct args *a, size_t max_words, struct error **err)
{
	const char *word = a->argv[a->at++];
	const struct opt *last = a->n_given ? a->given[a->n_given - 1].opt : NULL;

	if (a->n_words == max_words) {
		err_set(err, ERR_USAGE, "unexpected argument '%s'", word);
		if (last && last->flags & OPT_VALUE_OPTIONAL)
			return err_hint(err, "a value is joined to --%s with '=': --%s=%s",
					last->name, last->name, last->arg);
		return hint_help(a, err);
	}
	GROW(a->words, a->n_words);
	a->words[a->n_words++] = word;
	return 0;
}

int args_read_all(struct args *a, const struct opt_scope *scopes, size_t n, size_t max_words,
		  struct error **err)
{
	bool only_words = false;

	while (a->at < a->argc) {
		if (!only_words && args_read_options(a, scopes, n, err) < 0)
			return -1;
		if (a->at == a->argc)
			break;
		if (!only_words && str_eq(a->argv[a->at], "--")) {
			only_words = true;
			a->at++;
		} else if (read_word(a, max_words, err) < 0) {
			return -1;
		}
	}
	return 0;
}

int opt_word(const struct opt *o, const char *const words[], const char *value, int *ret,
	     struct error **err)
{
	cleanup_buf struct buf list = BUF_INIT;
	const char *near;

	for (int i = 0; words[i]; i++) {
		if (str_eq(value, words[i])) {
			*ret = i;
			return 0;
		}
		buf_addf(&list, "%s%s", !i ? "" : words[i + 1] ? ", " : " or ", words[i]);
	}
	near = str_nearest(value, words);
	err_set(err, ERR_USAGE, "--%s takes %s, not '%s'", o->name, list.data, value);
	if (near)
		err_hint(err, "did you mean '%s'?", near);
	return -1;
}

int opt_number(const struct opt *o, const char *value, struct opt_range range, int64_t *ret,
	       struct error **err)
{
	if (str_to_int64(value, range.min, range.max, ret))
		return 0;
	return err_set(err, ERR_USAGE, "--%s takes a number%s%s from %lld to %lld, not '%s'",
		       o->name, range.unit ? " of " : "", range.unit ? range.unit : "",
		       (long long)range.min, (long long)range.max, value);
}

int args_missing(const struct strv *missing, struct error **err)
{
	cleanup_buf struct buf list = BUF_INIT;

	for (size_t i = 0; i < missing->n; i++)
		buf_addf(&list, "%s%s",
			 !i                    ? ""
			 : i + 1 == missing->n ? " and "
					       : ", ",
			 missing->v[i]);
	return missing->n ? err_set(err, ERR_USAGE, "missing: %s", list.data) : 0;
}

bool args_ask_for_json(int argc, char *const *argv)
{
	bool json = false;

	for (int i = 1; i < argc && !str_eq(argv[i], "--"); i++) {
		size_t n = strcspn(argv[i], "=");
		const char *value = argv[i][n] ? argv[i] + n + 1 : i + 1 < argc ? argv[i + 1] : "";

		/* It may be abbreviated, because no other option begins with an o. */
		if (n > 2 && n <= strlen("--output") && strncmp(argv[i], "--output", n) == 0)
			json = str_eq(value, "json") || str_eq(value, "ndjson");
	}
	return json;
}
