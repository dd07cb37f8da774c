"""CloudWatch Logs: putting, filtering and reading events, fast enough for 100,000 of them."""

import bisect
import datetime
import re

from . import logstore, retention, state
from .logs import (check_range, constraint, find_group, find_stream, invalid, token, untoken)
from .overlays import instead
from .wire import json_response

DAY = 86400000


@instead("logs", "PutLogEvents")
def put_log_events(req):
    p = req.params
    group = find_group(req)
    stream = find_stream(group, p.get("logStreamName"))
    events = p.get("logEvents") or []
    if not 1 <= len(events) <= 10000:
        raise constraint(len(events), "logEvents",
                         "Member must have length less than or equal to 10000")
    size, previous = 0, None
    for event in events:
        if not event.get("message"):
            raise constraint("", "logEvents.member.message",
                             "Member must have length greater than or equal to 1")
        size += len(event["message"].encode()) + 26
        if previous is not None and event["timestamp"] < previous:
            raise invalid("Log events in a single PutLogEvents request must be in chronological "
                          "order.")
        previous = event["timestamp"]
    if size > 1048576:
        raise invalid(f"Upload too large: {size} bytes exceeds limit of 1048576")
    if events[-1]["timestamp"] - events[0]["timestamp"] > DAY:
        raise invalid("The batch of log events in a single PutLogEvents request cannot span more "
                      "than 24 hours.")
    now = state.now_ms()
    oldest = 0 if state.settings["allow_old_events"] else now - 14 * DAY
    # nor "from earlier than the retention period of the log group"
    days, _ = retention.effective(group)
    end_of_life = now - days * DAY if days and oldest else 0
    rejected = {}
    old = [i for i, e in enumerate(events) if e["timestamp"] < oldest]
    new = [i for i, e in enumerate(events) if e["timestamp"] > now + 7200000]
    if expired := [i for i, e in enumerate(events) if e["timestamp"] < end_of_life]:
        rejected["expiredLogEventEndIndex"] = expired[-1] + 1
    if old:
        rejected["tooOldLogEventEndIndex"] = old[-1] + 1
    if new:
        rejected["tooNewLogEventStartIndex"] = new[0]
    kept = [(e["timestamp"], e["message"], ingestion_time(e["timestamp"], now)) for e in events
            if max(oldest, end_of_life) <= e["timestamp"] <= now + 7200000]
    if kept:
        take(group, stream, kept)
        forward(group, stream, kept)
    out = {"nextSequenceToken": "49039859596193645010149519112158472"}
    if rejected:
        out["rejectedLogEventsInfo"] = rejected
    return json_response(out)


def ingestion_time(stamp, now):
    """The time when the service receives the event, which is before its stamp if the sender's clock is
    ahead. An old event is treated as if it had arrived shortly after its stamp, so that tests can
    write history."""
    delay = state.settings["ingestion_delay_ms"]
    return now if delay is None else min(now, stamp + delay)


def take(group, stream, events):
    """events: [(timestamp, message, ingestion time)] in order of the first."""
    logstore.put(group, stream, events)
    if state.settings["allow_old_events"]:
        backdate(group, stream, events[0][0])


def backdate(group, stream, first):
    """An old event accepted by allow_old_events makes its group as old as itself: otherwise it could not
    be exported, because `to` must be later than the creation of the group."""
    when = datetime.datetime.fromtimestamp(first / 1000, datetime.timezone.utc).replace(tzinfo=None)
    for thing in (group, stream):
        if thing.creation_time > when:
            thing.creation_time = when


def forward(group, stream, kept):
    """Subscription filters see each batch (moto does the delivery)."""
    if group.subscription_filters:
        events = [{"id": f"{i:056d}", "timestamp": ts, "message": m}
                  for i, (ts, m, _) in enumerate(kept)]
        for sub in group.subscription_filters.values():
            stream._send_log_events(service=sub.destination_arn.split(":")[2],
                                    destination_arn=sub.destination_arn,
                                    filter_name=sub.name, log_events=events)


def check_readable(group):
    # "Log classes": Infrequent Access has neither GetLogEvents nor FilterLogEvents
    if getattr(group, "local_class", "STANDARD") != "STANDARD":
        raise invalid("The operation is not supported for log groups of class "
                      f"{group.local_class}.")


@instead("logs", "FilterLogEvents")
def filter_log_events(req):
    p = req.params
    group = find_group(req)
    check_readable(group)
    check_range(p, "limit", 1, 10000)
    names, prefix = p.get("logStreamNames"), p.get("logStreamNamePrefix")
    if names and prefix:
        raise invalid("LogStreamNames and LogStreamNamePrefix are mutually exclusive parameters.")
    if names is not None and not 1 <= len(names) <= 100:
        raise constraint(len(names), "logStreamNames",
                         "Member must have length less than or equal to 100")
    for name in names or ():
        find_stream(group, name)
    names = set(names) if names else None
    start, end = p.get("startTime"), p.get("endTime")
    if start is not None and end is not None and start > end:
        raise invalid("startTime must not be after endTime")
    # both ends are inclusive: "events with a timestamp later than this time are not returned"
    rows = logstore.group_events(group).all()
    lo, hi = logstore.span(rows, start, None if end is None else end + 1)
    if p.get("nextToken"):
        mark = untoken(p["nextToken"])
        lo = bisect.bisect_right(rows, tuple(mark) + ("\U0010ffff",))
    elif state.settings["empty_pages"]:
        # a page may be empty and still be followed by another
        first = rows[lo] if lo < hi else (start or 0, 0)
        return json_response({"events": [], "searchedLogStreams": [],
                              "nextToken": token([first[0], first[1] - 1])})
    match = matcher(p.get("filterPattern"))
    limit = min(p.get("limit") or 10000, state.settings["page_events"])
    out, size, i = [], 0, lo
    while i < hi and len(out) < limit:
        row = rows[i]
        name = row[logstore.STREAM]
        if ((names is None or name in names) and (prefix is None or name.startswith(prefix)) and
                (match is None or match(row[logstore.MESSAGE]))):
            size += len(row[logstore.MESSAGE].encode()) + 26
            if size > state.settings["page_bytes"] and out:
                break
            out.append({"logStreamName": name, "timestamp": row[0],
                        "message": row[logstore.MESSAGE],
                        "ingestionTime": row[logstore.INGESTED],
                        "eventId": logstore.event_id(row)})
        i += 1
    reply = {"events": out, "searchedLogStreams": []}
    if i < hi:
        reply["nextToken"] = token([rows[i - 1][0], rows[i - 1][1]])
    return json_response(reply)


def matcher(pattern):
    if not pattern:
        return None
    from moto.logs.utils import EventMessageFilter
    return EventMessageFilter(pattern).matches


@instead("logs", "GetLogEvents")
def get_log_events(req):
    p = req.params
    group = find_group(req)
    check_readable(group)
    stream = find_stream(group, p.get("logStreamName"))
    check_range(p, "limit", 1, 10000)
    rows = logstore.stream_events(stream).all()
    # end exclusive, unlike FilterLogEvents (GetLogEvents, API reference)
    lo, hi = logstore.span(rows, p.get("startTime"), p.get("endTime"))
    limit = p.get("limit") or 10000
    if p.get("nextToken"):
        m = re.match(r"^([fb])/(\d+)/s$", p["nextToken"])
        if not m:
            raise invalid("The specified nextToken is invalid.")
        mark = int(m[2])
        if m[1] == "f":
            first, last = mark, min(mark + limit, hi)
        else:
            first, last = max(lo, mark - limit), mark
    elif p.get("startFromHead"):
        first, last = lo, min(lo + limit, hi)
    else:
        first, last = max(lo, hi - limit), hi
    size = 0
    for i in range(first, last):
        size += len(rows[i][logstore.MESSAGE].encode()) + 26
        if size > state.settings["page_bytes"] and i > first:
            last = i
            break
    out = [{"timestamp": r[0], "message": r[logstore.MESSAGE],
            "ingestionTime": r[logstore.INGESTED]} for r in rows[first:last]]
    return json_response({"events": out, "nextForwardToken": f"f/{last:056d}/s",
                          "nextBackwardToken": f"b/{first:056d}/s"})


def install():
    """moto's own readers of stream.events (live tail) see our events."""
    from moto.logs.models import LogEvent, LogStream

    def events(self):
        out = []
        for row in logstore.stream_events(self).all():
            event = LogEvent(row[logstore.INGESTED],
                             {"timestamp": row[0], "message": row[logstore.MESSAGE]})
            event.event_id = logstore.event_id(row)
            out.append(event)
        return out

    LogStream.events = property(events, lambda self, value: None)
