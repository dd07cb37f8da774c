/* SPDX-License-Identifier: MIT */
/*
 * The IAM policy that a caller of commands needs, from the same tables as their help.
 * Sources: "Actions, resources, and condition keys" of each service, Service Authorization
 * Reference.
 */
#include "config.h"

#include "cmd/cmd.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "archive/api_log.h"
#include "archive/selection.h"
#include "aws/arn.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/json.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "cli/app.h"
#include "cli/exit.h"
#include "cli/options.h"
#include "cli/output.h"
#include "setup/account.h"
#include "setup/common.h"
#include "setup/role.h"

/* Source: "IAM and AWS STS quotas", IAM User Guide; white space is not counted. */
#define USER_POLICY_MAX 2048

#define COMMANDS_MAX 32

/* What an action is allowed on. */
enum scope {
	ANYTHING,
	BUCKET,
	OBJECTS,
	GROUPS,
	KEYS,
	ROLES,
	OUR_ROLE,
	API_READ,
	API_WRITE,
	SCOPES
};

struct policy_opts {
	struct selection selection;
	struct place_options where;
	const char *role;

	struct setup_common common;
	struct stages stages;
	struct strv actions[SCOPES]; /* that the commands need */
	bool account_setting;        /* API_WRITE is for that, too */
	bool all_stages;             /* and for stages */
};

static enum scope scope_of(const char *action)
{
	static const struct {
		const char *actions;
		enum scope scope;
	} scopes[] = {
		{ "s3:GetObject", OBJECTS },
		{ "s3:PutObject", OBJECTS },
		{ "s3:DeleteObject", OBJECTS },
		{ "s3:*", BUCKET },
		{ "logs:DescribeLogGroups", ANYTHING },
		{ "logs:*ExportTask*", ANYTHING },
		{ "logs:GetQueryResults", ANYTHING },
		{ "logs:*Deliver*", ANYTHING },
		{ "logs:*ResourcePolic*", ANYTHING },
		{ "logs:*", GROUPS },
		{ "kms:*", KEYS },
		{ "iam:GetRole", ROLES },
		{ "iam:List*", ROLES },
		{ "iam:Simulate*", ROLES },
		{ "iam:*", OUR_ROLE },
		{ "apigateway:GET", API_READ },
		{ "apigateway:*", API_WRITE },
	};

	/* It is on a log group, unlike the other calls of export tasks. */
	if (str_eq(action, "logs:CreateExportTask"))
		return GROUPS;
	for (size_t i = 0; i < ARRAY_SIZE(scopes); i++)
		if (str_glob(scopes[i].actions, action))
			return scopes[i].scope;
	return ANYTHING;
}

static void add_command(struct policy_opts *o, const struct cmd *cmd)
{
	for (const struct permission *p = cmd->permissions; p && p->action; p++) {
		enum scope scope = scope_of(p->action);

		if (!strv_has(&o->actions[scope], p->action))
			strv_add(&o->actions[scope], p->action);
		if (scope == API_WRITE && cmd == &cmd_setup_role)
			o->account_setting = true;
		else if (scope == API_WRITE)
			o->all_stages = true;
	}
}

__attribute__((format(printf, 4, 5))) static void add_arn(json_t *list, const struct policy_opts *o,
							  const char *service, const char *fmt, ...)
{
	cleanup_free char *resource = NULL, *arn = NULL;
	/* API Gateway's ARNs have no account in them. */
	const char *account = str_eq(service, "apigateway") ? "" : o->common.account;
	va_list ap;

	va_start(ap, fmt);
	resource = xvasprintf(fmt, ap);
	va_end(ap);
	arn = arn_make(service, o->common.region, account, "%s", resource);
	json_array_append_new(list, json_string(arn));
}

static void add_group(json_t *list, const struct policy_opts *o, const char *name)
{
	cleanup_free char *pattern = xstrdup(name);

	/* Of a glob, an ARN has '*' and '?' only. */
	for (char *p = pattern; (p = strchr(p, '['));) {
		const char *end = strchr(p, ']');

		*p++ = '*';
		memmove(p, end ? end + 1 : "", strlen(end ? end + 1 : "") + 1);
	}
	add_arn(list, o, "logs", "log-group:%s", pattern);
	add_arn(list, o, "logs", "log-group:%s:*", pattern);
}

/* Those of the stages now; a group that one logs to later is not among them. */
static void add_groups(json_t *list, const struct policy_opts *o)
{
	const struct selection *s = &o->selection;

	for (size_t i = 0; i < s->log_groups.n; i++)
		add_group(list, o, s->log_groups.v[i]);
	for (size_t i = 0; i < o->stages.n; i++) {
		const struct stage *st = &o->stages.v[i];
		cleanup_free char *execution = execution_log_group(st->api_id, st->name);
		const char *access =
			st->access_destination ? arn_log_group(st->access_destination) : NULL;

		if (st->protocol != API_HTTP)
			add_group(list, o, execution);
		if (access)
			add_group(list, o, access);
		else
			add_arn(list, o, "logs", "log-group:/aws/apigateway/%s/*", st->api_id);
	}
	if (!json_array_size(list))
		add_group(list, o, "*");
}

static void add_api(json_t *list, const struct policy_opts *o, const char *path, const char *id)
{
	add_arn(list, o, "apigateway", "/%s/%s/stages", path, id);
	add_arn(list, o, "apigateway", "/%s/%s/stages/*", path, id);
}

static void add_apis(json_t *list, const struct policy_opts *o)
{
	const char *last = NULL;

	for (size_t i = 0; i < o->stages.n; i++) {
		const struct stage *st = &o->stages.v[i];

		if (!last || !str_eq(last, st->api_id))
			add_api(list, o, st->protocol == API_REST ? "restapis" : "apis",
				st->api_id);
		last = st->api_id;
	}
	if (!o->stages.n) {
		add_api(list, o, "restapis", "*");
		add_api(list, o, "apis", "*");
	}
}

static json_t *resources(const struct policy_opts *o, enum scope scope)
{
	json_t *list = json_array();

	switch (scope) {
	case BUCKET:
		add_arn(list, o, "s3", "%s", o->where.place.bucket);
		break;
	case OBJECTS:
		add_arn(list, o, "s3", "%s/%s/*", o->where.place.bucket, o->where.place.prefix);
		break;
	case GROUPS:
		add_groups(list, o);
		break;
	case KEYS:
		add_arn(list, o, "kms", "key/*");
		break;
	case ROLES:
		add_arn(list, o, "iam", "role/*");
		break;
	case OUR_ROLE:
		add_arn(list, o, "iam", "role/%s", o->role ? o->role : ROLE_NAME_DEFAULT);
		break;
	case API_READ:
		add_arn(list, o, "apigateway", "/account");
		add_arn(list, o, "apigateway", "/restapis");
		add_arn(list, o, "apigateway", "/apis");
		add_apis(list, o);
		break;
	case API_WRITE:
		if (o->account_setting)
			add_arn(list, o, "apigateway", "/account");
		if (o->all_stages)
			add_apis(list, o);
		break;
	default:
		json_array_append_new(list, json_string("*"));
	}
	return list;
}

static void add_statement(json_t *list, const struct policy_opts *o, enum scope scope)
{
	static const char *const sids[] = { "Any",   "Bucket",      "Objects",  "LogGroups", "Keys",
					    "Roles", "LoggingRole", "ReadApis", "ChangeApis" };
	cleanup_free char *sid = xasprintf("ApigwLogs%s", sids[scope]);
	json_t *actions = json_array();

	for (size_t i = 0; i < o->actions[scope].n; i++)
		if (!str_eq(o->actions[scope].v[i], "iam:PassRole"))
			json_array_append_new(actions, json_string(o->actions[scope].v[i]));
	json_array_append_new(list, json_pack("{ss ss so so}", "Sid", sid, "Effect", "Allow",
					      "Action", actions, "Resource", resources(o, scope)));
	if (strv_has(&o->actions[scope], "iam:PassRole"))
		json_array_append_new(
			list, json_pack("{ss ss ss so s{s{ss}}}", "Sid", "ApigwLogsPassRole",
					"Effect", "Allow", "Action", "iam:PassRole", "Resource",
					resources(o, scope), "Condition", "StringEquals",
					"iam:PassedToService", APIGATEWAY_PRINCIPAL));
}

/* All commands if none is named. */
static int find_commands(const struct args *a, struct policy_opts *o, struct error **err)
{
	for (size_t i = 0; i < a->n_words; i++) {
		const struct cmd *cmd = cmd_find(a->words[i]);
		const char *near = cmd ? NULL : cmd_nearest(a->words[i]);

		if (!cmd) {
			err_set(err, ERR_USAGE, "there is no command '%s'", a->words[i]);
			return near ? err_hint(err, "did you mean '%s'?", near) : -1;
		}
		add_command(o, cmd);
	}
	for (size_t i = 0; !a->n_words && cmds[i]; i++)
		add_command(o, cmds[i]);
	return 0;
}

static int check(struct app *app, struct policy_opts *o, struct error **err)
{
	const struct selection *s = &o->selection;

	if (find_commands(&app->args, o, err) < 0)
		return -1;
	if (s->stages.n && !s->apis.n && !s->all_apis)
		return err_set(err, ERR_USAGE, "--stage needs --api or --all-apis");
	if ((s->apis.n || s->all_apis || s->log_groups.n) && selection_check(s, err) < 0)
		return -1;
	if (o->actions[BUCKET].n || o->actions[OBJECTS].n)
		return place_options_check(&o->where, err);
	return 0;
}

static void print_policy(const struct app *app, const struct policy_opts *o)
{
	cleanup_json json_t *policy = json_pack("{ss s[]}", "Version", "2012-10-17", "Statement");
	cleanup_buf struct buf compact = BUF_INIT;

	for (enum scope scope = 0; scope < SCOPES; scope++)
		if (o->actions[scope].n)
			add_statement(json_object_get(policy, "Statement"), o, scope);
	json_add_compact(&compact, policy);
	write_json(&app->out, stdout, policy);
	if (compact.len > USER_POLICY_MAX)
		note(&app->out,
		     "the policy has %zu characters, and IAM takes %d of a user's own: give it to "
		     "a "
		     "role, or create a managed policy of it",
		     compact.len, USER_POLICY_MAX);
}

static int run(struct app *app, void *opts, struct error **err)
{
	const struct stages none = { 0 };
	struct policy_opts *o = opts;
	struct aws_client *c;

	if (check(app, o, err) < 0 || app_client(app, &c, err) < 0 ||
	    setup_common_look(c, &o->common, err) < 0)
		return -1;
	if ((o->selection.apis.n || o->selection.all_apis) &&
	    selection_stages(c, &o->selection, &none, &o->stages, err) < 0)
		return -1;
	print_policy(app, o);
	return EXIT_DONE;
}

static void release(void *opts)
{
	struct policy_opts *o = opts;

	selection_release(&o->selection);
	place_options_release(&o->where);
	setup_common_release(&o->common);
	stages_release(&o->stages);
	for (size_t i = 0; i < SCOPES; i++)
		strv_release(&o->actions[i]);
}

static const struct opt options[] = {
	{ "log-group", .arg = "NAME", .type = OPT_LIST,
	  .offset = offsetof(struct policy_opts, selection.log_groups),
	  .help = "A log group, by name or glob, instead of APIs; may be repeated" },
	{ "role-name", .arg = "NAME", .type = OPT_TEXT,
	  .offset = offsetof(struct policy_opts, role),
	  .help = "The role that setup-role creates (default: " ROLE_NAME_DEFAULT ")" },
	{ 0 },
};

static const struct opt_group groups[] = {
	{ "Which stages:", stage_options, offsetof(struct policy_opts, selection) },
	{ "Which other resources:", options, 0 },
	{ "Which bucket:", place_options, offsetof(struct policy_opts, where) },
	{ 0 },
};

static const struct permission permissions[] = {
	{ "apigateway:GET", "with --api and --all-apis" },
	{ 0 },
};

const struct cmd cmd_policy = {
	.name = "policy",
	.summary = "Print the IAM policy that callers of commands need",
	.usage = "[COMMAND...] [OPTION...]",
	.about = "Print the least IAM policy with which the commands work, or all commands if none "
		 "is named, with all their options. The options narrow it down: to a bucket and a "
		 "prefix, to APIs and what they log to now, or to log groups.",
	.examples = { "apigw-logs policy export verify --bucket acme-api-logs --all-apis",
		      "apigw-logs policy doctor --bucket acme-api-logs" },
	.groups = groups,
	.max_words = COMMANDS_MAX,
	.permissions = permissions,
	.opts_size = sizeof(struct policy_opts),
	.run = run,
	.release = release,
};
