/* SPDX-License-Identifier: MIT */
/* How a set-up command runs: look, list the changes, apply them, look again. */
#ifndef CLI_CHANGES_H
#define CLI_CHANGES_H

#include <jansson.h>
#include <stdbool.h>

#include "setup/change.h"

struct app;
struct error;
struct strv;

struct setup_job {
	/* Appends what is to change. Called again after the changes were made. */
	int (*look)(struct aws_client *c, void *data, struct changes *ret, struct error **err);
	void *data;
	const struct strv *notes, *warnings; /* look's; those of the first look are printed */

	/* What setup_run() fills in; setup_job_release() frees it. */
	struct changes changes; /* with how far each one got */
	bool listed;            /* the first look went well, so there is a result */
};
void setup_job_release(struct setup_job *job);
#define cleanup_setup_job cleanup(setup_job_release)

/* Runs it. With --dry-run it ends after the list. */
int setup_run(struct app *app, struct setup_job *job, struct error **err);

/*
 * The result: the document (consumed) with "changes" and "dry_run" added, or,
 * as text, the closing sentence. ready says what is ready now; NULL after a failure.
 */
void setup_print(const struct app *app, const struct setup_job *job, json_t *document,
		 const char *ready);

#endif
