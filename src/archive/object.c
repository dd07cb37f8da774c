/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "archive/object.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"

void archive_object_release(struct archive_object *o)
{
	free(o->key);
	free(o->stream);
	free(o->recorded.etag);
	free(o->found.etag);
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
