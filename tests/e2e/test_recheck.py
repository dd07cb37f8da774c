"""export --recheck: events that came after their window was exported, by up to 14 days.

What is in the bucket is read back with boto3 and gzip; see readings_helpers.py.
"""

import signal
import time

import pytest

from archive_helpers import BUCKET, DAY, HOUR, PREFIX, calls, date, keys, ledger, make_bucket, tasks
from readings_helpers import (GROUP, READINGS, W0, Event, assert_archived_once, belonging, found,
                              lay_down, lines, move_clock)

EACH = pytest.mark.parametrize("window_by,to", READINGS, ids=["-".join(r) for r in READINGS])
N = 3
IN_TIME = [Event(s, W0 + d * DAY + HOUR + i, f"day {d}, {i}", W0 + d * DAY + HOUR + i)
           for d in range(N) for i in range(3) for s in ("a", "b/c")]
LATE = [Event("a", W0 + 2 * HOUR, "late in the first day", W0 + N * DAY + 14 * HOUR),
        Event("new", W0 + 3 * HOUR, "late and in a new stream", W0 + N * DAY + 14 * HOUR),
        Event("a", W0 + DAY, "late and at midnight", W0 + N * DAY + 14 * HOUR)]


def replaced(aws):
    return [k for k in keys(aws) if "/_replaced/" in k]


def gz(aws):
    return [k for k in keys(aws) if k.endswith(".gz")]


@pytest.fixture
def late(aws, run):
    """late(days, window_by, to) exports these days, and then LATE arrives; late.recheck() is the next
    run over the same days."""
    aws.settings(pending_polls=0, running_polls=0, check_skew=False)
    make_bucket(aws)
    place = ("export", "--bucket", BUCKET, "--log-group", GROUP)

    def begin(days=1, window_by="event", to="inclusive", args=()):
        begin.days, begin.to = days, to
        begin.dates = ("--from", date(W0), "--to", date(W0 + days * DAY))
        aws.settings(window_by=window_by, to=to)
        lay_down(aws, IN_TIME)
        move_clock(aws, W0 + N * DAY + 13 * HOUR)
        run(*place, *begin.dates, *args, check=0)
        logs = aws.client("logs")
        logs.create_log_stream(logGroupName=GROUP, logStreamName="new")
        for e in LATE:
            aws.ingest(GROUP, e.stream, [e[1:]])
        move_clock(aws, W0 + N * DAY + 15 * HOUR)
    begin.recheck = lambda *args, age="14d", dates=None, **more: run(
        *place, *(begin.dates if dates is None else dates), "--recheck", age, *args, **more)
    begin.start = lambda *args: run.start(*place, *begin.dates, "--recheck", "14d", *args)
    begin.verify = lambda *args, **more: run("verify", *place[1:], *begin.dates, *args, **more)
    return begin


def assert_supplemented(aws, late):
    assert_archived_once(aws, IN_TIME + LATE, "event", late.to, W0, W0 + late.days * DAY)


def assert_nothing_lost(aws, late):
    assert not lines(belonging(IN_TIME, "event", W0, W0 + late.days * DAY)) - found(aws)


@EACH
def test_late_events(aws, late, window_by, to):
    """By event time they become a supplement; by ingestion they are in the window in which they came."""
    late(N, window_by, to)
    before = ledger(aws, GROUP)
    r = late.recheck("--output", "json", check=0)
    windows = r.json["windows"]
    assert all(w["rechecked"] for w in windows)
    if window_by == "ingestion":
        assert found(aws) == lines(IN_TIME)
        assert [w.get("supplement", 0) for w in windows] == [0] * N
        late.recheck(check=0)
    else:
        assert [(w["state"], w.get("supplement")) for w in windows] == [
            ("exported", 2), ("exported", 1), ("recorded", None)]
        assert windows[0]["replaces"] == before[0]["task_id"]
        entry = ledger(aws, GROUP)[0]
        assert (entry["replaces"], entry["supplement"]) == (before[0]["task_id"], 2)
        assert_supplemented(aws, late)
        assert len(replaced(aws)) == 2
    late.verify("--source", check=0)
    n = len(tasks(aws))
    r = late.recheck(check=0)
    assert "nothing left" in r.stdout and len(tasks(aws)) == n


@pytest.mark.parametrize("how", ["events", "counts"])
def test_how_it_asks(aws, late, how):
    late()
    aws.clear_requests()
    late.recheck("--source", how, check=0)
    assert bool(calls(aws, "logs:StartQuery")) == (how == "counts")
    assert_supplemented(aws, late)


def test_events_that_may_not_be_read(aws, late):
    """As in the Infrequent Access class: Logs Insights counts them."""
    late()
    aws.faults({"action": "logs:FilterLogEvents", "kind": "error", "status": 400, "count": 1000,
                "code": "AccessDeniedException", "message": "not authorized"})
    r = late.recheck(check=0)
    assert "charges" in r.stderr
    assert_supplemented(aws, late)


def test_neither_may_be_read(aws, late):
    late()
    for action in ("FilterLogEvents", "StartQuery"):
        aws.faults({"action": f"logs:{action}", "kind": "error", "status": 400, "count": 1000,
                    "code": "AccessDeniedException", "message": "not authorized"})
    r = late.recheck()
    assert r.status == 3 and "late events" in r.stderr, r
    assert_nothing_lost(aws, late)


def test_a_window_that_was_not_compared(aws, late):
    """Only the number of its events is known, and CloudWatch Logs holds more."""
    late(args=("--no-source",))
    late.recheck(check=0)
    assert_supplemented(aws, late)


def test_an_empty_window(aws, run, late):
    """No task was made for it; now there is an event."""
    late()
    day = ("export", "--bucket", BUCKET, "--log-group", "/logs/empty", "--from", date(W0), "--to",
           date(W0 + DAY))
    event = Event("a", W0 + HOUR, "not empty", W0 + N * DAY + 14 * HOUR)
    lay_down(aws, [], "/logs/empty")
    run(*day, check=0)
    assert ledger(aws, "/logs/empty")[0]["state"] == "empty"
    aws.client("logs").create_log_stream(logGroupName="/logs/empty", logStreamName="a")
    aws.ingest("/logs/empty", "a", [event[1:]])
    run(*day, "--recheck", "14d", check=0)
    entry, = ledger(aws, "/logs/empty")
    assert (entry["state"], entry["events"], entry["supplement"]) == ("exported", 1, 1)


def test_dry_run(aws, late):
    late(N)
    before = keys(aws)
    r = late.recheck("--dry-run", "--output", "json", check=0)
    assert [w["state"] for w in r.json["windows"]] == ["planned", "planned", "recorded"]
    assert "2 late events" in r.json["windows"][0]["redone"]
    assert keys(aws) == before and len(tasks(aws)) == N


def test_quiet(aws, late):
    late()
    r = late.recheck("-q", check=0)
    assert not r.stdout and "clock" in r.stderr and len(r.stderr.splitlines()) == 1, r
    assert_supplemented(aws, late)


def test_the_age(aws, late):
    """Only windows that ended so recently, whatever the range is; no more than is late is asked."""
    late(N)
    aws.clear_requests()
    late.recheck(age="2d", check=0)
    assert [e.get("supplement", 0) for e in ledger(aws, GROUP)] == [0, 1, 0]
    late.recheck(age="400d", check=0)
    assert_supplemented(aws, late)


def test_without_a_range(aws, late):
    """With --since-last it works on the recorded windows, and exports what is new."""
    late(N)
    move_clock(aws, W0 + (N + 1) * DAY + 13 * HOUR)
    r = late.recheck("--output", "json", dates=(), check=0)
    assert len(r.json["windows"]) >= N + 1
    assert [e.get("supplement", 0) for e in ledger(aws, GROUP)] == [2, 1, 0, 0]


def test_nothing_can_have_come_since(aws, late):
    """A window that was exported 14 days after its end is complete: nobody is asked."""
    late(N)
    move_clock(aws, W0 + 20 * DAY)
    late.recheck(age="30d", check=0)
    assert_supplemented(aws, late)
    aws.clear_requests()
    late.recheck(age="30d", check=0)
    assert len([r for r in aws.requests("logs:FilterLogEvents")]) == 1     # the third day


def test_retention(aws, late):
    """What another export would lose stays; -q does not silence that late events expire."""
    late(2)
    aws.client("logs").put_retention_policy(logGroupName=GROUP, retentionInDays=3)
    r = late.recheck("-q", check=0)
    assert "warning" in r.stderr and "cannot be added" in r.stderr, r
    assert [e["events"] for e in ledger(aws, GROUP)] == [6, 6] and len(tasks(aws)) == 2
    assert_nothing_lost(aws, late)


def test_a_deleted_stream(aws, late):
    """CloudWatch Logs has fewer events than the archive by now: the earlier objects stay."""
    late()
    aws.client("logs").delete_log_stream(logGroupName=GROUP, logStreamName="b/c")
    r = late.recheck()
    assert r.status == 1 and "fewer events" in r.stderr, r
    assert_nothing_lost(aws, late)


def test_a_task_that_fails(aws, late):
    late()
    aws.settings(outcome={"status": "FAILED", "after_objects": 1})
    r = late.recheck()
    assert r.status == 3 and "failed" in r.stderr
    assert_nothing_lost(aws, late)
    late.recheck(check=0)
    assert_supplemented(aws, late)


def test_a_task_that_loses_events(aws, late):
    """The supplement is verified before anything is replaced."""
    late()
    aws.settings(outcome={"drop_events": 2})
    r = late.recheck()
    assert r.status == 1 and "differ" in r.stderr
    assert_nothing_lost(aws, late)
    late.recheck(check=0)
    assert_supplemented(aws, late)


def test_throttled(aws, late):
    late()
    aws.faults({"action": "logs:*", "kind": "throttle", "count": 2},
               {"action": "s3:*", "kind": "throttle", "count": 2})
    late.recheck(check=0)
    assert_supplemented(aws, late)


def test_objects_that_cannot_be_removed(aws, run, late):
    """The bucket keeps the replaced objects: a warning, and neither damage nor a failure."""
    late()
    aws.faults({"action": "s3:DeleteObject", "key": ".gz", "kind": "error", "status": 403,
                "code": "AccessDenied", "message": "Access Denied", "count": 1000})
    r = late.recheck(check=0)
    assert "still in the bucket" in r.stderr
    r = late.verify("--output", "json", check=0)
    assert r.json["whole"] is True and any("replaced" in n for n in r.json["notes"])
    aws.clear_faults()
    late.recheck(check=0)
    assert_supplemented(aws, late)


def test_a_versioned_bucket(aws, late):
    aws.client("s3").put_bucket_versioning(Bucket=BUCKET,
                                           VersioningConfiguration={"Status": "Enabled"})
    late()
    late.recheck(check=0)
    assert_supplemented(aws, late)
    late.verify(check=0)


def kill(aws, start, fault):
    aws.faults(fault)
    p = start()
    end = time.monotonic() + 60
    while p.poll() is None and not aws.faults()[0]["hits"]:
        assert time.monotonic() < end
        time.sleep(0.005)
    killed = p.poll() is None
    p.send_signal(signal.SIGKILL)
    p.communicate()
    aws.clear_faults()
    return killed


@pytest.mark.parametrize("action,key,skip,kind", [
    ("logs:CreateExportTask", None, 0, "stall"), ("logs:CreateExportTask", None, 0, "stall_after"),
    ("s3:GetObject", ".gz", 0, "stall"), ("s3:PutObject", "_replaced", 0, "stall"),
    ("s3:PutObject", "_ledger", 1, "stall"), ("s3:PutObject", "_ledger", 1, "stall_after"),
    ("s3:DeleteObject", ".gz", 0, "stall"), ("s3:DeleteObject", ".gz", 0, "stall_after"),
    ("s3:DeleteObject", ".gz", 1, "stall_after")])
def test_killed(aws, late, action, key, skip, kind):
    """Wherever the run is killed, no reader of the ledger sees an event twice or not at all, and the
    next run completes it."""
    late()
    fault = {"action": action, "kind": kind, "skip": skip}
    assert kill(aws, late.start, {**fault, "key": key} if key else fault)
    archived = found(aws, complete=False)
    assert archived in (lines(belonging(IN_TIME, "event", W0, W0 + DAY + 1)),
                        lines(belonging(IN_TIME + LATE, "event", W0, W0 + DAY + 1))), archived
    late.recheck(check=0)
    assert_supplemented(aws, late)
    late.verify("--source", check=0)


def test_two_at_once(aws, late):
    """Both see the late events; one entry stands, and each event is there once."""
    late()
    aws.faults({"action": "s3:PutObject", "key": "_replaced", "kind": "delay", "seconds": 2, "count": 1})
    first = late.start()
    while not aws.faults()[0]["hits"]:
        time.sleep(0.005)
    late.recheck(check=0)
    out, err = first.communicate(timeout=60)
    assert first.returncode == 0, err
    late.recheck(check=0)
    assert_supplemented(aws, late)


@pytest.mark.parametrize("args,words", [
    (("--recheck", "soon"), "--recheck"), (("--recheck", "-1d"), "--recheck"),
    (("--recheck", "0d"), "--recheck"), (("--recheck", ""), "--recheck"),
    (("--recheck", "14d", "--no-source"), "cannot be combined"),
    (("--recheck", "14d", "--recheck", "2d"), "--recheck")])
def test_usage(aws, run, args, words):
    run("export", "--bucket", BUCKET, "--log-group", GROUP, *args).refused(2, words)
