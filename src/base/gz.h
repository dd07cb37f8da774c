/* SPDX-License-Identifier: MIT */
/*
 * Streaming gunzip (RFC 1952) of any number of members, with the CRC-32 and length
 * of each checked. Uses ISA-L if it was built in, else zlib.
 */
#ifndef BASE_GZ_H
#define BASE_GZ_H

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

struct error;

/* Receives inflated bytes. Any value but 0 stops, with *err set by the sink. */
typedef int gz_sink(void *data, const char *p, size_t n, struct error **err);

struct gunzip;
struct gunzip *gunzip_new(gz_sink *sink, void *data);
void gunzip_free(struct gunzip *g);
DEFINE_CLEANUP(struct gunzip *, gunzip_free)

/*
 * Feeds compressed bytes in pieces of any size. Errors are ERR_FOUND and name the
 * offset in the compressed object; nothing may be fed after an error.
 */
int gunzip_feed(struct gunzip *g, const void *p, size_t n, struct error **err);
/* To be called at the end of the object: fails if that is inside a member, or if there was none. */
int gunzip_end(struct gunzip *g, struct error **err);
/* Bytes inflated and members completed so far. */
uint64_t gunzip_bytes(const struct gunzip *g);
uint64_t gunzip_members(const struct gunzip *g);
/* "isa-l" or "zlib", for --version. */
const char *gunzip_engine(void);

#endif
