/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "verify/check.h"

#include "archive/api_log.h"
#include "aws/workers.h"
#include "base/amount.h"
#include "base/error.h"
#include "base/xalloc.h"
#include "verify/against.h"
#include "verify/batch.h"
#include "verify/listing.h"
#include "verify/plan.h"
#include "verify/report.h"
#include "verify/strangers.h"

/* Reports the items that a fatal error kept the run from checking. */
static void report_unchecked(const struct check_sink *sink, const struct plan_item *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (v[i].kind == PLAN_ENTRY)
			sink->window(sink->data, &(struct check_result){ .log = v[i].log,
									 .window = v[i].window,
									 .state = CHECK_UNCHECKED,
									 .source_events = -1 });
}

/* The days of each log group for which no window was planned. */
struct other_days {
	const struct api_logs *logs;
	const struct check_options *opts;
	const struct plan *plan;
	struct strangers *strangers; /* of each log group */
	struct error **errors;
};

static bool list_log(void *data, struct aws_client *c, size_t i)
{
	struct other_days *d = data;

	return list_other_days(d->opts, c, &d->logs->v[i], d->plan, &d->strangers[i],
			       &d->errors[i]) == 0 ||
	       !err_is_fatal(d->errors[i]);
}

static void check_other_days(const struct api_logs *logs, const struct check_options *opts,
			     const struct plan *plan, const struct check_sink *sink,
			     struct error **err)
{
	cleanup_free struct strangers *strangers = xcalloc(logs->n, sizeof(*strangers));
	cleanup_free struct error **errors = xcalloc(logs->n, sizeof(*errors));
	struct other_days d = { logs, opts, plan, strangers, errors };

	workers_run(opts->workers, logs->n, list_log, &d);
	for (size_t i = 0; i < logs->n; i++) {
		strangers_report(&strangers[i], &logs->v[i], sink);
		strangers_release(&strangers[i]);
		err_keep(err, &errors[i]);
	}
}

static void note_archived(const struct batch *b)
{
	cleanup_free char *objects = plural_str(b->archived, "object"), *text = NULL;

	if (!b->archived)
		return;
	text = xasprintf("%s in an archive storage class could not be read: size, ETag and the "
			 "checksum that S3 keeps are as recorded",
			 objects);
	b->sink->note(b->sink->data, text);
}

/* Of US East, N. Virginia, where it is least; CloudWatch's price list. */
#define PRICE_OF_GB 0.005

static void note_scanned(const struct batch *b)
{
	char size[COUNT_SIZE];
	cleanup_free char *text = NULL;

	if (!b->opts->counts)
		return;
	if (b->uncounted) {
		cleanup_free char *why = xasprintf("some events could not be counted, so they were "
						   "compared instead: %s",
						   b->uncounted->msg);

		b->sink->note(b->sink->data, why);
	}
	text = xasprintf("Logs Insights scanned %s to count events, for which AWS charges about "
			 "US$ %.2f",
			 size_str(b->scanned, size), (double)b->scanned / 1e9 * PRICE_OF_GB);
	b->sink->note(b->sink->data, text);
}

static void report_storage(struct batch *b)
{
	cleanup_error struct error *own = NULL;

	if (!b->sink->storage || (b->error && err_is_fatal(b->error)))
		return;
	b->sink->storage(b->sink->data, &b->storage);
	storage_check(&b->storage, b->opts->archive, b->sink, &own);
	err_keep(&b->error, &own);
}

int check_logs(const struct api_logs *logs, const struct check_options *opts,
	       const struct check_sink *sink, struct error **err)
{
	cleanup_plan struct plan plan = { 0 };
	cleanup(batch_release) struct batch b = { 0 };
	struct error *own = NULL;
	size_t n;

	plan_make(logs, opts, sink, &plan, &own);
	batch_init(&b, &plan, opts, sink);
	err_keep(&b.error, &own);
	for (size_t i = 0; i < plan.n; i += n) {
		n = batch_cut(plan.v + i, plan.n - i);
		if (batch_run(&b, plan.v + i, n) < 0) {
			report_unchecked(sink, plan.v + i + n, plan.n - i - n);
			break;
		}
	}
	source_check_end(&b.source);
	note_archived(&b);
	note_scanned(&b);
	report_storage(&b);
	if (!b.error || !err_is_fatal(b.error))
		check_other_days(logs, opts, &plan, sink, &b.error);
	/* A window that could not be inspected is not known to be gone. */
	if (opts->against && !b.error)
		against_end(opts->against, sink, opts);
	return b.error ? err_move(&b.error, err) : 0;
}
