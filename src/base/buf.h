/* SPDX-License-Identifier: MIT */
/*
 * A growing byte buffer with a maximum.
 *
 * data is always NUL-terminated (the NUL is not counted in len), so a buffer
 * of text is a string. An append that would exceed max appends nothing and sets
 * full. Later appends do nothing either, so a caller can build a whole text and
 * check once, with buf_full():
 *
 *	cleanup_buf struct buf b = BUF_INIT;
 *
 *	buf_addf(&b, "%s?", path);
 *	buf_add_uri(&b, name, strlen(name), false);
 *	if (buf_full(&b))
 *		return err_set(err, ERR_USAGE, "the name is too long");
 *	*ret = buf_take(&b);
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"

struct buf {
	char *data; /* never NULL once initialised: points to "" while empty */
	size_t len, cap, max;
	bool full;
	bool secret; /* wiped before memory is freed, also when the buffer grows */
};

/* Plenty for any request or document that this program creates. */
#define BUF_MAX_DEFAULT ((size_t)16 << 20)

extern char buf_empty[1];
#define BUF_INIT ((struct buf){ .data = buf_empty, .max = BUF_MAX_DEFAULT })
#define BUF_INIT_MAX(m) ((struct buf){ .data = buf_empty, .max = (m) })
/* For secrets. */
#define BUF_SECRET ((struct buf){ .data = buf_empty, .max = BUF_MAX_DEFAULT, .secret = true })
#define BUF_SECRET_MAX(m) ((struct buf){ .data = buf_empty, .max = (m), .secret = true })

void buf_init(struct buf *b, size_t max);
/* Frees the memory. b is empty then, and keeps its max and whether it is secret. */
void buf_release(struct buf *b);
/* Empties it and keeps the memory. */
void buf_clear(struct buf *b);
/* Makes room for n more bytes; false, and full, if that exceeds max. */
bool buf_reserve(struct buf *b, size_t n);

void buf_add(struct buf *b, const void *p, size_t n);
void buf_adds(struct buf *b, const char *s);
void buf_addc(struct buf *b, char c);
void buf_addf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buf_vaddf(struct buf *b, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));
/* Percent-encodes all but RFC 3986's unreserved characters and, with keep_slash, '/'. */
void buf_add_uri(struct buf *b, const void *p, size_t n, bool keep_slash);
/* Lower-case hex digits. */
void buf_add_hex(struct buf *b, const void *p, size_t n);

bool buf_full(const struct buf *b);
/* Returns the bytes as a string, which the caller frees; b is empty then. */
char *buf_take(struct buf *b);

#define cleanup_buf cleanup(buf_release)

#endif
