/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "verify/judge.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "archive/object.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "verify/scan.h"

__attribute__((format(printf, 2, 3))) static void add(struct buf *b, const char *fmt, ...)
{
	va_list ap;

	if (b->len)
		buf_adds(b, "; ");
	va_start(ap, fmt);
	buf_vaddf(b, fmt, ap);
	va_end(ap);
}

/*
 * Judges what was read. replaced: its size or ETag differs, so other contents are to be
 * expected.
 */
static void judge_content(const struct archive_object *o, const struct window *w, bool replaced,
			  enum problem *ret, struct buf *text)
{
	const struct object_facts *recorded = &o->recorded, *found = &o->found;

	if (!replaced && recorded->sha256[0] && !str_eq(recorded->sha256, found->sha256)) {
		add(text, "its SHA-256 is %s; recorded was %s", found->sha256, recorded->sha256);
		*ret = PROBLEM_CHANGED;
	}
	if (!replaced && found->outside != recorded->outside) {
		cleanup_free char *outside = scan_outside_text(o, w);

		add(text, "%s", outside);
	} else if (found->events != recorded->events || found->bytes != recorded->bytes) {
		add(text,
		    "it holds %" PRIu64 " events in %" PRIu64
		    " bytes of text; recorded were %" PRIu64 " in %" PRIu64,
		    found->events, found->bytes, recorded->events, recorded->bytes);
		*ret = PROBLEM_CHANGED;
	}
}

/* True if it has the size and ETag that were recorded. */
static bool is_as_recorded(const struct archive_object *o)
{
	return o->found.etag && o->recorded.size == o->found.size &&
	       str_eq(o->recorded.etag, o->found.etag);
}

bool object_is_to_be_read(const struct archive_object *o, bool quick)
{
	if (!o->found.etag)
		return false;
	return !quick || (o->recorded.meta.checksum && is_as_recorded(o));
}

bool object_judge(const struct archive_object *o, const struct window *w, enum problem *ret,
		  char **ret_text)
{
	const struct object_facts *recorded = &o->recorded, *found = &o->found;
	bool replaced = found->etag && !is_as_recorded(o);
	struct buf text = BUF_INIT;

	*ret = !found->etag ? PROBLEM_MISSING : replaced ? PROBLEM_CHANGED : PROBLEM_DAMAGED;
	if (!found->etag)
		add(&text, "it is not in the bucket");
	if (replaced)
		add(&text,
		    "it has %" PRIu64 " bytes and ETag %s; recorded were %" PRIu64
		    " bytes and ETag %s",
		    found->size, found->etag, recorded->size, recorded->etag);
	if (o->error && o->error->kind == ERR_FOUND) {
		add(&text, "%s", o->error->msg);
		if (found->bytes > recorded->bytes)
			*ret = PROBLEM_CHANGED;
	}
	/* Other stores keep none, so there is nothing to compare; but something must stand in for content. */
	if (o->asked && !replaced && (found->meta.checksum || o->archived) &&
	    !str_eq0(recorded->meta.checksum, found->meta.checksum)) {
		add(&text, "S3 has the checksum %s for it; recorded was %s",
		    found->meta.checksum ? found->meta.checksum : "(none)",
		    recorded->meta.checksum);
		*ret = PROBLEM_CHANGED;
	}
	if (o->read)
		judge_content(o, w, replaced, ret, &text);
	*ret_text = text.len ? buf_take(&text) : NULL;
	return *ret_text != NULL;
}

/* "…/stream/" and 7 of "…/stream/000007.gz"; false for another name. */
static bool split_number(const char *key, size_t *ret_folder, unsigned *ret)
{
	const char *slash = strrchr(key, '/');
	unsigned n = 0;

	if (!slash || strlen(slash + 1) != strlen("000000.gz") || !str_ends(slash, ".gz"))
		return false;
	for (const char *p = slash + 1; *p != '.'; p++) {
		if (*p < '0' || *p > '9')
			return false;
		n = n * 10 + (unsigned)(*p - '0');
	}
	*ret_folder = (size_t)(slash + 1 - key);
	*ret = n;
	return true;
}

char *objects_next_gap(const struct archive_object *v, size_t n, size_t *at)
{
	for (; *at < n; ++*at) {
		size_t folder, before;
		unsigned number, last, expected = 0;

		if (!split_number(v[*at].key, &folder, &number))
			continue;
		if (*at && split_number(v[*at - 1].key, &before, &last) && before == folder &&
		    strncmp(v[*at].key, v[*at - 1].key, folder) == 0)
			expected = last + 1;
		if (number <= expected)
			continue;
		return xasprintf("%.*s%06u.gz", (int)folder, v[(*at)++].key, expected);
	}
	return NULL;
}
