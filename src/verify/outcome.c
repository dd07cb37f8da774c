/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "verify/outcome.h"

#include <stdlib.h>

#include "archive/archive.h"
#include "base/error.h"
#include "base/time.h"
#include "base/xalloc.h"
#include "verify/against.h"
#include "verify/judge.h"
#include "verify/listing.h"
#include "verify/plan.h"

static void report(struct batch *b, const struct batch_window *w, unsigned *problems,
		   enum problem p, const char *key, const char *message)
{
	++*problems;
	b->sink->problem(b->sink->data, p, w->item->log, &w->item->window, key, message);
}

static void report_gaps(struct batch *b, struct batch_window *w, unsigned *problems)
{
	const struct ledger_entry *e = &w->entry;
	size_t at = 0;

	for (;;) {
		cleanup_free char *key = objects_next_gap(e->objects, e->n_objects, &at);

		if (!key)
			return;
		report(b, w, problems, PROBLEM_MISSING, key,
		       "the ledger entry does not list it, though it lists the next file of the "
		       "same stream");
	}
}

/* Returns false if an object could not be read. */
static bool report_objects(struct batch *b, struct batch_window *w, unsigned *problems)
{
	bool read = true;

	for (size_t i = 0; i < w->entry.n_objects; i++) {
		struct archive_object *o = &w->entry.objects[i];
		cleanup_free char *text = NULL;
		enum problem p;

		o->wrong = object_judge(o, &w->item->window, &p, &text);
		if (o->wrong)
			report(b, w, problems, p, o->key, text);
		b->archived += o->archived && o->asked;
		if (o->found.etag)
			storage_add(&b->storage, o);
		if (o->read || o->asked ||
		    !object_is_to_be_read(o, b->opts->quick && !w->by_content) ||
		    (o->error && o->error->kind == ERR_FOUND))
			continue;
		read = false;
		if (o->error)
			err_wrap(&o->error, "cannot check 's3://%s/%s'",
				 b->opts->archive->bucket.name, o->key);
		err_keep(&b->error, &o->error);
	}
	report_gaps(b, w, problems);
	for (size_t i = 0; i < w->unrecorded.n; i++)
		report(b, w, problems, PROBLEM_UNRECORDED, w->unrecorded.v[i],
		       "the ledger entry does not list it, though it records its export task");
	strangers_report(&w->strangers, w->item->log, b->sink);
	return read;
}

/*
 * Returns false if CloudWatch Logs could not be asked. Damaged objects are bound to
 * differ from it, so they are not compared.
 */
static bool compare(struct batch *b, struct batch_window *w, unsigned *problems,
		    struct check_result *ret)
{
	cleanup_error struct error *own = NULL;
	bool all_read = true;
	int r;

	for (size_t i = 0; i < w->entry.n_objects; i++)
		all_read &= w->entry.objects[i].read;
	if (*problems || (w->by_content && !all_read))
		return true;
	if (b->error && err_is_fatal(b->error))
		return false;
	ret->counted = !w->by_content;
	if (w->by_content)
		r = source_check_window(&b->source, &w->tally, problems, &ret->source_events, &own);
	else
		r = source_check_counted(&b->source, &w->tally, w->entry.events, problems,
					 &ret->source_events, &own);
	if (r == 0)
		return true;
	err_keep(&b->error, &own);
	return false;
}

static void report_entry(struct batch *b, struct batch_window *w)
{
	const struct ledger_entry *e = &w->entry;
	struct check_result r = { .log = w->item->log,
				  .window = w->item->window,
				  .objects = e->n_objects,
				  .events = e->events,
				  .size = e->size,
				  .bytes = e->bytes,
				  .source_events = -1 };
	unsigned problems = 0;
	bool checked = e->destination && w->listed;

	if (w->error && w->error->kind == ERR_FOUND)
		report(b, w, &problems, PROBLEM_LEDGER, NULL, w->error->msg);
	else
		err_keep(&b->error, &w->error);
	if (w->item->kind != PLAN_ENTRY)
		return;
	if (checked)
		checked = report_objects(b, w, &problems);
	if (b->opts->against)
		problems +=
			against_window(b->opts->against, b->sink, w->item->log, &w->item->window,
				       e->destination && w->listed ? e : NULL);
	if (e->destination)
		r.entry = e;
	if (checked && b->opts->compare)
		checked = compare(b, w, &problems, &r);
	r.state = problems                      ? CHECK_WRONG
		  : !checked                    ? CHECK_UNCHECKED
		  : ledger_entry_has_expired(e) ? CHECK_EXPIRED
		  : e->n_objects                ? CHECK_WHOLE
						: CHECK_EMPTY;
	r.readings = b->source.known;
	b->progress.windows++;
	b->sink->window(b->sink->data, &r);
}

static void report_missing(struct batch *b, const struct batch_window *w)
{
	const struct plan_item *i = w->item;
	const struct window *at = i->kind == PLAN_OVERLAP ? &i->other : &i->window;
	struct check_result r = { .log = i->log, .window = i->window, .source_events = -1 };
	char from[TIME_ISO_SIZE], to[TIME_ISO_SIZE];
	cleanup_free char *text = NULL;
	unsigned problems = 0;

	time_iso(at->from_ms, from);
	time_iso(at->to_ms, to);
	if (i->kind == PLAN_UNSETTLED || i->kind == PLAN_EXPIRED) {
		r.state = i->kind == PLAN_EXPIRED ? CHECK_EXPIRED : CHECK_UNSETTLED;
		r.due_ms = i->kind == PLAN_UNSETTLED ? i->due_ms : 0;
		b->sink->window(b->sink->data, &r);
	} else if (i->kind == PLAN_GAP) {
		text = xasprintf("nothing is recorded from %s to %s", from, to);
		report(b, w, &problems, PROBLEM_NOT_EXPORTED, NULL, text);
	} else {
		text = xasprintf(
			"a window from %s to %s is recorded as well, so events exist twice", from,
			to);
		report(b, w, &problems, PROBLEM_OVERLAP, NULL, text);
	}
}

void outcome_report(struct batch *b, struct batch_window *w)
{
	if (plan_is_entry(w->item))
		report_entry(b, w);
	else
		report_missing(b, w);
}
