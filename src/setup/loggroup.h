/* SPDX-License-Identifier: MIT */
/* A log group that a stage logs to: that it exists, and has the wanted retention and key. */
#ifndef SETUP_LOGGROUP_H
#define SETUP_LOGGROUP_H

#include <stdbool.h>
#include <stdint.h>

#include "setup/change.h"

struct setup_common;
struct strv;

struct log_group_wanted {
	bool create;            /* if it does not exist; else it is left so */
	int64_t retention_days; /* 0: left as it is */
	const char *kms_key;    /* an ARN; NULL: left as it is */
};

/*
 * Appends what is to change, unless the list already has it because another stage
 * logs there, too. Where an account-level policy sets the retention,
 * PutRetentionPolicy succeeds and changes nothing: a note says so, and no change is planned.
 */
int log_group_plan(struct aws_client *c, const char *name, const struct log_group_wanted *w,
		   struct strv *notes, struct changes *ret, struct error **err);

/*
 * The ARN of a key for log groups. ERR_REFUSED if it is not there, not enabled or not
 * symmetric, or if its policy does not let CloudWatch Logs in: then the hint has the
 * statement. Caller frees.
 */
int log_group_key(struct aws_client *c, const struct setup_common *common, const char *id,
		  char **ret_arn, struct error **err);

#endif
