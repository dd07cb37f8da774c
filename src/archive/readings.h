/* SPDX-License-Identifier: MIT */
/*
 * Which events an export task takes: AWS's documents disagree about it.
 *
 * According to the API reference (CreateExportTask), tasks select by the stamp of an
 * event and include `to`; according to the user guide ("Exporting log data to Amazon
 * S3", in earlier versions), by the time of ingestion and exclude `to`. So there are
 * four readings. Sets of them, with bits 1 << reading, are those that AWS may follow by
 * all that was observed.
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

/* True if there are readings, and all of them are of the kind. */
bool readings_are(unsigned readings, unsigned kind);
/* What is known once a window has been learned from. What contradicts it is dropped. */
unsigned readings_learn(unsigned known, unsigned learned);

/* "event", "ingestion", or NULL while either is possible. */
const char *readings_window_by(unsigned readings);
/* 1 if `to` is included, 0 if not, -1 if not known. */
int readings_to_included(unsigned readings);
/* A sentence of what is known, or NULL. Caller frees. */
char *readings_text(unsigned readings);
/* The reverse of both; window_by may be NULL or an unknown word. */
unsigned readings_from(const char *window_by, int to_included);

#endif
