/* SPDX-License-Identifier: MIT */
/*
 * What a set-up command found to be otherwise than wanted: a list of changes,
 * each with the way to make it. Looking makes the list, changes_apply() works
 * it off in order, and looking again must find nothing left.
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

/* What applying needs. wait (may be NULL) is told why it takes long. */
struct change_run {
	struct aws_client *client;
	void (*wait)(void *data, const char *why);
	void *data;
};

typedef int change_fn(const struct change_run *run, const json_t *args, struct error **err);

struct change {
	char *resource; /* "role 'x'" */
	char *property; /* "trust policy" */
	char *current;  /* for people; NULL: nothing is there */
	char *desired;  /* NULL: it goes away */
	enum change_state state;
	/*
	 * Changes of one unit build on each other; where one fails, the rest of its
	 * unit stays planned and the next unit goes on.
	 */
	size_t unit;
	/* NULL: the next change of the list that has one makes this change too. */
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

/* Copies the texts; args is consumed and may be NULL. */
void changes_add(struct changes *l, const char *resource, const char *property, const char *current,
		 const char *desired, change_fn *apply, json_t *args);
/* True if that property of that resource is in the list already. */
bool changes_have(const struct changes *l, const char *resource, const char *property);

/*
 * Applies them all. The error is that of the first failure, saying which
 * change it was; ERR_PARTIAL if other units were done. What AWS refuses ends
 * its unit; every other failure ends the run.
 */
int changes_apply(struct changes *l, const struct change_run *run, struct error **err);

#endif
