/* SPDX-License-Identifier: MIT */
/*
 * A client to whom AWS answers what the input says. The bytes ff 0a part the
 * answers; an answer is a digit that stands for the status, headers, a line
 * each, to an empty line, and the body. After the last one the user presses ^C,
 * so that no retry goes on.
 */
#ifndef FUZZ_ANSWERS_H
#define FUZZ_ANSWERS_H

#include "../fake_env.h"
#include "aws/client.h"
#include "aws/config/settings.h"
#include "net/http.h"

struct answers {
	struct http_transport http; /* first: it is what the client is given */
	struct fake_env fake;
	struct aws_settings settings;
	struct aws_session *session;
	struct aws_client *client;
	const uint8_t *at;
	size_t left;
	unsigned sent;
	bool knows_secret; /* the input has found out the secret key, so that AWS may quote it */
	/* Sees each request before it is answered; may be NULL. */
	void (*see)(const struct http_request *req);
};
/* The address is in use until answers_end(). */
void answers_begin(struct answers *a, const uint8_t *data, size_t size);
void answers_end(struct answers *a);

#endif
