/* SPDX-License-Identifier: MIT */
/* Which events are wanted. All conditions must hold. */
#ifndef READ_FILTER_H
#define READ_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "archive/window.h"
#include "base/cleanup.h"

struct error;
struct field_test;
struct strv;

struct filter {
	struct window range;
	const char *grep;         /* a POSIX extended regular expression, or NULL */
	const char *request_id;   /* of API Gateway, or NULL */
	struct field_test *where; /* owned */
	size_t n_where;
};
void filter_release(struct filter *f);
#define cleanup_filter cleanup(filter_release)

/* Fails with ERR_USAGE, which names the option. */
int filter_set_grep(struct filter *f, const char *expression, struct error **err);
int filter_set_request_id(struct filter *f, const char *id, struct error **err);
/* Adds "FIELD=VALUE", or with !=, <, <=, > or >= instead: see field.h. */
int filter_add_where(struct filter *f, const char *condition, struct error **err);

/* A thread's own copy, because regexec() locks what it uses. */
struct matcher;
struct matcher *matcher_new(const struct filter *f);
void matcher_free(struct matcher *m);
/* Of an event at ms: all of its text, with the time stamp. */
bool matcher_match(struct matcher *m, int64_t ms, const char *p, size_t n);

#endif
