/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "verify/object.h"

#include <pthread.h>
#include <stdbool.h>

#include "aws/client.h"
#include "aws/service/s3.h"
#include "aws/workers.h"
#include "base/error.h"
#include "base/gz.h"
#include "verify/scan.h"

struct pipeline {
	struct gunzip *gunzip; /* from the first byte on: many wait for that one */
	struct scan scan;
};

static int to_scan(void *data, const char *p, size_t n, struct error **err)
{
	struct pipeline *pipe = data;

	return scan_feed(&pipe->scan, p, n, err);
}

static int to_gunzip(void *data, const char *p, size_t n, struct error **err)
{
	struct pipeline *pipe = data;

	if (!pipe->gunzip)
		pipe->gunzip = gunzip_new(to_scan, pipe);
	return gunzip_feed(pipe->gunzip, p, n, err);
}

/* The reply was cut, and comes again from its first byte. */
static void restart(void *data)
{
	struct pipeline *pipe = data;

	gunzip_free(TAKE(pipe->gunzip));
	scan_restart(&pipe->scan);
}

/* S3's refusals that are facts about the object. */
static int explain(struct error **err)
{
	bool gone = err_is(*err, "NoSuchKey");

	if (err_is(*err, "InvalidObjectState"))
		return err_hint(
			err,
			"it lies in an archive storage class: restore it first, or take --quick");
	if (!gone && !err_is(*err, "PreconditionFailed"))
		return -1;
	error_clear(err);
	return err_set(err, ERR_FOUND,
		       gone ? "it is not in the bucket"
			    : "it was replaced: its ETag is another one");
}

static int fetch(struct aws_client *c, const struct object_job *job, struct pipeline *pipe,
		 struct error **err)
{
	const struct s3_stream to = { to_gunzip, restart, pipe };
	cleanup_error struct error *own = NULL;
	struct s3_bucket bucket = *job->bucket;
	uint64_t got = 0;

	bucket.client = c;
	if (s3_stream_object(&bucket, job->key, job->etag, &to, &got, &own) < 0)
		explain(&own);
	else if (got != job->size)
		err_set(&own, ERR_FOUND, "it has %llu bytes instead of %llu",
			(unsigned long long)got, (unsigned long long)job->size);
	if (!own)
		return 0;
	return err_move(&own, err);
}

static int check_once(struct aws_client *c, const struct object_job *job,
		      struct line_hasher *hasher, struct object_facts *ret, struct error **err)
{
	struct pipeline pipe = { 0 };
	bool ended;
	int r;

	scan_init(&pipe.scan, &job->window, hasher);
	r = fetch(c, job, &pipe, err);
	if (!pipe.gunzip)
		pipe.gunzip = gunzip_new(to_scan, &pipe);
	if (r == 0)
		r = gunzip_end(pipe.gunzip, err);
	ended = r == 0;
	if (ended) {
		scan_end(&pipe.scan);
		r = scan_verdict(&pipe.scan, job->outside, err);
	}
	if (r == 0 || (pipe.scan.outside && !pipe.scan.unstamped && ended))
		*ret = (struct object_facts){
			.bytes = gunzip_bytes(pipe.gunzip),
			.members = gunzip_members(pipe.gunzip),
			.events = pipe.scan.events,
			.boundary = pipe.scan.boundary,
			.outside = pipe.scan.outside,
			.first_ms = pipe.scan.first_ms,
			.last_ms = pipe.scan.last_ms,
			.lines = pipe.scan.sum,
		};
	gunzip_free(pipe.gunzip);
	scan_release(&pipe.scan);
	return r;
}

int object_check(struct aws_client *c, const struct object_job *job, struct line_hasher *hasher,
		 struct object_facts *ret, struct error **err)
{
	cleanup_error struct error *own = NULL;

	if (check_once(c, job, hasher, ret, &own) == 0)
		return 0;
	if (own->kind != ERR_FOUND) {
		return err_move(&own, err);
	}
	return check_once(c, job, hasher, ret, err);
}

/* The run of some jobs. */
struct pool {
	const struct object_job *v;
	const uint8_t *tally_key;
	pthread_mutex_t lock; /* of what follows */
	object_done *done;
	void *data;
	struct error *interrupted;
};

/* True if further objects are to be looked at. */
static bool report(struct pool *p, const struct object_job *job, const struct object_facts *facts,
		   struct error **err)
{
	bool interrupted = *err && (*err)->kind == ERR_INTERRUPTED;
	/* It was tried often enough: the rest would wait as long for nothing. */
	bool go_on = !*err || !(interrupted || (*err)->kind == ERR_UNREACHABLE);

	pthread_mutex_lock(&p->lock);
	if (!interrupted)
		p->done(p->data, job, facts, *err);
	else if (!p->interrupted)
		p->interrupted = TAKE(*err);
	pthread_mutex_unlock(&p->lock);
	return go_on;
}

static bool check_one(void *data, struct aws_client *c, size_t i)
{
	struct pool *p = data;
	cleanup(line_hasher_freep) struct line_hasher *hasher =
		p->tally_key ? line_hasher_new(p->tally_key) : NULL;
	cleanup_error struct error *err = NULL;
	struct object_facts facts = { 0 };

	object_check(c, &p->v[i], hasher, &facts, &err);
	return report(p, &p->v[i], &facts, &err);
}

int objects_check(struct workers *workers, const struct object_job *v, size_t n,
		  const uint8_t *tally_key, object_done *done, void *data, struct error **err)
{
	struct pool p = { .v = v, .tally_key = tally_key, .done = done, .data = data };

	pthread_mutex_init(&p.lock, NULL);
	workers_run(workers, n, check_one, &p);
	pthread_mutex_destroy(&p.lock);
	return p.interrupted ? err_move(&p.interrupted, err) : 0;
}
