/* SPDX-License-Identifier: MIT */
/* An HTTP server on loopback, in a thread, with scripted behaviour: for tests of the transport. */
#ifndef UNIT_SERVER_H
#define UNIT_SERVER_H

#include <stdbool.h>
#include <stddef.h>

/* What it does after it has read a request and sent the text. */
enum server_after {
	SERVER_KEEP, /* waits for the next request on the same connection */
	SERVER_CLOSE,
	SERVER_RESET,  /* with an RST */
	SERVER_STALL,  /* nothing, until the client disconnects */
	SERVER_REPEAT, /* sends `again` repeatedly, until the client disconnects */
};
struct server_step {
	const char *text, *again;
	enum server_after after;
};

struct server;
/* Borrowed steps, one for each request in order of arrival; after the last it closes. */
struct server *server_new(const struct server_step *steps, size_t n);
void server_free(struct server *s);
/* "http://127.0.0.1:PORT", borrowed. */
const char *server_origin(const struct server *s);
/* How many connections and complete requests there have been. */
int server_connections(struct server *s);
int server_requests(struct server *s);
/* True if the last request contains this text; bodies are kept up to a few kB. */
bool server_saw(struct server *s, const char *text);

#endif
