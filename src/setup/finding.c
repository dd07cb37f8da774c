/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "setup/finding.h"

#include <stdarg.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/xalloc.h"

const char *health_name(enum health h)
{
	static const char *const names[] = { "good", "doubtful", "broken", "unknown" };

	return names[h];
}

void findings_release(struct findings *f)
{
	for (size_t i = 0; i < f->n; i++) {
		free(f->v[i].text);
		free(f->v[i].hint);
	}
	free(f->v);
	*f = (struct findings){ 0 };
}

void finding_add(struct findings *f, const char *link, enum health health, const char *fmt, ...)
{
	va_list ap;

	GROW(f->v, f->n);
	va_start(ap, fmt);
	f->v[f->n++] = (struct finding){ link, health, xvasprintf(fmt, ap), NULL };
	va_end(ap);
}

void finding_hint(struct findings *f, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	f->v[f->n - 1].hint = xvasprintf(fmt, ap);
	va_end(ap);
}

void findings_move(struct findings *f, struct findings *from)
{
	for (size_t i = 0; i < from->n; i++) {
		GROW(f->v, f->n);
		f->v[f->n++] = TAKE(from->v[i]);
	}
	findings_release(from);
}

int finding_refusal(struct findings *f, const char *link, struct error **own, struct error **err)
{
	if (err_is_fatal(*own))
		return err_move(own, err);
	finding_add(f, link, HEALTH_UNKNOWN, "%s", (*own)->msg);
	f->v[f->n - 1].hint = xstrdup((*own)->hint);
	error_clear(own);
	return 0;
}
