/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "aws/workers.h"

#include <malloc.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "aws/client.h"
#include "base/xalloc.h"

/* How often to look at the cores: the threads that the last look started must show an effect. */
#define LOOK_US 50000
/* After a throttle, since S3 needs minutes to adapt to more requests. */
#define LOOK_THROTTLED_US 1000000
/* Threads need little stack, and address space may be limited. */
#define STACK_SIZE ((size_t)1 << 20)

struct workers {
	struct aws_session *session;
	struct aws_client **clients; /* one for each worker; NULL until it is used */
	unsigned max, cores;
	atomic_uint allowed;
	bool throttled; /* since the pool was created */
};

struct run {
	struct workers *workers;
	workers_job *job;
	void *data;
	size_t n;
	atomic_size_t next; /* job to start; n or more: none is left */
	pthread_mutex_t lock;
	pthread_cond_t changed; /* allowed, or next reached n */
	pthread_t *threads;
	unsigned started; /* not counting the calling thread */
	unsigned numbered;
	int64_t looked_us, cpu_us;
	unsigned throttles;
};

static int64_t clock_us(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

struct workers *workers_new(struct aws_session *s, unsigned max)
{
	struct workers *w = xcalloc(1, sizeof(*w));
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	w->session = s;
	w->max = max;
	w->cores = cores > 0 ? (unsigned)cores : 1;
	/* One heap for each core: threads that wait for the network need none of their own. */
	mallopt(M_ARENA_MAX, (int)w->cores);
	if (w->cores > max)
		w->cores = max;
	w->allowed = w->cores;
	w->clients = xcalloc(max, sizeof(struct aws_client *));
	return w;
}

void workers_free(struct workers *w)
{
	if (!w)
		return;
	for (unsigned i = 0; i < w->max; i++)
		aws_client_free(w->clients[i]);
	free(w->clients);
	free(w);
}

static void *work(void *data);

/* Starts as many as are allowed and have jobs. Called with the lock held. */
static void start_threads(struct run *r)
{
	size_t next = atomic_load(&r->next);
	pthread_attr_t attr;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	while (r->started < r->workers->allowed && next++ < r->n &&
	       pthread_create(&r->threads[r->started], &attr, work, r) == 0)
		r->started++;
	pthread_attr_destroy(&attr);
}

/* The number that would have kept the cores busy, judging by how long they were idle. */
static unsigned next_number(const struct run *r, int64_t passed_us)
{
	struct workers *w = r->workers;
	int64_t had_us = passed_us * w->cores;
	int64_t used_us = clock_us(CLOCK_PROCESS_CPUTIME_ID) - r->cpu_us;
	int64_t now = w->allowed, next = now;

	if (aws_session_throttles(w->session) != r->throttles) {
		w->throttled = true;
		next = now / 2 > w->cores ? now / 2 : w->cores;
	} else if (2 * used_us < had_us) {
		next = w->throttled ? now + 1 : now * had_us / (used_us + 1);
	}
	return next < w->max ? (unsigned)next : w->max;
}

/* Adjusts the number between two jobs. A worker does not wait while another does this. */
static void look(struct run *r)
{
	int64_t now = clock_us(CLOCK_MONOTONIC);

	if (pthread_mutex_trylock(&r->lock) != 0)
		return;
	if (now - r->looked_us >= (r->workers->throttled ? LOOK_THROTTLED_US : LOOK_US)) {
		r->workers->allowed = next_number(r, now - r->looked_us);
		r->throttles = aws_session_throttles(r->workers->session);
		r->cpu_us = clock_us(CLOCK_PROCESS_CPUTIME_ID);
		r->looked_us = now;
		start_threads(r);
		pthread_cond_broadcast(&r->changed);
	}
	pthread_mutex_unlock(&r->lock);
}

/*
 * Returns true when the worker may take a job. A worker whose number is too high waits
 * until it is not; false if no job is left.
 */
static bool may_work(struct run *r, unsigned number)
{
	if (number >= r->workers->allowed) {
		pthread_mutex_lock(&r->lock);
		while (number >= r->workers->allowed && atomic_load(&r->next) < r->n)
			pthread_cond_wait(&r->changed, &r->lock);
		pthread_mutex_unlock(&r->lock);
	}
	return atomic_load(&r->next) < r->n;
}

static void *work(void *data)
{
	struct run *r = data;
	struct aws_client **client;
	unsigned number;
	size_t i;

	pthread_mutex_lock(&r->lock);
	number = r->numbered++;
	pthread_mutex_unlock(&r->lock);
	client = &r->workers->clients[number];
	if (!*client)
		*client = aws_client_new(r->workers->session);
	while (may_work(r, number) && (i = atomic_fetch_add(&r->next, 1)) < r->n) {
		if (!r->job(r->data, *client, i))
			atomic_store(&r->next, r->n);
		look(r);
	}
	pthread_mutex_lock(&r->lock);
	pthread_cond_broadcast(&r->changed);
	pthread_mutex_unlock(&r->lock);
	return NULL;
}

void workers_run(struct workers *w, size_t n, workers_job *job, void *data)
{
	struct run r = { .workers = w, .job = job, .data = data, .n = n };

	if (n == 0)
		return;
	pthread_mutex_init(&r.lock, NULL);
	pthread_cond_init(&r.changed, NULL);
	r.threads = xcalloc(w->max, sizeof(*r.threads));
	r.looked_us = clock_us(CLOCK_MONOTONIC);
	r.cpu_us = clock_us(CLOCK_PROCESS_CPUTIME_ID);
	r.throttles = aws_session_throttles(w->session);
	r.started = 1;
	pthread_mutex_lock(&r.lock);
	start_threads(&r);
	pthread_mutex_unlock(&r.lock);
	work(&r);
	/* No thread is started after the last job has begun or was given up. */
	for (unsigned i = 1; i < r.started; i++)
		pthread_join(r.threads[i], NULL);
	free(r.threads);
	pthread_cond_destroy(&r.changed);
	pthread_mutex_destroy(&r.lock);
}
