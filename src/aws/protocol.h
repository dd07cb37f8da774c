/* SPDX-License-Identifier: MIT */
/* A call in each of the four protocols: parameters in, a parsed reply out. */
#ifndef AWS_PROTOCOL_H
#define AWS_PROTOCOL_H

#include "aws/client.h"
#include "base/json.h"
#include "base/xml.h"

/*
 * awsJson1.1. params is consumed. final_codes as in struct aws_request, or NULL. ret may be
 * NULL where the reply does not matter.
 */
struct json_call_options {
	const char *const *final_codes;
	bool not_idempotent;
};
int aws_json_call(struct aws_client *c, enum aws_service service, const char *operation,
		  json_t *params, const struct json_call_options *opts, json_t **ret,
		  struct error **err);

/* restJson. req is the caller's, with path and query set; body is consumed and may be NULL. */
int aws_rest_call(struct aws_client *c, struct aws_request *req, json_t *body, json_t **ret,
		  struct error **err);

/*
 * Query. params: what query_param() adds. ret: <OperationResponse>'s <OperationResult>, in
 * a tree that the caller frees through *ret_doc; may be NULL.
 */
int aws_query_call(struct aws_client *c, enum aws_service service, const char *operation,
		   const struct buf *params, struct xml **ret_doc, const struct xml **ret,
		   struct error **err);

/* restXml (S3). The reply's root in *ret; NULL where the reply has no XML. */
int aws_xml_call(struct aws_client *c, struct aws_request *req, struct xml **ret,
		 struct error **err);

/*
 * After a page: *token, which asked for it (NULL: the first), becomes a copy of next; NULL
 * ends the list. An empty token may be an end or a fault, and the same one again would be
 * listed for ever: both are ERR_UNREACHABLE.
 */
int aws_next_token(enum aws_service service, const char *operation, char **token, const char *next,
		   struct error **err);

#endif
