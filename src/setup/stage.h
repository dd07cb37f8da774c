/* SPDX-License-Identifier: MIT */
/*
 * What stages log, and the log groups they log to.
 * Sources: "Set up CloudWatch logging for REST APIs in API Gateway", and
 * UpdateStage of API Gateway's two API references.
 */
#ifndef SETUP_STAGE_H
#define SETUP_STAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "aws/service/apigateway.h"
#include "setup/change.h"
#include "setup/common.h"

struct selection;

enum wanted { WANTED_AS_IS, WANTED_ON, WANTED_OFF };

struct stage_setup {
	/* What is wanted; borrowed. */
	const struct selection *selection;
	const char *level;     /* "OFF", "ERROR", "INFO", or NULL: as it is */
	bool remove;           /* all of it off; level and access are set so */
	bool override_methods; /* the level also where a method or route has one of its own */
	enum wanted data_trace, metrics, access;
	const char *access_group; /* NULL: the one that is set, else /aws/apigateway/ID/STAGE */
	const char *format_style; /* of log_format_styles; NULL: as it is, else json */
	const char *format;       /* the format itself, instead of a style; or NULL */
	int64_t retention_days;   /* 0: as it is */
	const char *kms_key;      /* of the log groups: id, ARN or alias; NULL: as it is */

	/* What stage_look() found. */
	struct setup_common common;
	struct stages stages;
	char *key_arn;  /* of kms_key, or NULL */
	bool have_role; /* the account's role was looked up, and exists */
};
/* Frees what was found and keeps what is wanted. */
void stage_setup_release(struct stage_setup *s);

/*
 * Looks at the selected stages and their groups and appends what is to change,
 * a unit for each stage. ERR_REFUSED if a stage is to log and API Gateway has
 * no role in the region, or one that does not exist. setup: a struct stage_setup.
 */
int stage_look(struct aws_client *c, void *setup, struct changes *ret, struct error **err);

/* "stage 'prod' of API 'petstore' (a1b2c3)". Caller frees. */
char *stage_title(const struct stage *st);

#endif
