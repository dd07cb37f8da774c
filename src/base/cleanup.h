/* SPDX-License-Identifier: MIT */
/*
 * Variables that own something and free it at the end of their scope:
 *
 *	cleanup_free char *name = NULL;
 *	cleanup(error_freep) struct error *err = NULL;
 *
 * An owner starts as NULL (or an _INIT value); ownership leaves through TAKE().
 */
#ifndef BASE_CLEANUP_H
#define BASE_CLEANUP_H

#include <stdlib.h>

#define cleanup(fn) __attribute__((cleanup(fn)))

/* The pointer, which is NULL afterwards. */
#define TAKE(p)                                                                                    \
	({                                                                                         \
		__typeof__(p) *take_ = &(p);                                                       \
		__typeof__(p) val_ = *take_;                                                       \
		*take_ = NULL;                                                                     \
		val_;                                                                              \
	})

/* DEFINE_CLEANUP(T, fn): fn##p(T *p) calls fn(*p) unless *p is NULL. */
#define DEFINE_CLEANUP(type, fn)                                                                   \
	static inline __attribute__((unused)) void fn##p(type *p)                                  \
	{                                                                                          \
		if (*p)                                                                            \
			fn(*p);                                                                    \
	}

static inline __attribute__((unused)) void freep(void *p)
{
	free(*(void **)p);
}
#define cleanup_free cleanup(freep)

#endif
