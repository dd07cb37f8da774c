"""export --redo: damaged windows are exported again, overlaps are resolved, and leftovers removed; whatever
happens in between, no event is lost."""

import gzip
import json
import signal

import pytest

from archive_helpers import (BUCKET, D0, DAY, HOUR, PREFIX, REGION, assert_exact, day, get, keys, ledger, plain,
                             put, tasks)
from export_helpers import G, RANGE, export, record_half_the_day, states, wait_for  # noqa: F401

LEDGER = f"{PREFIX}/_ledger/{REGION}/"
REPLACED = f"{PREFIX}/_ledger/_replaced/{REGION}/"
WEEK = ("--from", day(0), "--to", day(3))


@pytest.fixture
def s3(aws):
    return aws.client("s3")


@pytest.fixture
def days(aws, export):
    """Three recorded days."""
    streams = put(aws, G, plain(days=3, streams=("a", "b")))
    export(*WEEK, check=0)
    return streams


def objects(aws, n=0):
    return [k for k in keys(aws) if k.endswith(".gz") and f"dt={day(n)}/" in k]


def entry_key(aws, n=0):
    return next(k for k in keys(aws, prefix=LEDGER) if f"/{D0 + n * DAY}-" in k)


def replaced(aws):
    return keys(aws, prefix=REPLACED)


def assert_whole(aws, run, streams, **more):
    assert_exact(aws, G, streams, **more)
    r = run("verify", "--bucket", BUCKET, "--log-group", G, *WEEK, "--output", "json", check=0)
    assert r.json["whole"]


DAMAGE = {
    "removed": lambda s3, key: s3.delete_object(Bucket=BUCKET, Key=key),
    "truncated": lambda s3, key: s3.put_object(Bucket=BUCKET, Key=key, Body=b"\x1f\x8b"),
    "changed": lambda s3, key: s3.put_object(Bucket=BUCKET, Key=key, Body=gzip.compress(b"x")),
}


@pytest.mark.parametrize("how", DAMAGE)
def test_damaged_objects(aws, run, export, days, s3, how):
    """The day is exported again, and nothing else; its entry is kept; verify gives the command."""
    before = ledger(aws, G)
    raw = get(aws, entry_key(aws, 1))
    DAMAGE[how](s3, objects(aws, 1)[0])
    r = run("verify", "--bucket", BUCKET, "--log-group", G, *WEEK, check=1)
    hint = f"apigw-logs export --bucket {BUCKET} --log-group {G} --from {day(0)} --to {day(3)} --redo"
    assert hint in r.stderr
    r = export(*WEEK, "--output", "json", check=0)
    assert states(r) == ["recorded"] * 3
    r = export(*WEEK, "--redo", "--output", "json", check=0)
    assert states(r) == ["recorded", "exported", "recorded"]
    assert objects(aws, 1)[0].split("/")[-2] in r.json["windows"][1]["redone"]
    assert_whole(aws, run, days)
    after = ledger(aws, G)
    assert [a["task_id"] == b["task_id"] for a, b in zip(after, before)] == [True, False, True]
    assert [get(aws, k) for k in replaced(aws)] == [raw]
    # nothing is left to do
    n = len(tasks(aws))
    assert states(export(*WEEK, "--redo", "--output", "json", check=0)) == ["recorded"] * 3
    assert len(tasks(aws)) == n


@pytest.mark.parametrize("body", [b"", b"{", None], ids=["empty", "no JSON", "of another window"])
def test_a_damaged_entry(aws, run, export, days, s3, body):
    """Its objects are what CloudWatch Logs holds, so they are recorded again, without an export."""
    key = entry_key(aws, 1)
    body = get(aws, entry_key(aws, 0)) if body is None else body
    s3.put_object(Bucket=BUCKET, Key=key, Body=body)
    n = len(tasks(aws))
    r = export(*WEEK, "--redo", "--output", "json", check=0)
    assert states(r) == ["recorded", "exported", "recorded"]
    assert len(tasks(aws)) == n and [get(aws, k) for k in replaced(aws)] == [body]
    assert_whole(aws, run, days)


def test_a_damaged_entry_and_objects(aws, run, export, days, s3):
    s3.put_object(Bucket=BUCKET, Key=entry_key(aws, 1), Body=b"x")
    DAMAGE["truncated"](s3, objects(aws, 1)[1])
    assert "exported" in states(export(*WEEK, "--redo", "--output", "json", check=0))
    assert_whole(aws, run, days)


def test_an_entry_that_names_another_days_task(aws, run, export, days, s3):
    """Whoever can write to the ledger must not have that day's objects removed."""
    entry = json.loads(get(aws, entry_key(aws)))
    other = json.loads(get(aws, entry_key(aws, 1)))
    entry.update(destination_prefix=other["destination_prefix"], task_id=other["task_id"])
    entry["objects"][0]["size"] += 1
    s3.put_object(Bucket=BUCKET, Key=entry_key(aws), Body=json.dumps(entry))
    before = objects(aws, 1)
    export(*WEEK, "--redo", check=None)
    assert objects(aws, 1) == before


def test_an_entry_of_a_later_version(aws, export, days, s3):
    entry = json.loads(get(aws, entry_key(aws, 1)))
    body = json.dumps({**entry, "schema_version": 9}).encode()
    s3.put_object(Bucket=BUCKET, Key=entry_key(aws, 1), Body=body)
    export(*WEEK, "--redo").refused(3, "later version")
    assert get(aws, entry_key(aws, 1)) == body and not replaced(aws)


@pytest.mark.parametrize("gone", ["deleted", "created again", "expired"])
def test_what_cloudwatch_no_longer_has(aws, run, export, days, s3, gone):
    """The window fails, with the reason, and is left as it is."""
    logs = aws.client("logs")
    DAMAGE["truncated"](s3, objects(aws, 0)[0])
    if gone == "expired":
        logs.put_retention_policy(logGroupName=G, retentionInDays=5)
    else:
        logs.delete_log_group(logGroupName=G)
    if gone == "created again":
        logs.create_log_group(logGroupName=G)
    before = {k: get(aws, k) for k in keys(aws)}
    r = export(*WEEK, "--redo", check=1)
    assert "cannot be exported again" in r.stderr
    assert {k: get(aws, k) for k in keys(aws)} == before


def test_fewer_events_than_were_recorded(aws, export, days, s3):
    """A stream was deleted since: what is left of the old objects is more than a new export."""
    DAMAGE["truncated"](s3, objects(aws, 0)[0])
    aws.client("logs").delete_log_stream(logGroupName=G, logStreamName="b")
    before = {k: get(aws, k) for k in keys(aws)}
    assert "fewer events" in export(*RANGE, "--redo", check=1).stderr
    assert {k: get(aws, k) for k in keys(aws)} == before


def test_dry_run_and_quiet(aws, run, export, days, s3):
    DAMAGE["removed"](s3, objects(aws, 1)[0])
    before = {k: get(aws, k) for k in keys(aws)}
    r = export(*WEEK, "--redo", "--dry-run", "--output", "json", check=0)
    assert states(r) == ["recorded", "planned", "recorded"]
    assert {k: get(aws, k) for k in keys(aws)} == before
    r = export("--redo", "-q", check=0)
    assert not r.stdout and not r.stderr
    assert_whole(aws, run, days)


def test_a_versioned_bucket(aws, run, export, days, s3):
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    DAMAGE["changed"](s3, objects(aws, 1)[0])
    export("--redo", check=0)
    assert_whole(aws, run, days)


@pytest.mark.parametrize("where", ["of no task", "of an unknown task", "in a task's folder"])
def test_what_is_not_ours_stays(aws, export, days, s3, where):
    own, = {k.rsplit("/", 2)[0] for k in objects(aws, 1)}
    folder = {"of no task": own.rsplit("/", 1)[0] + "/mine", "in a task's folder": own,
              "of an unknown task": own.rsplit("/", 1)[0] + "/01234567-89ab-cdef-0123-456789abcdef"}[where]
    s3.put_object(Bucket=BUCKET, Key=f"{folder}/x/000009.gz", Body=b"x")
    before = {k: get(aws, k) for k in keys(aws)}
    for args in (), ("-q",):
        r = export(*WEEK, "--redo", *args, check=0)
        assert f"{folder}/x/000009.gz' is in no ledger entry" in r.stderr
    assert {k: get(aws, k) for k in keys(aws)} == before


# ---- overlaps -----------------------------------------------------------------------------------

def copy_entry(aws, s3, n, from_ms, to_ms, state="exported"):
    """An entry for another window, with the objects of day n copied into a task of its own."""
    entry = json.loads(get(aws, entry_key(aws, n)))
    task = f"0123456{n}-89ab-cdef-0123-456789abcdef"
    for o in entry["objects"]:
        key = o["key"].replace(entry["task_id"], task)
        s3.put_object(Bucket=BUCKET, Key=key, Body=get(aws, o["key"]))
        o["key"] = key
    entry.update(task_id=task, from_ms=from_ms, to_ms=to_ms)
    key = f"{LEDGER}%2Flogs%2Fof-the-tests/{from_ms}-{to_ms}.json"
    s3.put_object(Bucket=BUCKET, Key=key, Body=json.dumps(entry).encode())
    return key


def test_an_overlap_that_others_cover(aws, run, export, days, s3):
    """The entry of a part of the day gives way to that of the day."""
    key = record_half_the_day(aws)
    r = run("verify", "--bucket", BUCKET, "--log-group", G, *WEEK, check=1)
    assert "--redo" in r.stderr
    n = len(tasks(aws))
    r = export("--redo", "--dry-run", check=0)
    assert "would be removed" in r.stderr and key in keys(aws)
    assert "overlaps" in export(*WEEK, "--redo", check=0).stderr
    assert key not in keys(aws) and len(replaced(aws)) == 1 and len(tasks(aws)) == n
    assert_whole(aws, run, days)


def test_a_damaged_day_that_others_cover(aws, run, export, days, s3):
    """The entry of the day is damaged, and its logs have expired: those of both halves stay."""
    key = entry_key(aws)
    s3.delete_object(Bucket=BUCKET, Key=key)
    for k in objects(aws):
        s3.delete_object(Bucket=BUCKET, Key=k)
    export(*RANGE, "--window", "12h", check=0)
    s3.put_object(Bucket=BUCKET, Key=key, Body=b"{")
    aws.client("logs").put_retention_policy(logGroupName=G, retentionInDays=5)
    export("--redo", check=0)
    assert key not in keys(aws)
    assert_whole(aws, run, days)


def test_an_overlap_that_nothing_covers(aws, run, export, days, s3):
    """8 h of it are in no other entry: they are exported, and only then the objects go."""
    s3.delete_object(Bucket=BUCKET, Key=entry_key(aws, 0))
    for k in objects(aws, 0):
        s3.delete_object(Bucket=BUCKET, Key=k)
    export("--from", day(0), "--to", f"{day(0)}T12:00", "--window", "12h", check=0)
    copy_entry(aws, s3, 1, D0 + 8 * HOUR, D0 + DAY)
    export(*WEEK, "--redo", check=0)
    assert_exact(aws, G, days)


def test_an_overlap_without_a_way_out(aws, export, days, s3):
    aws.client("logs").put_retention_policy(logGroupName=G, retentionInDays=3)
    s3.put_object(Bucket=BUCKET, Key=f"{LEDGER}%2Flogs%2Fof-the-tests/{D0 + DAY // 2}-{D0 + DAY * 3 // 2}.json",
                  Body=b"{")
    for n in (0, 1):
        s3.put_object(Bucket=BUCKET, Key=entry_key(aws, n), Body=b"{")
    before = {k: get(aws, k) for k in keys(aws)}
    assert "overlap" in export("--redo", check=1).stderr
    assert {k: get(aws, k) for k in keys(aws)} == before


# ---- kills and races ----------------------------------------------------------------------------

POINTS = {
    "checking": {"action": "s3:GetObject"},
    "before the task": {"action": "logs:CreateExportTask"},
    "after the task": {"action": "logs:DescribeExportTasks"},
    "comparing": {"action": "logs:FilterLogEvents"},
    "keeping the entry": {"action": "s3:PutObject", "key": REPLACED},
    "replacing the entry": {"action": "s3:PutObject", "key": LEDGER},
    "removing objects": {"action": "s3:DeleteObject", "key": f"{PREFIX}/region="},
}


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("point", POINTS)
def test_killed(aws, run, export, days, s3, clock, point, after):
    """At each call that changes something, before or after it took effect, and gone on with later."""
    DAMAGE["truncated"](s3, objects(aws, 1)[0])
    kind = {"kind": "stall_after" if after else "stall", "seconds": 60, "count": 1}
    aws.faults({**POINTS[point], **kind})
    p = export.start(*WEEK, "--redo")
    wait_for(lambda: aws.faults()[0]["hits"])
    p.send_signal(signal.SIGKILL)
    p.communicate()
    aws.clear_faults()
    # whichever entry stands by now, what it lists is there
    here = set(keys(aws))
    assert all(o["key"] in here for e in ledger(aws, G) for o in e["objects"])
    clock.move(hours=2)
    export(*WEEK, "--redo", check=0)
    assert_whole(aws, run, days)


def test_two_at_once(aws, run, export, days, s3):
    DAMAGE["truncated"](s3, objects(aws, 1)[0])
    runs = [export.start(*WEEK, "--redo") for _ in range(2)]
    for p in runs:
        out, err = p.communicate(timeout=60)
        assert p.returncode == 0, err
    assert_whole(aws, run, days)


def test_beside_an_ordinary_export(aws, run, export, days, s3):
    more = put(aws, G, {"c": [(D0 + 3 * DAY + 5, "a later day")]})
    DAMAGE["removed"](s3, objects(aws, 1)[0])
    runs = [export.start("--redo"), export.start("--from", day(0), "--to", day(4))]
    for p in runs:
        out, err = p.communicate(timeout=60)
        assert p.returncode == 0, err
    assert_exact(aws, G, {**days, **more})
