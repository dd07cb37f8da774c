/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdint.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "fuzz.h"
#include "net/message.h"
#include "net/url.h"

/* Its parts, put together and parsed again, are the same. */
static void round_trip(const struct http_url *u)
{
	cleanup_free char *text =
		xasprintf("%s%s%s%s", u->origin, u->path, *u->query ? "?" : "", u->query);
	cleanup_http_url struct http_url again = { 0 };

	must(http_url_parse(text, &again, NULL) == 0);
	must(str_eq(again.origin, u->origin) && str_eq(again.path, u->path));
	must(str_eq(again.query, u->query) && str_eq(again.host, u->host));
	must(again.port == u->port);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup_free char *s = xstrndup((const char *)data, size);
	struct error *err = NULL;
	struct http_url u = { 0 };

	if (http_url_parse(s, &u, &err) < 0) {
		must(err && !u.origin && !u.path);
		error_free(err);
		return 0;
	}
	must(!err);
	must(str_eq(u.scheme, "http") || str_eq(u.scheme, "https"));
	must(*u.host && u.path[0] == '/' && u.query);
	must(u.port > 0 && u.port < 65536);
	must(str_starts(u.origin, u.scheme) && !str_ends(u.origin, "/"));
	must(!strchr(u.origin, '@') && !strpbrk(u.path, "?#") && !strchr(u.query, '#'));
	http_host_is_loopback(u.host);
	round_trip(&u);
	http_url_release(&u);
	return 0;
}
