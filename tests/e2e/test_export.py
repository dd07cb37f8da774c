"""export: every event of a range is in the bucket once, and recorded. Read back with boto3 and gzip."""

import gzip
import json
import signal
import time

import pytest

from archive_helpers import (BUCKET, D0, DAY, HOUR, PREFIX, REGION, archived, assert_exact, calls,
                             date, day, get, iso, keys, ledger, make_bucket, plain, put, tasks,
                             written)
from clock import moment_ms

G = "/logs/of-the-tests"
RANGE = ("--from", day(0), "--to", day(1))


@pytest.fixture
def export(aws, run):
    """export("--from", …) of the group G, with quick tasks and the bucket there."""
    aws.settings(pending_polls=0, running_polls=0)
    make_bucket(aws)

    def go(*args, group=G, **more):
        return run("export", "--bucket", BUCKET, "--log-group", group, *args, **more)
    go.start = lambda *args, **more: run.start("export", "--bucket", BUCKET, "--log-group", G,
                                               *args, **more)
    return go


def states(result):
    return [w["state"] for w in result.json["windows"]]


# ---- windows ------------------------------------------------------------------------------------

@pytest.mark.parametrize("to", ["inclusive", "exclusive"])
def test_boundaries(aws, export, to):
    """`to` may be meant either way: midnight's event counts once, to the later day."""
    aws.settings(to=to)
    edge = [D0, D0 + 1, D0 + DAY - 1, D0 + DAY, D0 + DAY + 1, D0 + 2 * DAY - 1, D0 + 2 * DAY]
    events = put(aws, G, {"s": [(ms, f"at {ms}") for ms in edge] + [(D0 + DAY, "two\nlines")]})
    r = export("--from", day(0), "--to", day(2), "--output", "json", check=0)
    assert_exact(aws, G, events, D0, D0 + 2 * DAY)
    assert [e["events"] for e in ledger(aws, G)] == [3, 4]
    assert r.json["events"] == 7
    export("--from", day(2), "--to", day(3), check=0)
    assert_exact(aws, G, events)


def test_windows_are_cut_in_utc(aws, export):
    events = put(aws, G, plain(days=2))
    # 03:30+05:30 is 22:00Z of the day before
    export("--from", f"{day(1)}T03:30+05:30", "--to", f"{day(1)}T07:00", env={"TZ": "Asia/Tokyo"},
           check=0)
    assert [(e["from_ms"], e["to_ms"]) for e in ledger(aws, G)] == [
        (D0 + DAY - 2 * HOUR, D0 + DAY), (D0 + DAY, D0 + DAY + 7 * HOUR)]
    assert_exact(aws, G, events, D0 + DAY - 2 * HOUR, D0 + DAY + 7 * HOUR)
    # the rest, around what is there
    r = export("--from", day(0), "--to", day(2), "--output", "json", check=0)
    assert states(r).count("recorded") == 2
    assert_exact(aws, G, events, D0, D0 + 2 * DAY)
    before = calls(aws, "logs:CreateExportTask")
    r = export("--from", day(0), "--to", day(2), check=0)
    assert "nothing left" in r.stdout
    assert calls(aws, "logs:CreateExportTask") == before


def test_shorter_windows(aws, export):
    events = put(aws, G, plain(n=3))
    export(*RANGE, "--window", "6h", check=0)
    assert len(ledger(aws, G)) == 4
    assert {k.split("/dt=")[1].split("/")[1] for k in keys(aws) if "/dt=" in k} == {"hh=00", "hh=18"}
    assert_exact(aws, G, events)
    r = export("--from", day(0), "--to", day(2), "--output", "json", check=0)
    assert states(r) == ["recorded"] * 4 + ["empty"]
    assert_exact(aws, G, events)


def test_a_window_has_one_folder_and_name(aws, export):
    """Whichever run cuts it: one that goes on with another --window finds what the first one began."""
    events = put(aws, G, {"s": [(D0 + 1, "x")]})
    span = ("--from", day(0), "--to", f"{day(0)}T06:00")
    export(*span, "--window", "6h", check=0)
    first, = tasks(aws)
    for key in keys(aws, prefix=f"{PREFIX}/_ledger/"):
        aws.client("s3").delete_object(Bucket=BUCKET, Key=key)
    r = export(*span, "--window", "1d", "--output", "json", check=0)
    assert [w["adopted"] for w in r.json["windows"]] == [True]
    assert tasks(aws) == [first] and first["destinationPrefix"].endswith(f"/dt={day(0)}/hh=00")
    assert_exact(aws, G, events)


@pytest.mark.parametrize("window", ["7h", "2d", "30m", "0", "x"])
def test_bad_window(export, window):
    export(*RANGE, "--window", window).refused(2, "--window")


def test_layout_and_ledger(aws, export):
    put(aws, G, plain())
    export(*RANGE, check=0)
    entry, = ledger(aws, G)
    task, = tasks(aws)
    base = f"{PREFIX}/region={REGION}/group=%2Flogs%2Fof-the-tests/dt={day(0)}"
    assert task["destinationPrefix"] == base and task["from"] == D0 and task["to"] == D0 + DAY
    assert [o["key"] for o in entry["objects"]] == [
        f"{base}/{task['taskId']}/{s}/000000.gz" for s in ("one", "two-three")]
    head = aws.client("s3").head_object(Bucket=BUCKET, Key=entry["objects"][0]["key"])
    assert entry["objects"][0]["etag"] == head["ETag"].strip('"')
    assert entry["account"] == aws.account and entry["region"] == REGION
    assert entry["task_id"] == task["taskId"] and entry["task_name"] == task["taskName"]
    assert entry["schema_version"] == 1 and entry["log_group"] == G
    assert entry["from"] == f"{day(0)}T00:00:00Z" and entry["to_ms"] == D0 + DAY
    assert entry["objects"][0]["first_event_ms"] == D0
    assert entry["objects"][0]["last_event"] == iso(D0 + DAY - 1)
    record = aws.requests("s3:PutObject")
    assert len(record) == 1 and record[0]["headers"]["if-none-match"] == "*"


def test_streams_that_meet(aws, export):
    """a/b and a-b share a folder; one stream has several files, a file several members."""
    aws.settings(file_bytes=600, members=3)
    odd = "2026/11/21/[$LATEST]0123 é 漢 ' \" % + =&?#"
    events = put(aws, G, {
        "a/b": [(D0 + i, f"slash {i} " + "x" * 100) for i in range(20)],
        "a-b": [(D0 + i, f"dash {i} " + "y" * 100) for i in range(20)],
        odd: [(D0 + 5, "odd")]})
    export(*RANGE, check=0)
    assert_exact(aws, G, events)
    folders = {k.split("/")[-2] for k in keys(aws) if k.endswith(".gz")}
    assert folders == {"a-b", odd.replace("/", "-")}
    assert len([k for k in keys(aws) if "/a-b/" in k]) > 6


def test_messages(aws, export):
    """Newlines, control characters, and lines in a message that look like events."""
    events = put(aws, G, {"s": [
        (D0 + 1, "first\n  second\n\n  fourth"), (D0 + 2, "\x1b[31mred\x07 \x00 nul"),
        (D0 + 3, "ends in newlines\n\n"), (D0 + 4, "\n"), (D0 + 5, " "), (D0 + 6, "\r\n\t"),
        (D0 + 7, "2026 is a year"), (D0 + 8, "x" * 300000), (D0 + 8, "twice"), (D0 + 8, "twice")]})
    export(*RANGE, check=0)
    entry, = ledger(aws, G)
    assert entry["events"] == 10
    text = gzip.decompress(get(aws, entry["objects"][0]["key"])).decode()
    assert sorted(text) == sorted("".join(f"{iso(ms)} {m}\n" for ms, m in events["s"]))


@pytest.mark.parametrize("stamp", [iso(D0 - 5), iso(D0 + DAY), iso(D0 + 7), "1970-01-01T00:00:00.000Z"])
def test_a_caller_cannot_stop_the_export(aws, run, export, stamp):
    """Whoever has a body logged may put a line into it that looks like an event of another time."""
    put(aws, G, {"s": [(D0 + 1, f"body:\n{stamp} not an event\nrest\n{stamp} again"),
                       (D0 + 9, "the next")], "t": [(D0 + 2, "harmless")]})
    export(*RANGE, check=0)
    assert len(ledger(aws, G)) == 1
    verify = ("verify", "--bucket", BUCKET, "--log-group", G, *RANGE)
    run(*verify, check=0)
    run(*verify, "--source", check=0)


def test_lines_that_cloudwatch_does_not_have(aws, export):
    """An adopted task's object is not what CloudWatch holds: it goes, and the window is exported anew."""
    put(aws, G, {"s": [(D0 + 1, "x"), (D0 + DAY + 5, "of tomorrow")]})
    export(*RANGE, check=0)
    # as if AWS had written it so, and the run had been killed before it looked
    entry, = ledger(aws, G)
    s3 = aws.client("s3")
    key = entry["objects"][0]["key"]
    s3.put_object(Bucket=BUCKET, Key=key, Body=gzip.compress(
        f"{iso(D0 + 1)} x\n{iso(D0 + 2 * DAY)} foreign\n".encode()))
    s3.delete_object(Bucket=BUCKET, Key=keys(aws, prefix=f"{PREFIX}/_ledger/")[0])
    export(*RANGE, check=0)
    assert key not in keys(aws)
    assert_exact(aws, G, {"s": [(D0 + 1, "x")]})


# ---- nothing there ------------------------------------------------------------------------------

def test_empty_window(aws, export):
    put(aws, G, {"s": [(D0 + 1, "x")]})
    r = export("--from", day(0), "--to", day(2), "--output", "json", check=0)
    assert states(r) == ["exported", "empty"]
    assert [e["state"] for e in ledger(aws, G)] == ["exported", "empty"]
    assert not [k for k in keys(aws) if "write-test" in k]


def test_before_the_group_was_made(aws, export):
    """AWS takes no task that ends before the group began: nothing is asked, and that is recorded."""
    put(aws, G, {"s": [(D0 + 2 * DAY, "x")]})
    r = export("--from", day(0), "--to", day(2), "--output", "json", check=0)
    assert states(r) == ["empty", "empty"]
    assert not calls(aws, "logs:CreateExportTask")
    assert [e["task_id"] for e in ledger(aws, G)] == [None, None]


def test_not_empty_after_all(aws, export):
    """A task that completes without an event, though CloudWatch has some, proves nothing."""
    put(aws, G, {"s": [(D0 + 1, "x")]})
    aws.settings(outcome={"drop_events": 1})
    export(*RANGE).refused(1, "without an event", "CloudWatch holds", "settled")
    assert not keys(aws)
    export(*RANGE, check=0)
    assert_exact(aws, G, {"s": [(D0 + 1, "x")]})


def test_only_the_next_days_event(aws, export):
    """An object with nothing but the event at the excluded end is no sign that all is there."""
    put(aws, G, {"a": [(D0 + DAY, "of the next day")], "b": [(D0 + DAY, "too")]})
    export(*RANGE, check=0)
    assert [e["events"] for e in ledger(aws, G)] == [0]
    put(aws, G, {"a": [(D0 + DAY + 9, "x")]})
    aws.settings(outcome={"drop_events": 3})
    put(aws, G, {"c": [(D0 + 2 * DAY, "of the next")]})
    export("--from", day(1), "--to", day(2)).refused(1, "CloudWatch holds", "stream 'a'")


REFUSED = [{"action": "logs:FilterLogEvents", "kind": "error", "count": 100, "status": 400,
            "code": code, "message": why} for code, why in (
    ("AccessDeniedException", "not authorized to perform: logs:FilterLogEvents"),
    ("InvalidParameterException", "not supported for log groups of this class"))]


@pytest.mark.parametrize("fault", REFUSED, ids=lambda f: f["code"])
def test_empty_where_cloudwatch_cannot_be_asked(aws, export, fault):
    """An empty day neither stops its group nor passes for one that CloudWatch was asked about."""
    events = put(aws, G, {"s": [(D0 + 1, "x"), (D0 + 2 * DAY + 1, "y")]})
    aws.faults(fault)
    r = export("--from", day(0), "--to", day(3), "--output", "json", check=0)
    assert states(r) == ["exported", "empty", "exported"]
    assert r.json["windows"][1]["source"] == "not_asked"
    assert r.stderr.count("cannot be compared") == 1
    entries = ledger(aws, G)
    assert [e.get("source") for e in entries] == ["not_asked"] * 3
    assert entries[1]["task_id"]                # on the word of a task, never on none
    assert_exact(aws, G, events)


def test_events_older_than_their_group(aws, export):
    """CloudWatch takes events of up to 14 days, also in a group that was made today."""
    aws.settings(allow_old_events=False)
    events = put(aws, G, {"s": [(D0 + 1, "older than the group")]})
    group, = aws.client("logs").describe_log_groups()["logGroups"]
    assert group["creationTime"] > D0 + 2 * DAY
    r = export("--from", day(0), "--to", day(2), "--output", "json", check=0)
    assert states(r) == ["exported", "empty"]
    assert calls(aws, "logs:CreateExportTask") == 1
    assert_exact(aws, G, events)


def test_a_folder_that_is_not_a_task(aws, export):
    """Somebody else's folder among those of the tasks: nobody asks AWS about it, and it stays."""
    events = put(aws, G, plain(days=2))
    folder = f"{PREFIX}/region={REGION}/group=%2Flogs%2Fof-the-tests/dt={day(0)}"
    key = f"{folder}/reports/summary.txt"
    aws.client("s3").put_object(Bucket=BUCKET, Key=key, Body=b"keep")
    export(*RANGE, check=0)
    asked = calls(aws, "logs:DescribeExportTasks")
    export("--from", day(1), "--to", day(2), check=0)
    assert calls(aws, "logs:DescribeExportTasks") == 2 * asked
    assert key in keys(aws)
    aws.client("s3").delete_object(Bucket=BUCKET, Key=key)
    assert_exact(aws, G, events)


def record_half_the_day(aws):
    """An entry for the first half, as another run with another window would have left it; its key."""
    entry = {"schema_version": 1, "region": REGION, "log_group": G, "from_ms": D0,
             "to_ms": D0 + DAY // 2, "state": "empty", "destination_prefix": "x", "objects": []}
    key = f"{PREFIX}/_ledger/{REGION}/%2Flogs%2Fof-the-tests/{D0}-{D0 + DAY // 2}.json"
    aws.client("s3").put_object(Bucket=BUCKET, Key=key, Body=json.dumps(entry).encode())
    return key


def test_an_overlap_leaves_the_other_groups_alone(aws, run, export):
    other = "/logs/of-the-tests-2"
    put(aws, G, plain())
    put(aws, other, plain())
    aws.settings(running_seconds=3600)
    p = export.start("--log-group", other, *RANGE)
    wait_for(lambda: tasks(aws))
    record_half_the_day(aws)
    aws.settings(running_seconds=0)
    out, err = p.communicate(timeout=60)
    assert p.returncode == 5 and "another run recorded" in err, err
    assert [e["state"] for e in ledger(aws, other)] == ["exported"]


def test_no_such_group(aws, export):
    put(aws, G, {"s": [(D0 + 1, "x")]})
    export(*RANGE, group=G + "x").refused(3, "does not exist", REGION, f"did you mean '{G}'")
    export(*RANGE, group="/other/*").refused(3, "no log group matches '/other/*'")
    assert not keys(aws)


def test_group_of_a_stage_that_never_logged(aws, run, rest_api, export):
    rest_api()
    r = run("export", "--bucket", BUCKET, "--api", "petstore", "--kind", "execution", *RANGE, check=0)
    assert "nothing was logged yet" in r.stderr
    assert not keys(aws)


# ---- settled ------------------------------------------------------------------------------------

def test_unsettled_windows_are_left(aws, export):
    now = int(time.time() * 1000)
    today = now // DAY * DAY
    events = put(aws, G, {"s": [(today - DAY + 1, "yesterday"), (now - 1000, "just now")]})
    range_ = ("--from", date(today - 2 * DAY), "--to", "now", "--window", "12h", "--settle", "12h")
    r = export(*range_, check=0)
    assert "left for a later run" in r.stderr and "12h" in r.stderr and "unsettled" in r.stdout
    r = export(*range_, "-q", check=0)
    assert r.stdout == r.stderr == ""
    assert_exact(aws, G, events, to_ms=max(e["to_ms"] for e in ledger(aws, G)))
    assert max(e["to_ms"] for e in ledger(aws, G)) <= now - 12 * HOUR + 60000
    r = export("--from", date(today), "--to", iso(now)[:19], "--settle", "0", "--output", "json", check=0)
    assert_exact(aws, G, events)


def test_a_day_settles_at_noon(aws, export, clock):
    clock.set("2028-03-01T11:59:00Z")
    leap_day = moment_ms("2028-02-29T00:00:00Z")
    events = put(aws, G, {"s": [(leap_day, "first"), (leap_day + DAY - 1, "last")]})
    r = export("--from", "yesterday", "--to", "today", check=0)
    assert "left for a later run" in r.stderr and not ledger(aws, G)
    clock.set("2028-03-01T12:00:01Z")
    export("--from", "yesterday", "--to", "today", check=0)
    assert_exact(aws, G, events)
    assert [(e["from_ms"], e["to_ms"]) for e in ledger(aws, G)] == [(leap_day, leap_day + DAY)]


def test_nothing_settled_yet(export, aws):
    put(aws, G, {"s": [(D0 + 1, "x")]})
    r = export("--from", "today", check=0)
    assert "unsettled" in r.stdout and "left for a later run" in r.stderr
    r = export("--from", "today", "-q", "--output", "json", check=0)
    assert [w["state"] for w in r.json["windows"]] == ["unsettled"] and not r.stderr
    assert not keys(aws)


# ---- the slot -----------------------------------------------------------------------------------

def occupy(aws, name="nightly of another team"):
    logs = aws.client("logs")
    put(aws, "/other", {"s": [(D0 + 1, "x")]})
    make_bucket(aws, "bucket-of-others")
    return logs.create_export_task(taskName=name, logGroupName="/other", fromTime=D0, to=D0 + 5,
                                   destination="bucket-of-others")["taskId"]


def test_waits_for_the_slot(aws, export):
    events = put(aws, G, plain())
    aws.settings(pending_seconds=0.7, running_seconds=0.7)
    other = occupy(aws)
    r = export(*RANGE, "-v", check=0)
    assert other in r.stderr and "nightly of another team" in r.stderr and "/other" in r.stderr
    assert_exact(aws, G, events)
    assert len(tasks(aws)) == 2


def test_timeout_at_the_slot(aws, export):
    events = put(aws, G, plain(days=2))
    aws.settings(pending_seconds=3600, running_seconds=3600)
    other = occupy(aws)
    both = ("--from", day(0), "--to", day(2))
    r = export(*both, "--timeout", "1s")
    r.refused(4, "slot", other, "the time is up", "run it again")
    assert not ledger(aws, G)
    aws.settings(pending_seconds=0, running_seconds=0)
    export(*both, check=0)
    assert_exact(aws, G, events)


def test_timeout_while_it_runs(aws, export):
    events = put(aws, G, plain())
    aws.settings(pending_seconds=0, running_seconds=3600)
    export(*RANGE, "--timeout", "1s").refused(4, "RUNNING", "the time is up")
    aws.settings(running_seconds=2)             # it goes on for a while after the next run began
    r = export(*RANGE, "--output", "json", check=0)
    assert [w["adopted"] for w in r.json["windows"]] == [True]
    assert calls(aws, "logs:CreateExportTask") == 1
    assert_exact(aws, G, events)


def test_partly_done(aws, export):
    events = put(aws, G, plain(days=3))
    aws.settings(outcome=[None, {"status": "FAILED", "message": "Internal error.", "after_objects": 1}])
    three = ("--from", day(0), "--to", day(3))
    r = export(*three, "--output", "json")
    assert r.status == 5 and r.error["kind"] == "partial", r
    assert "2 windows were exported, 1 is left" in r.error["message"]
    assert "Internal error" in r.error["message"]
    # the day behind the one that failed is exported all the same
    assert states(r) == ["exported", "failed", "exported"] and r.json["windows"][1]["error"]
    assert [e["from_ms"] for e in ledger(aws, G)] == [D0, D0 + 2 * DAY]
    assert_exact(aws, G, {s: [e for e in l if not D0 + DAY <= e[0] < D0 + 2 * DAY]
                          for s, l in events.items()})
    export(*three, check=0)
    assert_exact(aws, G, events, D0, D0 + 3 * DAY)


@pytest.mark.parametrize("status,word", [("FAILED", "failed"), ("CANCELLED", "cancelled")])
def test_task_that_comes_to_nothing(aws, export, status, word):
    events = put(aws, G, plain())
    aws.settings(outcome={"status": status, "message": "why it did", "after_objects": 1})
    mine = f"{PREFIX}/mine.txt"
    aws.client("s3").put_object(Bucket=BUCKET, Key=mine, Body=b"keep")
    export(*RANGE).refused(3, word, tasks(aws)[0]["taskId"], "why it did", "run it again")
    assert keys(aws) == [mine]                  # its leftovers and the marker went, nothing else
    export(*RANGE, check=0)
    aws.client("s3").delete_object(Bucket=BUCKET, Key=mine)
    assert_exact(aws, G, events)


def test_cancelled_by_another(aws, export):
    events = put(aws, G, plain())
    aws.settings(running_seconds=3600)
    p = export.start(*RANGE)
    wait_for(lambda: tasks(aws))
    aws.client("logs").cancel_export_task(taskId=tasks(aws)[0]["taskId"])
    out, err = p.communicate(timeout=30)
    assert p.returncode == 3 and "cancelled by somebody else" in err, err
    aws.settings(running_seconds=0)
    export(*RANGE, check=0)
    assert_exact(aws, G, events)


def wait_for(condition, seconds=20):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


# ---- killed, interrupted, raced -----------------------------------------------------------------

@pytest.mark.parametrize("number,status", [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_interrupted_while_waiting(aws, export, number, status):
    events = put(aws, G, plain(days=2))
    aws.settings(running_polls=2)
    both = ("--from", day(0), "--to", day(2))
    p = export.start(*both, "--output", "json")
    wait_for(lambda: calls(aws, "s3:PutObject"))        # the first is recorded
    wait_for(lambda: calls(aws, "logs:CreateExportTask") == 2)
    p.send_signal(number)
    out, err = p.communicate(timeout=10)
    assert p.returncode == status, err
    assert json.loads(out)["windows"][0]["state"] == "exported"
    assert json.loads(err)["error"]["kind"] == "interrupted"
    export(*both, check=0)
    assert calls(aws, "logs:CreateExportTask") == 2
    assert_exact(aws, G, events)


def test_lost_reply(aws, export):
    """The task was made, and nobody said so."""
    events = put(aws, G, plain())
    for settings in ({"running_polls": 2}, {"running_polls": 0}):
        aws.settings(**settings)
        aws.faults({"action": "logs:CreateExportTask", "kind": "reset_after"})
        before = len(tasks(aws))
        export(*RANGE, check=0)
        assert len(tasks(aws)) == before + 1
        assert_exact(aws, G, events)
        aws.client("s3").delete_objects(Bucket=BUCKET, Delete={
            "Objects": [{"Key": k} for k in keys(aws)]})


def test_race(aws, export):
    """Two of the same at once."""
    events = put(aws, G, plain(days=3))
    aws.settings(pending_polls=1, running_polls=1)
    two = [export.start("--from", day(0), "--to", day(3)) for _ in range(2)]
    for p in two:
        out, err = p.communicate(timeout=60)
        assert p.returncode == 0, err
    assert_exact(aws, G, events)


def test_race_with_other_windows(aws, export):
    """One cuts days, one hours: whoever is late takes its own away, and nothing is there twice."""
    events = put(aws, G, plain(days=2, n=4))
    aws.settings(pending_seconds=0.1, running_seconds=0.1)
    two = [export.start("--from", day(0), "--to", day(2), "--window", w) for w in ("1d", "12h")]
    for p in two:
        out, err = p.communicate(timeout=60)
        assert p.returncode in (0, 4, 5), err
    export("--from", day(0), "--to", day(2), check=0)
    assert_exact(aws, G, events)


def test_overtaken(aws, export):
    """The day is recorded by another while ours runs."""
    events = put(aws, G, plain())
    aws.settings(running_seconds=3600)
    p = export.start(*RANGE)
    wait_for(lambda: tasks(aws))
    key = record_half_the_day(aws)
    aws.settings(running_seconds=0)
    out, err = p.communicate(timeout=30)
    assert p.returncode == 5 and "another run recorded" in err and "removed again" in err, err
    assert keys(aws) == [key]
    aws.client("s3").delete_object(Bucket=BUCKET, Key=key)
    export(*RANGE, check=0)
    assert_exact(aws, G, events)


def test_recorded_by_another(aws, export):
    """The same window, with a task of its own: the first record holds, and our objects go."""
    events = put(aws, G, plain())
    aws.faults({"action": "logs:DescribeExportTasks", "kind": "delay", "seconds": 1, "skip": 3})
    p = export.start(*RANGE)
    wait_for(lambda: tasks_quietly(aws))
    aws.clear_faults()
    export(*RANGE, check=0)
    out, err = p.communicate(timeout=30)
    assert p.returncode == 0, err
    assert_exact(aws, G, events)


def tasks_quietly(aws):
    return aws.requests("logs:CreateExportTask")


def test_many_old_tasks(aws, export):
    """Pages of other people's tasks."""
    events = put(aws, G, plain())
    make_bucket(aws, "bucket-of-others")
    logs = aws.client("logs")
    for i in range(120):
        logs.create_export_task(taskName="apigw-logs-x", logGroupName=G, fromTime=D0, to=D0 + 5,
                                destination="bucket-of-others")
        logs.describe_export_tasks(limit=1)
    export(*RANGE, check=0)
    assert_exact(aws, G, events)


# ---- dry run, output, selection -----------------------------------------------------------------

def test_dry_run_writes_nothing(aws, export):
    put(aws, G, plain(days=2))
    export(*RANGE, check=0)
    aws.clear_requests()
    r = export("--from", day(0), "--to", day(2), "-n", "--output", "json", check=0)
    assert states(r) == ["recorded", "planned"] and r.json["dry_run"] is True
    assert not [a for a in aws.requests() if a["op"].startswith(("Put", "Create", "Delete"))]
    r = export("--from", day(0), "--to", day(2), "--dry-run", check=0)
    assert "1 window to export, 1 recorded" in r.stdout
    # in the order of time, also before what is recorded
    r = export("--from", day(-1), "--to", day(2), "-n", "--output", "json", check=0)
    assert states(r) == ["planned", "recorded", "planned"]


def test_one_cause_is_told_once(aws, run):
    """A bucket without the policy fails every window in the same words."""
    put(aws, G, plain(days=3))
    aws.client("s3").create_bucket(Bucket="closed-to-exports", CreateBucketConfiguration={
        "LocationConstraint": REGION})
    r = run("export", "--bucket", "closed-to-exports", "--log-group", G, "--from", day(0), "--to", day(3))
    failed = [line for line in r.refused(3, "setup-bucket").stderr.splitlines()
              if line.startswith("failed ")]
    assert len(failed) == 3 and [G in line for line in failed] == [True] * 3
    assert ["same reason" in line for line in failed] == [False, True, True]


def test_json(aws, export):
    put(aws, G, plain())
    d = export(*RANGE, "--output", "json", check=0).json
    assert (d["schema_version"], d["bucket"], d["prefix"], d["region"]) == (1, BUCKET, PREFIX, REGION)
    assert (d["from"], d["from_ms"], d["to_ms"]) == (f"{day(0)}T00:00:00Z", D0, D0 + DAY)
    w, = d["windows"]
    entry, = ledger(aws, G)
    for name in ("log_group", "from", "to", "from_ms", "to_ms", "task_id", "events", "size", "bytes"):
        assert w[name] == entry[name], name
    assert w["objects"] == len(entry["objects"]) and w["adopted"] is False
    assert d["events"] == entry["events"] and d["size"] == entry["size"]
    r = export("--from", "x", "--output", "json")
    assert r.status == 2 and not r.stdout and r.error["kind"] == "usage"
    r = export(*RANGE, group="/none", *("--output", "json"))
    assert r.status == 3 and r.error["kind"] == "refused"
    assert r.json["windows"][0]["state"] == "failed"


def test_terminal_is_safe(aws, export):
    """Texts from AWS do not reach the terminal as they are."""
    put(aws, G, plain())
    aws.settings(outcome={"status": "FAILED", "message": "\x1b]0;owned\x07 \x9b31m"})
    r = export(*RANGE)
    assert r.status == 3 and "owned" in r.stderr
    assert not set(r.stderr + r.stdout) & set("\x1b\x07\x9b")


def logging_api(aws, rest_api, name, *stages, access=None):
    api = rest_api(name, *stages)
    gw = aws.client("apigateway")
    iam = aws.client("iam", region="us-east-1")
    if "cloudwatchRoleArn" not in gw.get_account():
        role = iam.create_role(RoleName="cw", AssumeRolePolicyDocument=json.dumps(
            {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
             "Principal": {"Service": "apigateway.amazonaws.com"}}]}))["Role"]["Arn"]
        iam.attach_role_policy(RoleName="cw", PolicyArn="arn:aws:iam::aws:policy/service-role/"
                               "AmazonAPIGatewayPushToCloudWatchLogs")
        gw.update_account(patchOperations=[
            {"op": "replace", "path": "/cloudwatchRoleArn", "value": role}])
    for stage in stages if access else ():
        put(aws, access.format(stage), {})
        gw.update_stage(restApiId=api, stageName=stage, patchOperations=[
            {"op": "replace", "path": "/accessLogSettings/destinationArn",
             "value": f"arn:aws:logs:{REGION}:{aws.account}:log-group:{access.format(stage)}"},
            {"op": "replace", "path": "/accessLogSettings/format", "value": "$context.requestId"}])
    return api


def test_selection_by_api(aws, run, rest_api, export):
    api = logging_api(aws, rest_api, "pets", "prod", "dev-1", "dev-2", access="/access/{}")
    groups = {}
    for stage in ("prod", "dev-1", "dev-2"):
        for kind, g in (("execution", f"API-Gateway-Execution-Logs_{api}/{stage}"),
                        ("access", f"/access/{stage}")):
            groups[stage, kind] = (g, put(aws, g, {"s": [(D0 + 1, f"{stage} {kind}")]}))

    def go(*args):
        r = run("export", "--bucket", BUCKET, *args, *RANGE, "--output", "json", check=0)
        return sorted((w["stage"], w["kind"]) for w in r.json["windows"])
    assert go("--api", "p?ts", "--stage", "dev-*", "--kind", "access") == [
        ("dev-1", "access"), ("dev-2", "access")]
    assert go("--api", api, "--stage", "prod") == [("prod", "access"), ("prod", "execution")]
    go("--all-apis")
    for (stage, kind), (g, events) in groups.items():
        entry, = ledger(aws, g)
        assert (entry["api_id"], entry["stage"], entry["kind"]) == (api, stage, kind)
        assert entry["destination_prefix"] == (f"{PREFIX}/region={REGION}/api={api}/stage={stage}/"
                                               f"kind={kind}/dt={day(0)}")
        assert_exact(aws, g, events)
    r = run("export", "--bucket", BUCKET, "--log-group", "/access/*", *RANGE, "--output", "json", check=0)
    assert states(r) == ["recorded"] * 3        # by whatever name it is asked for


def test_shared_log_group(aws, run, rest_api, export):
    """Two stages with one access log group: exported once."""
    logging_api(aws, rest_api, "pets", "a", "b", access="/access/all")
    events = put(aws, "/access/all", plain())
    r = run("export", "--bucket", BUCKET, "--api", "pets", "--kind", "access", *RANGE, check=0)
    assert "shares log group '/access/all'" in r.stderr
    assert_exact(aws, "/access/all", events)
    r = run("export", "--bucket", BUCKET, "--log-group", "/access/a*", "--log-group", "/access/all",
            *RANGE, "--output", "json", check=0)
    assert states(r) == ["recorded"]


def test_default_stage(aws, run, export):
    """An HTTP API's $default: in paths, keys and names."""
    v2 = aws.client("apigatewayv2")
    put(aws, "/http/default", {})
    api = v2.create_api(Name="http", ProtocolType="HTTP")["ApiId"]
    v2.create_stage(ApiId=api, StageName="$default", AccessLogSettings={
        "DestinationArn": f"arn:aws:logs:{REGION}:{aws.account}:log-group:/http/default",
        "Format": "$context.requestId"})
    events = put(aws, "/http/default", plain())
    run("export", "--bucket", BUCKET, "--api", "http", "--stage", "$default", *RANGE, check=0)
    assert_exact(aws, "/http/default", events)
    assert any("/stage=$default/kind=access/" in k for k in keys(aws)), keys(aws)
    run("verify", "--bucket", BUCKET, "--api", "http", *RANGE, "--source", check=0)


def test_prefix(aws, export):
    events = put(aws, G, plain())
    export(*RANGE, "--prefix", "a/b c=1/", check=None)
    export(*RANGE, "--prefix", "a/b-c=1/", check=0)
    assert_exact(aws, G, events, prefix="a/b-c=1")
    export(*RANGE, check=0)                     # another prefix is another archive
    assert_exact(aws, G, events)


def test_two_groups_one_broken(aws, run, export):
    """What fails for one group does not keep the other."""
    a, b = put(aws, "/g/a", plain()), put(aws, "/g/b", plain())
    aws.settings(outcome={"status": "FAILED"})
    r = run("export", "--bucket", BUCKET, "--log-group", "/g/*", *RANGE)
    r.refused(5, "1 window was exported, 1 is left")
    assert_exact(aws, "/g/b", b)
    run("export", "--bucket", BUCKET, "--log-group", "/g/*", *RANGE, check=0)
    assert_exact(aws, "/g/a", a)


def test_session_without_a_bucket_policy(aws, run):
    aws.settings(pending_polls=0, running_polls=0)
    make_bucket(aws, policy=False)
    put(aws, G, plain())
    for code in ("InvalidParameterException", "AccessDeniedException"):
        aws.settings(export_acl_error=code)
        run("export", "--bucket", BUCKET, "--log-group", G, *RANGE).refused(
            3, "GetBucketAcl", f"apigw-logs setup-bucket --bucket {BUCKET}")
    assert not keys(aws)
