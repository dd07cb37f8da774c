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

/* Frees what an earlier look found, and asks AWS for the caller's account. */
int setup_common_look(struct aws_client *c, struct setup_common *s, struct error **err);

#endif
