"""A week of daily exports under each reading of AWS: nothing is lost, nothing counted twice, and no
window stops the others. See readings_helpers.py; read back with boto3 and gzip."""

import gzip
import time

import pytest

from archive_helpers import BUCKET, DAY, HOUR, date, get, iso, keys, ledger, make_bucket, tasks
from readings_helpers import (DAYS, GROUP, READINGS, W0, Event, assert_archived_once, belonging,
                              found, lay_down, lines, mixed, move_clock)

EACH = pytest.mark.parametrize("window_by,to", READINGS, ids=["-".join(r) for r in READINGS])


@pytest.fixture
def week(aws, run):
    """week(window_by, to, events) writes the events; week.day(n) runs the export of the n-th evening,
    once that day has settled."""
    aws.settings(pending_polls=0, running_polls=0, check_skew=False)
    make_bucket(aws)

    def command(n, later=0):
        move_clock(aws, W0 + (n + 1) * DAY + 13 * HOUR + later)
        return ("export", "--bucket", BUCKET, "--log-group", GROUP, "--from", date(W0), "--to",
                date(W0 + (n + 1) * DAY))

    def begin(window_by, to, events):
        aws.settings(window_by=window_by, to=to)
        lay_down(aws, events)
        return begin
    begin.day = lambda n, *args, later=0, **more: run(*command(n, later), *args, **more)
    begin.start = lambda n: run.start(*command(n))
    return begin


@EACH
def test_a_week(aws, week, window_by, to):
    """Late events arrive within the settling time."""
    events = mixed(late=(1,))
    week(window_by, to, events)
    for n in range(DAYS):
        week.day(n, check=0)
    assert_archived_once(aws, events, window_by, to, W0, W0 + DAYS * DAY)



@EACH
def test_what_is_learned(aws, week, run, window_by, to):
    """One busy midnight tells; the entries say so, and verify finds all of it where AWS put it."""
    events = mixed(late=(1,))
    week(window_by, to, events)
    learned = []
    for n in range(3):
        r = week.day(n, "--output", "json", check=0)
        learned.append([(w["window_by"], w["to_included"]) for w in r.json["windows"]
                        if w["state"] != "recorded"])
    assert learned[1] == learned[2] == [(window_by, to == "inclusive")]
    entry = ledger(aws, GROUP)[1]
    assert (entry["window_by"], entry["to_included"]) == (window_by, to == "inclusive")
    mine = belonging(events, window_by, W0 + DAY, W0 + 2 * DAY)
    assert entry.get("late", 0) == sum(e.stamp < W0 + DAY for e in mine)
    assert entry.get("early", 0) == sum(e.stamp >= W0 + 2 * DAY for e in mine)
    verify = ("verify", "--bucket", BUCKET, "--log-group", GROUP, "--from", date(W0), "--to",
              date(W0 + 3 * DAY))
    run(*verify, check=0)
    run(*verify, "--source", check=0)


@EACH
def test_a_day_that_came_a_day_later(aws, week, window_by, to):
    """By ingestion, the day itself is empty, and says that its events are elsewhere."""
    late = [Event("s", W0 + 12 * HOUR + i, f"late {i}", W0 + 36 * HOUR + i) for i in range(3)]
    events = late + [Event("s", W0 + 37 * HOUR, "in time", W0 + 37 * HOUR + 1500)]
    week(window_by, to, events)
    for n in range(2):
        week.day(n, check=0)
    first, second = ledger(aws, GROUP)
    if window_by == "ingestion":
        assert first["state"] == "empty" and "window_by" not in first
        assert second["events"] == 4 and second["late"] == 3 and second["window_by"] == "ingestion"
    else:
        assert first["events"] == 3 and second["events"] == 1 and first["window_by"] == "event"


def after_a_kill(aws, week, between):
    """The first day's task completes; the run is killed before it records; then the next run."""
    aws.faults({"action": "s3:PutObject", "kind": "stall", "key": "_ledger"})
    process = week.start(0)
    while not aws.faults()[0]["hits"]:
        time.sleep(0.01)
    process.kill()
    process.communicate()
    aws.clear_faults()
    between()
    return week.day(0, later=HOUR, check=0)


@EACH
def test_late_events_and_embedded_stamps(aws, week, window_by, to):
    """A caller's line of another time, and an event that came after the task: neither stops the day."""
    body = "a body\n2020-01-01T00:00:00.000Z an old line\n" + iso(W0 + 5 * DAY) + " a new one"
    events = [Event("s", W0 + HOUR, body, W0 + HOUR + 1500)]
    week(window_by, to, events)
    late = Event("s", W0 + 2 * HOUR, "late", W0 + DAY + 27 * HOUR // 2)
    after_a_kill(aws, week, lambda: aws.ingest(GROUP, "s", [late[1:]]))
    entry, = ledger(aws, GROUP)
    text, = (gzip.decompress(get(aws, o["key"])).decode() for o in entry["objects"])
    assert text == f"{iso(events[0].stamp)} {body}\n"
    assert entry["source"] == "events" and "late" not in entry and "early" not in entry
    assert entry["missed"] == 1


@EACH
def test_an_adopted_task_that_lost_objects(aws, week, window_by, to):
    """If some objects of a finished task were removed, that is noticed and the day is exported again."""
    events = [Event(s, W0 + HOUR + i, f"event {i}", W0 + HOUR + i) for s in "abc" for i in range(3)]
    week(window_by, to, events)

    def lose():
        some = [k for k in keys(aws) if k.endswith(".gz")][:2]
        for k in some:
            aws.client("s3").delete_object(Bucket=BUCKET, Key=k)
    after_a_kill(aws, week, lose)
    assert_archived_once(aws, events, window_by, to, W0, W0 + DAY)
    assert len(tasks(aws)) == 2


@EACH
def test_redo(aws, week, window_by, to):
    """A day that lost an object has the same events when it is exported again."""
    events = mixed(late=(1,))
    week(window_by, to, events)
    for n in range(3):
        week.day(n, check=0)
    entry = ledger(aws, GROUP)[1]
    aws.client("s3").delete_object(Bucket=BUCKET, Key=entry["objects"][0]["key"])
    week.day(2, "--redo", check=0)
    again = ledger(aws, GROUP)[1]
    assert again["task_id"] != entry["task_id"] and again["events"] == entry["events"]
    assert_archived_once(aws, events, window_by, to, W0, W0 + 3 * DAY)


@pytest.mark.parametrize("outcome", [{"drop_events": 2}, {"duplicate_events": 2},
                                     {"drop_events": 1, "duplicate_events": 1}], ids=str)
@EACH
def test_a_completed_task_that_is_wrong(aws, week, outcome, window_by, to):
    """Lost or duplicated lines fail the day but not the next one, and the next run repairs it."""
    events = [Event("s", W0 + d * DAY + HOUR + i, f"{d} {i}", W0 + d * DAY + HOUR + i)
              for d in range(2) for i in range(5)]
    week(window_by, to, events)
    aws.settings(outcome=outcome)
    r = week.day(1, "--output", "json")
    assert r.status == 5 and [w["state"] for w in r.json["windows"]] == ["failed", "exported"]
    assert "differ from what CloudWatch holds: stream 's'" in r.json["windows"][0]["error"]
    assert len([k for k in keys(aws) if k.endswith(".gz")]) == 1
    week.day(1, check=0)
    assert_archived_once(aws, events, window_by, to, W0, W0 + 2 * DAY)


def test_objects_that_another_run_has_recorded_stay(aws, week):
    """Two runs share a task. The slower one sees an event more in CloudWatch, and must not remove
    what the quicker one has recorded."""
    events = [Event("s", W0 + HOUR + i, f"event {i}", W0 + HOUR + i) for i in range(3)]
    week("event", "inclusive", events)
    aws.faults({"action": "logs:FilterLogEvents", "kind": "delay", "seconds": 8})
    slow = week.start(0)
    while not aws.faults()[0]["hits"]:
        time.sleep(0.01)
    week.day(0, check=0)
    aws.ingest(GROUP, "s", [(W0 + 2 * HOUR, "one more", W0 + 2 * HOUR)])
    slow.communicate()
    assert slow.returncode == 0
    assert lines(events) == found(aws) and len(ledger(aws, GROUP)) == 1


def test_nothing_is_removed_that_cloudwatch_may_have_lost(aws, week):
    """The stream was deleted since the task ran: the objects are all that there is."""
    events = [Event("s", W0 + HOUR + i, f"event {i}", W0 + HOUR + i) for i in range(3)]
    week("event", "inclusive", events)

    after_a_kill(aws, week, lambda: aws.client("logs").delete_log_stream(
        logGroupName=GROUP, logStreamName="s"))
    entry, = ledger(aws, GROUP)
    assert entry["source"] == "not_asked" and lines(events) == found(aws)


def test_what_the_bucket_lacks_is_lost_near_retention_too(aws, week):
    """CloudWatch may have expired some of the window meanwhile: that explains what it lacks, and not
    that it has events that the bucket has not."""
    events = [Event("s", W0 + 20 * HOUR + i, f"event {i}", W0 + 20 * HOUR + i) for i in range(5)]
    week("event", "inclusive", events)
    aws.client("logs").put_retention_policy(logGroupName=GROUP, retentionInDays=3)
    aws.settings(outcome={"drop_events": 2})
    r = week.day(0, later=12 * HOUR)
    r.refused(1, "differ from what CloudWatch holds", "nothing is removed")
    assert not ledger(aws, GROUP) and [k for k in keys(aws) if k.endswith(".gz")]


@EACH
def test_an_event_at_the_end_with_an_embedded_stamp(aws, week, run, window_by, to):
    """Its line of the window before it is not an event of that window."""
    edge = W0 + HOUR
    events = [Event("s", edge - 5, "before", edge - 5),
              Event("s", edge, f"at the end\n{iso(edge - 1)} looks before\nrest", edge)]
    week(window_by, to, events)
    move_clock(aws, W0 + DAY + 13 * HOUR)
    common = ("--bucket", BUCKET, "--log-group", GROUP, "--from", date(W0), "--to", iso(W0 + 2 * HOUR))
    run("export", *common, "--window", "1h", check=0)
    run("verify", *common, "--source", check=0)
    assert [e.get("to_included") for e in ledger(aws, GROUP)][0] == (to == "inclusive")


# ---- verify ---------------------------------------------------------------------------------------

def verify(run, days, *args, **more):
    return run("verify", "--bucket", BUCKET, "--log-group", GROUP, "--from", date(W0), "--to",
               date(W0 + days * DAY), "--source", *args, **more)


@EACH
def test_verify_reports_what_was_learned(aws, week, run, window_by, to):
    week(window_by, to, mixed(days=2, late=(1,)))
    for n in range(2):
        week.day(n, check=0)
    r = verify(run, 2, "--output", "json", check=0)
    assert (r.json["window_by"], r.json["to_included"]) == (window_by, to == "inclusive")
    assert r.json["source_compared"] and sum(w["source_events"] for w in r.json["windows"]) == sum(
        e["events"] for e in ledger(aws, GROUP))
    assert ("time of ingestion" in verify(run, 2, check=0).stdout) == (window_by == "ingestion")


@EACH
def test_in_a_window_that_is_not_exported_yet(aws, week, run, window_by, to):
    """Events of a day that are exported with the next one are not reported as lost before that."""
    late = [Event("s", W0 + DAY - 100 + i, f"near midnight {i}", W0 + DAY + 1400 + i) for i in range(3)]
    week(window_by, to, late + [Event("s", W0 + HOUR, "one", W0 + HOUR)])
    week.day(0, check=0)
    r = verify(run, 1, "--output", "json", check=0)
    assert r.json["events_elsewhere"] == (3 if window_by == "ingestion" else 0)
    assert r.stderr.count("3 events") == (window_by == "ingestion")
    week.day(1, check=0)
    r = verify(run, 2, "--output", "json", check=0)
    assert r.json["events_elsewhere"] == 0 and "not exported yet" not in r.stderr
    assert sum(w["source_events"] for w in r.json["windows"]) == 4


def test_absent_from_both_windows(aws, week, run):
    """By ingestion they might be in the next day; they are not, so they are lost."""
    late = [Event("s", W0 + DAY - 100 + i, f"near midnight {i}", W0 + DAY + 1400 + i) for i in range(3)]
    rest = [Event("s", W0 + HOUR + d * DAY, f"day {d}", W0 + HOUR + d * DAY) for d in range(2)]
    week("event", "inclusive", rest)
    for n in range(2):
        week.day(n, check=0)
    aws.ingest(GROUP, "s", [e[1:] for e in late])
    r = verify(run, 2, "--output", "json")
    p, = r.json["problems"]
    assert r.status == 1 and p["problem"] == "source_differs" and "3 events" in p["message"]


def test_a_group_that_was_created_again(aws, week, run):
    """What CloudWatch no longer has is not a problem of the bucket."""
    week("event", "inclusive", mixed(days=1, late=()))
    week.day(0, check=0)
    logs = aws.client("logs")
    logs.delete_log_group(logGroupName=GROUP)
    logs.create_log_group(logGroupName=GROUP)
    r = verify(run, 1, "--output", "json", check=0)
    assert r.json["source_compared"] is False and r.stderr.count("created again") == 1


def test_a_retention_that_was_raised(aws, week, run):
    """Events that a shorter retention has deleted are not a problem of the bucket either."""
    week("event", "inclusive", mixed(days=2, late=()))
    for n in range(2):
        week.day(n, check=0)
    logs = aws.client("logs")
    logs.put_retention_policy(logGroupName=GROUP, retentionInDays=1)
    move_clock(aws, W0 + 2 * DAY + 13 * HOUR)
    logs.filter_log_events(logGroupName=GROUP)      # what is past its retention goes by now
    logs.put_retention_policy(logGroupName=GROUP, retentionInDays=365)
    r = verify(run, 2, "--output", "json")
    assert r.status == 0 and not r.json["problems"], [p["message"] for p in r.json["problems"]]
    assert r.json["source_compared"] is False


@EACH
def test_two_runs_at_once(aws, week, window_by, to):
    """With the same windows: one task each, and each event once."""
    events = mixed(days=3, late=(1,))
    week(window_by, to, events)
    week.day(0, check=0)
    for p in [week.start(2) for _ in range(2)]:
        assert p.wait(60) == 0, p.communicate()
    assert_archived_once(aws, events, window_by, to, W0, W0 + 3 * DAY)


def test_a_stream_that_was_deleted(aws, week, run):
    week("event", "inclusive", mixed(days=1, late=()))
    week.day(0, check=0)
    aws.client("logs").delete_log_stream(logGroupName=GROUP, logStreamName="edge")
    r = verify(run, 1, "--output", "json", check=0)
    assert r.json["source_compared"] is False and "'edge'" in r.stderr
    aws.ingest(GROUP, "ahead", [(W0 + 5, "more", W0 + 6)])
    r = verify(run, 1, "--output", "json")
    assert r.status == 1 and [p["problem"] for p in r.json["problems"]] == ["source_differs"]
