"""verify over many windows and log groups: what happens in parallel, and the order of the report."""

import os
import random
import re
import urllib.parse

import pytest

from archive_helpers import BUCKET, D0, HOUR, PREFIX, REGION, day, get, keys, make_bucket, put
from program import Program
from terminal import on_terminal, plain as plain_text
from verify_helpers import G, problems, replace

TWO = ("--log-group", "/?", "--from", day(0), "--to", day(2))


@pytest.fixture
def slow(aws, run):
    """Verifies 160 objects, each of which takes S3 a tenth of a second; returns when each was fetched."""
    make_bucket(aws)
    put(aws, G, {f"s{i:03d}": [(D0 + i, "x")] for i in range(160)})
    aws.settings(pending_polls=0, running_polls=0)
    run("export", "--bucket", BUCKET, "--log-group", G, "--from", day(0), "--to", day(1), check=0)

    def verify(*args, faults=()):
        aws.faults(*faults, {"action": "s3:GetObject", "key": ".gz", "kind": "delay", "seconds": 0.1,
                             "count": 1000})
        aws.clear_requests()
        run("verify", "--bucket", BUCKET, "--log-group", G, "--all", *args, check=0)
        return spans(aws, "s3:GetObject", lambda r: r["key"].endswith(".gz"))
    verify.run = run
    return verify


def at_once(when):
    """The largest number of objects that were fetched at the same time."""
    return max(sum(a <= start < b for a, b in when) for start, _ in when)


def test_connections_grow_with_latency(slow):
    assert at_once(slow()) > 2 * os.cpu_count()


def test_connections_stay_within_jobs(slow):
    assert at_once(slow("--jobs", "3")) <= 3


def test_connections_fall_when_throttled(slow):
    when = slow("--jobs", "24", faults=[{"action": "s3:GetObject", "key": ".gz", "kind": "throttle",
                                          "skip": 60, "count": 3}])
    assert at_once(when) > 16
    assert at_once(when[-30:]) <= 14


# ---- many windows and log groups ----------------------------------------------------------------

def put_two(aws):
    make_bucket(aws)
    for group in ("/a", "/b"):
        put(aws, group, {s: [(D0 + h * HOUR + 5, f"{h}") for h in range(0, 40, 3)] for s in "st"})


@pytest.fixture(scope="session")
def exported_two(local_aws, tmp_path_factory):
    """Two log groups with sixteen windows of three hours each, most with two objects; by key."""
    local_aws.reset()
    put_two(local_aws)
    local_aws.settings(pending_polls=0, running_polls=0)
    run = Program(local_aws, tmp_path_factory.mktemp("home"))
    run("export", "--bucket", BUCKET, *TWO, "--window", "3h", check=0)
    return {k: get(local_aws, k) for k in keys(local_aws)}


@pytest.fixture
def many(exported_two, aws, run):
    """The same in the bucket; many(...) runs verify."""
    put_two(aws)
    for k, body in exported_two.items():
        replace(aws, k, body)

    def verify(*args, **more):
        return run("verify", "--bucket", BUCKET, *TWO, *args, **more)
    verify.objects = sorted(k for k in exported_two if k.endswith(".gz"))
    return verify


def spans(aws, action, wanted):
    return sorted((r["time"] - r["seconds"], r["time"]) for r in aws.requests(action) if wanted(r))


def test_entries_and_days_are_fetched_side_by_side(aws, many):
    """Of both groups together; each entry and each day once."""
    aws.faults(*({"action": a, "kind": "delay", "seconds": 0.1, "count": 1000}
                 for a in ("s3:GetObject", "s3:ListObjectsV2")))
    aws.clear_requests()
    many("--quick", check=0)
    entries = spans(aws, "s3:GetObject", lambda r: True)
    assert len(entries) == 32 and at_once(entries) > 2 * os.cpu_count()
    days = spans(aws, "s3:ListObjectsV2", lambda r: "/dt=" in urllib.parse.unquote(r["query"]))
    assert len(days) == 4 and at_once(days) >= 2


def test_problems_come_in_the_order_of_the_archive(aws, many):
    """Regardless of which thread found them: by log group, time and key, and each once."""
    rng = random.Random(3)
    bad = rng.sample(many.objects, 20)
    for i, k in enumerate(bad):
        if i % 3:
            replace(aws, k, b"not gzip at all")
        else:
            aws.client("s3").delete_object(Bucket=BUCKET, Key=k)
    aws.faults(*({"action": "s3:GetObject", "kind": "delay", "seconds": rng.random() / 5, "count": 3,
                  "key": k[-60:]} for k in rng.sample(many.objects, 20)))
    r = many("--output", "json")
    assert problems(r) == [("changed" if bad.index(k) % 3 else "missing", k) for k in sorted(bad)]
    at = [(p["log_group"], p["from_ms"]) for p in r.json["problems"]]
    assert at == sorted(at)
    windows = [(w["log_group"], w["from_ms"]) for w in r.json["windows"]]
    assert windows == sorted(windows) and len(windows) == 32


def test_gaps_stand_where_they_are(aws, many):
    """Between the windows, not before all of them."""
    s3 = aws.client("s3")
    for h in (3, 27):
        s3.delete_object(Bucket=BUCKET, Key=f"{PREFIX}/_ledger/{REGION}/%2Fa/"
                                            f"{D0 + h * HOUR}-{D0 + (h + 3) * HOUR}.json")
    for k in many.objects[2], many.objects[3], many.objects[18], many.objects[19]:
        s3.delete_object(Bucket=BUCKET, Key=k)
    replace(aws, many.objects[8], b"x")
    found = [(p["problem"], (p["from_ms"] - D0) // HOUR)
             for p in many("--output", "json").json["problems"]]
    assert found == [("not_exported", 3), ("changed", 12), ("not_exported", 27)]


def test_what_was_not_looked_at(aws, many):
    """S3 fails in the middle: JSON tells which windows are whole and which were not checked."""
    aws.faults({"action": "s3:GetObject", "key": ".gz", "kind": "reset_before", "skip": 20, "count": 9999})
    r = many("--output", "json", "--max-attempts", "1", "--jobs", "2")
    assert r.status == 4 and r.json["complete"] is r.json["whole"] is False and r.json["problems"] == []
    states = [w["state"] for w in r.json["windows"]]
    assert len(states) == 32 and 5 < states.count("whole") <= 10 and "unchecked" in states
    assert "events" not in next(w for w in r.json["windows"] if w["state"] == "unchecked")


DENIED = {"kind": "error", "code": "AccessDenied", "status": 403, "message": "Access Denied"}


def test_a_day_that_cannot_be_listed(aws, many):
    """Its windows are unchecked, not without objects, and all others are checked."""
    aws.clear_requests()
    many("--jobs", "1", check=0)
    lists = [urllib.parse.unquote(r["query"]) for r in aws.requests("s3:ListObjectsV2")]
    first = next(i for i, query in enumerate(lists) if "/dt=" in query)
    aws.faults({"action": "s3:ListObjectsV2", **DENIED, "skip": first + 1, "count": 1})
    r = many("--jobs", "1", "--output", "json")
    assert r.status == 3 and r.error["aws_code"] == "AccessDenied" and r.json["problems"] == []
    states = [w["state"] for w in r.json["windows"]]
    assert states[8:16] == ["unchecked"] * 8 and "unchecked" not in states[:8] + states[16:]
    assert r.json["complete"] is r.json["whole"] is False


def test_an_entry_that_cannot_be_read(aws, many):
    """One window is unchecked; its objects are not mistaken for objects in no entry."""
    aws.faults({"action": "s3:GetObject", **DENIED, "key": f"/%2Fa/{D0 + 6 * HOUR}-", "count": 99})
    r = many("--output", "json")
    states = [w["state"] for w in r.json["windows"]]
    assert r.status == 3 and r.json["problems"] == []
    assert states[2] == "unchecked" and states.count("unchecked") == 1


def test_what_is_whole_is_a_row_a_group(aws, many):
    """As long as nothing comes between; with -v, each window has its own row."""
    rows = [x for x in many(check=0).stdout.splitlines() if x.startswith("  whole")]
    assert len(rows) == 2 and all("16 windows, 28 events" in x and len(x) <= 80 for x in rows)
    assert len(re.findall(r"^  (whole|empty)  ", many("-v", check=0).stdout, re.M)) == 32
    aws.client("s3").delete_object(Bucket=BUCKET, Key=many.objects[8])
    rows = [x.split()[0] for x in many().stdout.splitlines() if x.startswith("  ")]
    assert rows == ["whole", "wrong", "whole", "whole"]


def test_many_problems_of_a_window_are_one_line(aws, run):
    make_bucket(aws)
    put(aws, G, {f"s{i:03d}": [(D0 + i, "x")] for i in range(60)})
    aws.settings(pending_polls=0, running_polls=0)
    run("export", "--bucket", BUCKET, "--log-group", G, "--from", day(0), "--to", day(1), check=0)
    objects = [k for k in keys(aws) if k.endswith(".gz")]
    for k in objects[5:]:
        replace(aws, k, b"x")
    aws.client("s3").delete_object(Bucket=BUCKET, Key=objects[1])
    verify = ("verify", "--bucket", BUCKET, "--log-group", G, "--all")
    r = run(*verify)
    assert r.status == 1 and "56 problems" in r.stderr
    changed, = (line for line in r.stderr.splitlines() if line.startswith("changed"))
    assert f"{G} {day(0)}: 55 objects" in changed and objects[5] in changed and objects[9] not in changed
    missing, = (line for line in r.stderr.splitlines() if line.startswith("missing"))
    assert objects[1] in missing
    assert len(run(*verify, "--output", "json").json["problems"]) == 56


def test_progress(aws, slow):
    """Progress over the whole run, within 80 columns."""
    run = slow.run
    aws.faults({"action": "s3:GetObject", "key": ".gz", "kind": "delay", "seconds": 0.3, "count": 1000})
    t = on_terminal(run, "verify", "--bucket", BUCKET, "--log-group", G, "--all", "--jobs", "8")
    lines = [plain_text(x) for x in t.text.split("\r") if " of 1 window" in x]
    assert t.status == 0 and max(map(len, lines)) <= 80
    assert re.search(r"0 of 1 window, \d+ objects, .*/s, \d+s left", "\n".join(lines)), lines
