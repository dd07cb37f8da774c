/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "cmd/cmd.h"

#include <errno.h>
#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "base/xalloc.h"
#include "cli/app.h"
#include "cli/changes.h"
#include "cli/exit.h"
#include "setup/role.h"

enum {
	OPT_ROLE_NAME = 0x3000,
	OPT_PATH,
	OPT_PERMISSIONS_BOUNDARY,
	OPT_TAG,
	OPT_REPLACE,
};

struct opts {
	struct app *app;
	struct role_setup role;
	json_t *tags;
};

static const struct argp_option options[] = {
	{ "role-name", OPT_ROLE_NAME, "NAME", 0,
	  "The role's name (the one that is set, or " ROLE_NAME_DEFAULT ")", 1 },
	{ "path", OPT_PATH, "PATH", 0, "The path of a role that is made, such as /ops/", 1 },
	{ "permissions-boundary", OPT_PERMISSIONS_BOUNDARY, "ARN", 0,
	  "The policy that bounds what the role may do", 1 },
	{ "tag", OPT_TAG, "KEY=VALUE", 0, "A tag of the role; may be repeated", 1 },
	{ "replace", OPT_REPLACE, NULL, 0,
	  "Put the role in the place of a live one that API Gateway uses now", 1 },
	{ 0 },
};

/* Sources of the limits: CreateRole and Tag, IAM API Reference. */
static bool role_name_ok(const char *s)
{
	size_t n = strlen(s);

	return n >= 1 && n <= 64 &&
	       strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+=,.@-") ==
		       n;
}

static bool path_ok(const char *s)
{
	size_t n = strlen(s);

	for (const char *p = s; *p; p++)
		if (*p <= ' ' || *p >= 0x7F)
			return false;
	return n >= 1 && n <= 512 && s[0] == '/' && s[n - 1] == '/';
}

static error_t add_tag(struct opts *o, const char *arg)
{
	const char *eq = strchr(arg, '=');
	cleanup_free char *key = eq ? xstrndup(arg, (size_t)(eq - arg)) : NULL;

	if (!key || !*key || strlen(key) > 128 || strlen(eq + 1) > 256)
		return app_bad_option(o->app,
				      "--tag takes KEY=VALUE, a key of 1 to 128 and a value of up "
				      "to 256 characters, not '%s'",
				      arg);
	if (!o->tags)
		o->tags = json_object();
	if (json_object_set_new(o->tags, key, json_string(eq + 1)) < 0)
		return app_bad_option(o->app, "--tag '%s' is not UTF-8", arg);
	return 0;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct opts *o = state->input;

	switch (key) {
	case OPT_ROLE_NAME:
		if (!role_name_ok(arg))
			return app_bad_option(o->app,
					      "--role-name takes 1 to 64 letters, digits and "
					      "_+=,.@-, not '%s'",
					      arg);
		o->role.name = arg;
		return 0;
	case OPT_PATH:
		if (!path_ok(arg))
			return app_bad_option(o->app,
					      "--path begins and ends with '/', unlike '%s'", arg);
		o->role.path = arg;
		return 0;
	case OPT_PERMISSIONS_BOUNDARY:
		if (!str_starts(arg, "arn:"))
			return app_bad_option(o->app,
					      "--permissions-boundary takes the ARN of a policy, "
					      "not '%s'",
					      arg);
		o->role.boundary = arg;
		return 0;
	case OPT_TAG:
		return add_tag(o, arg);
	case OPT_REPLACE:
		o->role.replace = true;
		return 0;
	case ARGP_KEY_ARG:
		return app_bad_option(o->app, "setup-role takes no '%s'", arg);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static int look(struct aws_client *c, void *data, struct changes *ret, struct error **err)
{
	return role_look(c, data, ret, err);
}

static json_t *document(const struct role_setup *s)
{
	return json_pack("{so so s{so so sb}}", "account", json_text(s->account), "region",
			 json_text(s->region), "role", "name", json_text(s->role_name), "arn",
			 json_text(s->role_arn), "kept", s->foreign);
}

static int run(struct app *app, void *data, struct error **err)
{
	struct opts *o = data;
	struct role_setup *s = &o->role;
	cleanup_setup_job struct setup_job job = {
		.look = look, .data = s, .notes = &s->notes, .warnings = &s->warnings
	};
	cleanup_free char *ready = NULL;
	int r;

	s->tags = o->tags;
	r = setup_run(app, &job, err);
	if (r == 0)
		ready = xasprintf("role '%s' is ready in %s", s->role_name, s->region);
	if (job.listed)
		setup_print(app, &job, document(s), ready);
	return r < 0 ? -1 : EXIT_DONE;
}

static void release(void *data)
{
	struct opts *o = data;

	role_setup_release(&o->role);
	json_decref(o->tags);
}

static const struct argp argp = {
	options,
	parse,
	NULL,
	"Set up the role that API Gateway writes logs with, and the region's account setting "
	"that names it. A live role that is set already is kept.",
	NULL,
	NULL,
	NULL,
};

const struct cmd cmd_setup_role = {
	.name = "setup-role",
	.summary = "Make the role that API Gateway logs with, and set it",
	.argp = &argp,
	.opts_size = sizeof(struct opts),
	.run = run,
	.release = release,
};
