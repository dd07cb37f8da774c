/* SPDX-License-Identifier: MIT */
/* First byte: the size of the pieces. The answer is zlib's, whichever engine is built in. */
#include "config.h"

#include <stdint.h>
#include <string.h>

#include "../gzref.h"
#include "base/buf.h"
#include "fuzz.h"

#define OUT_MAX ((size_t)1 << 22)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf ours = BUF_INIT_MAX(OUT_MAX), theirs = BUF_INIT_MAX(OUT_MAX);
	bool ok, zlib_ok;

	if (size < 1)
		return 0;
	ok = gzref_by_us(data + 1, size - 1, data[0] ? data[0] : SIZE_MAX, &ours);
	zlib_ok = gzref_by_zlib(data + 1, size - 1, &theirs);
	if (!buf_full(&ours) && !buf_full(&theirs)) {
		must(ok == zlib_ok);
		must(!ok || (ours.len == theirs.len && !memcmp(ours.data, theirs.data, ours.len)));
	}
	buf_release(&ours);
	buf_release(&theirs);
	return 0;
}
