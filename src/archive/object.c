/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "archive/object.h"

#include <stdlib.h>

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
