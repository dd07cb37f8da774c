/* SPDX-License-Identifier: MIT */
/* An access log format, as a user's file or a stage has it. */
#include "config.h"

#include <string.h>

#include "base/str.h"
#include "base/xalloc.h"
#include "fuzz.h"
#include "setup/logformat.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup_free char *format = xstrndup((const char *)data, size);
	const char *problem = log_format_problem(format);
	cleanup_strv struct strv unknown = STRV_INIT;

	log_format_unknown(format, &unknown);
	for (size_t i = 0; i < unknown.n; i++)
		must(strstr(format, unknown.v[i]));
	if (!problem) {
		must(*format && !strchr(format, '\n') && !strchr(format, '\r'));
		must(strstr(format, "$context."));
	} else {
		must(*problem && !str_ends(problem, "."));
	}
	return 0;
}
