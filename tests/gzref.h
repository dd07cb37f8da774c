/* SPDX-License-Identifier: MIT */
/* gz.c and a reference implementation, for the unit test and the fuzz target. */
#ifndef GZREF_H
#define GZREF_H

#include <stdbool.h>
#include <stddef.h>

struct buf;

/*
 * Both inflate into out; true if the data consists of complete members and nothing
 * else. They stop when out is full; the result is meaningless then.
 */
bool gzref_by_zlib(const void *in, size_t n, struct buf *out);
/* Feeds pieces of the given size. Aborts if gz.c contradicts itself. */
bool gzref_by_us(const void *in, size_t n, size_t piece, struct buf *out);

#endif
