/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "aws/service/iam.h"

#include <string.h>

#include "aws/protocol.h"
#include "aws/query.h"
#include "base/error.h"
#include "base/str.h"
#include "base/xalloc.h"

void iam_role_release(struct iam_role *r)
{
	free(r->name);
	free(r->arn);
	free(r->path);
	free(r->description);
	free(r->boundary);
	json_decref(r->trust);
	json_decref(r->tags);
	*r = (struct iam_role){ 0 };
}

/* The document comes percent-encoded (RFC 3986). */
static int decode_policy(const char *encoded, json_t **ret, struct error **err)
{
	cleanup_free char *text = NULL;

	if (!str_uri_decode(encoded, strlen(encoded), &text))
		return err_set(err, ERR_UNREACHABLE,
			       "the role's trust policy is not percent-encoded");
	return json_parse(text, strlen(text), "the role's trust policy", ret, err);
}

static json_t *read_tags(const struct xml *role)
{
	json_t *tags = json_object();

	for (const struct xml *x = xml_path(role, "Tags/member"); x; x = xml_next(x))
		if (xml_text(x, "Key") && xml_text(x, "Value"))
			json_object_set_new(tags, xml_text(x, "Key"),
					    json_string(xml_text(x, "Value")));
	return tags;
}

static int read_role(const struct xml *x, struct iam_role *ret, struct error **err)
{
	const char *name = xml_text(x, "Role/RoleName"), *arn = xml_text(x, "Role/Arn");
	const char *path = xml_text(x, "Role/Path");
	const char *trust = xml_text(x, "Role/AssumeRolePolicyDocument");
	cleanup_json json_t *policy = NULL;

	if (!name || !arn)
		return err_set(err, ERR_UNREACHABLE,
			       "the reply of iam:GetRole has no role name or ARN");
	if (trust && decode_policy(trust, &policy, err) < 0)
		return -1;
	*ret = (struct iam_role){
		.name = xstrdup(name),
		.arn = xstrdup(arn),
		.path = xstrdup(path),
		.description = xstrdup(xml_text(x, "Role/Description")),
		.boundary = xstrdup(xml_text(x, "Role/PermissionsBoundary/PermissionsBoundaryArn")),
		.trust = TAKE(policy),
		.tags = read_tags(xml_path(x, "Role")),
	};
	return 0;
}

int iam_get_role(struct aws_client *c, const char *name, struct iam_role *ret, struct error **err)
{
	cleanup_buf struct buf form = BUF_INIT;
	cleanup_xml struct xml *doc = NULL;
	cleanup_error struct error *own = NULL;
	const struct xml *x;

	query_param(&form, "RoleName", name);
	if (aws_query_call(c, AWS_IAM, "GetRole", &form, &doc, &x, &own) < 0) {
		if (err_is(own, "NoSuchEntity"))
			return 0;
		return err_move(&own, err);
	}
	return read_role(x, ret, err) < 0 ? -1 : 1;
}

static void add_tags(struct buf *form, const json_t *tags)
{
	const char *key;
	json_t *value;
	int n = 1;

	json_object_foreach((json_t *)tags, key, value) {
		cleanup_free char *key_name = xasprintf("Tags.member.%d.Key", n);
		cleanup_free char *value_name = xasprintf("Tags.member.%d.Value", n++);

		query_param(form, key_name, key);
		query_param(form, value_name, json_string_value(value));
	}
}

int iam_create_role(struct aws_client *c, const struct iam_role_spec *spec, struct error **err)
{
	cleanup_buf struct buf form = BUF_INIT, policy = BUF_INIT;

	json_add_compact(&policy, spec->trust);
	query_param(&form, "RoleName", spec->name);
	query_param(&form, "AssumeRolePolicyDocument", policy.data);
	if (spec->path)
		query_param(&form, "Path", spec->path);
	if (spec->description)
		query_param(&form, "Description", spec->description);
	if (spec->boundary)
		query_param(&form, "PermissionsBoundary", spec->boundary);
	add_tags(&form, spec->tags);
	return aws_query_call(c, AWS_IAM, "CreateRole", &form, NULL, NULL, err);
}

int iam_tag_role(struct aws_client *c, const char *name, const json_t *tags, struct error **err)
{
	cleanup_buf struct buf form = BUF_INIT;

	query_param(&form, "RoleName", name);
	add_tags(&form, tags);
	return aws_query_call(c, AWS_IAM, "TagRole", &form, NULL, NULL, err);
}

int iam_put_role_permissions_boundary(struct aws_client *c, const char *name,
				      const char *policy_arn, struct error **err)
{
	cleanup_buf struct buf form = BUF_INIT;

	query_param(&form, "RoleName", name);
	query_param(&form, "PermissionsBoundary", policy_arn);
	return aws_query_call(c, AWS_IAM, "PutRolePermissionsBoundary", &form, NULL, NULL, err);
}

int iam_update_assume_role_policy(struct aws_client *c, const char *name, const json_t *trust,
				  struct error **err)
{
	cleanup_buf struct buf form = BUF_INIT, policy = BUF_INIT;

	json_add_compact(&policy, trust);
	query_param(&form, "RoleName", name);
	query_param(&form, "PolicyDocument", policy.data);
	return aws_query_call(c, AWS_IAM, "UpdateAssumeRolePolicy", &form, NULL, NULL, err);
}

/* What a list of a role's policies is called in its reply. */
struct policy_list {
	const char *operation, *members; /* "AttachedPolicies/member" */
	const char *name; /* of what is wanted in a member; NULL: the member itself */
};

/* One page; *marker goes on or becomes NULL. */
static int list_page(struct aws_client *c, const struct policy_list *l, const char *role,
		     char **marker, struct strv *ret, struct error **err)
{
	cleanup_buf struct buf form = BUF_INIT;
	cleanup_xml struct xml *doc = NULL;
	const struct xml *x, *member;
	const char *next = NULL;

	query_param(&form, "RoleName", role);
	if (*marker)
		query_param(&form, "Marker", *marker);
	if (aws_query_call(c, AWS_IAM, l->operation, &form, &doc, &x, err) < 0)
		return -1;
	for (member = xml_path(x, l->members); member; member = xml_next(member)) {
		const char *text = l->name ? xml_text(member, l->name) : member->text;

		if (text)
			strv_add(ret, text);
	}
	if (str_eq0(xml_text(x, "IsTruncated"), "true")) {
		next = xml_text(x, "Marker");
		if (!next)
			next = ""; /* truncated, but without a token to continue */
	}
	return aws_next_token(AWS_IAM, l->operation, marker, next, err);
}

static int list_policies(struct aws_client *c, const struct policy_list *l, const char *role,
			 struct strv *ret, struct error **err)
{
	cleanup_free char *marker = NULL;

	do {
		if (list_page(c, l, role, &marker, ret, err) < 0)
			return -1;
	} while (marker);
	return 0;
}

int iam_list_attached_role_policies(struct aws_client *c, const char *name, struct strv *ret,
				    struct error **err)
{
	static const struct policy_list attached = { "ListAttachedRolePolicies",
						     "AttachedPolicies/member", "PolicyArn" };

	return list_policies(c, &attached, name, ret, err);
}

int iam_list_role_policies(struct aws_client *c, const char *name, struct strv *ret,
			   struct error **err)
{
	static const struct policy_list own = { "ListRolePolicies", "PolicyNames/member", NULL };

	return list_policies(c, &own, name, ret, err);
}

int iam_simulate(struct aws_client *c, const char *role_arn, const char *const actions[],
		 const char *resource, struct strv *ret_denied, struct error **err)
{
	cleanup_buf struct buf form = BUF_INIT;
	cleanup_xml struct xml *doc = NULL;
	const struct xml *x;

	query_param(&form, "PolicySourceArn", role_arn);
	query_param(&form, "ResourceArns.member.1", resource);
	for (int i = 0; actions[i]; i++) {
		cleanup_free char *name = xasprintf("ActionNames.member.%d", i + 1);

		query_param(&form, name, actions[i]);
	}
	if (aws_query_call(c, AWS_IAM, "SimulatePrincipalPolicy", &form, &doc, &x, err) < 0)
		return -1;
	for (const struct xml *one = xml_path(x, "EvaluationResults/member"); one;
	     one = xml_next(one))
		if (xml_text(one, "EvalActionName") &&
		    !str_eq0(xml_text(one, "EvalDecision"), "allowed"))
			strv_add(ret_denied, xml_text(one, "EvalActionName"));
	return 0;
}

static int call_with_policy(struct aws_client *c, const char *operation, const char *name,
			    const char *policy_arn, struct error **err)
{
	cleanup_buf struct buf form = BUF_INIT;

	query_param(&form, "RoleName", name);
	query_param(&form, "PolicyArn", policy_arn);
	return aws_query_call(c, AWS_IAM, operation, &form, NULL, NULL, err);
}

int iam_attach_role_policy(struct aws_client *c, const char *name, const char *policy_arn,
			   struct error **err)
{
	return call_with_policy(c, "AttachRolePolicy", name, policy_arn, err);
}

int iam_detach_role_policy(struct aws_client *c, const char *name, const char *policy_arn,
			   struct error **err)
{
	return call_with_policy(c, "DetachRolePolicy", name, policy_arn, err);
}

int iam_delete_role(struct aws_client *c, const char *name, struct error **err)
{
	cleanup_buf struct buf form = BUF_INIT;

	query_param(&form, "RoleName", name);
	return aws_query_call(c, AWS_IAM, "DeleteRole", &form, NULL, NULL, err);
}
