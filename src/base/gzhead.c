/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/gzhead.h"

#include <stdbool.h>

#include <zlib.h>

#define FLAG_CRC 2
#define FLAG_EXTRA 4
#define FLAG_NAME 8
#define FLAG_COMMENT 16
#define FLAGS_RESERVED 0xe0

/* Continues with the next field that is present according to the flags. */
static void next_field(struct gz_header *h)
{
	static const unsigned needs[] = {
		[GZ_EXTRA_LEN] = FLAG_EXTRA, [GZ_EXTRA] = FLAG_EXTRA, [GZ_NAME] = FLAG_NAME,
		[GZ_COMMENT] = FLAG_COMMENT, [GZ_CRC] = FLAG_CRC,
	};

	do
		h->field++;
	while (h->field != GZ_DONE && !(h->flags & needs[h->field]));
	if (h->field == GZ_EXTRA && h->value == 0)
		next_field(h);
	if (h->field != GZ_EXTRA)
		h->value = 0;
	h->got = 0;
}

/* ID1, ID2, CM, FLG; then MTIME, XFL and OS, which may be anything. */
static const char *fixed_byte(struct gz_header *h, unsigned char c)
{
	static const unsigned char magic[] = { 0x1f, 0x8b, 8 };

	if (h->got < sizeof(magic) && c != magic[h->got])
		return "not a gzip header";
	if (h->got == 3)
		h->flags = c;
	if (h->flags & FLAGS_RESERVED)
		return "its header has unknown flags";
	if (++h->got == 10)
		next_field(h);
	return NULL;
}

static const char *crc_byte(struct gz_header *h)
{
	if (h->got < 2)
		return NULL;
	if (h->value != (h->crc & 0xffff))
		return "its header's checksum does not match";
	next_field(h);
	return NULL;
}

static const char *header_byte(struct gz_header *h, unsigned char c)
{
	if (h->field != GZ_CRC)
		h->crc = (uint32_t)crc32(h->crc, &c, 1);
	if (h->field == GZ_FIXED)
		return fixed_byte(h, c);
	if (h->field == GZ_EXTRA_LEN || h->field == GZ_CRC)
		h->value |= (unsigned)c << (8 * h->got);
	h->got++;
	switch (h->field) {
	case GZ_CRC:
		return crc_byte(h);
	case GZ_EXTRA_LEN:
		if (h->got == 2)
			next_field(h);
		break;
	case GZ_EXTRA:
		if (h->got == h->value)
			next_field(h);
		break;
	case GZ_NAME:
	case GZ_COMMENT:
		if (c == '\0')
			next_field(h);
		break;
	case GZ_FIXED:
	case GZ_DONE:
		break;
	}
	return NULL;
}

size_t gz_header_feed(struct gz_header *h, const unsigned char *p, size_t n, const char **ret_why)
{
	size_t i = 0;

	*ret_why = NULL;
	while (i < n && h->field != GZ_DONE && !*ret_why)
		*ret_why = header_byte(h, p[i++]);
	return i;
}
