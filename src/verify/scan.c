/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "verify/scan.h"

#include "archive/object.h"
#include "archive/reader.h"
#include "base/error.h"
#include "base/time.h"
#include "base/xalloc.h"

static void add_outside(struct scan *s, int64_t ms)
{
	if (s->outside++ == 0) {
		s->outside_line = s->lines.number;
		s->outside_offset = s->lines.offset;
		s->outside_ms = ms;
	}
	spans_add(&s->spans, (struct window){ ms, ms + 1 });
}

static void add_stamp(struct scan *s, int64_t ms)
{
	if (ms == s->window.to_ms) {
		s->boundary++;
		return;
	}
	if (ms < s->window.from_ms || ms > s->window.to_ms) {
		add_outside(s, ms);
		return;
	}
	if (s->events == 0 || ms < s->first_ms)
		s->first_ms = ms;
	if (s->events == 0 || ms > s->last_ms)
		s->last_ms = ms;
	s->events++;
}

static int on_line(void *data, const char *p, size_t n, struct error **err)
{
	struct scan *s = data;
	int64_t ms;

	(void)err;
	if (line_stamp(p, n, &s->minute, &ms))
		add_stamp(s, ms);
	else if (s->lines.number == 1)
		s->unstamped = true;
	if (s->hasher)
		line_hasher_add(s->hasher, p, n, &s->sum);
	return 0;
}

void scan_init(struct scan *s, const struct window *window, struct line_hasher *hasher)
{
	*s = (struct scan){ .window = *window, .hasher = hasher };
	lines_init(&s->lines, on_line, s);
}

void scan_release(struct scan *s)
{
	lines_release(&s->lines);
}

int scan_feed(struct scan *s, const char *p, size_t n, struct error **err)
{
	return lines_feed(&s->lines, p, n, err);
}

int scan_end(struct scan *s, struct error **err)
{
	if (lines_end(&s->lines, err) < 0)
		return -1;
	if (s->unstamped)
		return err_set(err, ERR_FOUND, "its first line does not begin with a time stamp");
	return 0;
}

uint64_t scan_count(const struct scan *s)
{
	return s->events + s->boundary + s->outside;
}

/* Shared by all objects of one scan_objects(). */
struct run {
	scan_done *done;
	void *data;
};

static void *on_begin(void *data, const struct archive_object *o)
{
	const struct tally *t = o->owner;
	struct scan *s = xmalloc(sizeof(*s));

	(void)data;
	scan_init(s, &t->window, t->key ? line_hasher_new(t->key) : NULL);
	return s;
}

static int on_text(void *state, const char *p, size_t n, struct error **err)
{
	return scan_feed(state, p, n, err);
}

static int on_end(void *state, struct archive_object *o, struct error **err)
{
	struct scan *s = state;

	if (scan_end(s, err) < 0)
		return -1;
	o->found.events = s->events;
	o->found.outside = s->outside;
	o->found.first_ms = s->first_ms;
	o->found.last_ms = s->last_ms;
	o->outside_line = s->outside_line;
	o->outside_offset = s->outside_offset;
	o->outside_ms = s->outside_ms;
	return 0;
}

static void on_free(void *state)
{
	struct scan *s = state;

	line_hasher_free(s->hasher);
	scan_release(s);
	free(s);
}

static void on_done(void *data, void *state, struct archive_object *o)
{
	struct run *r = data;
	const struct scan *s = state;
	struct tally *t = o->owner;

	if (s && t->key)
		amount_add(&tally_stream(t, o->stream)->bucket, scan_count(s), &s->sum);
	if (s && s->events && (!t->first_ms || s->first_ms < t->first_ms))
		t->first_ms = s->first_ms;
	if (s)
		spans_merge(&t->outside, &s->spans);
	r->done(r->data, o);
}

int scan_objects(const struct archive *a, struct workers *w, struct archive_object *const *v,
		 size_t n, scan_done *done, void *data, struct error **err)
{
	struct run r = { done, data };
	const struct reader_sink sink = { &r, on_begin, on_text, on_end, on_free, on_done };

	return archive_read(a, w, v, n, &sink, err);
}

char *scan_outside_text(const struct archive_object *o, const struct window *w)
{
	char at[TIME_ISO_SIZE], from[TIME_ISO_SIZE], to[TIME_ISO_SIZE];

	return xasprintf("%llu of its lines lie outside the window from %s to %s; the first is "
			 "line %llu, at byte %llu of the text, stamped %s",
			 (unsigned long long)o->found.outside, time_iso(w->from_ms, from),
			 time_iso(w->to_ms, to), (unsigned long long)o->outside_line,
			 (unsigned long long)o->outside_offset, time_iso(o->outside_ms, at));
}
