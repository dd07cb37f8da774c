/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/amount.h"

#include <stdio.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "base/xalloc.h"

char *count_str(uint64_t n, char out[COUNT_SIZE])
{
	char digits[COUNT_SIZE];
	int len = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)n);
	char *p = out;

	for (int i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			*p++ = ',';
		*p++ = digits[i];
	}
	*p = '\0';
	return out;
}

char *size_str(uint64_t bytes, char out[COUNT_SIZE])
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
	double v = (double)bytes;
	size_t u = 0;

	while (v >= 1024 && u + 1 < ARRAY_SIZE(units)) {
		v /= 1024;
		u++;
	}
	snprintf(out, COUNT_SIZE, u ? "%.1f %s" : "%.0f %s", v, units[u]);
	return out;
}

char *plural_str(uint64_t n, const char *noun)
{
	char count[COUNT_SIZE];

	return xasprintf("%s %s%s", count_str(n, count), noun, n == 1 ? "" : "s");
}

char *amounts_str(uint64_t events, uint64_t objects, uint64_t size)
{
	cleanup_free char *e = plural_str(events, "event"), *o = plural_str(objects, "object");
	char s[COUNT_SIZE];

	return xasprintf("%s, %s, %s", e, o, size_str(size, s));
}
