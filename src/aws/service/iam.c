/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "aws/service/iam.h"

#include <string.h>

#include "aws/protocol.h"
#include "base/error.h"
#include "base/str.h"
#include "base/xalloc.h"

void iam_role_release(struct iam_role *r)
{
	free(r->name);
	free(r->arn);
	free(r->path);
	json_decref(r->trust);
	*r = (struct iam_role){ 0 };
}

/* The document comes percent-encoded (RFC 3986). */
static int decode_policy(const char *encoded, json_t **ret, struct error **err)
{
	cleanup_free char *text = NULL;

	if (!str_uri_decode(encoded, strlen(encoded), &text))
		return err_set(err, ERR_UNREACHABLE,
			       "the role's trust policy is not percent-encoded as IAM has it");
	return json_parse(text, strlen(text), "the role's trust policy", ret, err);
}

static int read_role(const struct xml *x, struct iam_role *ret, struct error **err)
{
	const char *name = xml_text(x, "Role/RoleName"), *arn = xml_text(x, "Role/Arn");
	const char *path = xml_text(x, "Role/Path");
	const char *trust = xml_text(x, "Role/AssumeRolePolicyDocument");
	cleanup_json json_t *policy = NULL;

	if (!name || !arn)
		return err_set(err, ERR_UNREACHABLE, "IAM's reply lacks the role's name or ARN");
	if (trust && decode_policy(trust, &policy, err) < 0)
		return -1;
	*ret = (struct iam_role){ xstrdup(name), xstrdup(arn), xstrdup(path), TAKE(policy) };
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
		if (err)
			*err = TAKE(own);
		return -1;
	}
	return read_role(x, ret, err) < 0 ? -1 : 1;
}

int iam_create_role(struct aws_client *c, const char *name, const char *description,
		    const json_t *trust, struct iam_role *ret, struct error **err)
{
	cleanup_buf struct buf form = BUF_INIT, policy = BUF_INIT;
	cleanup_xml struct xml *doc = NULL;
	const struct xml *x;

	json_add_compact(&policy, trust);
	query_param(&form, "RoleName", name);
	query_param(&form, "AssumeRolePolicyDocument", policy.data);
	if (description)
		query_param(&form, "Description", description);
	if (aws_query_call(c, AWS_IAM, "CreateRole", &form, &doc, &x, err) < 0)
		return -1;
	return read_role(x, ret, err);
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

/* One page; *marker goes on or becomes NULL. */
static int list_page(struct aws_client *c, const char *name, char **marker, struct strv *ret,
		     struct error **err)
{
	cleanup_buf struct buf form = BUF_INIT;
	cleanup_xml struct xml *doc = NULL;
	const struct xml *x, *member;
	const char *more;

	query_param(&form, "RoleName", name);
	if (*marker)
		query_param(&form, "Marker", *marker);
	if (aws_query_call(c, AWS_IAM, "ListAttachedRolePolicies", &form, &doc, &x, err) < 0)
		return -1;
	member = xml_path(x, "AttachedPolicies/member");
	for (; member; member = xml_next(member))
		if (xml_text(member, "PolicyArn"))
			strv_add(ret, xml_text(member, "PolicyArn"));
	more = xml_text(x, "IsTruncated");
	free(*marker);
	*marker = more && str_eq(more, "true") ? xstrdup(xml_text(x, "Marker")) : NULL;
	return 0;
}

int iam_list_attached_role_policies(struct aws_client *c, const char *name, struct strv *ret,
				    struct error **err)
{
	cleanup_free char *marker = NULL;

	do {
		if (list_page(c, name, &marker, ret, err) < 0)
			return -1;
	} while (marker);
	return 0;
}

int iam_attach_role_policy(struct aws_client *c, const char *name, const char *policy_arn,
			   struct error **err)
{
	cleanup_buf struct buf form = BUF_INIT;

	query_param(&form, "RoleName", name);
	query_param(&form, "PolicyArn", policy_arn);
	return aws_query_call(c, AWS_IAM, "AttachRolePolicy", &form, NULL, NULL, err);
}
