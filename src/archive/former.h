/* SPDX-License-Identifier: MIT */
/*
 * Log groups of APIs as others than API Gateway know them. It forgets a stage with
 * its deletion, and an access log's group when the setting changes; the logs stay.
 */
#ifndef ARCHIVE_FORMER_H
#define ARCHIVE_FORMER_H

struct api_logs;
struct archive;
struct error;
struct stages;
struct strv;

/* Appends the names of the log groups that the ledger has entries of. */
int former_groups(const struct archive *a, struct strv *ret, struct error **err);
/* What the ledger has recorded for an API, and groups whose name tells API and stage. */
int former_logs(const struct archive *a, struct api_logs *ret, struct error **err);
/* Their stages, each once. */
void former_stages_of(const struct api_logs *logs, struct stages *ret);

#endif
