/* SPDX-License-Identifier: MIT */
/*
 * Any events of any streams, each a byte: whatever reading AWS follows, the
 * objects fit it, nothing else is learned from them, and each event counts once
 * over three windows in a row. The first byte is the reading.
 */
#include "config.h"

#include "fuzz.h"
#include "verify/reading.h"

#define LENGTH 4
#define STREAMS 2

struct event {
	unsigned stream;
	int64_t stamp, ingested;
	struct amount amount;
};

static struct event parse(uint8_t byte, size_t i)
{
	uint64_t x = (i + 1) * 0x9e3779b97f4a7c15;

	/* Around windows from 0 to 12. */
	return (struct event){ byte & 1,
			       (byte >> 1) % 16 - 2,
			       (byte >> 1) % 16 - 2 + (byte >> 5) - 2,
			       { 1, { x, x * x } } };
}

static bool takes(unsigned reading, const struct window *w, const struct event *e)
{
	int64_t ms = (1u << reading) & READINGS_BY_EVENT ? e->stamp : e->ingested;

	return ms >= w->from_ms && ms < w->to_ms + (((1u << reading) & READINGS_WITH_TO) != 0);
}

static uint64_t check_window(unsigned reading, const struct window *w, const uint8_t *data,
			     size_t n)
{
	struct source there[STREAMS] = { 0 };
	struct amount here[STREAMS] = { 0 };
	struct verdict v;
	enum reading by;
	unsigned learned;

	for (size_t i = 0; i < n; i++) {
		struct event e = parse(data[i], i);

		source_add(&there[e.stream], place_in(w, e.stamp), place_in(w, e.ingested),
			   &e.amount);
		if (takes(reading, w, &e))
			amount_add(&here[e.stream], 1, &e.amount.lines);
	}
	verdict_init(&v);
	for (unsigned s = 0; s < STREAMS; s++)
		verdict_add(&v, &there[s], &here[s].lines);
	learned = verdict_readings(&v, READINGS_ALL, &by);
	must(v.fits & (1u << reading));
	must(learned & (1u << reading));
	must(verdict_readings(&v, 1u << reading, &by) & (1u << reading));
	must(by == reading);
	must(v.counts[by].events + v.counts[by].boundary == here[0].events + here[1].events);
	return v.counts[by].events;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint64_t counted = 0, wanted = 0;
	unsigned reading;

	if (size == 0)
		return 0;
	reading = data[0] % READINGS;
	for (int64_t from = 0; from < 3 * LENGTH; from += LENGTH) {
		const struct window w = { from, from + LENGTH };

		counted += check_window(reading, &w, data + 1, size - 1);
	}
	for (size_t i = 1; i < size; i++) {
		const struct event e = parse(data[i], i - 1);
		const struct window all = { 0, 3 * LENGTH };

		wanted += takes(reading & ~1u, &all, &e);
	}
	must(counted == wanted);
	return 0;
}
