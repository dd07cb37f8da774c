/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "cmd/cmd.h"

#include <stddef.h>
#include <string.h>

#include "aws/arn.h"
#include "base/error.h"
#include "base/json.h"
#include "base/xalloc.h"
#include "cli/app.h"
#include "cli/options.h"
#include "cli/setup.h"
#include "setup/role.h"
#include "setup/role_remove.h"

struct setup_role_opts {
	struct role_setup role;
	json_t *tags;
	bool remove;
};

/* Source of the limits: CreateRole, IAM API Reference. */
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

static int set_role_name(void *target, const struct opt *o, const char *value, struct error **err)
{
	if (!role_name_ok(value))
		return err_set(err, ERR_USAGE,
			       "--%s takes 1 to 64 letters, digits and _+=,.@-, not '%s'", o->name,
			       value);
	*(const char **)target = value;
	return 0;
}

static int set_path(void *target, const struct opt *o, const char *value, struct error **err)
{
	if (!path_ok(value))
		return err_set(err, ERR_USAGE,
			       "--%s takes a path that begins and ends with '/', not '%s'", o->name,
			       value);
	*(const char **)target = value;
	return 0;
}

static int set_boundary(void *target, const struct opt *o, const char *value, struct error **err)
{
	struct arn a;

	if (!arn_parse(value, &a))
		return err_set(err, ERR_USAGE, "--%s takes the ARN of a policy, not '%s'", o->name,
			       value);
	*(const char **)target = value;
	return 0;
}

static const struct opt options[] = {
	{ "role-name", .arg = "NAME", .set = set_role_name,
	  .offset = offsetof(struct setup_role_opts, role.name),
	  .help = "The role's name (default: the one that is set, or " ROLE_NAME_DEFAULT ")" },
	{ "path", .arg = "PATH", .set = set_path,
	  .offset = offsetof(struct setup_role_opts, role.path),
	  .help = "The path of a role that is created, such as /ops/" },
	{ "permissions-boundary", .arg = "ARN", .set = set_boundary,
	  .offset = offsetof(struct setup_role_opts, role.boundary),
	  .help = "The managed policy that limits what the role may do" },
	{ "tag", .arg = "KEY=VALUE", .set = opt_tag, .flags = OPT_REPEATS,
	  .offset = offsetof(struct setup_role_opts, tags),
	  .help = "Tag the role; may be repeated" },
	{ "remove", .type = OPT_FLAG, .offset = offsetof(struct setup_role_opts, remove),
	  .help = "Remove the role that this command created, and the setting that names it" },
	{ "replace", .type = OPT_FLAG, .offset = offsetof(struct setup_role_opts, role.replace),
	  .help = "Replace the live role that API Gateway uses now" },
	{ 0 },
};

static const struct opt_group groups[] = { { "Which role:", options, 0 }, { 0 } };

static json_t *document(const void *setup)
{
	const struct role_setup *s = setup;

	return json_pack("{s{so so sb}}", "role", "name", json_text(s->role_name), "arn",
			 json_text(s->role_arn), "kept", s->foreign);
}

static char *ready(const void *setup)
{
	const struct role_setup *s = setup;

	return xasprintf("role '%s' is ready in %s", s->role_name, s->common.region);
}

static char *removed(const void *setup)
{
	const struct role_setup *s = setup;

	return xasprintf("role '%s' is gone, and no setting in %s names it", s->role_name,
			 s->common.region);
}

static int run(struct app *app, void *opts, struct error **err)
{
	struct setup_role_opts *o = opts;
	struct role_setup *s = &o->role;
	const struct setup_job job = { .look = o->remove ? role_remove_look : role_look,
				       .setup = s,
				       .common = &s->common,
				       .document = document,
				       .ready = o->remove ? removed : ready };

	if (o->remove && (s->replace || s->path || s->boundary || o->tags))
		return err_set(err, ERR_USAGE, "--remove goes with --role-name only");
	s->tags = o->tags;
	return setup_command(app, &job, err);
}

static void release(void *opts)
{
	struct setup_role_opts *o = opts;

	role_setup_release(&o->role);
	json_decref(o->tags);
}

static const struct permission permissions[] = {
	{ "apigateway:GET", NULL },
	{ "apigateway:PATCH", NULL },
	{ "iam:GetRole", NULL },
	{ "iam:CreateRole", NULL },
	{ "iam:ListAttachedRolePolicies", NULL },
	{ "iam:AttachRolePolicy", NULL },
	{ "iam:PassRole", NULL },
	{ "iam:TagRole", "with --tag" },
	{ "iam:PutRolePermissionsBoundary", "with --permissions-boundary" },
	{ "iam:ListRolePolicies", "with --remove" },
	{ "iam:DetachRolePolicy", "with --remove" },
	{ "iam:DeleteRole", "with --remove" },
	{ "iam:UpdateAssumeRolePolicy", "to repair the trust policy of a role" },
	{ 0 },
};

const struct cmd cmd_setup_role = {
	.name = "setup-role",
	.summary = "Create the role that API Gateway logs with, and set it",
	.usage = "[OPTION...]",
	.about =
		"Set up the IAM role that API Gateway writes logs with, and the account setting of "
		"the region that names it. A role that is already set is kept, as long as it "
		"exists.",
	.examples = { "apigw-logs setup-role --dry-run",
		      "apigw-logs setup-role --tag team=platform" },
	.groups = groups,
	.permissions = permissions,
	.opts_size = sizeof(struct setup_role_opts),
	.run = run,
	.release = release,
};
