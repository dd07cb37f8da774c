/* SPDX-License-Identifier: MIT */
/* Lists of JSON items that a service returns in pages. */
#ifndef AWS_PAGES_H
#define AWS_PAGES_H

#include <stdbool.h>
#include <stddef.h>

#include "aws/service.h"
#include "base/cleanup.h"
#include "base/json.h"

struct aws_client;
struct error;

struct aws_pages {
	struct aws_client *client;
	enum aws_service service;
	const char *operation;  /* borrowed, as the next two */
	const char *field;      /* the array of items in a reply */
	const char *token_name; /* of the page token, in requests and replies alike */
	json_t *params;         /* awsJson: the request; NULL: restJson */
	char *path;             /* restJson: what to GET … */
	const char *query;      /* … with this before the token, or NULL; borrowed */
	char *token;            /* asks for the next page; NULL: the first */
	json_t *page;
	size_t at;
	bool last;
};
/* By POST of params, which are consumed. */
void aws_pages_init_json(struct aws_pages *p, struct aws_client *c, enum aws_service service,
			 const char *operation, const char *field, json_t *params);
/* By GET of path, which is copied. */
void aws_pages_init_rest(struct aws_pages *p, struct aws_client *c, enum aws_service service,
			 const char *operation, const char *path);
void aws_pages_release(struct aws_pages *p);
#define cleanup_aws_pages cleanup(aws_pages_release)
/*
 * 1 and a borrowed item, good until the next call; 0 at the end; -1 on error. An empty
 * page is legal: only a missing token ends the list.
 */
int aws_pages_next(struct aws_pages *p, const json_t **ret, struct error **err);

#endif
