/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "export/empty.h"

#include <stdlib.h>

#include "archive/ledger.h"
#include "aws/client.h"
#include "aws/service/logs.h"
#include "base/error.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "export/export.h"
#include "verify/cloudwatch.h"

/* "It typically takes up to 72 hours" until events past their retention are deleted. */
#define RETENTION_LAG_MS (3 * MS_DAY)

void source_not_comparable(struct export_run *run, struct ledger_entry *e, const struct error *why)
{
	cleanup_free char *text = xasprintf(
		"windows are recorded although they cannot be compared with CloudWatch Logs: %s",
		why->msg);

	free(e->source);
	e->source = xstrdup(LEDGER_SOURCE_NOT_ASKED);
	if (!run->refusal_told)
		run->sink->note(run->sink->data, text);
	run->refusal_told = true;
}

int source_refused(struct export_run *run, struct ledger_entry *e, struct error **own,
		   struct error **err)
{
	if ((*own)->kind != ERR_REFUSED || (*own)->credentials ||
	    err_is(*own, "ResourceNotFoundException")) {
		err_move(own, err);
		return err_wrap(err, "cannot compare with CloudWatch");
	}
	source_not_comparable(run, e, *own);
	return 0;
}

/* 1 if CloudWatch Logs holds events in the window; 0 if not, or if it refuses the request; -1. */
static int ask_for_events(struct export_run *run, struct ledger_entry *e, struct error **err)
{
	cleanup_error struct error *own = NULL;
	int any = cloudwatch_has_events(run->client, e->log_group, &e->window, &own);

	if (any < 0)
		return source_refused(run, e, &own, err);
	e->source = xstrdup(LEDGER_SOURCE_EVENTS);
	return any;
}

int window_needs_task(struct export_run *run, const struct log_group *group, struct ledger_entry *e,
		      struct error **err)
{
	int64_t now = aws_client_earlier_now_ms(run->client);
	int any;

	if (e->window.to_ms > group->created_ms &&
	    !log_group_has_expired(group, e->window.to_ms, now))
		return 1;
	any = ask_for_events(run, e, err);
	if (any == 0 && str_eq(e->source, LEDGER_SOURCE_NOT_ASKED))
		any = e->window.to_ms > group->created_ms - EVENT_AGE_MAX_MS &&
		      !log_group_has_expired(group, e->window.to_ms + RETENTION_LAG_MS, now);
	return any;
}
