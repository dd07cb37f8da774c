/* SPDX-License-Identifier: MIT */
/* The doctor's findings: the state of each link of the chain, and what repairs it. */
#ifndef SETUP_FINDING_H
#define SETUP_FINDING_H

#include <stddef.h>

#include "base/cleanup.h"

struct error;

enum health {
	HEALTH_GOOD,
	HEALTH_DOUBTFUL, /* worth knowing; logs may still arrive */
	HEALTH_BROKEN,   /* logs do not arrive, or not in the bucket */
	HEALTH_UNKNOWN,  /* AWS did not let us look */
};
/* "good", "doubtful", "broken", "unknown" */
const char *health_name(enum health h);

struct finding {
	const char *link; /* one of the names below; a constant */
	enum health health;
	char *text;
	char *hint; /* what repairs it, usually a command; or NULL */
};
#define LINK_ROLE "role"
#define LINK_STAGE "stage"
#define LINK_LOG_GROUP "log group"
#define LINK_BUCKET "bucket"
#define LINK_SLOT "export slot"
#define LINK_LEDGER "ledger"

struct findings {
	struct finding *v;
	size_t n;
	unsigned readings; /* that the ledger leaves possible (archive/readings.h); 0: not looked */
};
void findings_release(struct findings *f);
#define cleanup_findings cleanup(findings_release)

void finding_add(struct findings *f, const char *link, enum health health, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* Of what was added last. */
void finding_hint(struct findings *f, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Moves all of from to the end of f. */
void findings_move(struct findings *f, struct findings *from);

/*
 * *own, which is taken: what AWS refuses to show is a finding, HEALTH_UNKNOWN; an error that
 * is fatal is passed on. Returns 0 or -1.
 */
int finding_refusal(struct findings *f, const char *link, struct error **own, struct error **err);

#endif
