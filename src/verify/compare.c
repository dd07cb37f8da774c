/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "verify/compare.h"

#include "base/xalloc.h"
#include "verify/cloudwatch.h"
#include "verify/tally.h"

bool difference_is_gone(const struct difference *d)
{
	return d->cloudwatch == 0;
}

void comparison_release(struct comparison *c)
{
	free(c->differing);
	*c = (struct comparison){ 0 };
}

/* Includes events that are stamped exactly at the window's end. */
static struct window stamps_of(const struct tally *t)
{
	return (struct window){ t->window.from_ms, t->window.to_ms + 1 };
}

/*
 * Reads the events with the stamps that lines outside the window have: by ingestion,
 * these lines may be events of the window. Stamps further away than PutLogEvents
 * accepts can only be text in a message.
 */
static int read_outside(struct aws_client *c, const char *log_group, struct tally *t,
			struct error **err)
{
	const struct window asked = stamps_of(t);
	const struct windows but = { (struct window *)&asked, 1 };
	cleanup_windows struct windows ask = { 0 };

	struct spans outside = t->outside;

	spans_merge(&outside, &t->also);
	for (size_t i = 0; i < outside.n; i++) {
		struct window w = outside.v[i];

		if (w.from_ms < t->window.from_ms - EVENT_AGE_MAX_MS)
			w.from_ms = t->window.from_ms - EVENT_AGE_MAX_MS;
		if (w.to_ms > t->window.to_ms + EVENT_AHEAD_MAX_MS)
			w.to_ms = t->window.to_ms + EVENT_AHEAD_MAX_MS;
		windows_missing(w, &but, &ask);
	}
	for (size_t i = 0; i < ask.n; i++)
		if (cloudwatch_tally(c, log_group, t, &ask.v[i], err) < 0)
			return -1;
	return 0;
}

static size_t find_differing(const struct tally *t, enum reading r, struct difference **ret)
{
	size_t n = 0;

	for (size_t i = 0; i < t->n; i++) {
		const struct stream_tally *s = t->v[i];
		struct verdict v;

		verdict_init(&v);
		verdict_add(&v, &s->cloudwatch, &s->bucket.lines);
		if (v.fits & (1u << r))
			continue;
		if (ret) {
			GROW(*ret, n);
			(*ret)[n] =
				(struct difference){ s->folder, source_events(&s->cloudwatch, r),
						     s->bucket.events };
		}
		n++;
	}
	return n;
}

/* True if the bucket has fewer events of a stream than the reading requires. */
static bool lacks_events(const struct tally *t, enum reading r)
{
	for (size_t i = 0; i < t->n; i++)
		if (source_events(&t->v[i]->cloudwatch, r) > t->v[i]->bucket.events)
			return true;
	return false;
}

/* Finds the differing streams under the reading that leaves the fewest of them. */
static void explain(struct tally *t, unsigned known, struct comparison *ret)
{
	size_t best = SIZE_MAX;

	ret->lost = true;
	for (enum reading r = 0; r < READINGS; r++) {
		size_t n = known & (1u << r) ? find_differing(t, r, NULL) : SIZE_MAX;

		if (n < best) {
			best = n;
			ret->by = r;
		}
		if (known & (1u << r) && !lacks_events(t, r))
			ret->lost = false;
	}
	tally_sort(t);
	ret->n = find_differing(t, ret->by, &ret->differing);
	for (size_t i = 0; i < t->n; i++)
		ret->counts.events += source_events(&t->v[i]->cloudwatch, ret->by);
}

void compare_tally(struct tally *t, unsigned known, struct comparison *ret)
{
	struct verdict v;

	*ret = (struct comparison){ 0 };
	verdict_init(&v);
	for (size_t i = 0; i < t->n; i++) {
		source_sort(&t->v[i]->cloudwatch);
		verdict_add(&v, &t->v[i]->cloudwatch, &t->v[i]->bucket.lines);
	}
	ret->fits = v.fits;
	ret->readings = verdict_readings(&v, known, &ret->by);
	if (ret->readings)
		ret->counts = v.counts[ret->by];
	else
		explain(t, known, ret);
}

int compare_window(struct aws_client *c, const char *log_group, struct tally *t, unsigned known,
		   struct comparison *ret, struct error **err)
{
	const struct window stamps = stamps_of(t);
	cleanup_comparison struct comparison found = { 0 };

	if (cloudwatch_tally(c, log_group, t, &stamps, err) < 0)
		return -1;
	compare_tally(t, known, &found);
	if ((!found.readings && t->outside.n) || t->also.n) {
		if (read_outside(c, log_group, t, err) < 0)
			return -1;
		comparison_release(&found);
		compare_tally(t, known, &found);
	}
	*ret = TAKE(found);
	return 0;
}
