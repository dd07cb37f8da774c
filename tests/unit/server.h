/* SPDX-License-Identifier: MIT */
/* An HTTP server on loopback, in a thread, that does as it is told: for tests of the transport. */
#ifndef UNIT_SERVER_H
#define UNIT_SERVER_H

#include <stdbool.h>
#include <stddef.h>

/* What it does once it has read a request, after sending the text. */
enum server_after {
	SERVER_KEEP, /* waits for the next request on the same connection */
	SERVER_CLOSE,
	SERVER_RESET,  /* with an RST */
	SERVER_STALL,  /* nothing, until the client goes */
	SERVER_REPEAT, /* sends `again` without end, until the client goes */
};
struct server_step {
	const char *text, *again;
	enum server_after after;
};

struct server;
/* Borrowed steps, one for each request in the order they come in; after the last it closes. */
struct server *server_new(const struct server_step *steps, size_t n);
void server_free(struct server *s);
/* "http://127.0.0.1:PORT", borrowed. */
const char *server_origin(const struct server *s);
/* How many connections and whole requests there were so far. */
int server_connections(struct server *s);
int server_requests(struct server *s);
/* True if the last request has this text in it, bodies up to some kB included. */
bool server_saw(struct server *s, const char *text);

#endif
