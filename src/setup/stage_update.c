/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "setup/stage_update.h"

#include "aws/service/apigateway.h"
#include "base/error.h"
#include "base/str.h"
#include "base/xalloc.h"

/* The settings of a stage by the names used here, and the paths that patch them in v1. */
static const struct {
	const char *name, *patch;
} rest_patches[] = {
	{ "level", "/*/*/logging/loglevel" },
	{ "data trace", "/*/*/logging/dataTrace" },
	{ "metrics", "/*/*/metrics/enabled" },
	{ "access log destination", "/accessLogSettings/destinationArn" },
	{ "access log format", "/accessLogSettings/format" },
};

static int explain(struct error **own, struct error **err)
{
	if (err_says(*own, "CloudWatch Logs role ARN must be set"))
		err_hint(own, "create and set it: apigw-logs setup-role");
	if (err_says(*own, "Policy document length"))
		err_hint(own, "the log group's resource policy grows with every HTTP API: "
			      "--access-log=/aws/vendedlogs/NAME avoids it");
	if (err_says(*own, "Insufficient permissions to enable logging"))
		err_hint(own,
			 "the caller needs logs:CreateLogDelivery, logs:PutResourcePolicy and the "
			 "other permissions of log delivery");
	return err_move(own, err);
}

int stage_update_rest(const struct change_run *run, const json_t *args, struct error **err)
{
	const json_t *settings = json_obj(args, "settings");
	cleanup_error struct error *own = NULL;
	json_t *patches = json_array(), *level;
	const char *key;

	if (json_object_get(settings, "no access logs"))
		patch_remove(patches, "/accessLogSettings");
	for (size_t i = 0; i < ARRAY_SIZE(rest_patches); i++)
		if (json_str(settings, rest_patches[i].name))
			patch_replace(patches, rest_patches[i].patch,
				      json_str(settings, rest_patches[i].name));
	json_object_foreach((json_t *)json_obj(settings, "methods"), key, level) {
		cleanup_free char *path = xasprintf("/%s/logging/loglevel", key);

		patch_replace(patches, path, json_string_value(level));
	}
	if (apigateway_patch_stage(run->client, json_str(args, "api"), json_str(args, "stage"),
				   patches, &own) < 0)
		return explain(&own, err);
	return 0;
}

static void set_flag(json_t *obj, const char *name, const char *value)
{
	if (value)
		json_object_set_new(obj, name, json_boolean(str_eq(value, "true")));
}

/* All routes with their settings, some at another level: UpdateStage takes the whole map. */
static json_t *routes_at(const json_t *routes, const json_t *levels)
{
	json_t *all = json_deep_copy(routes), *level;
	const char *key;

	json_object_foreach((json_t *)levels, key, level)
		json_object_set(json_object_get(all, key), "loggingLevel", level);
	return all;
}

static json_t *v2_body(const json_t *args)
{
	const json_t *settings = json_obj(args, "settings");
	const char *level = json_str(settings, "level");
	const char *trace = json_str(settings, "data trace");
	const char *metrics = json_str(settings, "metrics");
	const char *destination = json_str(settings, "access log destination");
	json_t *body = json_object();

	if (level || trace || metrics) {
		json_t *route = json_deep_copy(json_obj(args, "route_settings"));

		route = route ? route : json_object();
		if (level)
			json_set_text(route, "loggingLevel", level);
		set_flag(route, "dataTraceEnabled", trace);
		set_flag(route, "detailedMetricsEnabled", metrics);
		json_object_set_new(body, "defaultRouteSettings", route);
	}
	if (json_obj(settings, "methods"))
		json_object_set_new(
			body, "routeSettings",
			routes_at(json_obj(args, "routes"), json_obj(settings, "methods")));
	if (destination)
		json_object_set_new(body, "accessLogSettings",
				    json_pack("{ss ss}", "destinationArn", destination, "format",
					      json_str(settings, "access log format")));
	return body;
}

int stage_update_v2(const struct change_run *run, const json_t *args, struct error **err)
{
	const char *api = json_str(args, "api"), *stage = json_str(args, "stage");
	cleanup_json json_t *body = v2_body(args);
	cleanup_error struct error *own = NULL;

	if (json_object_size(body) &&
	    apigateway_update_v2_stage(run->client, api, stage, TAKE(body), &own) < 0)
		return explain(&own, err);
	if (!json_object_get(json_obj(args, "settings"), "no access logs"))
		return 0;
	return apigateway_delete_v2_access_logs(run->client, api, stage, err);
}
