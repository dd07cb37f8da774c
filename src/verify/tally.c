/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "verify/tally.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

struct line_hasher {
	struct hmac256 *hmac;
};

struct line_hasher *line_hasher_new(const uint8_t key[TALLY_KEY_SIZE])
{
	struct line_hasher *h = xcalloc(1, sizeof(*h));

	h->hmac = hmac256_new();
	hmac256_set_key(h->hmac, key, TALLY_KEY_SIZE);
	return h;
}

void line_hasher_free(struct line_hasher *h)
{
	if (!h)
		return;
	hmac256_free(h->hmac);
	free(h);
}

void line_hasher_add(struct line_hasher *h, const char *line, size_t n, struct line_sum *sum)
{
	uint8_t mac[SHA256_SIZE];
	uint64_t half[2];

	if (n == 0)
		return;
	hmac256(h->hmac, line, n, mac);
	memcpy(half, mac, sizeof(half));
	sum->low += half[0];
	sum->high += half[1];
}

void amount_add(struct amount *to, uint64_t events, const struct line_sum *lines)
{
	to->events += events;
	to->lines.low += lines->low;
	to->lines.high += lines->high;
}

void tally_release(struct tally *t)
{
	for (size_t i = 0; i < t->n; i++)
		free(t->v[i].folder);
	free(t->v);
	*t = (struct tally){ 0 };
}

/* Where folder is, or would be. */
static size_t find(const struct tally *t, const char *folder, int *ret_order)
{
	size_t low = 0, high = t->n;

	*ret_order = 1;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int d = strcmp(folder, t->v[mid].folder);

		if (d == 0) {
			*ret_order = 0;
			return mid;
		}
		if (d < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return low;
}

void tally_add(struct tally *t, const char *folder, uint64_t events, const struct line_sum *lines)
{
	int order;
	size_t at = find(t, folder, &order);

	if (order) {
		if (t->n == t->cap) {
			t->cap = t->cap ? 2 * t->cap : 16;
			t->v = xreallocarray(t->v, t->cap, sizeof(*t->v));
		}
		memmove(t->v + at + 1, t->v + at, (t->n - at) * sizeof(*t->v));
		t->v[at] = (struct stream_tally){ .folder = xstrdup(folder) };
		t->n++;
	}
	t->v[at].events += events;
	t->v[at].lines.low += lines->low;
	t->v[at].lines.high += lines->high;
	t->events += events;
}

void tally_compare(const struct tally *there, const struct tally *here, tally_differ *differ,
		   void *data)
{
	size_t i = 0, j = 0;

	while (i < there->n || j < here->n) {
		const struct stream_tally *a = i < there->n ? &there->v[i] : NULL;
		const struct stream_tally *b = j < here->n ? &here->v[j] : NULL;
		int d = !a ? 1 : !b ? -1 : strcmp(a->folder, b->folder);

		if (d < 0) {
			differ(data, a, NULL);
		} else if (d > 0) {
			/* A stream of which only the excluded boundary was exported has no events. */
			if (b->events)
				differ(data, NULL, b);
		} else if (a->lines.low != b->lines.low || a->lines.high != b->lines.high ||
			   a->events != b->events) {
			differ(data, a, b);
		}
		i += d <= 0;
		j += d >= 0;
	}
}
