/* SPDX-License-Identifier: MIT */
/*
 * Variables that own something and free it at the end of their scope:
 *
 *	cleanup_free char *name = NULL;
 *	cleanup(error_freep) struct error *err = NULL;
 *
 * An owner starts as NULL (or an _INIT value); ownership leaves through TAKE():
 *
 *	*ret = TAKE(name);
 */
#ifndef BASE_CLEANUP_H
#define BASE_CLEANUP_H

#include <stdlib.h>

#define cleanup(fn) __attribute__((cleanup(fn)))

/* What the owner held, a pointer or a struct; the owner is NULL, or all zero, afterwards. */
#define TAKE(owner)                                                                                \
	({                                                                                         \
		__typeof__(owner) *take_ = &(owner);                                               \
		__typeof__(owner) val_ = *take_;                                                   \
		*take_ = (__typeof__(owner)){ 0 };                                                 \
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
