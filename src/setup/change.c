/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "setup/change.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/str.h"
#include "base/xalloc.h"

const char *change_state_name(enum change_state state)
{
	static const char *const names[] = { "planned", "applied", "failed" };

	return names[state];
}

void changes_release(struct changes *l)
{
	for (size_t i = 0; i < l->n; i++) {
		free(l->v[i].resource);
		free(l->v[i].property);
		free(l->v[i].current);
		free(l->v[i].desired);
		json_decref(l->v[i].args);
	}
	free(l->v);
	*l = (struct changes){ 0 };
}

void changes_add(struct changes *l, const char *resource, const char *property, const char *current,
		 const char *desired, change_fn *apply, json_t *args)
{
	GROW(l->v, l->n);
	l->v[l->n++] = (struct change){
		.resource = xstrdup(resource),
		.property = xstrdup(property),
		.current = xstrdup(current),
		.desired = xstrdup(desired),
		.unit = l->unit,
		.apply = apply,
		.args = args,
	};
}

bool changes_have(const struct changes *l, const char *resource, const char *property)
{
	for (size_t i = 0; i < l->n; i++)
		if (str_eq(l->v[i].resource, resource) && str_eq(l->v[i].property, property))
			return true;
	return false;
}

static void mark(struct changes *l, size_t from, size_t to, enum change_state state)
{
	for (size_t i = from; i <= to; i++)
		l->v[i].state = state;
}

/* The last of the changes from first on that are made by the same call. */
static size_t step_end(const struct changes *l, size_t first)
{
	size_t last = first;

	while (!l->v[last].apply && last + 1 < l->n)
		last++;
	return last;
}

/* "role 'x' cannot be created", "bucket 'b': cannot change the encryption". */
static int wrap_failure(const struct change *c, bool alone, struct error **err)
{
	if (!alone)
		return err_wrap(err, "%s cannot be changed", c->resource);
	if (!c->current && str_starts(c->resource, c->property))
		return err_wrap(err, "%s cannot be created", c->resource);
	return err_wrap(err, "%s: cannot %s the %s", c->resource,
			!c->desired  ? "remove"
			: c->current ? "change"
				     : "set",
			c->property);
}

/* Makes the unit that begins at *at; moves *at to the next. */
static int apply_unit(struct changes *l, size_t *at, const struct change_run *run,
		      struct error **err)
{
	size_t unit = l->v[*at].unit;
	int r = 0;

	while (*at < l->n && l->v[*at].unit == unit) {
		size_t last = step_end(l, *at);

		if (r == 0) {
			r = l->v[last].apply(run, l->v[last].args, err);
			mark(l, *at, last, r == 0 ? CHANGE_APPLIED : CHANGE_FAILED);
			if (r < 0)
				wrap_failure(&l->v[last], last == *at, err);
		}
		*at = last + 1;
	}
	return r;
}

int changes_apply(struct changes *l, const struct change_run *run, struct error **err)
{
	cleanup_error struct error *first = NULL;
	size_t done = 0, at = 0;

	while (at < l->n && (!first || !err_is_fatal(first))) {
		cleanup_error struct error *own = NULL;

		if (apply_unit(l, &at, run, &own) == 0) {
			done++;
		} else if (!first || err_is_fatal(own)) {
			error_free(first);
			first = TAKE(own);
		}
	}
	if (!first)
		return 0;
	if (done && first->kind != ERR_INTERRUPTED)
		first->kind = ERR_PARTIAL;
	return err_move(&first, err);
}
