/* SPDX-License-Identifier: MIT */
/* A log group that a stage logs to: that it exists, and has the wanted retention. */
#ifndef SETUP_LOGGROUP_H
#define SETUP_LOGGROUP_H

#include <stdbool.h>
#include <stdint.h>

#include "setup/change.h"

struct strv;

/*
 * Appends what is to change, unless the list already has it because another stage
 * logs there, too. A group that does not exist is left so unless create.
 * retention_days 0: left as it is. Where an account-level policy sets the retention,
 * PutRetentionPolicy succeeds and changes nothing: a note says so, and no change is planned.
 */
int log_group_plan(struct aws_client *c, const char *name, bool create, int64_t retention_days,
		   struct strv *notes, struct changes *ret, struct error **err);

#endif
