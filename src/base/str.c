/* SPDX-License-Identifier: MIT */
#define BASE_STR_MAY_STRTOL
#include "config.h"

#include "base/str.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <strings.h>

#include "base/xalloc.h"

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

bool str_eq0(const char *a, const char *b)
{
	return a == b || (a && b && str_eq(a, b));
}

bool str_eq_nocase(const char *a, const char *b)
{
	while (*a && (*a == *b || lower(*a) == lower(*b)))
		a++, b++;
	return lower(*a) == lower(*b);
}

bool str_starts(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

bool str_starts_nocase(const char *s, const char *prefix)
{
	for (; *prefix; s++, prefix++)
		if (lower(*s) != lower(*prefix))
			return false;
	return true;
}

bool str_ends(const char *s, const char *suffix)
{
	size_t n = strlen(s), m = strlen(suffix);

	return n >= m && str_eq(s + n - m, suffix);
}

bool str_is_glob(const char *s)
{
	return strpbrk(s, "*?[") != NULL;
}

bool str_glob(const char *pattern, const char *s)
{
	return fnmatch(pattern, s, 0) == 0;
}

bool str_is_digits(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (s[i] < '0' || s[i] > '9')
			return false;
	return n > 0;
}

void str_lower(char *s)
{
	for (; *s; s++)
		*s = lower(*s);
}

char *str_trim(char *s)
{
	size_t n;

	s += strspn(s, " \t\r\n\v\f");
	n = strlen(s);
	while (n && strchr(" \t\r\n\v\f", s[n - 1]))
		n--;
	s[n] = '\0';
	return s;
}

bool str_to_int64(const char *s, int64_t min, int64_t max, int64_t *ret)
{
	char *end;
	long long v;

	/* strtoll() would accept leading space and '+'. */
	if (!str_is_digits(*s == '-' ? s + 1 : s, 1))
		return false;
	errno = 0;
	v = strtoll(s, &end, 10);
	if (errno || *end || v < min || v > max)
		return false;
	*ret = v;
	return true;
}

bool str_to_bool(const char *s, bool *ret)
{
	if (str_eq_nocase(s, "true"))
		*ret = true;
	else if (str_eq_nocase(s, "false"))
		*ret = false;
	else
		return false;
	return true;
}

int str_hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool str_uri_decode(const char *s, size_t n, char **ret)
{
	cleanup_free char *out = xmalloc(n + 1);
	size_t len = 0;

	for (size_t i = 0; i < n; i++) {
		char c = s[i];

		if (c == '%') {
			int hi, lo;

			if (n - i < 3 || (hi = str_hex_digit(s[i + 1])) < 0 ||
			    (lo = str_hex_digit(s[i + 2])) < 0 || (hi | lo) == 0)
				return false;
			c = (char)(hi << 4 | lo);
			i += 2;
		}
		out[len++] = c;
	}
	out[len] = '\0';
	*ret = TAKE(out);
	return true;
}

static size_t min3(size_t a, size_t b, size_t c)
{
	size_t m = a < b ? a : b;

	return m < c ? m : c;
}

/* Optimal string alignment distance: insertions, deletions, replacements, swaps of neighbours. */
static size_t distance(const char *a, const char *b)
{
	size_t n = strlen(a), m = strlen(b);
	size_t row[3][64];

	if (n >= 64 || m >= 64)
		return SIZE_MAX;
	for (size_t j = 0; j <= m; j++)
		row[0][j] = j;
	for (size_t i = 1; i <= n; i++) {
		size_t *cur = row[i % 3], *prev = row[(i + 2) % 3], *prev2 = row[(i + 1) % 3];

		cur[0] = i;
		for (size_t j = 1; j <= m; j++) {
			cur[j] = min3(prev[j] + 1, cur[j - 1] + 1,
				      prev[j - 1] + (lower(a[i - 1]) != lower(b[j - 1])));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    prev2[j - 2] + 1 < cur[j])
				cur[j] = prev2[j - 2] + 1;
		}
	}
	return row[n % 3][m];
}

const char *str_nearest(const char *s, const char *const words[])
{
	const char *best = NULL;
	size_t best_distance = SIZE_MAX;

	for (; *words; words++) {
		size_t n = strlen(*words);
		size_t d = distance(s, *words);

		/* A beginning, such as "set" of "setup-role", is similar as well. */
		if (strlen(s) >= 3 && str_starts_nocase(*words, s))
			d = 1;
		if (d <= n / 3 + 1 && d < n && d < best_distance) {
			best_distance = d;
			best = *words;
		}
	}
	return best;
}

void strv_take(struct strv *l, char *s)
{
	GROW(l->v, l->n + 1); /* one more, for the NULL */
	l->v[l->n++] = s;
	l->v[l->n] = NULL;
}

void strv_add(struct strv *l, const char *s)
{
	strv_take(l, xstrdup(s));
}

bool strv_has(const struct strv *l, const char *s)
{
	for (size_t i = 0; i < l->n; i++)
		if (str_eq(l->v[i], s))
			return true;
	return false;
}

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void strv_sort(struct strv *l)
{
	if (l->n)
		qsort(l->v, l->n, sizeof(*l->v), by_bytes);
}

void strv_release(struct strv *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->v[i]);
	free(l->v);
	*l = STRV_INIT;
}
