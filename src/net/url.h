/* SPDX-License-Identifier: MIT */
/*
 * URLs, and which hosts are this machine. By libcurl's parser, so that what is checked is
 * what is sent to.
 */
#ifndef NET_URL_H
#define NET_URL_H

#include <stdbool.h>

#include "base/cleanup.h"

struct error;

/* A URL in its parts, as curl's parser sees it. http and https only; no user, password or fragment. */
struct http_url {
	char *origin; /* "https://host[:port]"; a default port is left out */
	char *scheme, *host;
	int port;
	char *path;  /* at least "/" */
	char *query; /* "" if none */
};
int http_url_parse(const char *url, struct http_url *ret, struct error **err);
void http_url_release(struct http_url *u);
#define cleanup_http_url cleanup(http_url_release)
/* localhost and what ends in .localhost, 127.0.0.0/8, [::1]: RFC 6761, 6.3. */
bool http_host_is_loopback(const char *host);

#endif
