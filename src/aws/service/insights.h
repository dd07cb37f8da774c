/* SPDX-License-Identifier: MIT */
/* CloudWatch Logs Insights: a query, from its start to its result. AWS charges for the bytes it scans. */
#ifndef AWS_SERVICE_INSIGHTS_H
#define AWS_SERVICE_INSIGHTS_H

#include <stdint.h>

#include "base/json.h"

struct aws_client;
struct error;

/* Rows of a result at most: as many as GetQueryResults gives without paging. */
#define INSIGHTS_ROWS_MAX 10000

/*
 * Runs a query over the events from from_s to to_s, both included, in seconds since
 * the epoch, and waits for its end. ret: an array of rows, each an array of objects with
 * "field" and "value"; the caller's to release. A range before the group was
 * made, or past its retention, may be refused. ret_scanned: the bytes that AWS charges for.
 */
int insights_query(struct aws_client *c, const char *log_group, int64_t from_s, int64_t to_s,
		   const char *query, json_t **ret, uint64_t *ret_scanned, struct error **err);
/* A field of a row, or NULL. */
const char *insights_field(const json_t *row, const char *field);

#endif
