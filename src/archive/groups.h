/* SPDX-License-Identifier: MIT */
/* The log groups of a selection: of what API Gateway has now, and of what it had. */
#ifndef ARCHIVE_GROUPS_H
#define ARCHIVE_GROUPS_H

struct api_logs;
struct archive;
struct aws_client;
struct error;
struct selection;

/*
 * Those that the selected stages write to, which may not exist yet; and those that
 * the ledger or, for execution logs, the name of a group knows to be of an API,
 * stage or earlier setting of the selection.
 */
int groups_select(const struct archive *a, const struct selection *s, struct api_logs *ret,
		  struct error **err);

/* ERR_REFUSED, with the nearest name there is as a hint. Always returns -1. */
int groups_not_found(struct aws_client *c, const char *name, struct error **err);

#endif
