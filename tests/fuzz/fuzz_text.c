/* SPDX-License-Identifier: MIT */
/* Text that is made safe for a terminal; the first byte tells whether line feeds are kept. */
#include "config.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "base/text.h"
#include "base/xalloc.h"
#include "fuzz.h"

/* U+0080..9F, U+061C, U+200E, U+200F, U+2028..202E and U+2066..2069, in UTF-8. */
static bool is_control(const unsigned char *p, size_t n)
{
	if (n == 1)
		return p[0] < ' ' || p[0] == 0x7f;
	if (n == 2)
		return (p[0] == 0xc2 && p[1] < 0xa0) || (p[0] == 0xd8 && p[1] == 0x9c);
	return n == 3 && p[0] == 0xe2 &&
	       ((p[1] == 0x80 && (p[2] == 0x8e || p[2] == 0x8f)) ||
		(p[1] == 0x80 && p[2] >= 0xa8 && p[2] <= 0xae) ||
		(p[1] == 0x81 && p[2] >= 0xa6 && p[2] <= 0xa9));
}

static void check(const char *safe, bool keep_lines)
{
	for (size_t n; *safe; safe += n) {
		n = utf8_length(safe);
		must(n);
		if (*safe != '\t' && !(keep_lines && *safe == '\n'))
			must(!is_control((const unsigned char *)safe, n));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	bool keep_lines = size && data[0] & 1;
	cleanup_free char *text = xstrndup((const char *)data + (size > 0), size - (size > 0));
	cleanup_free char *safe = text_escaped(text, keep_lines);
	cleanup_free char *again = text_escaped(safe, keep_lines);
	cleanup_json json_t *j = json_text(text);
	cleanup_json json_t *of_safe = json_string(safe);

	check(safe, keep_lines);
	must(strcmp(safe, again) == 0);
	/* No text is lost in JSON. */
	must(json_is_string(j) && of_safe);
	return 0;
}
