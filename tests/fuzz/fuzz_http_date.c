/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdint.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/time.h"
#include "base/xalloc.h"
#include "fuzz.h"

/* What is taken is a time between the years 0000 and 9999 (a leap second past it), in seconds. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup_free char *s = xstrndup((const char *)data, size);
	char iso[TIME_ISO_SIZE];
	int64_t ms = 1, back;

	if (!time_parse_http_date(s, &ms)) {
		must(ms == 1);
		return 0;
	}
	must(ms >= TIME_MIN_MS && ms <= TIME_MAX_MS + 1 && ms % 1000 == 0);
	if (ms <= TIME_MAX_MS)
		must(time_parse_iso(time_iso(ms, iso), &back) && back == ms);
	/* Its time of day stands in the text, but for a leap second. */
	if (!strstr(s, ":60"))
		must(memmem(s, strlen(s), iso + 11, 8));
	return 0;
}
