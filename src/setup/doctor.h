/* SPDX-License-Identifier: MIT */
/*
 * The chain that a log goes through, from the API to the bucket, link by link:
 * what is wrong with it, and the command that mends it. Changes nothing.
 */
#ifndef SETUP_DOCTOR_H
#define SETUP_DOCTOR_H

#include <stddef.h>

#include "base/cleanup.h"

struct archive_place;
struct aws_client;
struct error;
struct selection;

enum health {
	HEALTH_GOOD,
	HEALTH_DOUBTFUL, /* worth knowing; logs may come all the same */
	HEALTH_BROKEN,   /* logs do not come, or not to the bucket */
	HEALTH_UNKNOWN,  /* AWS did not let us look */
};
/* "good", "doubtful", "broken", "unknown" */
const char *health_name(enum health h);

struct finding {
	const char *link; /* "role", "stage", "log group", "bucket" or "export slot" */
	enum health health;
	char *text;
	char *hint; /* what mends it, "apigw-logs …" as a rule, or NULL */
};
struct findings {
	struct finding *v;
	size_t n;
};
void findings_release(struct findings *f);
#define cleanup_findings cleanup(findings_release)

/*
 * Follows the chain of the selected stages, and of the bucket; either may be
 * NULL. What AWS refuses to show is HEALTH_UNKNOWN; an error is one that ends
 * the run.
 */
int doctor_look(struct aws_client *c, const struct selection *selection,
		const struct archive_place *place, struct findings *ret, struct error **err);

#endif
