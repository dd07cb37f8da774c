/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "export/prove.h"

#include <inttypes.h>
#include <stdlib.h>

#include "archive/archive.h"
#include "archive/layout.h"
#include "archive/ledger.h"
#include "archive/readings.h"
#include "aws/client.h"
#include "aws/service/logs.h"
#include "base/crypto.h"
#include "base/error.h"
#include "base/str.h"
#include "base/time.h"
#include "base/xalloc.h"
#include "export/empty.h"
#include "export/export.h"
#include "verify/compare.h"
#include "verify/counts.h"
#include "verify/scan.h"
#include "verify/tally.h"

/* CloudWatch Logs uses other names, and an object that it did not write cannot be verified. */
static void report_unknown(struct export_run *run, const struct ledger_entry *e, const char *key,
			   struct error **err)
{
	err_set(err, ERR_FOUND,
		"'s3://%s/%s' lies among the objects of export task %s, but was not written by it",
		run->opts->archive->bucket.name, key, e->task_id);
	err_hint(err,
		 "find out who put it there and move it elsewhere, then run the command again");
}

/* The objects of the task, as the entry will list them. */
static int list_objects(struct export_run *run, struct ledger_entry *e, struct error **err)
{
	cleanup_free char *folder = xasprintf("%s/%s/", e->destination, e->task_id);
	cleanup_s3_list struct s3_list list = { 0 };
	struct s3_object o;
	int r;

	s3_list_init(&list, &run->opts->archive->bucket, folder, NULL);
	while ((r = s3_list_next(&list, &o, err)) > 0) {
		cleanup_free char *task = NULL, *stream = NULL;

		if (!layout_split_object(e->destination, o.key, &task, &stream)) {
			report_unknown(run, e, o.key, err);
			s3_object_release(&o);
			return -1;
		}
		GROW(e->objects, e->n_objects);
		e->objects[e->n_objects++] = (struct archive_object){
			.key = TAKE(o.key),
			.stream = TAKE(stream),
			.found = { .etag = TAKE(o.etag), .size = o.size },
		};
		e->size += o.size;
		s3_object_release(&o);
	}
	return r;
}

/*
 * In bytes of gzip data. FilterLogEvents returns a few megabytes a second at most, and logs
 * compress to a tenth, so this takes about a minute. Larger windows are compared by counts,
 * and by events only if the counts differ.
 */
#define SMALL_SIZE ((uint64_t)16 << 20)

/* The progress of reading the objects. */
struct reading_objects {
	struct export_run *run;
	const struct api_log *log;
	const struct ledger_entry *entry;
	size_t read;
};

static void on_read(void *data, const struct archive_object *o)
{
	struct reading_objects *r = data;
	cleanup_free char *what =
		xasprintf("verifying object %zu of %zu", ++r->read, r->entry->n_objects);
	const struct export_progress p = { r->log, r->entry->window, "verifying",
					   what,   r->run->begun,    r->run->total };

	(void)o;
	r->run->sink->progress(r->run->sink->data, &p);
}

/* The error is that of the first object that is damaged or cannot be read. */
static int read_objects(struct export_run *run, const struct api_log *log, struct ledger_entry *e,
			struct tally *t, struct error **err)
{
	struct reading_objects r = { run, log, e, 0 };
	const struct archive *a = run->opts->archive;
	cleanup_free struct archive_object **v = xcalloc(e->n_objects, sizeof(*v));

	for (size_t i = 0; i < e->n_objects; i++) {
		v[i] = &e->objects[i];
		v[i]->owner = t;
	}
	if (scan_objects(a, run->workers, v, e->n_objects, on_read, &r, err) < 0)
		return -1;
	for (size_t i = 0; i < e->n_objects; i++) {
		if (v[i]->error) {
			bool damaged = v[i]->error->kind == ERR_FOUND;

			err_move(&v[i]->error, err);
			return err_wrap(err, "'s3://%s/%s' %s", a->bucket.name, v[i]->key,
					damaged ? "is damaged" : "cannot be read");
		}
		e->bytes += v[i]->found.bytes;
		e->events += v[i]->found.events;
	}
	return 0;
}

/*
 * True if CloudWatch Logs cannot have lost any of the window's events since the task was
 * created, unless a stream was deleted. The margin of a day is so that none expires
 * during the comparison.
 */
static bool source_is_complete(struct export_run *run, const struct log_group *group,
			       const struct ledger_entry *e)
{
	return group->created_ms <= e->task_ms &&
	       !log_group_has_expired(group, e->window.from_ms,
				      aws_client_now_ms(run->client) + MS_DAY);
}

static void take_counts(struct export_run *run, struct ledger_entry *e,
			const struct comparison *cmp)
{
	free(e->source);
	e->source = xstrdup(LEDGER_SOURCE_EVENTS);
	e->readings = cmp->readings;
	e->events = cmp->counts.events;
	e->early = cmp->counts.early;
	e->late = cmp->counts.late;
	e->boundary = cmp->counts.boundary;
	e->elsewhere = cmp->counts.elsewhere;
	e->missed = cmp->counts.missed;
	run->known = readings_learn(run->known, cmp->readings);
}

/* Always returns -1. */
static int report_difference(const struct ledger_entry *e, const struct comparison *cmp,
			     struct error **err)
{
	const struct difference *d = &cmp->differing[0];
	cleanup_free char *more =
		cmp->n > 1 ? xasprintf(", and %zu more streams", cmp->n - 1) : xstrdup("");

	if (e->n_objects)
		err_set(err, ERR_FOUND,
			"export task %s completed, but its objects differ from what CloudWatch "
			"holds: stream '%s' has %" PRIu64 " events there, and %" PRIu64
			" in the bucket%s",
			e->task_id, d->folder, d->cloudwatch, d->bucket, more);
	else
		err_set(err, ERR_FOUND,
			"export task %s completed without an event, although CloudWatch holds "
			"some in the window: %" PRIu64 " in stream '%s'%s",
			e->task_id, d->cloudwatch, d->folder, more);
	return -1;
}

/* The number of streams that the bucket has, and of which CloudWatch Logs has no event. */
static size_t count_gone(const struct comparison *cmp)
{
	size_t n = 0;

	for (size_t i = 0; i < cmp->n; i++)
		n += difference_is_gone(&cmp->differing[i]);
	return n;
}

void note_counts(struct export_run *run, const struct error *refused)
{
	cleanup_free char *text = NULL;

	if (run->counts_told)
		return;
	run->counts_told = true;
	if (refused)
		text = xasprintf(
			"the events cannot be read, so windows are compared by counts from "
			"Logs Insights, which AWS charges for by the data scanned: %s",
			refused->msg);
	else
		text = xstrdup("large windows are compared by counts from Logs Insights, which AWS "
			       "charges for by the data scanned; --source events reads the events "
			       "instead");
	run->sink->note(run->sink->data, text);
}

/* 1 if Logs Insights counts as many events in each stream; 0 if not, or if it fails; -1. */
static int compare_counts(struct export_run *run, struct ledger_entry *e,
			  const struct error *refused, struct error **err)
{
	cleanup_error struct error *own = NULL;
	uint64_t scanned;
	int r;

	/* Only the events show what lines outside the window are. */
	for (size_t i = 0; i < e->n_objects; i++)
		if (e->objects[i].found.outside)
			return 0;
	note_counts(run, refused);
	r = counts_compare(run->client, e->log_group, &e->window, e->task_ms, e->objects,
			   e->n_objects, false, &scanned, &own);
	if (r < 0 && err_is_fatal(own))
		return err_move(&own, err);
	if (r <= 0)
		return 0;
	free(e->source);
	e->source = xstrdup(LEDGER_SOURCE_COUNTS);
	return 1;
}

bool prefers_counts(const struct export_run *run, const struct ledger_entry *e)
{
	return run->opts->source == SOURCE_COUNTS ||
	       (run->opts->source == SOURCE_AUTO && e->size > SMALL_SIZE);
}

static int compare_events(struct export_run *run, const struct log_group *group,
			  struct ledger_entry *e, struct tally *t, bool adopted, bool *ret_again,
			  struct error **err)
{
	cleanup_comparison struct comparison cmp = { 0 };
	cleanup_error struct error *own = NULL;
	size_t gone;

	if (compare_window(run->client, e->log_group, t, run->known, &cmp, &own) < 0) {
		/* The Infrequent Access class has Logs Insights, but not FilterLogEvents. */
		int r = own->kind == ERR_REFUSED && !prefers_counts(run, e)
				? compare_counts(run, e, own, err)
				: 0;

		if (r)
			return r < 0 ? -1 : 0;
		if (source_refused(run, e, &own, err) < 0)
			return -1;
		if (!adopted || !source_is_complete(run, group, e))
			return 0;
		*ret_again = true;
		return err_set(err, ERR_FOUND,
			       "the objects of export task %s cannot be compared with CloudWatch, "
			       "and may have changed since an earlier run created it",
			       e->task_id);
	}
	if (cmp.readings) {
		take_counts(run, e, &cmp);
		return 0;
	}
	gone = count_gone(&cmp);
	/* Deletions explain what CloudWatch Logs lacks, but not what the bucket lacks. */
	if (!cmp.lost && (!source_is_complete(run, group, e) || gone == cmp.n)) {
		report_difference(e, &cmp, &own);
		source_not_comparable(run, e, own);
		return 0;
	}
	*ret_again = !gone && source_is_complete(run, group, e);
	report_difference(e, &cmp, err);
	return *ret_again ? -1
			  : err_hint(err, "CloudWatch may no longer hold the whole window, so "
					  "nothing is removed; the next run compares again");
}

/* If counts differ, by events: there may be a reason that only the events show. */
static int compare(struct export_run *run, const struct log_group *group, struct ledger_entry *e,
		   struct tally *t, bool adopted, bool *ret_again, struct error **err)
{
	int r = prefers_counts(run, e) ? compare_counts(run, e, NULL, err) : 0;

	if (r)
		return r < 0 ? -1 : 0;
	return compare_events(run, group, e, t, adopted, ret_again, err);
}

int window_prove(struct export_run *run, const struct api_log *log, const struct log_group *group,
		 struct ledger_entry *e, bool adopted, bool *ret_again, struct error **err)
{
	uint8_t key[TALLY_KEY_SIZE];
	cleanup_tally struct tally t = { .window = e->window, .task_ms = e->task_ms };
	cleanup_error struct error *own = NULL;
	bool asked;

	*ret_again = false;
	if (e->task_id && list_objects(run, e, err) < 0)
		return -1;
	/* An empty window is always compared: being empty is a statement about CloudWatch Logs. */
	asked = e->task_id && (run->opts->source != SOURCE_NONE || !e->n_objects || adopted);
	random_bytes(key, sizeof(key));
	t.key = asked ? key : NULL;
	if (read_objects(run, log, e, &t, &own) < 0) {
		*ret_again = own->kind == ERR_FOUND && source_is_complete(run, group, e);
		return err_move(&own, err);
	}
	if (asked && compare(run, group, e, &t, adopted, ret_again, err) < 0)
		return -1;
	if (!e->source)
		e->source = xstrdup(LEDGER_SOURCE_NONE);
	e->verified_ms = aws_client_now_ms(run->client);
	if (!e->exported_ms)
		e->exported_ms = e->verified_ms;
	e->state = xstrdup(e->n_objects                  ? LEDGER_EXPORTED
			   : ledger_entry_has_expired(e) ? LEDGER_EXPIRED
							 : LEDGER_EMPTY);
	return 0;
}
