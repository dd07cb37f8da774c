/* SPDX-License-Identifier: MIT */
/*
 * The fields of an access log's line: the name of a field, ff 0a, and the line. What
 * jansson takes for an object has the same members here.
 */
#include "config.h"

#include <jansson.h>

#include "base/xalloc.h"
#include "fuzz.h"
#include "read/field.h"

/* The members of a line without escapes, so that a name is spelled in one way only. */
static void compare(const char *line, size_t n, const json_t *members)
{
	cleanup_buf struct buf value = BUF_INIT;
	const char *name;
	json_t *want;

	json_object_foreach((json_t *)members, name, want) {
		cleanup(json_decrefp) json_t *got = NULL;

		must(field_get(line, n, name, &value));
		if (json_is_string(want))
			got = json_stringn(value.data, value.len);
		else
			got = json_loadb(value.data, value.len, JSON_DECODE_ANY | JSON_ALLOW_NUL,
					 NULL);
		must(got && json_equal(got, want));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct parts parts = { data, size };
	cleanup_buf struct buf value = BUF_INIT;
	cleanup(json_decrefp) json_t *object = NULL;
	cleanup_free char *name = NULL;
	const char *line;
	size_t n;

	name = (char *)next_part(&parts, &n);
	name = xstrndup(name, n);
	line = (const char *)next_part(&parts, &n);
	if (field_get(line, n, name, &value))
		must(value.len <= n);
	if (memchr(line, '\\', n))
		return 0;
	object = json_loadb(line, n, JSON_REJECT_DUPLICATES, NULL);
	if (json_is_object(object))
		compare(line, n, object);
	return 0;
}
