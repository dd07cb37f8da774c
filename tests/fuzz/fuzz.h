/* SPDX-License-Identifier: MIT */
/* What fuzz targets share. */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* assert(3) that NDEBUG does not disable. */
#define must(condition)                                                                            \
	do {                                                                                       \
		if (!(condition))                                                                  \
			abort();                                                                   \
	} while (0)

/* An input in parts that the bytes ff 0a separate. */
struct parts {
	const uint8_t *at;
	size_t left;
};
/* The next part and its length; at the end an empty one. */
static inline const uint8_t *next_part(struct parts *p, size_t *ret_len)
{
	const uint8_t *part = p->at, *cut = memmem(part, p->left, "\xff\n", 2);

	*ret_len = cut ? (size_t)(cut - part) : p->left;
	p->at += *ret_len + (cut ? 2 : 0);
	p->left -= *ret_len + (cut ? 2 : 0);
	return part;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
