/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "archive/api_log.h"
#include "aws/arn.h"
#include "aws/service/iam.h"
#include "base/error.h"
#include "base/str.h"
#include "setup/account.h"
#include "setup/doctor_links.h"
#include "setup/policy.h"
#include "setup/role.h"

/* The trust of a role that exists. */
static void check_trust(const struct doctor *d, const struct iam_role *role)
{
	cleanup_free char *conditions = NULL;

	switch (policy_trust(role->trust, APIGATEWAY_PRINCIPAL, &conditions)) {
	case POLICY_NO_TRUST:
		finding_add(d->findings, LINK_ROLE, HEALTH_BROKEN,
			    "role '%s' does not trust " APIGATEWAY_PRINCIPAL, role->name);
		finding_hint(d->findings, "apigw-logs setup-role --role-name %s", role->name);
		break;
	case POLICY_TRUST_IF:
		finding_add(d->findings, LINK_ROLE, HEALTH_DOUBTFUL,
			    "role '%s' trusts " APIGATEWAY_PRINCIPAL " only under a condition: %s",
			    role->name, conditions);
		break;
	case POLICY_TRUST:
		break;
	}
}

/* Source: the managed policy AmazonAPIGatewayPushToCloudWatchLogs. */
static const char *const needed[] = { "logs:CreateLogGroup", "logs:CreateLogStream",
				      "logs:PutLogEvents", NULL };

/* Where the simulation is not allowed: without any policy nothing is allowed. */
static int check_policies(const struct doctor *d, const struct iam_role *role, struct error **err)
{
	cleanup_free char *policy = role_managed_policy(d->common);
	cleanup_strv struct strv attached = STRV_INIT, own = STRV_INIT;

	if (iam_list_attached_role_policies(d->client, role->name, &attached, err) < 0)
		return err_wrap(err, "cannot inspect role '%s'", role->name);
	if (strv_has(&attached, policy))
		return 0;
	if (iam_list_role_policies(d->client, role->name, &own, err) < 0)
		return err_wrap(err, "cannot inspect role '%s'", role->name);
	if (attached.n + own.n)
		finding_add(d->findings, LINK_ROLE, HEALTH_DOUBTFUL,
			    "role '%s' lacks the managed policy " ROLE_MANAGED_POLICY
			    "; whether its other policies allow the same is not checked",
			    role->name);
	else
		finding_add(d->findings, LINK_ROLE, HEALTH_BROKEN,
			    "role '%s' has no permission to write to CloudWatch Logs", role->name);
	finding_hint(d->findings, "apigw-logs setup-role --role-name %s", role->name);
	return 0;
}

/* With the managed policy, it is not for want of permission. */
static void add_denied(const struct doctor *d, const struct iam_role *role, const char *action)
{
	cleanup_free char *policy = role_managed_policy(d->common);
	cleanup_strv struct strv attached = STRV_INIT;
	bool has = iam_list_attached_role_policies(d->client, role->name, &attached, NULL) == 0 &&
		   strv_has(&attached, policy);

	finding_add(d->findings, LINK_ROLE, HEALTH_BROKEN,
		    "role '%s' has no permission to write to CloudWatch Logs: %s is %s%s",
		    role->name, action,
		    !has             ? "not allowed"
		    : role->boundary ? "not allowed by its permissions boundary "
				     : "denied, by another policy or an organization's",
		    has && role->boundary ? role->boundary : "");
	if (!has)
		finding_hint(d->findings, "apigw-logs setup-role --role-name %s", role->name);
	else if (role->boundary)
		finding_hint(d->findings, "aws iam delete-role-permissions-boundary --role-name %s",
			     role->name);
}

/*
 * All that applies to the role is simulated: other policies may allow the same as the managed
 * one, and a permissions boundary or an organization's policy may deny it.
 */
static int check_permissions(const struct doctor *d, const struct iam_role *role,
			     struct error **err)
{
	cleanup_strv struct strv denied = STRV_INIT;
	cleanup_error struct error *own = NULL;
	cleanup_free char *group =
		arn_make("logs", d->common->region, d->common->account,
			 "log-group:" EXECUTION_LOG_GROUPS "id/stage:log-stream:stream");

	if (iam_simulate(d->client, role->arn, needed, group, &denied, &own) < 0) {
		if (err_is_fatal(own))
			return err_move(&own, err);
		return check_policies(d, role, err);
	}
	if (!denied.n)
		return 0;
	add_denied(d, role, denied.v[0]);
	return 0;
}

int doctor_check_role(const struct doctor *d, struct error **err)
{
	const char *region = d->common->region;
	cleanup_account_role struct account_role now = { 0 };
	size_t before = d->findings->n;

	if (account_role_look(d->client, d->common, &now, err) < 0)
		return -1;
	if (!now.arn || !now.live) {
		if (now.arn)
			finding_add(d->findings, LINK_ROLE, HEALTH_BROKEN,
				    "API Gateway in %s is set to log with role '%s', which does "
				    "not exist",
				    region, now.arn);
		else
			finding_add(d->findings, LINK_ROLE, HEALTH_BROKEN,
				    "API Gateway in %s has no role to log with", region);
		finding_hint(d->findings, "apigw-logs setup-role");
		return 0;
	}
	if (!now.role.trust) {
		finding_add(d->findings, LINK_ROLE, HEALTH_DOUBTFUL,
			    "API Gateway in %s logs with '%s', a role of another account, which "
			    "cannot be "
			    "inspected",
			    region, now.arn);
		return 0;
	}
	check_trust(d, &now.role);
	if (check_permissions(d, &now.role, err) < 0)
		return -1;
	if (d->findings->n == before)
		finding_add(d->findings, LINK_ROLE, HEALTH_GOOD,
			    "API Gateway in %s logs with role '%s'", region, now.role.name);
	return 0;
}
