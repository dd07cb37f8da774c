/* SPDX-License-Identifier: MIT */
/*
 * The canonical request of Signature Version 4: what is signed.
 * Source: "Create a canonical request" in the IAM user guide.
 */
#ifndef AWS_SIGN_CANONICAL_H
#define AWS_SIGN_CANONICAL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct http_request;

/* A name and a value somewhere in canonical.text, for sorting. */
struct canonical_pair {
	size_t name, name_len, value, value_len;
	size_t order; /* of appearance: headers of one name keep it */
};

/* Scratch that is kept from one request to the next. */
struct canonical {
	struct buf text; /* the names and values of the pairs */
	struct canonical_pair *pairs;
	size_t n, cap;
};
void canonical_release(struct canonical *c);

/* The path, normalised and encoded again, or (single) as it is. */
void canonical_path(const char *path, size_t len, bool single, bool normalize, struct buf *out);
/* The query's parameters, encoded and sorted. */
void canonical_query(struct canonical *c, const char *query, size_t len, struct buf *out);
/*
 * The headers that are signed, in lower case, folded, trimmed and sorted.
 * Collect first, then ask for the two forms as often as needed.
 */
void canonical_headers_collect(struct canonical *c, const struct http_request *req);
void canonical_headers_add(const struct canonical *c, struct buf *out);
void canonical_headers_names(const struct canonical *c, struct buf *out);

#endif
