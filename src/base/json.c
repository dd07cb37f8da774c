/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/json.h"

#include <math.h>

#include "base/text.h"
#include "base/time.h"
#include "base/xalloc.h"

/*
 * Checks the text before jansson parses it: jansson's limit of depth (2048) is high
 * for a stack, and it has no limit of memory. Returns what is wrong, as the end of a
 * sentence, or NULL.
 */
static const char *excess(const char *s, size_t n)
{
	size_t depth = 0, marks = 0;
	bool quoted = false;

	for (size_t i = 0; i < n; i++) {
		if (quoted) {
			if (s[i] == '\\')
				i++;
			else if (s[i] == '"')
				quoted = false;
		} else if (s[i] == '"') {
			quoted = true;
		} else if (s[i] == '{' || s[i] == '[') {
			marks++;
			if (++depth > JSON_DEPTH_MAX)
				return "is nested too deeply";
		} else if ((s[i] == '}' || s[i] == ']') && depth) {
			depth--;
		} else if (s[i] == ',') {
			marks++;
		}
	}
	return marks > JSON_MARKS_MAX ? "has too many values" : NULL;
}

int json_parse(const char *text, size_t len, const char *what, json_t **ret, struct error **err)
{
	const char *problem = excess(text, len);
	json_error_t jerr;
	json_t *j;

	if (problem)
		return err_set(err, ERR_UNREACHABLE, "%s %s", what, problem);
	j = json_loadb(text, len, JSON_ALLOW_NUL, &jerr);
	if (!j)
		return err_set(err, ERR_UNREACHABLE, "%s is not JSON (line %d: %s)", what,
			       jerr.line, jerr.text);
	*ret = j;
	return 0;
}

const char *json_str(const json_t *obj, const char *key)
{
	return json_string_value(json_object_get(obj, key));
}

const json_t *json_obj(const json_t *obj, const char *key)
{
	const json_t *j = json_object_get(obj, key);

	return json_is_object(j) ? j : NULL;
}

const json_t *json_arr(const json_t *obj, const char *key)
{
	const json_t *j = json_object_get(obj, key);

	return json_is_array(j) ? j : NULL;
}

int64_t json_int(const json_t *obj, const char *key, int64_t fallback)
{
	const json_t *j = json_object_get(obj, key);

	if (json_is_integer(j))
		return json_integer_value(j);
	if (json_is_real(j) && fabs(json_real_value(j)) < 9e15)
		return (int64_t)json_real_value(j);
	return fallback;
}

bool json_bool(const json_t *obj, const char *key, bool fallback)
{
	const json_t *j = json_object_get(obj, key);

	return json_is_boolean(j) ? json_is_true(j) : fallback;
}

json_t *json_text(const char *s)
{
	json_t *j = s ? json_string(s) : json_null();
	cleanup_free char *safe = j ? NULL : text_escaped(s, true);

	return j ? j : json_string(safe);
}

void json_set_text(json_t *obj, const char *name, const char *s)
{
	json_object_set_new(obj, name, json_text(s));
}

void json_set_int(json_t *obj, const char *name, int64_t n)
{
	json_object_set_new(obj, name, json_integer(n));
}

void json_set_time(json_t *obj, const char *name, int64_t ms)
{
	cleanup_free char *name_ms = xasprintf("%s_ms", name);
	char iso[TIME_ISO_SIZE];

	json_object_set_new(obj, name, json_string(time_iso(ms, iso)));
	json_object_set_new(obj, name_ms, json_integer(ms));
}

static int add_to_buf(const char *p, size_t n, void *data)
{
	buf_add(data, p, n);
	return buf_full(data) ? -1 : 0;
}

static void dump(struct buf *b, const json_t *j, size_t flags)
{
	/* It fails only if the buffer is full, which the buffer records. */
	if (json_dump_callback(j, add_to_buf, b, flags | JSON_ENCODE_ANY) < 0)
		b->full = true;
}

void json_add_compact(struct buf *b, const json_t *j)
{
	dump(b, j, JSON_COMPACT);
}

void json_add_sorted(struct buf *b, const json_t *j)
{
	dump(b, j, JSON_COMPACT | JSON_SORT_KEYS);
}

void json_add_indented(struct buf *b, const json_t *j)
{
	dump(b, j, JSON_INDENT(2));
}

void json_add_compact_ascii(struct buf *b, const json_t *j)
{
	dump(b, j, JSON_COMPACT | JSON_ENSURE_ASCII);
}

void json_add_indented_ascii(struct buf *b, const json_t *j)
{
	dump(b, j, JSON_INDENT(2) | JSON_ENSURE_ASCII);
}
