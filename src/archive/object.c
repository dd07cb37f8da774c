/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "archive/object.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "base/str.h"
#include "base/xalloc.h"

void archive_object_release(struct archive_object *o)
{
	free(o->key);
	free(o->stream);
	free(o->recorded.etag);
	free(o->found.etag);
	free(o->found.storage_class);
	s3_meta_release(&o->recorded.meta);
	s3_meta_release(&o->found.meta);
	error_free(o->error);
	*o = (struct archive_object){ 0 };
}

static int by_key(const void *a, const void *b)
{
	const struct archive_object *x = a, *y = b;

	return strcmp(x->key, y->key);
}

void archive_objects_sort(struct archive_object *v, size_t n)
{
	if (n)
		qsort(v, n, sizeof(*v), by_key);
}

struct archive_object *archive_objects_find(struct archive_object *v, size_t n, const char *key)
{
	const struct archive_object wanted = { .key = (char *)key };

	return n ? bsearch(&wanted, v, n, sizeof(*v), by_key) : NULL;
}

static void set_known(json_t *j, const char *name, const char *s)
{
	if (!str_empty(s))
		json_set_text(j, name, s);
}

json_t *archive_object_json(const struct archive_object *o)
{
	const struct object_facts *f = &o->found;
	json_t *j = json_object();

	json_set_text(j, "key", o->key);
	json_set_text(j, "stream", o->stream);
	json_set_int(j, "size", (int64_t)f->size);
	json_set_text(j, "etag", f->etag);
	set_known(j, "sha256", f->sha256);
	set_known(j, "checksum", f->meta.checksum);
	set_known(j, "encryption", f->meta.encryption);
	set_known(j, "kms_key", f->meta.kms_key);
	json_set_int(j, "bytes", (int64_t)f->bytes);
	json_set_int(j, "events", (int64_t)f->events);
	/* These are lines in messages, or events of the window by ingestion. */
	if (f->outside)
		json_set_int(j, "outside", (int64_t)f->outside);
	if (f->events) {
		json_set_time(j, "first_event", f->first_ms);
		json_set_time(j, "last_event", f->last_ms);
	}
	return j;
}

/* Returns false if it is not a digest. Entries of earlier versions have none. */
static bool parse_sha256(const json_t *j, char ret[2 * SHA256_SIZE + 1])
{
	const char *s = json_str(j, "sha256");

	if (!s)
		return !json_object_get(j, "sha256");
	if (strlen(s) != 2 * SHA256_SIZE || strspn(s, "0123456789abcdef") != 2 * SHA256_SIZE)
		return false;
	memcpy(ret, s, 2 * SHA256_SIZE + 1);
	return true;
}

bool archive_object_parse(const json_t *j, struct archive_object *ret)
{
	if (!json_str(j, "key") || !json_str(j, "etag") || !json_str(j, "stream") ||
	    json_int(j, "size", -1) < 0 || json_int(j, "events", -1) < 0 ||
	    json_int(j, "bytes", 0) < 0 || json_int(j, "outside", 0) < 0)
		return false;
	*ret = (struct archive_object){
		.key = xstrdup(json_str(j, "key")),
		.stream = xstrdup(json_str(j, "stream")),
		.recorded = {
			.etag = xstrdup(json_str(j, "etag")),
			.size = (uint64_t)json_int(j, "size", 0),
			.bytes = (uint64_t)json_int(j, "bytes", 0),
			.events = (uint64_t)json_int(j, "events", 0),
			.outside = (uint64_t)json_int(j, "outside", 0),
			.first_ms = json_int(j, "first_event_ms", 0),
			.last_ms = json_int(j, "last_event_ms", 0),
			.meta = {
				.checksum = xstrdup(json_str(j, "checksum")),
				.encryption = xstrdup(json_str(j, "encryption")),
				.kms_key = xstrdup(json_str(j, "kms_key")),
			},
		},
	};
	return parse_sha256(j, ret->recorded.sha256);
}
