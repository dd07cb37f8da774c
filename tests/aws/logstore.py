"""The events of a log group, kept sorted so that a page takes one bisection.

moto sorts all events of the group for each page of FilterLogEvents. An event whose ingestion is in the
future is not visible yet, so a test can write what arrives in a week and then move the clock.
"""

import bisect
import itertools

from . import state

_seq = itertools.count(1)
TS, SEQ, STREAM, MESSAGE, INGESTED = range(5)


class EventList:
    """Events as (timestamp, sequence, stream, message, ingestion time), by the first two."""

    def __init__(self):
        self._events, self._sorted = [], True
        self._last_ingested = 0

    def extend(self, events):
        if events:
            self._last_ingested = max(self._last_ingested, *(e[INGESTED] for e in events))
            if self._events and events[0] < self._events[-1]:
                self._sorted = False
            self._events.extend(events)

    def all(self):
        """The events that have been ingested by now."""
        if not self._sorted:
            self._events.sort()
            self._sorted = True
        now = state.now_ms()
        if self._last_ingested <= now:
            return self._events
        return [e for e in self._events if e[INGESTED] <= now]

    def keep(self, wanted):
        self._events = [e for e in self._events if wanted(e)]

    def drop_before(self, stamp):
        self.all()
        del self._events[:bisect.bisect_left(self._events, (stamp,))]


def span(rows, start, end):
    """(first, last) indexes of start <= timestamp < end in sorted rows; None is no bound."""
    lo = 0 if start is None else bisect.bisect_left(rows, (start,))
    hi = len(rows) if end is None else bisect.bisect_left(rows, (end,))
    return lo, hi


def group_events(group):
    if not hasattr(group, "local_events"):
        group.local_events = EventList()
    return group.local_events


def stream_events(stream):
    if not hasattr(stream, "local_events"):
        stream.local_events = EventList()
    return stream.local_events


def put(group, stream, events):
    """events: [(timestamp, message, ingestion time)] in order of the first."""
    rows = [(ts, next(_seq), stream.log_stream_name, message, ingested)
            for ts, message, ingested in events]
    group_events(group).extend(rows)
    stream_events(stream).extend(rows)
    stream.stored_bytes += sum(len(e[1].encode()) + 26 for e in events)


def event_id(row):
    return f"{row[TS]:020d}{row[SEQ]:036d}"


def drop_stream(group, name):
    group_events(group).keep(lambda e: e[STREAM] != name)
