/* SPDX-License-Identifier: MIT */
/*
 * Threads that make calls in parallel, each over its own connection.
 *
 * A call waits for the network most of the time, so it takes more threads than cores to
 * keep the cores busy. Their number starts at that of the cores, grows while the cores
 * are idle half of the time, is halved when AWS throttles calls, and then grows back
 * slowly.
 */
#ifndef AWS_WORKERS_H
#define AWS_WORKERS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"

struct aws_client;
struct aws_session;

/* S3 serves 5,500 GETs a second for a prefix. At a round trip of 30 ms, that takes this many. */
#define WORKERS_MAX 165

/* Keeps the connections and the number of threads between runs. */
struct workers;
struct workers *workers_new(struct aws_session *s, unsigned max);
void workers_free(struct workers *w);
DEFINE_CLEANUP(struct workers *, workers_free)

/* Does one of the jobs 0 to n - 1, which are started in order. Returns false to start no more. */
typedef bool workers_job(void *data, struct aws_client *c, size_t job);
/*
 * Returns when all jobs that were started have ended. The calling thread is one of the
 * workers, so there is one even if no thread can be created.
 */
void workers_run(struct workers *w, size_t n, workers_job *job, void *data);

#endif
