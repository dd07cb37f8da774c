/* SPDX-License-Identifier: MIT */
/*
 * A request as text, as it goes over the wire or nearly so: lines ended by LF or
 * CRLF, folded headers, a path with spaces and other bytes that are not encoded.
 */
#ifndef VECTORS_REQTEXT_H
#define VECTORS_REQTEXT_H

#include <stdbool.h>

#include "net/message.h"

struct reqtext {
	struct buf text; /* the body is in it */
	char *method;
	struct http_request req;
};
#define REQTEXT_INIT                                                                               \
	{                                                                                          \
		.text = BUF_INIT                                                                   \
	}

/*
 * Fills req from text. A folded header keeps its line ends as LF. The body ends
 * where Content-Length says, or with the text. False if there is no host.
 */
bool reqtext_parse(struct reqtext *m);
void reqtext_release(struct reqtext *m);
#define cleanup_reqtext cleanup(reqtext_release)

#endif
