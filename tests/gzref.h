/* SPDX-License-Identifier: MIT */
/* gz.c beside a second opinion, for the unit test and the fuzz target. */
#ifndef GZREF_H
#define GZREF_H

#include <stdbool.h>
#include <stddef.h>

struct buf;

/*
 * Both inflate into out: true for members one after another, and nothing else,
 * to the end. They stop where out is full, and what they say then means nothing.
 */
bool gzref_by_zlib(const void *in, size_t n, struct buf *out);
/* Fed in pieces of that size. Aborts if gz.c contradicts itself. */
bool gzref_by_us(const void *in, size_t n, size_t piece, struct buf *out);

#endif
