/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "verify/tally.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

void tally_release(struct tally *t)
{
	for (size_t i = 0; i < t->n; i++) {
		free(t->v[i]->folder);
		source_release(&t->v[i]->cloudwatch);
		free(t->v[i]);
	}
	free(t->v);
	free(t->slots);
	*t = (struct tally){ 0 };
}

/*
 * FNV-1a, unkeyed: whoever can choose names that collide could just as well create a
 * million streams.
 */
static struct stream_tally **find(const struct tally *t, const char *folder)
{
	uint64_t hash = UINT64_C(14695981039346656037);
	size_t i;

	for (const char *p = folder; *p; p++)
		hash = (hash ^ (unsigned char)*p) * UINT64_C(1099511628211);
	for (i = hash & (t->n_slots - 1); t->slots[i]; i = (i + 1) & (t->n_slots - 1))
		if (strcmp(t->slots[i]->folder, folder) == 0)
			break;
	return &t->slots[i];
}

/* The table is at most half full, so the vector needs half its size. */
static void grow(struct tally *t)
{
	t->n_slots = t->n_slots ? 2 * t->n_slots : 32;
	free(t->slots);
	t->slots = xcalloc(t->n_slots, sizeof(*t->slots));
	t->v = xreallocarray(t->v, t->n_slots / 2, sizeof(*t->v));
	for (size_t i = 0; i < t->n; i++)
		*find(t, t->v[i]->folder) = t->v[i];
}

struct stream_tally *tally_stream(struct tally *t, const char *folder)
{
	struct stream_tally **slot;

	if (t->n == t->n_slots / 2)
		grow(t);
	slot = find(t, folder);
	if (!*slot) {
		*slot = t->v[t->n++] = xcalloc(1, sizeof(**slot));
		(*slot)->folder = xstrdup(folder);
	}
	return *slot;
}

static int by_folder(const void *a, const void *b)
{
	const struct stream_tally *const *x = a, *const *y = b;

	return strcmp((*x)->folder, (*y)->folder);
}

void tally_sort(struct tally *t)
{
	if (t->n)
		qsort(t->v, t->n, sizeof(*t->v), by_folder);
}
