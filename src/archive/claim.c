/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "archive/claim.h"

#include <stdlib.h>
#include <string.h>

#include "archive/archive.h"
#include "archive/layout.h"
#include "archive/ledger.h"
#include "aws/client.h"
#include "base/env.h"
#include "base/str.h"

/* The time that a run may take from the put of its entry to the end of its claim_confirm(). */
#define CONFIRM_TRIES 10
#define CONFIRM_WAIT_MS 1000

/* This run's entry as listed, and the first entry of another window that overlaps it. */
struct rivals {
	char *own_etag; /* NULL: not in the listing */
	int64_t own_ms, other_ms;
	char *other_key; /* NULL: none */
	struct window other;
};

static void rivals_release(struct rivals *r)
{
	free(r->own_etag);
	free(r->other_key);
}

static int find_rivals(const struct archive *a, const struct ledger_entry *e, const char *own_key,
		       struct rivals *ret, struct error **err)
{
	cleanup_free char *folder = layout_ledger_prefix(a->prefix, a->region, e->log_group);
	cleanup_s3_list struct s3_list list = { 0 };
	struct s3_object o;
	int r;

	s3_list_init(&list, &a->bucket, folder, NULL);
	while ((r = s3_list_next(&list, &o, err)) > 0) {
		struct window w;

		if (str_eq(o.key, own_key)) {
			ret->own_etag = TAKE(o.etag);
			ret->own_ms = o.modified_ms;
		} else if (!ret->other_key && layout_ledger_window(o.key, &w) &&
			   window_overlaps(&w, &e->window)) {
			ret->other_key = TAKE(o.key);
			ret->other_ms = o.modified_ms;
			ret->other = w;
		}
		s3_object_release(&o);
	}
	return r;
}

static bool is_later(const struct rivals *r, const char *own_key)
{
	if (!r->own_etag)
		return false;
	return r->own_ms != r->other_ms ? r->own_ms > r->other_ms
					: strcmp(own_key, r->other_key) > 0;
}

int claim_confirm(const struct archive *a, const struct ledger_entry *e, struct window *ret_other,
		  struct error **err)
{
	cleanup_free char *key = layout_ledger_key(a->prefix, e->region, e->log_group, &e->window);
	const struct env *env = aws_client_env(a->bucket.client);

	for (int i = 0;; i++) {
		cleanup(rivals_release) struct rivals r = { 0 };
		int removed;

		if (find_rivals(a, e, key, &r, err) < 0)
			return -1;
		if (!r.other_key)
			return 1;
		if (!is_later(&r, key) && i < CONFIRM_TRIES && env_sleep_ms(env, CONFIRM_WAIT_MS))
			continue;
		removed = r.own_etag ? s3_delete_object_if(&a->bucket, key, r.own_etag, err)
				     : s3_delete_object(&a->bucket, key, err);
		if (removed < 0)
			return -1;
		*ret_other = r.other;
		return 0;
	}
}
