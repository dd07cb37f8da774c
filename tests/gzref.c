/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "gzref.h"

#include <stdint.h>
#include <stdlib.h>

#include <zlib.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/gz.h"

bool gzref_by_zlib(const void *in, size_t n, struct buf *out)
{
	z_stream z = { .next_in = (unsigned char *)in, .avail_in = (unsigned)n };
	unsigned char piece[1 << 16];
	int r = Z_STREAM_END;

	if (!n)
		return false;
	if (inflateInit2(&z, 31) != Z_OK)
		abort();
	do {
		if (r == Z_STREAM_END)
			inflateReset(&z);
		z.next_out = piece;
		z.avail_out = sizeof(piece);
		r = inflate(&z, Z_NO_FLUSH);
		buf_add(out, piece, sizeof(piece) - z.avail_out);
	} while (!buf_full(out) && (r == Z_OK || (r == Z_STREAM_END && z.avail_in)));
	inflateEnd(&z);
	return r == Z_STREAM_END;
}

static int to_buf(void *data, const char *p, size_t n, struct error **err)
{
	buf_add(data, p, n);
	return buf_full(data) ? err_set(err, ERR_LOCAL, "full") : 0;
}

bool gzref_by_us(const void *in, size_t n, size_t piece, struct buf *out)
{
	struct gunzip *g = gunzip_new(to_buf, out);
	struct error *err = NULL;
	bool ok = true;

	for (size_t at = 0; ok && at < n; at += n - at < piece ? n - at : piece)
		ok = gunzip_feed(g, (const char *)in + at, n - at < piece ? n - at : piece, &err) ==
		     0;
	ok = ok && gunzip_end(g, &err) == 0;
	if (ok == (err != NULL) || (ok && gunzip_bytes(g) != out->len) ||
	    (err && err->kind != ERR_FOUND && !buf_full(out)))
		abort();
	error_free(err);
	gunzip_free(g);
	return ok;
}
