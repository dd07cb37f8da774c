/* SPDX-License-Identifier: MIT */
/* IAM roles: what setup-role looks at and changes. */
#ifndef AWS_SERVICE_IAM_H
#define AWS_SERVICE_IAM_H

#include "base/cleanup.h"
#include "base/json.h"

struct aws_client;
struct error;
struct strv;

struct iam_role {
	char *name, *arn, *path;
	char *description; /* or NULL */
	char *boundary;    /* the permissions boundary's ARN, or NULL */
	json_t *trust;     /* the AssumeRolePolicyDocument, decoded */
	json_t *tags;      /* an object of strings */
};
void iam_role_release(struct iam_role *r);
#define cleanup_iam_role cleanup(iam_role_release)

/* 1 if it is there, 0 if not (NoSuchEntity), -1 on error. */
int iam_get_role(struct aws_client *c, const char *name, struct iam_role *ret, struct error **err);
/* path, description, boundary and tags may be NULL; all are borrowed. */
struct iam_role_spec {
	const char *name, *path, *description, *boundary;
	const json_t *trust, *tags;
};
/* If it exists already, the error is EntityAlreadyExists. */
int iam_create_role(struct aws_client *c, const struct iam_role_spec *spec, struct error **err);
int iam_tag_role(struct aws_client *c, const char *name, const json_t *tags, struct error **err);
int iam_put_role_permissions_boundary(struct aws_client *c, const char *name,
				      const char *policy_arn, struct error **err);
int iam_update_assume_role_policy(struct aws_client *c, const char *name, const json_t *trust,
				  struct error **err);
/* The ARNs of the managed policies. */
int iam_list_attached_role_policies(struct aws_client *c, const char *name, struct strv *ret,
				    struct error **err);
/* The names of the inline policies. */
int iam_list_role_policies(struct aws_client *c, const char *name, struct strv *ret,
			   struct error **err);
/*
 * Which of the actions the role may not do on a resource, all that applies to it considered:
 * its policies, its permissions boundary, the organization's. actions: NULL-terminated.
 */
int iam_simulate(struct aws_client *c, const char *role_arn, const char *const actions[],
		 const char *resource, struct strv *ret_denied, struct error **err);
int iam_detach_role_policy(struct aws_client *c, const char *name, const char *policy_arn,
			   struct error **err);
/* All its policies must have been detached and deleted. */
int iam_delete_role(struct aws_client *c, const char *name, struct error **err);
int iam_attach_role_policy(struct aws_client *c, const char *name, const char *policy_arn,
			   struct error **err);

#endif
