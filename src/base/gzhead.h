/* SPDX-License-Identifier: MIT */
/*
 * Reads the header of a gzip member (RFC 1952, 2.3) in pieces of any size, for
 * gz.c with ISA-L: ISA-L's own reader accepts reserved flags, and rejects a correct
 * header CRC if the header comes in two pieces. zlib's is right.
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

/* All zeros: ready for a new header. */
struct gz_header {
	enum gz_field field;
	unsigned got;   /* bytes of the field */
	unsigned value; /* of EXTRA_LEN and CRC, little-endian */
	unsigned flags;
	uint32_t crc;
};

/*
 * Reads header bytes from p, at most n, and returns how many it read. h->field is
 * GZ_DONE at the end of the header. *ret_why is NULL, or what is wrong with it.
 */
size_t gz_header_feed(struct gz_header *h, const unsigned char *p, size_t n, const char **ret_why);

#endif
