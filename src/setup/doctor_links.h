/* SPDX-License-Identifier: MIT */
/* The links of the doctor's chain, for doctor.c only. Each appends what it found. */
#ifndef SETUP_DOCTOR_LINKS_H
#define SETUP_DOCTOR_LINKS_H

#include "setup/common.h"
#include "setup/finding.h"

struct api_log;
struct api_logs;
struct archive_place;
struct aws_client;
struct error;
struct stage;
struct stages;

struct doctor {
	struct aws_client *client;
	const struct setup_common *common; /* whose account, and where */
	struct findings *findings;
};

/*
 * Returns 0, or -1 and AWS's error that keeps the link from being inspected; the caller
 * turns it into a finding.
 */
int doctor_check_role(const struct doctor *d, struct error **err);
/* Of all stages, which are not gone, and their log groups. -1 only for what ends the run. */
int doctor_check_stages(const struct doctor *d, const struct stages *stages, struct error **err);
int doctor_check_bucket(const struct doctor *d, const struct archive_place *place,
			struct error **err);
/*
 * What the ledger has of the logs: gaps, and how long ago the last window ended. The
 * logs are inspected in parallel.
 */
int doctor_check_ledger(const struct doctor *d, const struct archive_place *place,
			const struct api_logs *logs, struct error **err);

/*
 * A key that something in link is encrypted with: that it exists and is enabled, and
 * that its policy lets CloudWatch Logs in. what: "log group 'x'". repair: the command
 * that makes its policy so, or NULL.
 */
int doctor_check_key(const struct doctor *d, const char *link, const char *key, const char *what,
		     const char *repair, struct error **err);

/* "logs.eu-west-1.amazonaws.com". Caller frees. */
char *doctor_logs_service(const struct doctor *d);

#endif
