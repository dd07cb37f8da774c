/* SPDX-License-Identifier: MIT */
/*
 * One statement in an IAM policy document that others also write: whether it is
 * there, and how it is merged without harm to theirs.
 * Source: "IAM JSON policy elements reference", IAM User Guide.
 */
#ifndef SETUP_POLICY_H
#define SETUP_POLICY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/json.h"

struct changes;
struct error;

/*
 * Parses a document; an empty text makes a new one without statements. what
 * names it in the error, ERR_REFUSED: a document that we cannot read is not
 * ours to change.
 */
int policy_parse(const char *text, size_t len, const char *what, json_t **ret, struct error **err);

/*
 * True if two statements mean the same. Neither the Sid counts, nor the order of
 * lists, nor whether a single value stands in a list, nor the case of actions and
 * condition keys.
 */
bool policy_statement_equal(const json_t *a, const json_t *b);

enum policy_found {
	POLICY_ABSENT,
	POLICY_OUTDATED, /* another statement has its Sid */
	POLICY_THERE,    /* under whatever Sid */
};
enum policy_found policy_find(const json_t *document, const json_t *statement);

/* Adds a copy of the statement, or puts it in the place of one with the same Sid. */
void policy_merge(json_t *document, const json_t *statement);

/* The text of the Sid of the i-th statement that begins with prefix, or NULL. Borrowed. */
const char *policy_sid(const json_t *document, const char *prefix, size_t i);
/* Removes the statements with that Sid; returns how many statements are left. */
size_t policy_remove(json_t *document, const char *sid);

/* What a service of AWS is allowed to do. All but service and action may be NULL. */
struct policy_grant {
	const char *sid;
	const char *service; /* "logs.eu-west-1.amazonaws.com" */
	const char *action, *resource;
	const char *account, *source_arn; /* on whose behalf; both or neither */
};
json_t *policy_grant_statement(const struct policy_grant *g);

/*
 * Merges the statement (consumed) unless it is there, and appends a change that
 * says so: desired describes it. The caller sets apply, of the last one.
 */
void policy_plan(json_t *document, json_t *statement, const char *resource, const char *desired,
		 struct changes *ret);

/* True if a statement allows a service the action, under whatever conditions and on whatever. */
bool policy_allows(const json_t *document, const char *service, const char *action);

/* What stops a service that has been let in. */
enum policy_deny {
	POLICY_NOT_DENIED,
	POLICY_DENIED_IF, /* under conditions, and whether they hold only AWS can tell */
	POLICY_DENIED,
};
/*
 * Whether a statement denies CloudWatch Logs, the service, an action on a resource.
 * Conditions that it never meets are known: it uses TLS, is a service of AWS, and
 * gives the bucket's owner full control. *ret_what names statement and conditions for
 * the user (caller frees), unless nothing is denied.
 */
enum policy_deny policy_denies(const json_t *document, const char *service, const char *action,
			       const char *resource, char **ret_what);

/* Whether a role's trust policy lets a service ("x.amazonaws.com") assume it. */
enum policy_trust {
	POLICY_NO_TRUST,
	POLICY_TRUST_IF, /* only under conditions, and whether they hold only AWS can tell */
	POLICY_TRUST,
};
/*
 * POLICY_TRUST_IF sets *ret_conditions, "StringEquals sts:ExternalId" for each
 * (caller frees). Deny statements are not considered.
 */
enum policy_trust policy_trust(const json_t *document, const char *service, char **ret_conditions);

#endif
