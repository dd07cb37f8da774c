/* SPDX-License-Identifier: MIT */
/*
 * Plays recorded HTTP traffic back: the "dvr" form of smithy-rs, where each
 * connection is one exchange, in order.
 */
#ifndef VECTORS_REPLAY_H
#define VECTORS_REPLAY_H

#include <jansson.h>

#include "base/buf.h"
#include "net/http.h"

struct replay {
	json_t *events;        /* borrowed */
	json_int_t connection; /* the next exchange */
	struct buf mismatch;   /* the first request that is not the recorded one, or empty */
};
void replay_init(struct replay *r, const json_t *traffic);
void replay_release(struct replay *r);
/* One of any number of transports that take turns in the same recording. */
struct http_transport *replay_transport(struct replay *r);

#endif
