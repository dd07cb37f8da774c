/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "verify/check.h"

#include "base/error.h"
#include "verify/batch.h"
#include "verify/plan.h"
#include "verify/report.h"

/* A fatal error ended the run before these. */
static void report_unchecked(const struct check_sink *sink, const struct plan_item *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (v[i].kind == PLAN_ENTRY)
			sink->window(sink->data, &(struct check_result){ .log = v[i].log,
									 .window = v[i].window,
									 .state = CHECK_UNCHECKED,
									 .source_events = -1 });
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
	return b.error ? err_move(&b.error, err) : 0;
}
