/* SPDX-License-Identifier: MIT */
/*
 * The life cycle of an archive: rules of ours in a bucket's configuration that
 * others also write.
 *
 * The objects below PREFIX/region= have one rule. If they expire, so do the
 * ledger's entries below PREFIX/_ledger/, by a rule of their own: they are never
 * moved to another class, for verify reads them.
 *
 * Source: "Lifecycle configuration elements", Amazon S3 User Guide.
 */
#ifndef SETUP_LIFECYCLE_H
#define SETUP_LIFECYCLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct error;
struct strv;

/* The storage classes that objects can be moved to, from warm to cold; ends with NULL. */
extern const char *const lifecycle_classes[];
#define LIFECYCLE_CLASSES 6

struct lifecycle {
	/* Days after their creation that objects move to a class of lifecycle_classes; -1: never. */
	int64_t move_days[LIFECYCLE_CLASSES];
	int64_t expire_days, noncurrent_days, abort_days; /* 0: never */
	bool small_objects; /* those below 128 KiB move, too, where the class takes them */
};
/* Nothing moves or expires. */
#define LIFECYCLE_NONE                                                                             \
	{                                                                                          \
		.move_days = { -1, -1, -1, -1, -1, -1 }                                            \
	}
bool lifecycle_is_none(const struct lifecycle *l);
/* True if objects move to any class. */
bool lifecycle_moves(const struct lifecycle *l);

/* ERR_USAGE if S3 would not take it. */
int lifecycle_check(const struct lifecycle *l, struct error **err);
/* What is worth knowing before it is set. */
void lifecycle_remarks(const struct lifecycle *l, struct strv *notes, struct strv *warnings);

struct lifecycle_plan {
	char *now,
		*wanted; /* "STANDARD_IA after 30 days, expire after 365 days"; now may be NULL */
	struct buf text; /* the whole configuration with our rules as wanted */
};
void lifecycle_plan_release(struct lifecycle_plan *p);
#define cleanup_lifecycle_plan cleanup(lifecycle_plan_release)

/*
 * Puts our rules for the prefix into a configuration as S3 has it ("" if there
 * is none). 1 if that changes anything, 0, or -1. All rules of others stay.
 */
int lifecycle_merge(const char *text, size_t len, const char *prefix, const struct lifecycle *l,
		    struct lifecycle_plan *ret, struct error **err);

/*
 * The same without our rules for the prefix: wanted is NULL, and text is empty if no rule is
 * left. 1 if there are any to remove, 0, or -1.
 */
int lifecycle_remove(const char *text, size_t len, const char *prefix, struct lifecycle_plan *ret,
		     struct error **err);

#endif
