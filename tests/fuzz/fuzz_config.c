/* SPDX-License-Identifier: MIT */
/* Config and credentials files, separated by the bytes ff 0a. */
#include "config.h"

#include <stdint.h>

#include "aws/config/file.h"
#include "base/error.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Every entry that the walk visits must be found by its name. */
static void check(void *data, enum config_section kind, const char *section, const char *key,
		  const char *sub, const char *value)
{
	const struct aws_config *c = data;

	if (!key ? !aws_config_has(c, kind, section)
		 : aws_config_get_sub(c, kind, section, key, sub) != value)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *cut = memmem(data, size, "\xff\n", 2);
	size_t n = cut ? (size_t)(cut - data) : size;
	cleanup(aws_config_freep) struct aws_config *c = NULL;
	cleanup_error struct error *err = NULL;

	if (aws_config_parse((const char *)data, n, "config", cut ? (const char *)cut + 2 : NULL,
			     cut ? size - n - 2 : 0, "credentials", &c, &err) == 0)
		aws_config_walk(c, check, c);
	else if (!err || err->kind != ERR_USAGE || c)
		abort();
	return 0;
}
