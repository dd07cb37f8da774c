"""The events of a log group, kept sorted so that a page costs a bisection.

moto sorts every event of the group for each page of FilterLogEvents.
"""

import bisect
import itertools

_seq = itertools.count(1)
TS, SEQ, STREAM, MESSAGE, INGESTED = range(5)


class EventList:
    """Events as (timestamp, sequence, stream, message, ingestion time), by the first two."""

    def __init__(self):
        self._events, self._sorted = [], True

    def extend(self, events):
        if events:
            if self._events and events[0] < self._events[-1]:
                self._sorted = False
            self._events.extend(events)

    def all(self):
        if not self._sorted:
            self._events.sort()
            self._sorted = True
        return self._events

    def range(self, start, end):
        """(first, last) indexes of start <= timestamp < end; None is no bound."""
        events = self.all()
        lo = 0 if start is None else bisect.bisect_left(events, (start,))
        hi = len(events) if end is None else bisect.bisect_left(events, (end,))
        return lo, hi

    def __len__(self):
        return len(self._events)


def group_events(group):
    if not hasattr(group, "local_events"):
        group.local_events = EventList()
    return group.local_events


def stream_events(stream):
    if not hasattr(stream, "local_events"):
        stream.local_events = EventList()
    return stream.local_events


def put(group, stream, events, ingested):
    """events: [(timestamp, message)] in order."""
    rows = [(ts, next(_seq), stream.log_stream_name, message, ingested) for ts, message in events]
    group_events(group).extend(rows)
    stream_events(stream).extend(rows)
    stream.stored_bytes += sum(len(m.encode()) + 26 for _, m in events)


def event_id(row):
    return f"{row[TS]:020d}{row[SEQ]:036d}"


def drop_stream(group, name):
    kept = [e for e in group_events(group).all() if e[STREAM] != name]
    group.local_events = EventList()
    group.local_events.extend(kept)
