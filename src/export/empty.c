/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "export/empty.h"

#include <stdlib.h>

#include "archive/ledger.h"
#include "aws/service/logs.h"
#include "base/error.h"
#include "base/str.h"
#include "base/time.h"
#include "base/xalloc.h"
#include "export/export.h"
#include "verify/cloudwatch.h"

/* PutLogEvents refuses events that are older. */
#define EVENT_AGE_MAX_MS (14 * MS_DAY)

/* CloudWatch Logs refused to look for events: the permission is missing, or the class has no search. */
static void not_asked(struct export_run *run, struct ledger_entry *e, const struct error *why)
{
	cleanup_free char *text = xasprintf(
		"windows without events are recorded though CloudWatch Logs cannot be asked "
		"whether it holds any: %s",
		why->msg);

	e->source = xstrdup(LEDGER_SOURCE_NOT_ASKED);
	if (!run->refusal_told)
		run->sink->note(run->sink->data, text);
	run->refusal_told = true;
}

/* Does CloudWatch Logs hold events of the window? 1, 0, -1; also 0 where it refuses to say. */
static int ask_for_events(struct export_run *run, struct ledger_entry *e, struct error **err)
{
	cleanup_error struct error *own = NULL;
	int any = cloudwatch_has_events(run->client, e->log_group, &e->window, &own);

	if (any < 0 && (own->kind != ERR_REFUSED || own->credentials ||
			err_is(own, "ResourceNotFoundException"))) {
		err_move(&own, err);
		return err_wrap(err, "cannot tell whether nothing had to be exported");
	}
	if (any < 0)
		not_asked(run, e, own);
	else
		e->source = xstrdup(LEDGER_SOURCE_EVENTS);
	return any > 0;
}

int window_needs_task(struct export_run *run, const struct log_group *group, struct ledger_entry *e,
		      struct error **err)
{
	int any;

	if (e->window.to_ms > group->created_ms)
		return 1;
	any = ask_for_events(run, e, err);
	if (any == 0 && str_eq(e->source, LEDGER_SOURCE_NOT_ASKED))
		any = e->window.to_ms > group->created_ms - EVENT_AGE_MAX_MS;
	if (any > 0) {
		free(e->source);
		e->source = NULL;
	}
	return any;
}

int window_prove_empty(struct export_run *run, struct ledger_entry *e, struct error **err)
{
	int any = ask_for_events(run, e, err);

	if (any < 0)
		return -1;
	if (any) {
		err_set(err, ERR_FOUND,
			"the export task %s completed without an event, though CloudWatch holds "
			"some in the window",
			e->task_id);
		return err_hint(err, "they may not have settled: run it again in some hours");
	}
	return 0;
}
