/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "archive/lines.h"

#include <string.h>

#include "base/error.h"

void lines_init(struct lines *l, lines_sink *sink, void *data)
{
	*l = (struct lines){ .sink = sink, .data = data, .carry = BUF_INIT_MAX(LINES_MAX) };
}

void lines_release(struct lines *l)
{
	buf_release(&l->carry);
}

static int give(struct lines *l, const char *p, size_t n, struct error **err)
{
	l->number++;
	if (l->sink(l->data, p, n, err) < 0)
		return -1;
	l->offset += n + 1;
	return 0;
}

int lines_feed(struct lines *l, const char *p, size_t n, struct error **err)
{
	const char *end = p + n;

	while (p < end) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));
		int r;

		if (!nl || l->carry.len) {
			buf_add(&l->carry, p, (size_t)((nl ? nl : end) - p));
			if (buf_full(&l->carry))
				return err_set(err, ERR_FOUND,
					       "line %llu at byte %llu is longer than %zu MiB",
					       (unsigned long long)l->number + 1,
					       (unsigned long long)l->offset, LINES_MAX >> 20);
		}
		if (!nl)
			return 0;
		if (l->carry.len)
			r = give(l, l->carry.data, l->carry.len, err);
		else
			r = give(l, p, (size_t)(nl - p), err);
		if (r < 0)
			return -1;
		if (l->carry.len)
			buf_clear(&l->carry);
		p = nl + 1;
	}
	return 0;
}

int lines_end(struct lines *l, struct error **err)
{
	int r = l->carry.len ? give(l, l->carry.data, l->carry.len, err) : 0;

	buf_clear(&l->carry);
	return r;
}

bool line_stamp(const char *p, size_t n, struct time_minute *last, int64_t *ret_ms)
{
	return n > TIME_STAMP_LEN && p[TIME_STAMP_LEN] == ' ' &&
	       time_parse_next_stamp(last, p, ret_ms);
}
