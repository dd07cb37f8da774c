/* SPDX-License-Identifier: MIT */
/* An error reply of AWS, as the user is told of it. */
#ifndef AWS_REFUSAL_H
#define AWS_REFUSAL_H

#include "base/error.h"

struct aws_request;
struct http_response;
struct reply_error;

/*
 * Sets *err, where err is not NULL, from an error reply: a sentence that includes AWS's
 * own, the code, the request id, and a hint where the code alone suggests one.
 */
void refusal_set(struct error **err, enum err_kind kind, const struct aws_request *req,
		 const struct http_response *reply, const struct reply_error *e);

#endif
