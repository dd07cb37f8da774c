/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "archive/reader.h"

#include <pthread.h>
#include <stdbool.h>
#include <string.h>

#include "archive/archive.h"
#include "archive/object.h"
#include "aws/workers.h"
#include "base/buf.h"
#include "base/crypto.h"
#include "base/error.h"
#include "base/gz.h"

/* Of text beyond the recorded bytes: what was added can be reported if it is short. */
#define EXCESS_MAX (64 * 1024)

/* One attempt to read one object. */
struct attempt {
	const struct reader_sink *sink;
	struct archive_object *object;
	/* NULL until the first byte arrives, for which most requests are waiting. */
	struct gunzip *gunzip;
	void *state;
	struct sha256 *digest; /* of the stored bytes */
};

static void attempt_reset(struct attempt *t)
{
	sha256_free(TAKE(t->digest));
	gunzip_free(TAKE(t->gunzip));
	if (t->state)
		t->sink->free(TAKE(t->state));
}

static int on_text(void *data, const char *p, size_t n, struct error **err)
{
	struct attempt *t = data;
	struct archive_object *o = t->object;

	/* It is wrong whatever follows, and may go on for a thousand times its size. */
	if (o->recorded.etag && gunzip_bytes(t->gunzip) > o->recorded.bytes + EXCESS_MAX) {
		o->found.bytes = gunzip_bytes(t->gunzip);
		return err_set(err, ERR_FOUND,
			       "it holds more than the %llu bytes of text that were recorded",
			       (unsigned long long)o->recorded.bytes);
	}
	return t->sink->text(t->state, p, n, err);
}

static void attempt_begin(struct attempt *t)
{
	if (t->gunzip)
		return;
	t->gunzip = gunzip_new(on_text, t);
	t->digest = sha256_new();
	t->state = t->sink->begin(t->sink->data, t->object);
}

static int on_body(void *data, const char *p, size_t n, struct error **err)
{
	struct attempt *t = data;

	attempt_begin(t);
	sha256_update(t->digest, p, n);
	return gunzip_feed(t->gunzip, p, n, err);
}

/* Turns S3's errors that say something about the object into our own. */
static int explain_refusal(struct error **err)
{
	bool gone = err_is(*err, "NoSuchKey");

	if (err_is(*err, "InvalidObjectState"))
		return err_hint(
			err, "it is in an archive storage class: restore it first, or use --quick");
	if (!gone && !err_is(*err, "PreconditionFailed"))
		return -1;
	error_clear(err);
	return err_set(err, ERR_FOUND,
		       gone ? "it is not in the bucket" : "it was replaced: its ETag has changed");
}

static int fetch(const struct s3_bucket *b, struct attempt *t, struct error **err)
{
	const struct object_facts *listed = &t->object->found;
	cleanup_error struct error *own = NULL;
	uint64_t got = 0;

	s3_meta_release(&t->object->found.meta);
	if (s3_stream_object(b, t->object->key, listed->etag, on_body, t, &got,
			     &t->object->found.meta, &own) < 0)
		explain_refusal(&own);
	else if (got != listed->size)
		err_set(&own, ERR_FOUND, "it has %llu bytes instead of %llu",
			(unsigned long long)got, (unsigned long long)listed->size);
	return own ? err_move(&own, err) : 0;
}

static void set_digest(struct sha256 *s, struct object_facts *ret)
{
	cleanup_buf struct buf hex = BUF_INIT;
	uint8_t digest[SHA256_SIZE];

	sha256_final(s, digest);
	buf_add_hex(&hex, digest, sizeof(digest));
	memcpy(ret->sha256, hex.data, sizeof(ret->sha256));
}

static int read_once(const struct s3_bucket *b, struct attempt *t, struct error **err)
{
	struct archive_object *o = t->object;

	attempt_reset(t);
	if (fetch(b, t, err) < 0)
		return -1;
	attempt_begin(t);
	if (gunzip_end(t->gunzip, err) < 0)
		return -1;
	set_digest(t->digest, &o->found);
	if (t->sink->end(t->state, o, err) < 0)
		return -1;
	o->found.bytes = gunzip_bytes(t->gunzip);
	return 0;
}

/* Shared by the workers. */
struct reading {
	const struct archive *archive;
	struct archive_object *const *v;
	const struct reader_sink *sink;
	pthread_mutex_t lock; /* for calls of done, and for interrupted */
	struct error *interrupted;
};

/* Returns true if further objects are to be read. */
static bool report(struct reading *r, void *state, struct archive_object *o)
{
	bool interrupted = o->error && o->error->kind == ERR_INTERRUPTED;

	pthread_mutex_lock(&r->lock);
	if (!interrupted)
		r->sink->done(r->sink->data, state, o);
	else if (!r->interrupted)
		r->interrupted = TAKE(o->error);
	pthread_mutex_unlock(&r->lock);
	/* Unreachable even after all retries: the other objects would wait just as long. */
	return !interrupted && !(o->error && o->error->kind == ERR_UNREACHABLE);
}

/* Without its text, there is still the checksum that S3 keeps. */
static void ask_instead(const struct s3_bucket *b, struct archive_object *o)
{
	o->archived = true;
	if (o->recorded.meta.checksum &&
	    s3_head_object(b, o->key, o->found.etag, &o->found.meta, NULL) > 0) {
		error_clear(&o->error);
		o->asked = true;
	}
}

static bool read_object(void *data, struct aws_client *c, size_t i)
{
	struct reading *r = data;
	struct archive_object *o = r->v[i];
	struct s3_bucket bucket = r->archive->bucket;
	struct attempt t = { .sink = r->sink, .object = o };
	bool go_on;
	int result;

	bucket.client = c;
	result = read_once(&bucket, &t, &o->error);
	if (result < 0 && o->error->kind == ERR_FOUND) {
		error_clear(&o->error);
		result = read_once(&bucket, &t, &o->error);
	}
	o->read = result == 0;
	if (result < 0 && err_is(o->error, "InvalidObjectState"))
		ask_instead(&bucket, o);
	go_on = report(r, o->read ? t.state : NULL, o);
	attempt_reset(&t);
	return go_on;
}

static int run(const struct archive *a, struct workers *w, struct archive_object *const *v,
	       size_t n, const struct reader_sink *sink, workers_job *job, struct error **err)
{
	struct reading r = { .archive = a, .v = v, .sink = sink };

	pthread_mutex_init(&r.lock, NULL);
	workers_run(w, n, job, &r);
	pthread_mutex_destroy(&r.lock);
	return r.interrupted ? err_move(&r.interrupted, err) : 0;
}

static bool ask_object(void *data, struct aws_client *c, size_t i)
{
	struct reading *r = data;
	struct archive_object *o = r->v[i];
	struct s3_bucket bucket = r->archive->bucket;
	int result;

	bucket.client = c;
	result = s3_head_object(&bucket, o->key, o->found.etag, &o->found.meta, &o->error);
	if (result == 0)
		err_set(&o->error, ERR_FOUND, "it was replaced or removed during the run");
	o->asked = result > 0;
	return report(r, NULL, o);
}

int archive_ask(const struct archive *a, struct workers *w, struct archive_object *const *v,
		size_t n, reader_done *done, void *data, struct error **err)
{
	const struct reader_sink sink = { .data = data, .done = done };

	return run(a, w, v, n, &sink, ask_object, err);
}

int archive_read(const struct archive *a, struct workers *w, struct archive_object *const *v,
		 size_t n, const struct reader_sink *sink, struct error **err)
{
	return run(a, w, v, n, sink, read_object, err);
}
