/* SPDX-License-Identifier: MIT */
/*
 * A client that gets its replies from the input. The bytes ff 0a separate them; a
 * reply is a digit that stands for the status, a line for each header, an empty
 * line, and the body. After the last one the user presses ^C, which ends retries.
 */
#ifndef FUZZ_ANSWERS_H
#define FUZZ_ANSWERS_H

#include "../fake_env.h"
#include "aws/client.h"
#include "aws/config/settings.h"
#include "fuzz.h"
#include "net/http.h"

struct answers {
	struct http_transport http; /* must be first: the client gets its address */
	struct fake_env fake;
	struct aws_settings settings;
	struct aws_session *session;
	struct aws_client *client;
	struct parts replies;
	unsigned sent;
	bool knows_secret; /* the input contains the secret key, so AWS may quote it */
	/* Sees each request before it is answered; may be NULL. */
	void (*see)(const struct http_request *req);
};
/* The address is in use until answers_end(). */
void answers_begin(struct answers *a, const uint8_t *data, size_t size);
void answers_end(struct answers *a);

#endif
