/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "net/url.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/str.h"
#include "base/xalloc.h"

static char *url_part(CURLU *u, CURLUPart part, unsigned flags)
{
	char *s = NULL, *copy = NULL;

	if (curl_url_get(u, part, &s, flags) == CURLUE_OK)
		copy = xstrdup(s);
	curl_free(s);
	return copy;
}

/*
 * libcurl parses the origin again when it sends. A host written in an odd way, with
 * percent-encoded digits or an encoded '%', would then differ from the one that was
 * checked.
 */
static bool reads_the_same(const struct http_url *u)
{
	CURLU *again = curl_url();
	cleanup_free char *host = NULL;

	if (!again)
		xalloc_die();
	if (curl_url_set(again, CURLUPART_URL, u->origin, 0) == CURLUE_OK)
		host = url_part(again, CURLUPART_HOST, 0);
	curl_url_cleanup(again);
	return str_eq0(host, u->host);
}

static int url_parts(CURLU *u, const char *url, struct http_url *ret, struct error **err)
{
	cleanup_free char *user = url_part(u, CURLUPART_USER, 0);
	cleanup_free char *password = url_part(u, CURLUPART_PASSWORD, 0);
	cleanup_free char *fragment = url_part(u, CURLUPART_FRAGMENT, 0);
	cleanup_free char *port = url_part(u, CURLUPART_PORT, CURLU_NO_DEFAULT_PORT);
	cleanup_free char *any_port = url_part(u, CURLUPART_PORT, CURLU_DEFAULT_PORT);
	cleanup_http_url struct http_url parts = { 0 };
	int64_t number;

	if (user || password || fragment)
		return err_set(err, ERR_USAGE,
			       "the URL must not have a user, a password or a fragment");
	parts.scheme = url_part(u, CURLUPART_SCHEME, 0);
	parts.host = url_part(u, CURLUPART_HOST, 0);
	parts.path = url_part(u, CURLUPART_PATH, 0);
	parts.query = url_part(u, CURLUPART_QUERY, 0);
	if (!parts.query)
		parts.query = xstrdup("");
	if (!parts.scheme || !parts.host || !parts.path || !any_port ||
	    !str_to_int64(any_port, 1, 65535, &number) ||
	    (!str_eq(parts.scheme, "http") && !str_eq(parts.scheme, "https")))
		return err_set(err, ERR_USAGE, "'%s' is not an http or https URL", url);
	parts.port = (int)number;
	parts.origin = xasprintf("%s://%s%s%s", parts.scheme, parts.host, port ? ":" : "",
				 port ? port : "");
	if (strchr(parts.host, '%') || !reads_the_same(&parts))
		return err_set(err, ERR_USAGE, "the host of '%s' is not written plainly", url);
	*ret = TAKE(parts);
	return 0;
}

int http_url_parse(const char *url, struct http_url *ret, struct error **err)
{
	CURLU *u = curl_url();
	int r;

	if (!u)
		xalloc_die();
	if (curl_url_set(u, CURLUPART_URL, url, 0) != CURLUE_OK) {
		err_set(err, ERR_USAGE, "'%s' is not an http or https URL", url);
		err_hint(err, "write it in full, such as https://host or http://127.0.0.1:5000");
		r = -1;
	} else {
		r = url_parts(u, url, ret, err);
	}
	curl_url_cleanup(u);
	return r;
}

void http_url_release(struct http_url *u)
{
	free(u->origin);
	free(u->scheme);
	free(u->host);
	free(u->path);
	free(u->query);
	*u = (struct http_url){ 0 };
}

bool http_host_is_loopback(const char *host)
{
	struct in_addr v4;

	if (str_eq_nocase(host, "localhost") || str_eq(host, "[::1]") || str_eq(host, "::1"))
		return true;
	if (strlen(host) > 10 && str_eq_nocase(host + strlen(host) - 10, ".localhost"))
		return true;
	return inet_pton(AF_INET, host, &v4) == 1 && ntohl(v4.s_addr) >> 24 == 127;
}
