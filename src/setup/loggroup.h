/* SPDX-License-Identifier: MIT */
/* A log group that logs go to: there, and with the wanted retention. */
#ifndef SETUP_LOGGROUP_H
#define SETUP_LOGGROUP_H

#include <stdbool.h>
#include <stdint.h>

#include "setup/change.h"

/*
 * Appends what is to change, unless another stage's logs go there too and it is
 * in the list already. Without create, a group that is not there stays so.
 * retention_days 0: as it is.
 */
int log_group_plan(struct aws_client *c, const char *name, bool create, int64_t retention_days,
		   struct changes *ret, struct error **err);

#endif
