/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "verify/sum.h"

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
