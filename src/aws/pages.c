/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "aws/pages.h"

#include <stdlib.h>

#include "aws/protocol.h"
#include "base/error.h"
#include "base/xalloc.h"

void aws_pages_init_json(struct aws_pages *p, struct aws_client *c, enum aws_service service,
			 const char *operation, const char *field, json_t *params)
{
	*p = (struct aws_pages){
		.client = c,
		.service = service,
		.operation = operation,
		.field = field,
		.token_name = "nextToken",
		.params = params,
	};
}

void aws_pages_init_rest(struct aws_pages *p, struct aws_client *c, enum aws_service service,
			 const char *operation, const char *path)
{
	*p = (struct aws_pages){
		.client = c,
		.service = service,
		.operation = operation,
		.field = "items",
		.token_name = "nextToken",
		.path = xstrdup(path),
	};
}

void aws_pages_release(struct aws_pages *p)
{
	json_decref(p->params);
	free(p->path);
	free(p->token);
	json_decref(p->page);
	*p = (struct aws_pages){ 0 };
}

static int get_page(struct aws_pages *p, struct error **err)
{
	cleanup_aws_request struct aws_request req = { 0 };

	aws_request_init(&req, p->service, "GET", p->operation);
	buf_adds(&req.http.path, p->path);
	if (p->query)
		buf_adds(&req.http.query, p->query);
	if (p->token)
		http_query_add(&req.http, p->token_name, p->token);
	return aws_rest_call(p->client, &req, NULL, &p->page, err);
}

static int post_page(struct aws_pages *p, struct error **err)
{
	if (p->token)
		json_set_text(p->params, p->token_name, p->token);
	return aws_json_call(p->client, p->service, p->operation, json_incref(p->params), NULL,
			     &p->page, err);
}

/*
 * A missing list must not pass for an empty one: an export would record a window without
 * events. restJson may omit an empty member.
 */
static int check_page(const struct aws_pages *p, struct error **err)
{
	const json_t *list = json_object_get(p->page, p->field);

	if (json_is_array(list) || (!list && !p->params))
		return 0;
	return err_set(err, ERR_UNREACHABLE, "the reply of %s:%s has no list '%s'",
		       aws_service_info(p->service)->name, p->operation, p->field);
}

static int next_page(struct aws_pages *p, struct error **err)
{
	json_decref(p->page);
	p->page = NULL;
	p->at = 0;
	if ((p->params ? post_page(p, err) : get_page(p, err)) < 0 || check_page(p, err) < 0 ||
	    aws_next_token(p->service, p->operation, &p->token, json_str(p->page, p->token_name),
			   err) < 0)
		return -1;
	p->last = !p->token;
	return 0;
}

int aws_pages_next(struct aws_pages *p, const json_t **ret, struct error **err)
{
	for (;;) {
		const json_t *item = json_array_get(json_arr(p->page, p->field), p->at);

		if (item) {
			p->at++;
			*ret = item;
			return 1;
		}
		if (p->last)
			return 0;
		if (next_page(p, err) < 0)
			return -1;
	}
}
