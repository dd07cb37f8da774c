/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "aws/service/apigateway.h"

#include <string.h>

#include "aws/protocol.h"
#include "base/error.h"
#include "base/str.h"
#include "base/xalloc.h"

/* The largest page of GetRestApis; v2 takes it as a string. */
#define PAGE_SIZE "500"

int apigateway_get_account_role(struct aws_client *c, char **ret_arn, struct error **err)
{
	cleanup_aws_request struct aws_request req = { 0 };
	cleanup_json json_t *reply = NULL;
	const char *arn;

	aws_request_init(&req, AWS_APIGATEWAY, "GET", "GetAccount");
	buf_adds(&req.http.path, "/account");
	if (aws_rest_call(c, &req, NULL, &reply, err) < 0)
		return -1;
	arn = json_str(reply, "cloudwatchRoleArn");
	*ret_arn = str_empty(arn) ? NULL : xstrdup(arn);
	return 0;
}

static int patch(struct aws_client *c, const char *operation, const char *path, json_t *patches,
		 struct error **err)
{
	cleanup_aws_request struct aws_request req = { 0 };

	aws_request_init(&req, AWS_APIGATEWAY, "PATCH", operation);
	buf_adds(&req.http.path, path);
	return aws_rest_call(c, &req, json_pack("{so}", "patchOperations", patches), NULL, err);
}

int apigateway_set_account_role(struct aws_client *c, const char *arn, struct error **err)
{
	json_t *patches = json_array();

	patch_replace(patches, "/cloudwatchRoleArn", arn);
	return patch(c, "UpdateAccount", "/account", patches, err);
}

void patch_replace(json_t *patches, const char *path, const char *value)
{
	json_array_append_new(patches,
			      json_pack("{ssssss}", "op", "replace", "path", path, "value", value));
}

void patch_remove(json_t *patches, const char *path)
{
	json_array_append_new(patches, json_pack("{ssss}", "op", "remove", "path", path));
}

const char *api_protocol_name(enum api_protocol p)
{
	return p == API_REST ? "REST" : p == API_HTTP ? "HTTP" : "WebSocket";
}

void api_release(struct api *a)
{
	free(a->id);
	free(a->name);
	*a = (struct api){ 0 };
}

void api_pages_init(struct api_pages *p, struct aws_client *c)
{
	*p = (struct api_pages){ 0 };
	aws_pages_init_rest(&p->pages, c, AWS_APIGATEWAY, "GetRestApis", "/restapis");
	p->pages.query = "limit=" PAGE_SIZE;
	p->pages.field = "item"; /* the description says "items", as in v2 */
	p->pages.token_name = "position";
}

/* From REST APIs to the others. */
static void begin_v2(struct api_pages *p)
{
	struct aws_client *c = p->pages.client;

	aws_pages_release(&p->pages);
	aws_pages_init_rest(&p->pages, c, AWS_APIGATEWAY, "GetApis", "/v2/apis");
	p->pages.query = "maxResults=" PAGE_SIZE;
	p->v2 = true;
}

void api_pages_release(struct api_pages *p)
{
	aws_pages_release(&p->pages);
}

static enum api_protocol protocol_of(const json_t *v2_api)
{
	return str_eq0(json_str(v2_api, "protocolType"), "WEBSOCKET") ? API_WEBSOCKET : API_HTTP;
}

int api_pages_next(struct api_pages *p, struct api *ret, struct error **err)
{
	const json_t *j;
	const char *id, *name;
	int r = aws_pages_next(&p->pages, &j, err);

	if (r == 0 && !p->v2) {
		begin_v2(p);
		r = aws_pages_next(&p->pages, &j, err);
	}
	if (r <= 0)
		return r;
	id = json_str(j, p->v2 ? "apiId" : "id");
	name = json_str(j, "name");
	if (str_empty(id))
		return err_set(err, ERR_UNREACHABLE, "apigateway:%s returned an API without an id",
			       p->pages.operation);
	*ret = (struct api){ p->v2 ? protocol_of(j) : API_REST, xstrdup(id),
			     xstrdup(name ? name : "") };
	return 1;
}

const char *stage_level(const struct stage *s)
{
	return s->level ? s->level : "OFF";
}

void stage_release(struct stage *s)
{
	free(s->api_id);
	free(s->api_name);
	free(s->name);
	free(s->level);
	free(s->access_destination);
	free(s->access_format);
	for (size_t i = 0; i < s->n_overrides; i++) {
		free(s->overrides[i].key);
		free(s->overrides[i].name);
		free(s->overrides[i].level);
	}
	free(s->overrides);
	json_decref(s->route_settings);
	json_decref(s->routes);
	*s = (struct stage){ 0 };
}

void stages_release(struct stages *l)
{
	for (size_t i = 0; i < l->n; i++)
		stage_release(&l->v[i]);
	free(l->v);
	*l = (struct stages){ 0 };
}

/* "~1pets~1{id}/GET" as "GET /pets/{id}". Caller frees. */
static char *method_name(const char *key)
{
	const char *slash = strrchr(key, '/');
	struct buf b = BUF_INIT;

	buf_addf(&b, "%s ", slash ? slash + 1 : "*");
	for (const char *s = key; *s && s != slash; s++) {
		if (s[0] == '~' && s[1] == '1') {
			buf_addc(&b, '/');
			s++;
		} else {
			buf_addc(&b, *s);
		}
	}
	return buf_take(&b);
}

/* Takes the name. */
static void add_override(struct stage *s, const char *key, char *name, const char *level)
{
	GROW(s->overrides, s->n_overrides);
	s->overrides[s->n_overrides++] =
		(struct level_override){ xstrdup(key), name, xstrdup(level) };
}

static void read_method_settings(const json_t *settings, struct stage *s)
{
	const json_t *all = json_obj(settings, "*/*");
	const char *key;
	json_t *one;

	s->level = xstrdup(json_str(all, "loggingLevel"));
	s->data_trace = json_bool(all, "dataTraceEnabled", false);
	s->metrics = json_bool(all, "metricsEnabled", false);
	json_object_foreach((json_t *)settings, key, one) {
		const char *own = json_str(one, "loggingLevel");

		if (!str_eq(key, "*/*") && own)
			add_override(s, key, method_name(key), own);
	}
}

static void read_route_settings(const json_t *j, struct stage *s)
{
	const json_t *all = json_obj(j, "defaultRouteSettings");
	const char *route;
	json_t *one;

	s->level = xstrdup(json_str(all, "loggingLevel"));
	s->data_trace = json_bool(all, "dataTraceEnabled", false);
	s->metrics = json_bool(all, "detailedMetricsEnabled", false);
	s->route_settings = json_deep_copy(all);
	s->routes = json_deep_copy(json_obj(j, "routeSettings"));
	json_object_foreach(s->routes, route, one) {
		const char *own = json_str(one, "loggingLevel");

		if (own)
			add_override(s, route, xstrdup(route), own);
	}
}

static int read_stage(const json_t *j, const struct api *api, struct stage *s, struct error **err)
{
	const char *name = json_str(j, "stageName");
	const json_t *access = json_obj(j, "accessLogSettings");
	const char *arn = json_str(access, "destinationArn");

	if (!name)
		return err_set(err, ERR_UNREACHABLE,
			       "apigateway:GetStages returned a stage without a name");
	*s = (struct stage){
		.protocol = api->protocol,
		.api_id = xstrdup(api->id),
		.api_name = xstrdup(api->name),
		.name = xstrdup(name),
		.access_destination = str_empty(arn) ? NULL : xstrdup(arn),
		.access_format = xstrdup(json_str(access, "format")),
	};
	if (arn && str_ends(arn, ":*"))
		s->access_destination[strlen(arn) - 2] = '\0';
	if (api->protocol == API_REST)
		read_method_settings(json_obj(j, "methodSettings"), s);
	else
		read_route_settings(j, s);
	return 0;
}

/* An id comes from a reply: whatever it holds, it stays one segment of the path. */
static void add_stages_path(struct buf *path, bool v2, const char *api_id)
{
	buf_adds(path, v2 ? "/v2/apis/" : "/restapis/");
	buf_add_uri(path, api_id, strlen(api_id), false);
	buf_adds(path, "/stages");
}

static void add_stage_path(struct buf *path, bool v2, const char *api_id, const char *stage)
{
	add_stages_path(path, v2, api_id);
	buf_addc(path, '/');
	buf_add_uri(path, stage, strlen(stage), false);
}

int apigateway_get_stages(struct aws_client *c, const struct api *api, struct stages *l,
			  struct error **err)
{
	bool v2 = api->protocol != API_REST;
	cleanup_buf struct buf path = BUF_INIT;
	cleanup_aws_pages struct aws_pages pages = { 0 };
	const json_t *j;
	int r;

	add_stages_path(&path, v2, api->id);
	aws_pages_init_rest(&pages, c, AWS_APIGATEWAY, "GetStages", path.data);
	/* It has no pages in v1. */
	if (!v2)
		pages.field = "item";
	while ((r = aws_pages_next(&pages, &j, err)) > 0) {
		struct stage s;

		if (read_stage(j, api, &s, err) < 0)
			return -1;
		GROW(l->v, l->n);
		l->v[l->n++] = s;
	}
	return r;
}

int apigateway_update_v2_stage(struct aws_client *c, const char *api_id, const char *stage,
			       json_t *body, struct error **err)
{
	cleanup_aws_request struct aws_request req = { 0 };

	aws_request_init(&req, AWS_APIGATEWAY, "PATCH", "UpdateStage");
	add_stage_path(&req.http.path, true, api_id, stage);
	return aws_rest_call(c, &req, body, NULL, err);
}

int apigateway_delete_v2_access_logs(struct aws_client *c, const char *api_id, const char *stage,
				     struct error **err)
{
	cleanup_aws_request struct aws_request req = { 0 };

	aws_request_init(&req, AWS_APIGATEWAY, "DELETE", "DeleteAccessLogSettings");
	add_stage_path(&req.http.path, true, api_id, stage);
	buf_adds(&req.http.path, "/accesslogsettings");
	return aws_rest_call(c, &req, NULL, NULL, err);
}

int apigateway_patch_stage(struct aws_client *c, const char *api_id, const char *stage,
			   json_t *patches, struct error **err)
{
	cleanup_buf struct buf path = BUF_INIT;

	add_stage_path(&path, false, api_id, stage);
	return patch(c, "UpdateStage", path.data, patches, err);
}
