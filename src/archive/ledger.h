/* SPDX-License-Identifier: MIT */
/*
 * The record of what was exported and verified: one object in the bucket for each
 * window of a log group. An entry is written once, with a conditional put, after its
 * objects were verified.
 */
#ifndef ARCHIVE_LEDGER_H
#define ARCHIVE_LEDGER_H

#include <stddef.h>
#include <stdint.h>

#include "archive/object.h"
#include "archive/window.h"

struct archive;
struct error;

/* Version 2 added LEDGER_EXPIRED. Entries of version 1 are read as well. */
#define LEDGER_SCHEMA_VERSION 2

struct ledger_entry {
	char *account, *region, *log_group;
	char *api_id, *stage, *kind; /* NULL for --log-group */
	char *api_name;              /* or NULL */
	struct window window;
	char *task_id, *task_name; /* NULL if no task was needed */
	char *destination;         /* the task's destination prefix */
	char *state;               /* LEDGER_EXPORTED, … */
	/*
	 * How the objects were compared with CloudWatch Logs (LEDGER_SOURCE_EVENTS, …);
	 * NULL: not known.
	 */
	char *source;
	/* The readings that the window leaves possible (readings.h); 0 or all: nothing learned. */
	unsigned readings;
	/* Of the log group at the time of the export; group_created_ms 0: not known. */
	int64_t retention_days, group_created_ms;
	struct archive_object *objects;
	size_t n_objects;
	uint64_t events;      /* that are counted in this window, each in one window only */
	uint64_t early, late; /* of these, stamped after or before it, and ingested in it */
	uint64_t boundary;    /* in the objects as well, and counted in the next window */
	uint64_t elsewhere;   /* stamped in the window, but by ingestion in another one */
	uint64_t missed;      /* that arrived during or after the task, and are in no object */
	char *replaces;       /* the task of the earlier entry that this one replaced, or NULL */
	uint64_t supplement;  /* events that the earlier entry did not have; 0 if it has no fewer */
	uint64_t bytes, size; /* sums */
	int64_t task_ms;      /* when the task was created; 0: not known */
	int64_t exported_ms, verified_ms;
	char *version; /* of the program that wrote it */
};
#define LEDGER_EXPORTED "exported"
#define LEDGER_EMPTY "empty"
/* No event was left, but the window begins before what the log group still kept. */
#define LEDGER_EXPIRED "expired"
#define LEDGER_SOURCE_EVENTS "events" /* line by line */
#define LEDGER_SOURCE_COUNTS "counts" /* the number of each stream's events */
#define LEDGER_SOURCE_NONE "none"     /* not at all: --no-source */
#define LEDGER_SOURCE_NOT_ASKED "not_asked"
void ledger_entry_release(struct ledger_entry *e);
/* True if CloudWatch Logs may have deleted some of the window before it was exported. */
bool ledger_entry_has_expired(const struct ledger_entry *e);
#define cleanup_ledger_entry cleanup(ledger_entry_release)

/* What a listing shows of an entry: its name is its window. */
struct ledger_item {
	struct window window;
	uint64_t size; /* of the entry itself, in bytes */
};
struct ledger_list {
	struct ledger_item *v;
	size_t n;
};
void ledger_list_release(struct ledger_list *l);
#define cleanup_ledger_list cleanup(ledger_list_release)
/* The entries of a group, sorted by window. */
int ledger_list(const struct archive *a, const char *log_group, struct ledger_list *ret,
		struct error **err);
/* The same, but only the windows. */
int ledger_windows(const struct archive *a, const char *log_group, struct windows *ret,
		   struct error **err);
/* Returns 1, 0 if there is none, -1 on error. A damaged entry is ERR_FOUND. */
int ledger_read(const struct archive *a, const char *log_group, const struct window *w,
		struct ledger_entry *ret, struct error **err);
/*
 * Records what was found of each object, where there is no entry yet (if_match NULL) or in
 * place of the one with this ETag. Returns 1 if written, 0 if there is another entry by now,
 * -1 on error.
 */
int ledger_write(const struct archive *a, const struct ledger_entry *e, const char *if_match,
		 struct error **err);
/*
 * Enough for about 75,000 objects; a window of a busy stage has thousands. It is below the
 * limit of json_parse(), so that every entry that was written can be read.
 */
#define LEDGER_ENTRY_MAX ((size_t)32 << 20)

/* Parses the document; fails with ERR_FOUND. For the tests and the fuzz target. */
int ledger_entry_parse(const char *text, size_t len, struct ledger_entry *ret, struct error **err);

#endif
