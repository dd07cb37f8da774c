/* SPDX-License-Identifier: MIT */
/*
 * Log groups that API Gateway no longer knows: it forgets a stage that is deleted, and
 * the group of an access log when the setting changes, but their logs stay. The ledger
 * and the names of the groups tell of them.
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
/*
 * Appends what the ledger has recorded for any API, and the groups whose names contain
 * API and stage.
 */
int former_logs(const struct archive *a, struct api_logs *ret, struct error **err);
/* Appends the stages of the logs, each once. */
void former_stages_of(const struct api_logs *logs, struct stages *ret);

/*
 * What is known of the end of a log group that was deleted: a sentence with the end of its
 * last recorded window and its last recorded event. Returns 1, 0 if nothing is recorded, -1
 * on error. Caller frees.
 */
int former_end(const struct archive *a, const char *log_group, char **ret_text, struct error **err);

#endif
