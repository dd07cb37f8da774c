/* SPDX-License-Identifier: MIT */
/* A report that verify --against reads: it was kept elsewhere, and may come from anybody. */
#include "config.h"

#include "archive/ledger.h"
#include "base/error.h"
#include "base/str.h"
#include "fuzz.h"
#include "verify/against.h"
#include "verify/report.h"

static unsigned told;

static void on_problem(void *data, enum problem p, const struct api_log *log,
		       const struct window *w, const char *key, const char *message)
{
	(void)data, (void)key;
	must(p == PROBLEM_REPORT && log->log_group && w->from_ms < w->to_ms && message);
	told++;
}

static const struct check_sink sink = { .problem = on_problem };

/* Beside an entry that has the report's own objects, nothing differs but their absence. */
static void check_window(struct against *a, const struct against_window *w)
{
	struct ledger_entry e = { .window = w->window };
	unsigned n;

	told = 0;
	n = against_window(a, &sink, &w->log, &w->window, &e);
	must(n == told && n <= w->n_objects);
	e.objects = w->objects;
	e.n_objects = w->n_objects;
	told = 0;
	must(against_window(a, &sink, &w->log, &w->window, &e) == told && told == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct check_options opts = { .all = true };
	struct against a = { 0 };
	struct error *err = NULL;

	if (against_parse((const char *)data, size, &a, &err) < 0) {
		must(err && err->kind == ERR_USAGE && !a.n && !a.bucket);
		error_free(err);
		return 0;
	}
	must(!err && a.bucket && a.prefix);
	for (size_t i = 0; i < a.n; i++) {
		must(a.v[i].window.from_ms >= 0 && a.v[i].window.from_ms < a.v[i].window.to_ms);
		must(!i || strcmp(a.v[i - 1].log.log_group, a.v[i].log.log_group) <= 0);
	}
	told = 0;
	against_end(&a, &sink, &opts);
	must(told == a.n);
	for (size_t i = 0; i < a.n; i++)
		check_window(&a, &a.v[i]);
	against_release(&a);
	return 0;
}
