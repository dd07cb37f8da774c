/* SPDX-License-Identifier: MIT */
/*
 * Allocation that cannot fail: if memory runs out, xalloc_die() ends the program. So no
 * caller needs an error path, which nobody would test.
 */
#ifndef BASE_XALLOC_H
#define BASE_XALLOC_H

#include <stdarg.h>
#include <stddef.h>

void *xmalloc(size_t size) __attribute__((malloc, returns_nonnull));
void *xcalloc(size_t n, size_t size) __attribute__((malloc, returns_nonnull));
void *xrealloc(void *p, size_t size) __attribute__((returns_nonnull));
/* Like reallocarray(3): checks n * size for overflow. */
void *xreallocarray(void *p, size_t n, size_t size) __attribute__((returns_nonnull));
/*
 * Makes room for v[n] in the array v, of which n elements are in use. The array
 * grows when n is a power of two, so its capacity need not be stored; n may also
 * have become smaller.
 */
#define GROW(v, n)                                                                                 \
	do {                                                                                       \
		size_t n_ = (n);                                                                   \
		if ((n_ & (n_ - 1)) == 0)                                                          \
			(v) = xreallocarray((v), n_ ? 2 * n_ : 1, sizeof(*(v)));                   \
	} while (0)
/* A copy of s, or NULL if s is NULL. */
char *xstrdup(const char *s);
char *xstrndup(const char *s, size_t n) __attribute__((returns_nonnull));
char *xasprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2), returns_nonnull));
char *xvasprintf(const char *fmt, va_list ap)
	__attribute__((format(printf, 1, 0), returns_nonnull));
_Noreturn void xalloc_die(void);

#endif
