/* SPDX-License-Identifier: MIT */
/*
 * What differs from what is wanted: a list of changes, each with the function
 * that makes it. A look makes the list, changes_apply() makes the changes in
 * order, and another look must then find nothing left.
 */
#ifndef SETUP_CHANGE_H
#define SETUP_CHANGE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"
#include "base/json.h"

struct aws_client;
struct error;

enum change_state { CHANGE_PLANNED, CHANGE_APPLIED, CHANGE_FAILED };
/* "planned", "applied", "failed" */
const char *change_state_name(enum change_state state);

/* What applying needs. wait, if not NULL, is told why a change takes long. */
struct change_run {
	struct aws_client *client;
	void (*wait)(void *data, const char *why);
	void *data;
};

typedef int change_fn(const struct change_run *run, const json_t *args, struct error **err);

struct change {
	char *resource; /* "role 'x'" */
	char *property; /* "trust policy" */
	char *current;  /* for the user to read; NULL: nothing is there yet */
	char *desired;  /* NULL: it is removed */
	enum change_state state;
	/*
	 * Changes of one unit build on each other: if one fails, the rest of its unit
	 * stays planned, and the next unit is tried.
	 */
	size_t unit;
	/* NULL: this change is made by the next one in the list that has a function. */
	change_fn *apply;
	json_t *args;
};

struct changes {
	struct change *v;
	size_t n;
	size_t unit; /* what changes_add() gives to the next ones */
};
void changes_release(struct changes *l);
#define cleanup_changes cleanup(changes_release)

/* Copies the strings; consumes args, which may be NULL. */
void changes_add(struct changes *l, const char *resource, const char *property, const char *current,
		 const char *desired, change_fn *apply, json_t *args);
/* True if that property of that resource is in the list already. */
bool changes_have(const struct changes *l, const char *resource, const char *property);

/*
 * Makes all changes. The error is that of the first failure and names the
 * change; its kind is ERR_PARTIAL if other units were done. A refusal by AWS
 * ends its unit, an error that is fatal ends the run.
 */
int changes_apply(struct changes *l, const struct change_run *run, struct error **err);

#endif
