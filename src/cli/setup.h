/* SPDX-License-Identifier: MIT */
/*
 * How every set-up command runs: look, list the changes, apply them, look again.
 *
 *	const struct setup_job job = {
 *		.look = role_look, .setup = s, .common = &s->common,
 *		.document = document, .ready = ready,
 *	};
 *	return setup_command(app, &job, err);
 */
#ifndef CLI_SETUP_H
#define CLI_SETUP_H

#include <jansson.h>

struct app;
struct aws_client;
struct changes;
struct error;
struct setup_common;

struct setup_job {
	/* Appends what is to change. Called again after the changes were made. */
	int (*look)(struct aws_client *c, void *setup, struct changes *ret, struct error **err);
	void *setup;
	const struct setup_common *common; /* of setup, where look() fills it in */

	/* What the JSON document has besides account, region, changes and dry_run. */
	json_t *(*document)(const void *setup);
	/* A sentence about what is ready after a successful run. Caller frees. */
	char *(*ready)(const void *setup);
};

/*
 * Looks, and prints the remarks and the list of changes. Without --dry-run, applies
 * them and looks until AWS shows them all. Prints the result. Returns the exit
 * status, or -1 and the error.
 */
int setup_command(struct app *app, const struct setup_job *job, struct error **err);

#endif
