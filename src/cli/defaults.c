/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "cli/defaults.h"

#include "aws/config/file.h"
#include "base/error.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "cli/app.h"
#include "cli/args.h"
#include "cli/output.h"

#define VARIABLE_PREFIX "APIGW_LOGS_"

/* "APIGW_LOGS_BUCKET" for "bucket". Caller frees. */
static char *variable_of(const struct opt *o)
{
	char *name = xasprintf(VARIABLE_PREFIX "%s", o->name);

	for (char *p = name; *p; p++)
		*p = *p == '-' ? '_' : *p >= 'a' && *p <= 'z' ? (char)(*p - 'a' + 'A') : *p;
	return name;
}

/* *ret_value is borrowed, and NULL if there is no default; *ret_origin is the caller's. */
static int look_up(struct app *app, const struct opt *o, const char **ret_value, char **ret_origin,
		   struct error **err)
{
	cleanup_free char *variable = variable_of(o);
	const char *value = env_get(&app->env, variable);
	const struct aws_settings *settings;

	if (value) {
		*ret_value = value;
		*ret_origin = TAKE(variable);
		return 0;
	}
	if (app_settings(app, &settings, err) < 0)
		return -1;
	value = aws_config_get(settings->config, CONFIG_TOOL, CONFIG_TOOL_NAME, o->name);
	*ret_value = str_empty(value) ? NULL : value;
	*ret_origin =
		aws_config_where(settings->config, CONFIG_TOOL, CONFIG_TOOL_NAME, o->name, NULL);
	return 0;
}

static int apply(struct app *app, const struct opt *o, void *target, struct error **err)
{
	cleanup_free char *origin = NULL;
	const char *value = NULL;

	if (look_up(app, o, &value, &origin, err) < 0)
		return -1;
	if (!value)
		return 0;
	if (o->set(target, o, value, err) < 0)
		return err_wrap(err, "%s", origin);
	detail(&app->out, "--%s is '%s', from %s", o->name, value, origin);
	return 0;
}

int defaults_apply(struct app *app, const struct opt_scope *scope, struct error **err)
{
	for (const struct opt_group *g = scope->groups; g && g->title; g++)
		for (const struct opt *o = g->opts; o->name; o++)
			if (o->flags & OPT_DEFAULT && !args_have(&app->args, o->name) &&
			    apply(app, o, (char *)scope->input + g->offset + o->offset, err) < 0)
				return -1;
	return 0;
}
