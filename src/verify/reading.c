/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "verify/reading.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/xalloc.h"

enum place place_in(const struct window *w, int64_t ms)
{
	if (ms < w->from_ms)
		return PLACE_BEFORE;
	if (ms < w->to_ms)
		return PLACE_WITHIN;
	return ms == w->to_ms ? PLACE_END : PLACE_AFTER;
}

void source_release(struct source *s)
{
	free(s->late);
	*s = (struct source){ 0 };
}

void source_add(struct source *s, enum place stamp, enum place ingested, const struct amount *a)
{
	amount_add(&s->at[stamp][ingested], a->events, &a->lines);
}

void source_add_late(struct source *s, enum place stamp, int64_t ingested_ms,
		     const struct amount *a)
{
	GROW(s->late, s->n_late);
	s->late[s->n_late++] = (struct late_event){ ingested_ms, stamp, *a };
}

static int by_ingestion(const void *a, const void *b)
{
	const struct late_event *x = a, *y = b;

	return (x->ingested_ms > y->ingested_ms) - (x->ingested_ms < y->ingested_ms);
}

void source_sort(struct source *s)
{
	if (s->n_late)
		qsort(s->late, s->n_late, sizeof(*s->late), by_ingestion);
}

static bool is_by_event(enum reading r)
{
	return (1u << r) & READINGS_BY_EVENT;
}

/* The time by which the reading selects. */
static enum place place_by(enum reading r, enum place stamp, enum place ingested)
{
	return is_by_event(r) ? stamp : ingested;
}

static bool is_taken(enum reading r, enum place p)
{
	return p == PLACE_WITHIN || (p == PLACE_END && (1u << r) & READINGS_WITH_TO);
}

static void count(struct reading_counts *c, enum reading r, enum place stamp, enum place ingested,
		  uint64_t events)
{
	enum place mine = place_by(r, stamp, ingested);
	enum place other = place_by(r, ingested, stamp);

	if (mine == PLACE_WITHIN) {
		c->events += events;
		c->late += stamp == PLACE_BEFORE ? events : 0;
		c->early += stamp == PLACE_END || stamp == PLACE_AFTER ? events : 0;
	} else if (is_taken(r, mine)) {
		c->boundary += events;
	}
	if (stamp == PLACE_WITHIN && mine != PLACE_WITHIN)
		c->elsewhere += events;
	if (is_taken(r, mine) && (other == PLACE_BEFORE || other == PLACE_AFTER))
		c->telling += events;
}

static void add(struct amount *to, const struct amount *more)
{
	amount_add(to, more->events, &more->lines);
}

/* How many of the late events the objects also hold; -1 if no number of them makes up the sum. */
static ptrdiff_t match_late(enum reading r, const struct source *there, struct amount sum,
			    const struct line_sum *here)
{
	for (size_t i = 0;; i++) {
		if (sum.lines.low == here->low && sum.lines.high == here->high)
			return (ptrdiff_t)i;
		if (i == there->n_late || !is_by_event(r))
			return -1;
		if (is_taken(r, there->late[i].stamp))
			add(&sum, &there->late[i].amount);
	}
}

/* What the objects must hold under the reading, apart from late events. */
static struct amount expected(const struct source *s, enum reading r)
{
	struct amount sum = { 0 };

	for (enum place stamp = 0; stamp < PLACES; stamp++)
		for (enum place ingested = 0; ingested < PLACES; ingested++)
			if (is_taken(r, place_by(r, stamp, ingested)))
				add(&sum, &s->at[stamp][ingested]);
	return sum;
}

uint64_t source_events(const struct source *s, enum reading r)
{
	return expected(s, r).events;
}

/* Returns false if the objects do not hold what they must under the reading. */
static bool add_reading(struct reading_counts *c, enum reading r, const struct source *there,
			const struct line_sum *here)
{
	ptrdiff_t in_objects = match_late(r, there, expected(there, r), here);

	if (in_objects < 0)
		return false;
	for (enum place stamp = 0; stamp < PLACES; stamp++)
		for (enum place ingested = 0; ingested < PLACES; ingested++)
			count(c, r, stamp, ingested, there->at[stamp][ingested].events);
	for (size_t i = 0; i < there->n_late; i++) {
		const struct late_event *e = &there->late[i];

		if ((ptrdiff_t)i < in_objects)
			count(c, r, e->stamp, PLACE_AFTER, e->amount.events);
		else if (e->stamp == PLACE_WITHIN)
			*(is_by_event(r) ? &c->missed : &c->elsewhere) += e->amount.events;
	}
	return true;
}

void verdict_init(struct verdict *v)
{
	*v = (struct verdict){ .fits = READINGS_ALL };
}

void verdict_add(struct verdict *v, const struct source *there, const struct line_sum *here)
{
	for (enum reading r = 0; r < READINGS; r++)
		if (!add_reading(&v->counts[r], r, there, here))
			v->fits &= ~(1u << r);
}

static unsigned kind_of(enum reading r)
{
	return is_by_event(r) ? READINGS_BY_EVENT : READINGS_BY_INGESTION;
}

unsigned verdict_readings(const struct verdict *v, unsigned known, enum reading *ret)
{
	unsigned may = 0, preferred, learned = READINGS_ALL, kind;
	enum reading r;

	for (r = 0; r < READINGS; r++)
		if (v->fits & (1u << r) && (known & kind_of(r) || v->counts[r].telling))
			may |= 1u << r;
	if (!may)
		return 0;
	preferred = may & known ? may & known : may;
	for (r = 0; !(preferred & (1u << r));)
		r++;
	*ret = r;
	kind = kind_of(r);
	/* Learned from absent events only, so what was known stays. */
	if (readings_are(may, kind) && !v->counts[r].telling && !readings_are(known, kind))
		return READINGS_ALL;
	if (readings_are(may, kind))
		learned &= kind;
	if (readings_are(may, READINGS_WITH_TO))
		learned &= READINGS_WITH_TO;
	if (readings_are(may, READINGS_WITHOUT_TO))
		learned &= READINGS_WITHOUT_TO;
	return learned;
}
