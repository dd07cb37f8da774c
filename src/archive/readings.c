/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "archive/readings.h"

#include "base/str.h"
#include "base/xalloc.h"

bool readings_are(unsigned readings, unsigned kind)
{
	return readings && !(readings & ~kind);
}

unsigned readings_learn(unsigned known, unsigned learned)
{
	return known & learned ? known & learned : learned;
}

const char *readings_window_by(unsigned readings)
{
	if (readings_are(readings, READINGS_BY_EVENT))
		return "event";
	return readings_are(readings, READINGS_BY_INGESTION) ? "ingestion" : NULL;
}

int readings_to_included(unsigned readings)
{
	if (readings_are(readings, READINGS_WITH_TO))
		return 1;
	return readings_are(readings, READINGS_WITHOUT_TO) ? 0 : -1;
}

char *readings_text(unsigned readings)
{
	const char *by = readings_window_by(readings);
	int to = readings_to_included(readings);

	if (!by)
		return NULL;
	return xasprintf("AWS selects events by %s%s",
			 str_eq(by, "event") ? "time stamp" : "time of ingestion",
			 to < 0 ? ""
			 : to   ? ", the window's end included"
				: ", the window's end excluded");
}

unsigned readings_from(const char *window_by, int to_included)
{
	unsigned readings = READINGS_ALL;

	if (str_eq0(window_by, "event"))
		readings &= READINGS_BY_EVENT;
	if (str_eq0(window_by, "ingestion"))
		readings &= READINGS_BY_INGESTION;
	if (to_included >= 0)
		readings &= to_included ? READINGS_WITH_TO : READINGS_WITHOUT_TO;
	return readings;
}
