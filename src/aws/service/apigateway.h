/* SPDX-License-Identifier: MIT */
/* API Gateway: REST APIs (v1), and HTTP and WebSocket APIs (v2). */
#ifndef AWS_SERVICE_APIGATEWAY_H
#define AWS_SERVICE_APIGATEWAY_H

#include <stdbool.h>
#include <stddef.h>

#include "aws/pages.h"
#include "base/cleanup.h"
#include "base/json.h"

struct aws_client;
struct error;

/* The account's logging role in this region; *ret is NULL where none is set. Caller frees. */
int apigateway_get_account_role(struct aws_client *c, char **ret_arn, struct error **err);
int apigateway_set_account_role(struct aws_client *c, const char *arn, struct error **err);

enum api_protocol { API_REST, API_HTTP, API_WEBSOCKET };
const char *api_protocol_name(enum api_protocol p);

struct api {
	enum api_protocol protocol;
	char *id, *name;
};
void api_release(struct api *a);

/* All APIs, REST first. next: 1, 0 at the end, -1. */
struct api_pages {
	bool v2; /* which of the two lists is under way */
	struct aws_pages pages;
};
void api_pages_init(struct api_pages *p, struct aws_client *c);
void api_pages_release(struct api_pages *p);
#define cleanup_api_pages cleanup(api_pages_release)
int api_pages_next(struct api_pages *p, struct api *ret, struct error **err);

/* A method (REST) or route (WebSocket) with a level of its own. */
struct level_override {
	char *key;   /* as API Gateway has it: "~1pets/GET", "$connect" */
	char *name;  /* for the user to read: "GET /pets" */
	char *level; /* "OFF" … */
};

/* What a stage logs. */
struct stage {
	enum api_protocol protocol;
	char *api_id, *api_name, *name;
	bool gone;   /* API Gateway no longer has it: nothing else is known of it */
	char *level; /* "OFF", "ERROR", "INFO"; NULL where the stage does not say */
	bool data_trace, metrics;
	char *access_destination; /* an ARN without ":*", or NULL */
	char *access_format;      /* or NULL */
	struct level_override *overrides;
	size_t n_overrides;
	json_t *route_settings; /* v2: all of the defaultRouteSettings, or NULL */
	json_t *routes;         /* v2: all of the routeSettings, or NULL */
};
/* "OFF" where the stage does not say. */
const char *stage_level(const struct stage *s);
void stage_release(struct stage *s);
#define cleanup_stage cleanup(stage_release)

struct stages {
	struct stage *v;
	size_t n;
};
void stages_release(struct stages *l);
#define cleanup_stages cleanup(stages_release)
/* Adds the stages of an API to l; on failure it may have some of them. */
int apigateway_get_stages(struct aws_client *c, const struct api *api, struct stages *l,
			  struct error **err);

/* REST: patches is a JSON array of {op, path, value}; consumed. */
int apigateway_patch_stage(struct aws_client *c, const char *api_id, const char *stage,
			   json_t *patches, struct error **err);
/*
 * HTTP and WebSocket APIs: body has the changes and is consumed. An object in it, such as
 * defaultRouteSettings, should be complete.
 */
int apigateway_update_v2_stage(struct aws_client *c, const char *api_id, const char *stage,
			       json_t *body, struct error **err);
int apigateway_delete_v2_access_logs(struct aws_client *c, const char *api_id, const char *stage,
				     struct error **err);
/* Appends {"op":"replace","path":path,"value":value}. */
void patch_replace(json_t *patches, const char *path, const char *value);
void patch_remove(json_t *patches, const char *path);

#endif
