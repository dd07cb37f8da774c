/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdint.h>
#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "fuzz.h"

static int depth(const json_t *j)
{
	int deepest = 0, d;
	const char *key;
	json_t *v;
	size_t i;

	json_object_foreach((json_t *)j, key, v)
		deepest = (d = depth(v)) > deepest ? d : deepest;
	json_array_foreach(j, i, v)
		deepest = (d = depth(v)) > deepest ? d : deepest;
	return deepest + (json_is_object(j) || json_is_array(j));
}

/* What is written reads back as the same; sorted, it is the same text again. */
static void round_trip(const json_t *j)
{
	cleanup_buf struct buf text = BUF_INIT, again = BUF_INIT;
	cleanup_json json_t *back = NULL;

	json_add_sorted(&text, j);
	must(!buf_full(&text));
	must(json_parse(text.data, text.len, "output", &back, NULL) == 0);
	must(json_equal(j, back));
	json_add_sorted(&again, back);
	must(again.len == text.len && memcmp(again.data, text.data, text.len) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error *err = NULL;
	json_t *j = NULL;

	if (json_parse((const char *)data, size, "input", &j, &err) == 0) {
		must(json_is_object(j) || json_is_array(j));
		must(depth(j) <= JSON_DEPTH_MAX);
		round_trip(j);
		json_decref(j);
	} else {
		must(!j && err && err->kind == ERR_UNREACHABLE);
	}
	error_free(err);
	return 0;
}
