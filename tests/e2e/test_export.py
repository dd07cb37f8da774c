"""export: every event of a range is in the bucket once, and recorded. Read back with boto3 and gzip."""

import gzip
import random
import time

import pytest

from archive_helpers import (
    BUCKET, D0, DAY, HOUR, PREFIX, REGION, assert_exact, calls, date, day, get, iso, keys,
    ledger, plain, put, tasks)
from clock import moment_ms
from export_helpers import (  # noqa: F401  (export is a fixture)
    G, RANGE, export, record_half_the_day, states, wait_for)


# ---- windows ------------------------------------------------------------------------------------

@pytest.mark.parametrize("to", ["inclusive", "exclusive"])
def test_boundaries(aws, export, to):
    """Whether AWS includes `to` or not, an event at midnight counts once, in the later day."""
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
    # the rest, around what is recorded
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
    """A run that continues with another --window finds the task that an earlier run started."""
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
    head = aws.client("s3").head_object(Bucket=BUCKET, Key=entry["objects"][0]["key"], ChecksumMode="ENABLED")
    assert entry["objects"][0]["etag"] == head["ETag"].strip('"')
    assert entry["objects"][0]["checksum"] == f"CRC64NVME {head['ChecksumCRC64NVME']}"
    assert entry["objects"][0]["encryption"] == head["ServerSideEncryption"] == "AES256"
    assert "kms_key" not in entry["objects"][0]
    assert entry["account"] == aws.account and entry["region"] == REGION
    assert entry["task_id"] == task["taskId"] and entry["task_name"] == task["taskName"]
    assert entry["schema_version"] == 2 and entry["log_group"] == G
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
    """A client whose request body is logged may send lines that look like events of another time."""
    put(aws, G, {"s": [(D0 + 1, f"body:\n{stamp} not an event\nrest\n{stamp} again"),
                       (D0 + 9, "the next")], "t": [(D0 + 2, "harmless")]})
    export(*RANGE, check=0)
    assert len(ledger(aws, G)) == 1
    verify = ("verify", "--bucket", BUCKET, "--log-group", G, *RANGE)
    run(*verify, check=0)
    run(*verify, "--source", check=0)


def test_lines_that_cloudwatch_does_not_have(aws, export):
    """If an adopted task's objects differ from CloudWatch, they are deleted and exported anew."""
    put(aws, G, {"s": [(D0 + 1, "x"), (D0 + DAY + 5, "of tomorrow")]})
    export(*RANGE, check=0)
    # as if AWS had written it like this, and the run had been killed before checking
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
    """AWS refuses tasks that end before the group was created: no task is created, and this is recorded."""
    put(aws, G, {"s": [(D0 + 2 * DAY, "x")]})
    r = export("--from", day(0), "--to", day(2), "--output", "json", check=0)
    assert states(r) == ["empty", "empty"]
    assert not calls(aws, "logs:CreateExportTask")
    assert [e["task_id"] for e in ledger(aws, G)] == [None, None]


def test_not_empty_after_all(aws, export):
    """A task that completes without objects, although CloudWatch has events, is not accepted."""
    put(aws, G, {"s": [(D0 + 1, "x")]})
    aws.settings(outcome={"drop_events": 1})
    export(*RANGE).refused(1, "without an event", "CloudWatch holds", "settled")
    assert not keys(aws)
    export(*RANGE, check=0)
    assert_exact(aws, G, {"s": [(D0 + 1, "x")]})


def test_only_the_next_days_event(aws, export):
    """An object with only the event at the excluded end does not show that the window is empty."""
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
    """An empty day does not stop its group, and is not recorded as if CloudWatch had confirmed it."""
    events = put(aws, G, {"s": [(D0 + 1, "x"), (D0 + 2 * DAY + 1, "y")]})
    aws.faults(fault, {**fault, "action": "logs:StartQuery"})
    r = export("--from", day(0), "--to", day(3), "--output", "json", check=0)
    assert states(r) == ["exported", "empty", "exported"]
    assert r.json["windows"][1]["source"] == "not_asked"
    assert r.stderr.count("cannot be compared") == 1
    entries = ledger(aws, G)
    assert [e.get("source") for e in entries] == ["not_asked"] * 3
    assert entries[1]["task_id"]                # relying on a task, but never without one
    assert_exact(aws, G, events)


# ---- compared by counts ---------------------------------------------------------------------------

def sources(aws):
    return [e["source"] for e in ledger(aws, G)]


def test_counts(aws, export):
    """Logs Insights counts the events of each stream; that it costs something is said once."""
    events = put(aws, G, plain(days=2))
    r = export("--from", day(0), "--to", day(3), "--source", "counts", check=0)
    assert sources(aws) == ["counts"] * 3 and r.stderr.count("AWS charges") == 1
    assert not calls(aws, "logs:FilterLogEvents") and calls(aws, "logs:StartQuery") == 3
    assert_exact(aws, G, events)
    assert "as many as CloudWatch counts" in r.stdout


@pytest.mark.parametrize("outcome", [{"drop_events": 1}, {"duplicate_events": 1}], ids=str)
def test_counts_that_differ(aws, export, outcome):
    """Then the events tell, and they say that the task was wrong."""
    put(aws, G, plain())
    aws.settings(outcome=outcome)
    export(*RANGE, "--source", "counts").refused(1, "differ from what CloudWatch holds")
    assert not keys(aws)


def test_counts_that_differ_for_a_reason(aws, export):
    """A line in a message looks like another event of the window."""
    put(aws, G, {"s": [(D0 + 5, f"one\n{iso(D0 + 6)} and a line")]})
    export(*RANGE, "--source", "counts", check=0)
    assert sources(aws) == ["events"]


@pytest.mark.parametrize("action", ["logs:StartQuery", "logs:GetQueryResults"])
def test_counts_that_cannot_be_had(aws, export, action):
    put(aws, G, plain())
    aws.faults({"action": action, "kind": "error", "count": 9, "status": 400,
                "code": "AccessDeniedException", "message": f"not authorized to perform: {action}"})
    export(*RANGE, "--source", "counts", check=0)
    assert sources(aws) == ["events"]


def test_infrequent_access(aws, export):
    """The class has no FilterLogEvents, but Logs Insights."""
    aws.client("logs").create_log_group(logGroupName=G, logGroupClass="INFREQUENT_ACCESS")
    events = put(aws, G, plain())
    export("--from", day(0), "--to", day(2), check=0)
    assert sources(aws) == ["counts", "counts"]
    assert_exact(aws, G, events)


def test_a_window_is_large(aws, export):
    """If FilterLogEvents would take more than a few minutes, counts are the default."""
    for i in range(36):
        put(aws, G, {"s": [(D0 + i, random.Random(i).randbytes(500000).hex())]})
    export(*RANGE, check=0)
    assert sources(aws) == ["counts"]


@pytest.mark.parametrize("args", [("--source", "some"), ("--source", "counts", "--no-source")])
def test_comparisons_that_are_none(export, args):
    export(*RANGE, *args).refused(2, "--source")


def test_events_older_than_their_group(aws, export):
    """CloudWatch accepts events that are up to 14 days old, even in a group created today."""
    aws.settings(allow_old_events=False)
    events = put(aws, G, {"s": [(D0 + 1, "older than the group")]})
    group, = aws.client("logs").describe_log_groups()["logGroups"]
    assert group["creationTime"] > D0 + 2 * DAY
    r = export("--from", day(0), "--to", day(2), "--output", "json", check=0)
    assert states(r) == ["exported", "empty"]
    assert calls(aws, "logs:CreateExportTask") == 1
    assert_exact(aws, G, events)


def test_a_folder_that_is_not_a_task(aws, export):
    """A foreign folder among those of the tasks: AWS is not asked about it, and it is kept."""
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
