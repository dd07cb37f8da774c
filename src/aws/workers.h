/* SPDX-License-Identifier: MIT */
/*
 * Threads that make calls side by side, each over a connection of its own.
 *
 * A call waits for the network most of its time, so there are more threads than
 * cores: as many as it takes to keep the cores busy. Their number begins with the
 * cores', grows as long as those are idle half of the time, and halves when AWS
 * answers that calls come too fast; then it grows back slowly.
 */
#ifndef AWS_WORKERS_H
#define AWS_WORKERS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"

struct aws_client;
struct aws_session;

/* S3 answers 5,500 GETs a second for a prefix, which with 30 ms of round trip takes so many. */
#define WORKERS_MAX 165

/* Keeps connections and the number of threads from one run to the next. */
struct workers;
struct workers *workers_new(struct aws_session *s, unsigned max);
void workers_free(struct workers *w);
DEFINE_CLEANUP(struct workers *, workers_free)

/* One of the jobs 0 to n - 1, which begin in this order. False: no further one begins. */
typedef bool workers_job(void *data, struct aws_client *c, size_t job);
/*
 * Returns when all jobs that began have ended. One worker is the calling thread, so
 * that there is one even where no thread can be made.
 */
void workers_run(struct workers *w, size_t n, workers_job *job, void *data);

#endif
