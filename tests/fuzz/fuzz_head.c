/* SPDX-License-Identifier: MIT */
/* The head of a reply, a line at a time as libcurl gives it to http.c. */
#include "config.h"

#include <string.h>

#include "base/str.h"
#include "fuzz.h"
#include "net/message.h"

static void check(const struct http_response *r)
{
	must(r->status == 0 || (r->status >= 100 && r->status <= 999));
	for (size_t i = 0; i < r->headers.n; i++) {
		const struct http_header *h = &r->headers.v[i];

		must(!strchr(h->name, ':') && !strchr(h->name, '\n') && !strchr(h->value, '\n'));
		must(!strchr(" \t", h->value[0]) || !h->value[0]);
		must(http_header_get(&r->headers, h->name) != NULL);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup_http_response struct http_response r = { 0 };
	const char *p = (const char *)data;
	bool whole = false;

	http_response_init(&r);
	while (size) {
		const char *end = memchr(p, '\n', size);
		size_t n = end ? (size_t)(end - p) + 1 : size;

		http_head_line(&r, p, n, &whole);
		if (p[0] == '\r' || p[0] == '\n')
			must(whole);
		else if (n > 5 && memcmp(p, "HTTP/", 5) == 0)
			must(!whole && r.headers.n == 0);
		p += n;
		size -= n;
	}
	check(&r);
	return 0;
}
