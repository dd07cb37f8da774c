/* SPDX-License-Identifier: MIT */
/* What all set-ups share: the account, the region, and remarks to print. */
#ifndef SETUP_COMMON_H
#define SETUP_COMMON_H

#include "base/str.h"

struct aws_client;
struct error;

struct setup_common {
	char *account, *caller, *region; /* caller: an ARN */
	struct strv notes, warnings;
};
void setup_common_release(struct setup_common *s);

/* Drops the remarks of an earlier look. Asks AWS for the caller's account unless it is known. */
int setup_common_look(struct aws_client *c, struct setup_common *s, struct error **err);

/* Copies account, caller and region, so that AWS is not asked for them again. */
void setup_common_copy(struct setup_common *s, const struct setup_common *from);

#endif
