/* SPDX-License-Identifier: MIT */
/*
 * Checks the chain that a log goes through, from the API to the bucket, link by link:
 * what is wrong with it, and the command that repairs it. Changes nothing.
 */
#ifndef SETUP_DOCTOR_H
#define SETUP_DOCTOR_H

#include "setup/finding.h"

struct archive_place;
struct aws_client;
struct error;
struct selection;
struct setup_common;

/*
 * Follows the chain of the selected stages, and of the bucket; either may be NULL.
 * common is from setup_common_look(). What AWS refuses to show is HEALTH_UNKNOWN; an
 * error is one that ends the run.
 */
int doctor_look(struct aws_client *c, const struct setup_common *common,
		const struct selection *selection, const struct archive_place *place,
		struct findings *ret, struct error **err);

#endif
