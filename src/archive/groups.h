/* SPDX-License-Identifier: MIT */
/* The log groups of a selection, including those of stages and settings that are gone. */
#ifndef ARCHIVE_GROUPS_H
#define ARCHIVE_GROUPS_H

struct api_logs;
struct archive;
struct aws_client;
struct error;
struct selection;
struct stages;

/*
 * Finds the log groups that the selected stages write to, which need not exist yet, and
 * those of selected APIs, stages or earlier settings that only the ledger or the name
 * of an execution log's group still tells of.
 */
int groups_select(const struct archive *a, const struct selection *s, struct api_logs *ret,
		  struct error **err);

/*
 * The same for --api and --all-apis, with the stages, of which API Gateway may no longer
 * have some.
 */
int groups_select_stages(const struct archive *a, const struct selection *s,
			 struct stages *ret_stages, struct api_logs *ret, struct error **err);

/* Sets ERR_REFUSED, with the most similar existing name as a hint. Always returns -1. */
int groups_not_found(struct aws_client *c, const char *name, struct error **err);

#endif
