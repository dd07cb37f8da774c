/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "read/filter.h"

#include <ctype.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"
#include "base/time.h"
#include "base/xalloc.h"
#include "read/field.h"

/* The maximum length of API Gateway's request ids; extended ones are shorter. */
#define REQUEST_ID_MAX 128

enum op_type { EQUAL, NOT_EQUAL, LESS, NOT_GREATER, GREATER, NOT_LESS };

/* Longer ones first. */
static const struct {
	const char *text;
	enum op_type op;
} operators[] = {
	{ "!=", NOT_EQUAL }, { "<=", NOT_GREATER }, { ">=", NOT_LESS },
	{ "=", EQUAL },      { "<", LESS },         { ">", GREATER },
};

struct field_test {
	char *field, *value;
	char *expression; /* value, to match as a whole; NULL if it is not a regular expression */
	double number;    /* value, of an operator that compares numbers */
	enum op_type op;
};

void filter_release(struct filter *f)
{
	for (size_t i = 0; i < f->n_where; i++) {
		free(f->where[i].field);
		free(f->where[i].value);
		free(f->where[i].expression);
	}
	free(f->where);
	*f = (struct filter){ 0 };
}

#define GREP_FLAGS (REG_EXTENDED | REG_NOSUB | REG_NEWLINE)
#define WHERE_FLAGS (REG_EXTENDED | REG_NOSUB)

/* Returns false, with the reason, if it is not a regular expression. */
static bool check_expression(const char *expression, int flags, char *why, size_t size)
{
	regex_t re;
	int r = regcomp(&re, expression, flags);

	if (r == 0)
		regfree(&re);
	else
		regerror(r, &re, why, size);
	return r == 0;
}

int filter_set_grep(struct filter *f, const char *expression, struct error **err)
{
	char why[100];

	if (!check_expression(expression, GREP_FLAGS, why, sizeof(why)))
		return err_set(err, ERR_USAGE,
			       "--grep '%s' is not an extended regular expression: %s", expression,
			       why);
	f->grep = expression;
	return 0;
}

static bool is_id_char(char c)
{
	return isalnum((unsigned char)c) || c == '-' || c == '_' || c == '=';
}

int filter_set_request_id(struct filter *f, const char *id, struct error **err)
{
	size_t n = 0;

	while (is_id_char(id[n]))
		n++;
	if (n == 0 || id[n] || n > REQUEST_ID_MAX) {
		err_set(err, ERR_USAGE, "'%s' is not a request ID", id);
		return err_hint(err, "API Gateway returns it in the header x-amzn-RequestId, "
				     "the extended one in x-amz-apigw-id");
	}
	f->request_id = id;
	return 0;
}

static bool to_number(const char *s, double *ret)
{
	char *end;

	*ret = strtod(s, &end);
	return end > s && !*end;
}

int filter_add_where(struct filter *f, const char *condition, struct error **err)
{
	size_t n = strcspn(condition, "!=<>");
	struct field_test t = { 0 };
	char why[100];
	size_t i = 0;

	while (i < ARRAY_SIZE(operators) && !str_starts(condition + n, operators[i].text))
		i++;
	if (n == 0 || i == ARRAY_SIZE(operators)) {
		err_set(err, ERR_USAGE, "--where '%s' is not FIELD=VALUE", condition);
		return err_hint(err,
				"for example: --where status=5.. --where 'responseLatency>1000'");
	}
	t.op = operators[i].op;
	t.value = xstrdup(condition + n + strlen(operators[i].text));
	if (t.op > NOT_EQUAL && !to_number(t.value, &t.number)) {
		err_set(err, ERR_USAGE, "--where '%s': '%s' is not a number", condition, t.value);
		free(t.value);
		return -1;
	}
	t.field = xstrndup(condition, n);
	t.expression = xasprintf("^(%s)$", t.value);
	if (!check_expression(t.expression, WHERE_FLAGS, why, sizeof(why))) {
		free(t.expression);
		t.expression = NULL;
	}
	GROW(f->where, f->n_where);
	f->where[f->n_where++] = t;
	return 0;
}

struct matcher {
	const struct filter *filter;
	regex_t grep;
	regex_t *where; /* of those that have an expression */
	struct buf value;
};

static void compile(regex_t *re, const char *expression, int flags)
{
	/* It has been checked, so it can only fail for lack of memory. */
	if (regcomp(re, expression, flags) != 0)
		xalloc_die();
}

struct matcher *matcher_new(const struct filter *f)
{
	struct matcher *m = xcalloc(1, sizeof(*m));

	m->filter = f;
	m->value = BUF_INIT;
	m->where = xcalloc(f->n_where + 1, sizeof(*m->where));
	if (f->grep)
		compile(&m->grep, f->grep, GREP_FLAGS);
	for (size_t i = 0; i < f->n_where; i++)
		if (f->where[i].expression)
			compile(&m->where[i], f->where[i].expression, WHERE_FLAGS);
	return m;
}

void matcher_free(struct matcher *m)
{
	const struct filter *f = m->filter;

	if (f->grep)
		regfree(&m->grep);
	for (size_t i = 0; i < f->n_where; i++)
		if (f->where[i].expression)
			regfree(&m->where[i]);
	free(m->where);
	buf_release(&m->value);
	free(m);
}

static bool has_expression(const regex_t *re, const char *p, size_t n)
{
	regmatch_t at = { 0, (regoff_t)n };

	return regexec(re, p, 1, &at, REG_STARTEND) == 0;
}

/* Matches whole words only: an id may be the beginning of a longer one. */
static bool has_id(const char *p, size_t n, const char *id)
{
	const char *end = p + n, *at = p;
	size_t len = strlen(id);

	while ((at = memmem(at, (size_t)(end - at), id, len))) {
		if ((at == p || !is_id_char(at[-1])) && (at + len == end || !is_id_char(at[len])))
			return true;
		at++;
	}
	return false;
}

static bool is_value(struct matcher *m, size_t i)
{
	const struct field_test *t = &m->filter->where[i];

	return str_eq(m->value.data, t->value) ||
	       (t->expression && has_expression(&m->where[i], m->value.data, m->value.len));
}

static bool holds(struct matcher *m, size_t i, const char *p, size_t n)
{
	const struct field_test *t = &m->filter->where[i];
	double number;

	if (!field_get(p, n, t->field, &m->value))
		return false;
	if (t->op <= NOT_EQUAL)
		return is_value(m, i) == (t->op == EQUAL);
	if (!to_number(m->value.data, &number))
		return false;
	switch (t->op) {
	case LESS:
		return number < t->number;
	case NOT_GREATER:
		return number <= t->number;
	case GREATER:
		return number > t->number;
	default:
		return number >= t->number;
	}
}

bool matcher_match(struct matcher *m, int64_t ms, const char *p, size_t n)
{
	const struct filter *f = m->filter;
	const char *message = p + TIME_STAMP_LEN + 1;

	if (ms < f->range.from_ms || ms >= f->range.to_ms)
		return false;
	n -= TIME_STAMP_LEN + 1;
	if (f->request_id && !has_id(message, n, f->request_id))
		return false;
	for (size_t i = 0; i < f->n_where; i++)
		if (!holds(m, i, message, n))
			return false;
	return !f->grep || has_expression(&m->grep, message, n);
}
