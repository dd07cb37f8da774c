/* SPDX-License-Identifier: MIT */
/*
 * The header of a gzip member (RFC 1952, 2.3), read in pieces of any size, for
 * gz.c over ISA-L: ISA-L's own reader takes reserved flags, and fails on a good
 * header CRC whenever the header comes in two pieces. zlib's is right.
 */
#ifndef BASE_GZHEAD_H
#define BASE_GZHEAD_H

#include <stddef.h>
#include <stdint.h>

enum gz_field {
	GZ_FIXED,
	GZ_EXTRA_LEN,
	GZ_EXTRA,
	GZ_NAME,
	GZ_COMMENT,
	GZ_CRC,
	GZ_DONE,
};

/* Zeroed, it is ready for a new header. */
struct gz_header {
	enum gz_field field;
	unsigned got;   /* bytes of the field */
	unsigned value; /* of EXTRA_LEN and CRC, little-endian */
	unsigned flags;
	uint32_t crc;
};

/*
 * Takes header bytes off the front of p, up to n, and returns how many; h->field
 * is GZ_DONE at its end. NULL, or in *ret_why what is wrong with it.
 */
size_t gz_header_feed(struct gz_header *h, const unsigned char *p, size_t n, const char **ret_why);

#endif
