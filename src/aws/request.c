/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "aws/request.h"

void aws_request_init(struct aws_request *r, enum aws_service service, const char *method,
		      const char *operation)
{
	*r = (struct aws_request){ .service = service, .operation = operation };
	http_request_init(&r->http, method);
}

void aws_request_release(struct aws_request *r)
{
	http_request_release(&r->http);
}
