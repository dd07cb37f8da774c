/* SPDX-License-Identifier: MIT */
/*
 * Sorted runs of events in a temporary file. It is created when it is needed and has no
 * name, so that nothing is left of it, whatever ends the program.
 */
#ifndef READ_RUNS_H
#define READ_RUNS_H

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"

struct error;

/* What the order of events is: time, then object, then place in the object. */
struct record {
	int64_t ms;
	uint64_t object, seq;
	uint64_t n; /* bytes of text, which follows in the file */
};
/* Less than, equal to or greater than 0. */
int record_order(const struct record *a, const struct record *b);

/* Events in memory. */
struct entries {
	struct entry {
		struct record r;
		size_t at; /* of its text */
	} * v;
	size_t n;
	struct buf text;
};
#define ENTRIES_INIT ((struct entries){ .text = BUF_INIT_MAX(SIZE_MAX / 2) })
void entries_release(struct entries *e);
void entries_add(struct entries *e, const struct record *r, const char *p);
void entries_sort(struct entries *e);

struct run {
	struct extent {
		off_t at;
		size_t n;
	} * v;
	size_t n;
	struct record last;
};
struct runs {
	struct run *v;
	size_t n;
};
void runs_release(struct runs *r);
/* Takes ownership; *from is empty then. */
void runs_take(struct runs *to, struct runs *from);

struct run_file {
	const char *folder;   /* borrowed */
	pthread_mutex_t lock; /* for what follows */
	int fd;               /* -1: not needed so far */
	off_t end;
};
void run_file_init(struct run_file *f, const char *folder);
/* Frees the space. */
void run_file_clear(struct run_file *f);
void run_file_release(struct run_file *f);
/* Writes the entries, sorted, as a run, or as more of the last run if they follow it. e is empty then. */
int run_file_write(struct run_file *f, struct entries *e, struct runs *runs, struct error **err);
/* Reads n bytes at most; ERR_LOCAL also at the end of the file. */
ssize_t run_file_read(const struct run_file *f, void *p, size_t n, off_t at, struct error **err);

/* Receives the text of a record; -1 ends the merge. */
typedef int record_sink(void *data, const struct record *r, const char *p, struct error **err);
/* All runs, in order. Their number is reduced first, if it is large. */
int runs_merge(struct run_file *f, struct runs *runs, record_sink *sink, void *data,
	       struct error **err);

#endif
