"""A week of logs, what its export must contain under each reading of AWS, and what it does contain.

AWS's documents disagree on which events an export task takes: by their time stamp or by the time of
their ingestion, with `to` included or not. The events here are close enough to the boundaries, and late
and early enough, to tell the difference.
"""

import collections
import gzip
import itertools
import time

from archive_helpers import BUCKET, DAY, HOUR, PREFIX, events_of, get, iso, keys, ledger

READINGS = list(itertools.product(("event", "ingestion"), ("inclusive", "exclusive")))
DAYS = 7
W0 = int(time.time() * 1000) // DAY * DAY - (DAYS + 2) * DAY
GROUP = "/logs/of-a-week"

Event = collections.namedtuple("Event", "stream stamp message ingested")


def mixed(days=DAYS, first=W0, late=(1, 3, 14)):
    """Each kind of difficult event on each day; messages are distinct unless that is the difficulty.
    late: events are ingested this many days after their stamps."""
    out = []
    for d in range(days):
        midnight, noon = first + d * DAY, first + d * DAY + 12 * HOUR

        def add(stream, stamp, what, ingested, times=1):
            out.extend([Event(stream, stamp, f"day {d}: {what}", ingested)] * times)
        add("edge", midnight, "stamped at midnight", midnight + 1500)
        add("edge", midnight - 1, "the last millisecond, ingested at midnight", midnight)
        add("edge", midnight + 1, "the first but one", midnight + 1)
        add("edge", midnight, "stamped and ingested at midnight", midnight)
        add("edge", midnight - 200, "just before midnight, ingested after", midnight + 1300)
        add("edge", midnight + DAY - 1, "stamped and ingested in the last millisecond",
            midnight + DAY - 1)
        add("plain/nested", noon, "at noon", noon + 1500)
        add("plain/nested", noon + 1, "two\nlines", noon + 1501)
        add("plain/nested", noon + 2, "twice", noon + 1502, times=2)
        add("ahead", noon + 12 * HOUR + 70 * 60000, "stamped in the next day", noon + 11.5 * HOUR)
        add("ahead", noon + 2 * HOUR, "stamped two hours ahead", noon)
        for n in late:
            add("late", noon - n * DAY - d, f"{n} days late", noon + n)
    return [e._replace(ingested=int(e.ingested), stamp=int(e.stamp)) for e in out]


def lay_down(aws, events, group=GROUP):
    logs = aws.client("logs")
    logs.create_log_group(logGroupName=group)
    for stream in {e.stream for e in events}:
        logs.create_log_stream(logGroupName=group, logStreamName=stream)
        aws.ingest(group, stream, [(e.stamp, e.message, e.ingested) for e in events
                                   if e.stream == stream])


def time_of(event, window_by):
    return event.stamp if window_by == "event" else event.ingested


def belonging(events, window_by, from_ms, to_ms):
    return [e for e in events if from_ms <= time_of(e, window_by) < to_ms]


def move_clock(aws, now_ms):
    """Sets the server's clock; the program's is not changed."""
    aws.clock(now_ms / 1000 - time.time())


def lines(events):
    return collections.Counter((e.stream.replace("/", "-"), iso(e.stamp), e.message) for e in events)


def found(aws, group=GROUP, complete=True):
    """Counter of the events in the objects of the ledger's entries, each object counted once.
    complete: there are no other objects."""
    out, seen = collections.Counter(), set()
    for entry in ledger(aws, group):
        for key in (o["key"] for o in entry["objects"]):
            assert key not in seen, f"{key} is of two windows"
            seen.add(key)
            out.update((key.split("/")[-2], stamp, message) for stamp, message in
                       events_of(gzip.decompress(get(aws, key)).decode()))
    here = {k for k in keys(aws, BUCKET, PREFIX + "/") if "/_ledger/" not in k}
    assert not complete or here == seen, ("objects that no entry has, or that are gone", here ^ seen)
    return out


def assert_archived_once(aws, events, window_by, to, from_ms, to_ms, group=GROUP):
    """Asserts that every event of the windows is in the objects and counted once. An event exactly at
    the end of a window may be in the objects of both windows, if AWS includes `to`."""
    mine = belonging(events, window_by, from_ms, to_ms)
    edges = lines(e for e in events if to == "inclusive" and time_of(e, window_by) % DAY == 0
                  and from_ms < time_of(e, window_by) <= to_ms)
    there = found(aws, group)
    assert not lines(mine) - there, ("lost", lines(mine) - there)
    assert not there - lines(mine) - edges, ("too many", there - lines(mine) - edges)
    entries = ledger(aws, group)
    windows = [(e["from_ms"], e["to_ms"]) for e in entries]
    assert all(a[1] == b[0] for a, b in zip(windows, windows[1:])), windows
    assert (windows[0][0], windows[-1][1]) == (from_ms, to_ms)
    for e in entries:
        # Where nothing tells by what AWS goes, the two may disagree about an event at the end.
        by = [e["window_by"]] if "window_by" in e else ["event", "ingestion"]
        assert window_by in by, e
        assert e["events"] in [len(belonging(events, b, e["from_ms"], e["to_ms"])) for b in by], e
