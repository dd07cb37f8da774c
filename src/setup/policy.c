/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "setup/policy.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "setup/change.h"

/* The i-th statement; a single one may stand without a list around it. */
static const json_t *statement_at(const json_t *document, size_t i)
{
	const json_t *s = json_object_get(document, "Statement");

	return json_is_array(s) ? json_array_get(s, i) : i == 0 ? s : NULL;
}

int policy_parse(const char *text, size_t len, const char *what, json_t **ret, struct error **err)
{
	cleanup_json json_t *j = NULL;
	cleanup_error struct error *own = NULL;
	const json_t *s;

	if (len == 0) {
		*ret = json_pack("{ss s[]}", "Version", "2012-10-17", "Statement");
		return 0;
	}
	if (json_parse(text, len, what, &j, &own) < 0)
		return err_set(err, ERR_REFUSED, "%s", own->msg);
	s = json_object_get(j, "Statement");
	for (size_t i = 0; json_is_object(j) && statement_at(j, i); i++)
		if (!json_is_object(statement_at(j, i)))
			s = NULL;
	if (!json_is_object(j) || !(json_is_array(s) || json_is_object(s)))
		return err_set(err, ERR_REFUSED, "%s is not an IAM policy document", what);
	*ret = TAKE(j);
	return 0;
}

/* A scalar as IAM compares it: "true" and true are the same. */
static char *scalar_text(const json_t *j, bool fold)
{
	cleanup_buf struct buf b = BUF_INIT;
	char *s;

	if (json_is_string(j)) {
		s = xstrdup(json_string_value(j));
	} else {
		json_add_sorted(&b, j);
		s = buf_take(&b);
	}
	if (fold)
		str_lower(s);
	return s;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* A value or a list of values as a sorted list without duplicates. */
static json_t *normal_list(const json_t *j, bool fold)
{
	size_t n = json_is_array(j) ? json_array_size(j) : 1;
	char **texts = xcalloc(n + 1, sizeof(*texts));
	json_t *out = json_array();

	for (size_t i = 0; i < n; i++)
		texts[i] = scalar_text(json_is_array(j) ? json_array_get(j, i) : j, fold);
	qsort(texts, n, sizeof(*texts), by_text);
	for (size_t i = 0; i < n; i++)
		if (i == 0 || !str_eq(texts[i], texts[i - 1]))
			json_array_append_new(out, json_string(texts[i]));
	for (size_t i = 0; i < n; i++)
		free(texts[i]);
	free(texts);
	return out;
}

/* {"Service": x} or {"StringEquals": {…}}: each member's value as a list. */
static json_t *normal_map(const json_t *j, bool fold_keys)
{
	json_t *out = json_object(), *one;
	const char *key;

	json_object_foreach((json_t *)j, key, one) {
		cleanup_free char *name = xstrdup(key);

		if (fold_keys)
			str_lower(name);
		json_object_set_new(out, name,
				    json_is_object(one) ? normal_map(one, fold_keys)
							: normal_list(one, false));
	}
	return out;
}

/* The statement in a form that is the same for all that mean the same. */
static json_t *normal(const json_t *statement)
{
	json_t *out = json_object(), *one;
	const char *key;

	json_object_foreach((json_t *)statement, key, one) {
		bool action = str_eq(key, "Action") || str_eq(key, "NotAction");

		if (str_eq(key, "Sid"))
			continue;
		if (json_is_object(one) && json_object_size(one) == 0)
			continue; /* "Condition": {} */
		if (json_is_object(one))
			json_object_set_new(out, key, normal_map(one, str_eq(key, "Condition")));
		else
			json_object_set_new(out, key, normal_list(one, action));
	}
	return out;
}

bool policy_statement_equal(const json_t *a, const json_t *b)
{
	cleanup_json json_t *x = normal(a), *y = normal(b);

	return json_equal(x, y);
}

enum policy_found policy_find(const json_t *document, const json_t *statement)
{
	const char *sid = json_str(statement, "Sid");
	enum policy_found found = POLICY_ABSENT;
	const json_t *one;

	for (size_t i = 0; (one = statement_at(document, i)); i++) {
		if (policy_statement_equal(one, statement))
			return POLICY_THERE;
		if (sid && str_eq0(json_str(one, "Sid"), sid))
			found = POLICY_OUTDATED;
	}
	return found;
}

void policy_merge(json_t *document, const json_t *statement)
{
	const char *sid = json_str(statement, "Sid");
	json_t *list = json_object_get(document, "Statement");

	if (!json_is_array(list)) {
		list = list ? json_pack("[O]", list) : json_array();
		json_object_set_new(document, "Statement", list);
	}
	for (size_t i = 0; sid && i < json_array_size(list); i++)
		if (str_eq0(json_str(json_array_get(list, i), "Sid"), sid)) {
			json_array_set_new(list, i, json_deep_copy(statement));
			return;
		}
	json_array_append_new(list, json_deep_copy(statement));
}

const char *policy_sid(const json_t *document, const char *prefix, size_t i)
{
	const json_t *one;

	for (size_t at = 0; (one = statement_at(document, at)); at++) {
		const char *sid = json_str(one, "Sid");

		if (sid && str_starts(sid, prefix) && i-- == 0)
			return sid;
	}
	return NULL;
}

size_t policy_remove(json_t *document, const char *sid)
{
	json_t *left = json_array();
	const json_t *one;

	for (size_t i = 0; (one = statement_at(document, i)); i++)
		if (!str_eq0(json_str(one, "Sid"), sid))
			json_array_append(left, (json_t *)one);
	json_object_set_new(document, "Statement", left);
	return json_array_size(left);
}

json_t *policy_grant_statement(const struct policy_grant *g)
{
	json_t *s = json_object();

	if (g->sid)
		json_set_text(s, "Sid", g->sid);
	json_set_text(s, "Effect", "Allow");
	json_object_set_new(s, "Principal", json_pack("{ss}", "Service", g->service));
	json_set_text(s, "Action", g->action);
	if (g->resource)
		json_set_text(s, "Resource", g->resource);
	if (g->account)
		json_object_set_new(s, "Condition",
				    json_pack("{s{ss} s{ss}}", "StringEquals", "aws:SourceAccount",
					      g->account, "ArnLike", "aws:SourceArn",
					      g->source_arn));
	return s;
}

void policy_plan(json_t *document, json_t *statement, const char *resource, const char *desired,
		 struct changes *ret)
{
	cleanup_json json_t *owned = statement;
	enum policy_found found = policy_find(document, owned);
	cleanup_free char *property = xasprintf("policy statement %s", json_str(owned, "Sid"));

	if (found == POLICY_THERE)
		return;
	policy_merge(document, owned);
	changes_add(ret, resource, property, found == POLICY_ABSENT ? NULL : "says something else",
		    desired, NULL, NULL);
}

/* True if a value or list of values has a pattern that takes the text. */
static bool lists(const json_t *j, const char *text, bool fold)
{
	cleanup_json json_t *all = normal_list(j, fold);
	cleanup_free char *wanted = xstrdup(text);
	size_t i;
	json_t *one;

	if (fold)
		str_lower(wanted);
	json_array_foreach(all, i, one)
		if (str_glob(json_string_value(one), wanted))
			return true;
	return false;
}

/* Principal or NotPrincipal, Action or NotAction, Resource or NotResource. */
static const json_t *either(const json_t *statement, const char *name, bool *ret_not)
{
	cleanup_free char *not_name = xasprintf("Not%s", name);
	const json_t *j = json_object_get(statement, name);

	*ret_not = !j && json_object_get(statement, not_name);
	return *ret_not ? json_object_get(statement, not_name) : j;
}

/* A service is among everybody where it is denied; to be let in, it must be named. */
static bool denies_principal(const json_t *statement, const char *service)
{
	bool inverted;
	const json_t *j = either(statement, "Principal", &inverted);
	const json_t *services = json_object_get(j, "Service"),
		     *accounts = json_object_get(j, "AWS");
	bool has = json_is_string(j) ? str_eq(json_string_value(j), "*")
				     : (services && lists(services, service, false)) ||
					       (accounts && lists(accounts, "*", false));

	return has != inverted;
}

static bool has(const json_t *statement, const char *name, const char *text)
{
	bool inverted;
	const json_t *j = either(statement, name, &inverted);

	return j && lists(j, text, str_eq(name, "Action")) != inverted;
}

static bool allows(const json_t *statement, const char *service, const char *action)
{
	const json_t *services = json_object_get(json_obj(statement, "Principal"), "Service");

	return str_eq0(json_str(statement, "Effect"), "Allow") && services &&
	       lists(services, service, false) && has(statement, "Action", action);
}

bool policy_allows(const json_t *document, const char *service, const char *action)
{
	const json_t *one;

	for (size_t i = 0; (one = statement_at(document, i)); i++)
		if (allows(one, service, action))
			return true;
	return false;
}

static void add_conditions(struct buf *b, const json_t *condition)
{
	const char *operator, * key;
	json_t *keys, *values;

	json_object_foreach((json_t *)condition, operator, keys)
		json_object_foreach(keys, key, values)
			buf_addf(b, "%s%s %s", b->len ? ", " : "", operator, key);
}

/* True if no request of CloudWatch Logs meets the conditions, which are all needed. */
static bool never_meets(const json_t *condition)
{
	static const struct {
		const char *operator, * key, *value;
	} never[] = {
		{ "bool", "aws:securetransport", "false" },
		{ "boolifexists", "aws:securetransport", "false" },
		{ "bool", "aws:principalisawsservice", "false" },
		{ "boolifexists", "aws:principalisawsservice", "false" },
		{ "stringnotequals", "s3:x-amz-acl", "bucket-owner-full-control" },
	};
	cleanup_json json_t *all = normal_map(condition, true);

	for (size_t i = 0; i < ARRAY_SIZE(never); i++) {
		const json_t *values =
			json_object_get(json_obj(all, never[i].operator), never[i].key);

		if (values && lists(values, never[i].value, false))
			return true;
	}
	return false;
}

enum policy_deny policy_denies(const json_t *document, const char *service, const char *action,
			       const char *resource, char **ret_what)
{
	cleanup_free char *what = NULL;
	const json_t *one;

	for (size_t i = 0; (one = statement_at(document, i)); i++) {
		const json_t *condition = json_obj(one, "Condition");
		const char *sid = json_str(one, "Sid");
		cleanup_buf struct buf text = BUF_INIT;
		bool always = json_object_size(condition) == 0;

		if (!str_eq0(json_str(one, "Effect"), "Deny") || !denies_principal(one, service) ||
		    !has(one, "Action", action) || !has(one, "Resource", resource) ||
		    never_meets(condition) || (what && !always))
			continue;
		if (sid)
			buf_addf(&text, "statement '%s'", sid);
		else
			buf_addf(&text, "statement %zu", i + 1);
		if (!always) {
			cleanup_buf struct buf conditions = BUF_INIT;

			add_conditions(&conditions, condition);
			buf_addf(&text, " under a condition (%s)", conditions.data);
		}
		free(what);
		what = buf_take(&text);
		if (always) {
			*ret_what = TAKE(what);
			return POLICY_DENIED;
		}
	}
	if (!what)
		return POLICY_NOT_DENIED;
	*ret_what = TAKE(what);
	return POLICY_DENIED_IF;
}

enum policy_trust policy_trust(const json_t *document, const char *service, char **ret_conditions)
{
	cleanup_buf struct buf conditions = BUF_INIT;
	enum policy_trust found = POLICY_NO_TRUST;
	const json_t *one;

	for (size_t i = 0; (one = statement_at(document, i)); i++) {
		const json_t *condition = json_obj(one, "Condition");

		if (!allows(one, service, "sts:AssumeRole"))
			continue;
		if (json_object_size(condition) == 0)
			return POLICY_TRUST;
		found = POLICY_TRUST_IF;
		add_conditions(&conditions, condition);
	}
	if (found == POLICY_TRUST_IF)
		*ret_conditions = buf_take(&conditions);
	return found;
}
