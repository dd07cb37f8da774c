/* SPDX-License-Identifier: MIT */
/* Strings, numbers in text, and lists of strings. */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/cleanup.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

static inline bool str_eq(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}
/* NULL-safe: two NULLs are equal. */
bool str_eq0(const char *a, const char *b);
/* ASCII only, whatever the locale. */
bool str_eq_nocase(const char *a, const char *b);
bool str_starts(const char *s, const char *prefix);
bool str_starts_nocase(const char *s, const char *prefix);
bool str_ends(const char *s, const char *suffix);
/* True if s contains *, ? or [, which make it a pattern. */
bool str_is_glob(const char *s);
/* fnmatch(3) without special meaning for '/' or '.'. */
bool str_glob(const char *pattern, const char *s);
bool str_is_digits(const char *s, size_t n);
/* Lower-cases ASCII in place. */
void str_lower(char *s);
/* Removes white space at both ends, in place, and returns the start. */
char *str_trim(char *s);
/* NULL and "" are both empty. */
static inline bool str_empty(const char *s)
{
	return !s || !*s;
}

/* All of s must be a decimal number in [min, max]. */
bool str_to_int64(const char *s, int64_t min, int64_t max, int64_t *ret);
/* "true" or "false" in any case. */
bool str_to_bool(const char *s, bool *ret);
/* The value of a hexadecimal digit of either case, or -1. */
int str_hex_digit(char c);
/* Decodes %XX but not '+'; false for a broken escape or an encoded NUL. Caller frees *ret. */
bool str_uri_decode(const char *s, size_t n, char **ret);

/* The word in the NULL-terminated list that is most similar to s, or NULL if none is. */
const char *str_nearest(const char *s, const char *const words[]);

/* A list that owns its strings; v is NULL-terminated once it is not empty. */
struct strv {
	char **v;
	size_t n;
};
#define STRV_INIT ((struct strv){ 0 })
/* Adds a copy. */
void strv_add(struct strv *l, const char *s);
/* Takes ownership. */
void strv_take(struct strv *l, char *s);
bool strv_has(const struct strv *l, const char *s);
/* By byte value, for qsort-like order of names. */
void strv_sort(struct strv *l);
void strv_release(struct strv *l);
#define cleanup_strv cleanup(strv_release)

#endif
