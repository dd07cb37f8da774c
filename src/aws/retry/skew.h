/* SPDX-License-Identifier: MIT */
/* This machine's clock, when it is wrong: AWS refuses a signature 5 or 15 minutes off. */
#ifndef AWS_RETRY_SKEW_H
#define AWS_RETRY_SKEW_H

#include <stdbool.h>
#include <stdint.h>

struct http_headers;

/*
 * True if this refusal (code may be NULL) is one that a wrong clock causes and
 * the reply's Date is more than 4 minutes from ours. Then *ret_offset_ms is
 * what to add to our clock, and the request is worth signing again, once.
 *
 * Source: the SDKs' clock-skew correction, as aws-sdk-go-v2 tests it. Older
 * texts also count RequestExpired and RequestInTheFuture; those tests do not,
 * and count AccessDeniedException. The tests are what is followed here: a
 * request that is expired for another reason, such as a presigned URL's age,
 * does not get better by being sent again.
 */
#define CLOCK_SKEW_MAX_MS (INT64_C(4) * 60 * 1000)
bool clock_skew_detect(const char *code, const struct http_headers *reply, int64_t now_ms,
		       int64_t *ret_offset_ms);

/*
 * True if the reply says what time AWS has: its Date, in whole seconds. Then
 * *ret_offset_ms is what to add to our clock, 0 where the two agree as far as an
 * exchange that was sent and received at these times can tell.
 */
bool clock_offset(const struct http_headers *reply, int64_t sent_ms, int64_t received_ms,
		  int64_t *ret_offset_ms);

#endif
