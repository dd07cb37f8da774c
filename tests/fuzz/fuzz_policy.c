/* SPDX-License-Identifier: MIT */
/*
 * Merging into a policy that others have written: a document, the bytes ff 0a, and a
 * statement, which is export's own where it is not an object.
 */
#include "config.h"

#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/json.h"
#include "base/str.h"
#include "fuzz.h"
#include "setup/bucket_parts.h"
#include "setup/change.h"
#include "setup/policy.h"

#define SERVICE "apigateway.amazonaws.com"

static json_t *statement_of(const char *text, size_t n)
{
	json_t *j = NULL;

	if (json_parse(text, n, "a statement", &j, NULL) == 0 && json_is_object(j))
		return j;
	json_decref(j);
	return export_write_statement("eu-west-1", "123456789012", "bucket", "prefix");
}

static const json_t *statement_at(const json_t *document, size_t i)
{
	const json_t *list = json_object_get(document, "Statement");

	return json_is_array(list) ? json_array_get(list, i) : i == 0 ? list : NULL;
}

/* All that others wrote stands where it stood, unchanged; at most one statement is ours. */
static void check_survival(const json_t *before, const json_t *after, const json_t *ours)
{
	const char *sid = json_str(ours, "Sid"), *key;
	size_t n = 0, changed = 0;
	const json_t *one;
	json_t *value;

	for (; (one = statement_at(before, n)); n++)
		if (!json_equal(one, statement_at(after, n))) {
			must(sid && str_eq0(json_str(one, "Sid"), sid));
			must(json_equal(statement_at(after, n), ours));
			changed++;
		}
	if (statement_at(after, n)) {
		must(json_equal(statement_at(after, n), ours) && !statement_at(after, n + 1));
		changed++;
	}
	must(changed <= 1);
	json_object_foreach((json_t *)before, key, value)
		must(str_eq(key, "Statement") || json_equal(value, json_object_get(after, key)));
	json_object_foreach((json_t *)after, key, value)
		must(json_object_get(before, key));
}

/* It is sent as text, and S3 shows it as text. */
static void check_text(const json_t *document)
{
	cleanup_buf struct buf text = BUF_INIT;
	cleanup_json json_t *again = NULL;

	json_add_compact(&text, document);
	must(policy_parse(text.data, text.len, "it", &again, NULL) == 0);
	must(json_equal(document, again));
}

static void check_merge(json_t *document, const json_t *ours)
{
	cleanup_json json_t *before = json_deep_copy(document), *once = NULL;
	cleanup_changes struct changes l = { 0 };
	enum policy_found found = policy_find(document, ours);

	must(policy_statement_equal(ours, ours));
	policy_plan(document, json_deep_copy(ours), "it", "that", &l);
	must(l.n == (found != POLICY_THERE));
	must(policy_find(document, ours) == POLICY_THERE);
	check_survival(before, document, ours);
	check_text(document);
	once = json_deep_copy(document);
	policy_plan(document, json_deep_copy(ours), "it", "that", &l);
	must(l.n == (found != POLICY_THERE) && json_equal(document, once));
}

static enum policy_trust trust_of(const json_t *document)
{
	cleanup_free char *conditions = NULL;
	enum policy_trust found = policy_trust(document, SERVICE, &conditions);

	must((found == POLICY_TRUST_IF) == (conditions != NULL));
	return found;
}

static void check_trust(json_t *document)
{
	const struct policy_grant trust = { .service = SERVICE, .action = "sts:AssumeRole" };
	cleanup_json json_t *ours = policy_grant_statement(&trust);

	if (trust_of(document) == POLICY_NO_TRUST)
		check_merge(document, ours);
	must(trust_of(document) != POLICY_NO_TRUST);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct parts in = { data, size };
	size_t n;
	const char *text = (const char *)next_part(&in, &n);
	cleanup_json json_t *ours = statement_of((const char *)in.at, in.left);
	cleanup_json json_t *document = NULL;
	cleanup_error struct error *err = NULL;

	if (policy_parse(text, n, "it", &document, &err) < 0) {
		must(err && err->kind == ERR_REFUSED && !document);
		return 0;
	}
	check_merge(document, ours);
	check_trust(document);
	return 0;
}
