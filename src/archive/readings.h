/* SPDX-License-Identifier: MIT */
/*
 * Which events an export task takes: AWS's documents disagree.
 *
 * The API reference (CreateExportTask) says by the stamp of the event, `to`
 * included; the user guide ("Exporting log data to Amazon S3") has said by the
 * time of its ingestion, `to` excluded. So there are four readings, and sets of
 * them as bits 1 << reading: those that AWS may follow, by all that was seen.
 */
#ifndef ARCHIVE_READINGS_H
#define ARCHIVE_READINGS_H

#include <stdbool.h>

enum reading {
	READING_EVENT,        /* by stamp, `to` excluded */
	READING_EVENT_TO,     /* by stamp, `to` included */
	READING_INGESTION,    /* by ingestion, `to` excluded */
	READING_INGESTION_TO, /* by ingestion, `to` included */
	READINGS
};
/* All of them: nothing is known. */
#define READINGS_ALL ((1u << READINGS) - 1)
#define READINGS_BY_EVENT (1u << READING_EVENT | 1u << READING_EVENT_TO)
#define READINGS_BY_INGESTION (1u << READING_INGESTION | 1u << READING_INGESTION_TO)
#define READINGS_WITH_TO (1u << READING_EVENT_TO | 1u << READING_INGESTION_TO)
#define READINGS_WITHOUT_TO (1u << READING_EVENT | 1u << READING_INGESTION)

/* True if all of the readings, and there are some, are of a kind. */
bool readings_are(unsigned readings, unsigned kind);
/* What is known after a window has taught us something; a contradiction begins anew. */
unsigned readings_learn(unsigned known, unsigned learned);

/* "event", "ingestion", or NULL while either is possible. */
const char *readings_window_by(unsigned readings);
/* 1: `to` is included, 0: it is not, -1: not known. */
int readings_to_included(unsigned readings);
/* The other way round; window_by may be NULL or unknown. */
unsigned readings_from(const char *window_by, int to_included);

#endif
