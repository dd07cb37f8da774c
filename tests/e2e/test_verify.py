"""verify: damage of every sort, made with boto3, must be found, named and told by the exit status."""

import gzip
import hashlib
import json
import re
import os
import random
import re
import subprocess
import time
import urllib.parse
import zlib

import pytest

from archive_helpers import (BUCKET, D0, DAY, HOUR, PREFIX, REGION, date, day, get, iso, keys, ledger,
                             make_bucket, plain, put)
from clock import moment_ms
from conftest import program
from terminal import on_terminal, plain as plain_text

G = "/logs/of-the-tests"
LEDGER = f"{PREFIX}/_ledger/{REGION}/%2Flogs%2Fof-the-tests/"
RANGE = ("--from", day(0), "--to", day(2))
EVENTS = plain(days=2, n=8)
_exported, _many = {}, {}           # what a fixture had exported once


@pytest.fixture
def archive(aws, run):
    """Two days of G in the bucket, as the program exported them; archive(...) runs verify."""
    make_bucket(aws)
    put(aws, G, EVENTS)
    s3 = aws.client("s3")
    if not _exported:
        aws.settings(pending_polls=0, running_polls=0, file_bytes=400)
        run("export", "--bucket", BUCKET, "--log-group", G, *RANGE, check=0)
        _exported.update((k, get(aws, k)) for k in keys(aws))
        aws.settings(file_bytes=4 << 20)
    else:
        for k, body in _exported.items():
            s3.put_object(Bucket=BUCKET, Key=k, Body=body)
    aws.clear_requests()

    def verify(*args, group=G, span=RANGE, **more):
        return run("verify", "--bucket", BUCKET, "--log-group", group, *span, *args, **more)
    verify.objects = sorted(k for k in _exported if k.endswith(".gz"))
    verify.entries = sorted(k for k in _exported if k.endswith(".json"))
    return verify


def replace(aws, key, body):
    aws.client("s3").put_object(Bucket=BUCKET, Key=key, Body=body)


def rewrite(aws, entry_key, change):
    e = json.loads(get(aws, entry_key))
    change(e)
    replace(aws, entry_key, json.dumps(e).encode())


def forge(aws, archive, key, body, **more):
    """Damage that the ledger knows nothing of, as if it had been there when it was written."""
    replace(aws, key, body)

    def change(e):
        for o in e["objects"]:
            if o["key"] == key:
                o.update(size=len(body), etag=hashlib.md5(body).hexdigest(), **more)
    for k in archive.entries:
        rewrite(aws, k, change)


def problems(result, status=1):
    assert result.status == status, result
    return [(p["problem"], p["key"]) for p in result.json["problems"]]


# ---- whole --------------------------------------------------------------------------------------

def test_whole(aws, archive):
    r = archive(check=0)
    assert f"{sum(map(len, EVENTS.values()))} events" in r.stdout and "all whole" in r.stdout
    assert not [a for a in aws.requests() if a["op"].startswith(("Put", "Create", "Delete"))]
    assert len(aws.requests("s3:GetObject")) == len(archive.objects) + len(archive.entries)


def test_json(archive):
    d = archive("--output", "json", "--source", check=0).json
    n = sum(map(len, EVENTS.values()))
    assert (d["schema_version"], d["bucket"], d["prefix"], d["region"]) == (1, BUCKET, PREFIX, REGION)
    assert d["complete"] is d["whole"] is d["source_compared"] is True and d["problems"] == []
    assert d["events"] == n and d["objects"] == len(archive.objects)
    assert [(w["state"], w["events"], w["source_events"]) for w in d["windows"]] == [
        ("whole", n // 2, n // 2)] * 2
    assert [(w["from_ms"], w["to_ms"]) for w in d["windows"]] == [(D0, D0 + DAY),
                                                                 (D0 + DAY, D0 + 2 * DAY)]


@pytest.mark.parametrize("jobs", ["1", "2", "64"])
def test_jobs(archive, jobs):
    archive("--jobs", jobs, "--source", check=0)


@pytest.fixture
def slow(aws, run):
    """160 objects, each of which takes S3 a tenth of a second; runs verify: when each was under way."""
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
    """The most that were under way at a time."""
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


@pytest.mark.parametrize("args,words", [
    (("--jobs", "0"), "--jobs"), (("--jobs", "x"), "--jobs"), (("--source", "--quick"), "--quick"),
    (("--all",), "--all does not go with --from")])
def test_options(archive, args, words):
    archive(*args).refused(2, words)


def test_all(aws, archive):
    r = archive("--all", span=(), check=0)
    assert "2 windows: all whole" in r.stdout
    replace(aws, archive.objects[0], b"x")
    assert archive("--all", span=()).status == 1


def test_dry_run_checks_all_the_same(archive):
    archive("-n", check=0)


def test_a_day_of_it(aws, archive):
    """Only what the range touches is looked at, but a whole window at a time."""
    first = [k for k in archive.objects if f"dt={day(0)}" in k]
    replace(aws, first[0], b"damage")
    archive(span=("--from", day(1), "--to", day(2)), check=0)
    archive(span=("--from", f"{day(0)}T05:00", "--to", f"{day(0)}T06:00")).refused(1, "problem")


def test_ends_where_export_does(archive):
    """Without --to, it is what has settled: no gap is told that no export could fill."""
    span = ("--from", day(0))
    r = archive("--output", "json", span=span)
    assert r.status == 1 and [p["problem"] for p in r.json["problems"]] == ["not_exported"]
    assert r.json["to_ms"] == D0 + 6 * DAY - (DAY if settled_ms() < D0 + 6 * DAY else 0)
    assert r.json["problems"][0]["to_ms"] == r.json["to_ms"]


def settled_ms():
    return moment_ms() - 12 * HOUR


@pytest.mark.parametrize("length", [DAY, 6 * HOUR])
def test_unsettled(aws, archive, run, length):
    """What is not due yet is neither a gap nor whole. Due is what --window makes of it."""
    window = ("--window", f"{length // HOUR}h")
    begin = D0 + 4 * DAY
    run("export", "--bucket", BUCKET, "--log-group", G, "--from", day(4), *window, check=0)
    due = settled_ms() // length * length
    span = ("--from", day(4), "--to", "now")
    d = archive("--output", "json", span=span, check=0).json
    *recorded, late = d["windows"]
    assert recorded and {w["state"] for w in recorded} == {"empty"} and late["state"] == "unsettled"
    assert (recorded[0]["from_ms"], recorded[-1]["to_ms"]) == (begin, due) and late["from_ms"] == due
    assert late["due_ms"] == due + length + 12 * HOUR
    assert d["problems"] == [] and d["complete"] is True and d["whole"] is False
    r = archive(span=span, check=0)
    assert "unsettled" in r.stdout and "can be exported after" in r.stdout
    # nothing since then has settled: that is shown, and no mistake of the user's
    r = archive("--output", "json", span=("--from", "1h"))
    assert [w["state"] for w in r.json["windows"]] == ["unsettled"] and r.status == 0


def test_nothing_is_not_whole(aws, archive):
    put(aws, "/new", {})
    d = archive("--all", "--output", "json", group="/new", span=(), check=0).json
    assert d["windows"] == [] and d["problems"] == [] and d["whole"] is False


# ---- many windows and log groups ----------------------------------------------------------------

@pytest.fixture
def many(aws, run):
    """Two log groups with sixteen windows of three hours each, most with two objects."""
    make_bucket(aws)
    for group in ("/a", "/b"):
        put(aws, group, {s: [(D0 + h * HOUR + 5, f"{h}") for h in range(0, 40, 3)] for s in "st"})
    if not _many:
        aws.settings(pending_polls=0, running_polls=0)
        run("export", "--bucket", BUCKET, "--log-group", "/?", "--from", day(0), "--to", day(2),
            "--window", "3h", check=0)
        _many.update((k, get(aws, k)) for k in keys(aws))
    for k, body in _many.items():
        replace(aws, k, body)

    def verify(*args, **more):
        return run("verify", "--bucket", BUCKET, "--log-group", "/?", "--from", day(0), "--to", day(2),
                   *args, **more)
    verify.objects = sorted(k for k in _many if k.endswith(".gz"))
    return verify


def spans(aws, action, wanted):
    return sorted((r["time"] - r["seconds"], r["time"]) for r in aws.requests(action) if wanted(r))


def test_entries_and_days_are_fetched_side_by_side(aws, many):
    """Of both groups together; each entry once, each day once."""
    aws.faults(*({"action": a, "kind": "delay", "seconds": 0.1, "count": 1000}
                 for a in ("s3:GetObject", "s3:ListObjectsV2")))
    aws.clear_requests()
    many("--quick", check=0)
    entries = spans(aws, "s3:GetObject", lambda r: True)
    assert len(entries) == 32 and at_once(entries) > 2 * os.cpu_count()
    days = spans(aws, "s3:ListObjectsV2", lambda r: "/dt=" in urllib.parse.unquote(r["query"]))
    assert len(days) == 4 and at_once(days) >= 2


def test_problems_come_in_the_order_of_the_archive(aws, many):
    """Whichever thread found them: by log group, by time, by key; and each once."""
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
    """Between the windows, not before them all."""
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
    """S3 breaks off in the middle: JSON says which windows are whole and which nobody looked at."""
    aws.faults({"action": "s3:GetObject", "key": ".gz", "kind": "reset_before", "skip": 20, "count": 9999})
    r = many("--output", "json", "--max-attempts", "1", "--jobs", "2")
    assert r.status == 4 and r.json["complete"] is r.json["whole"] is False and r.json["problems"] == []
    states = [w["state"] for w in r.json["windows"]]
    assert len(states) == 32 and 5 < states.count("whole") <= 10 and "unchecked" in states
    assert "events" not in next(w for w in r.json["windows"] if w["state"] == "unchecked")


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
    """Over the whole run, and within 80 columns."""
    run = slow.run
    aws.faults({"action": "s3:GetObject", "key": ".gz", "kind": "delay", "seconds": 0.3, "count": 1000})
    t = on_terminal(run, "verify", "--bucket", BUCKET, "--log-group", G, "--all", "--jobs", "8")
    lines = [plain_text(x) for x in t.text.split("\r") if " of 1 window" in x]
    assert t.status == 0 and max(map(len, lines)) <= 80
    assert re.search(r"0 of 1 window, \d+ objects, .*/s, \d+s left", "\n".join(lines)), lines


# ---- damage of the bytes ------------------------------------------------------------------------

def outside(body):
    return gzip.compress(gzip.decompress(body) + f"{iso(D0 + 5 * DAY)} late\n".encode())


DAMAGE = {
    "not gzip": (lambda b: b"<html>not gzip</html>", "not a gzip header"),
    "empty": (lambda b: b"", "empty"),
    "cut in the header": (lambda b: b[:5], "ends inside"),
    "cut in the data": (lambda b: b[:len(b) // 2], "ends inside"),
    "cut in the trailer": (lambda b: b[:-3], "ends inside"),
    "zeros behind": (lambda b: b + b"\0" * 20, "not a gzip header"),
    "second member cut": (lambda b: b + gzip.compress(b"more\n")[:12], "ends inside"),
    "second member not gzip": (lambda b: b + b"no gzip", "not a gzip header"),
    "wrong checksum": (lambda b: b[:-8] + bytes([b[-8] ^ 1]) + b[-7:], "checksum"),
    "wrong length": (lambda b: b[:-1] + bytes([b[-1] ^ 1]), "length"),
    "zlib, not gzip": (lambda b: zlib.compress(gzip.decompress(b)), "not a gzip header"),
    "no stamp": (lambda b: gzip.compress(b"no stamp\n" + gzip.decompress(b)), "time stamp"),
    "an empty line first": (lambda b: gzip.compress(b"\n" + gzip.decompress(b)), "time stamp"),
    "bad stamp first": (lambda b: gzip.compress(b"2026-02-30T00:00:00.000Z x\n"), "time stamp"),
    "line outside": (outside, "outside the window"),
}


@pytest.mark.parametrize("name", list(DAMAGE))
def test_damage(aws, archive, name):
    damage, words = DAMAGE[name]
    key = archive.objects[2]
    forge(aws, archive, key, damage(_exported[key]))
    archive().refused(1, "1 problem was found")
    r = archive("--output", "json")
    p, = r.json["problems"]
    assert (p["problem"], p["key"]) == ("damaged", key)
    assert "s3:GetObject" not in p["message"]
    assert words in p["message"] and (p["from_ms"], p["to_ms"]) == (D0, D0 + DAY)
    assert "byte " in p["message"] or words == "time stamp"
    assert r.json["complete"] is True and r.json["whole"] is False
    assert [w["state"] for w in r.json["windows"]] == ["wrong", "whole"]
    assert r.error["kind"] == "found"


def test_replaced(aws, archive):
    """The same damage, where the ledger knows better: size and ETag say so without a look inside."""
    for body in (b"x", gzip.compress(b""), gzip.compress(f"{iso(D0)} other\n".encode())):
        replace(aws, archive.objects[0], body)
        for how in ((), ("--quick",)):
            assert problems(archive(*how, "--output", "json")) == [("changed", archive.objects[0])]


def test_same_size_other_bytes(aws, archive):
    body = bytearray(_exported[archive.objects[0]])
    body[20] ^= 0x10
    replace(aws, archive.objects[0], bytes(body))
    assert problems(archive("--quick", "--output", "json")) == [("changed", archive.objects[0])]
    r = archive("--output", "json")         # what is there now is read, to say what became of it
    assert problems(r) == [("changed", archive.objects[0])]
    assert "ETag" in r.json["problems"][0]["message"]
    assert "gzip member 1 is damaged at byte" in r.json["problems"][0]["message"]


def test_flipped_bits(aws, archive):
    """Wherever a bit flips that changes the text or its proof, it is found; the ledger's ETag is made
    to agree, so the gzip must tell. Python's says which bits carry nothing (FTEXT, padding)."""
    rng = random.Random(7)
    key = archive.objects[0]
    good = _exported[key]
    size, missed = len(good), []
    # MTIME, XFL and OS carry no data: gzip itself takes any value there
    spots = [i for i in range(size) if not 4 <= i < 10]
    for at in rng.sample(spots, 12) + [0, 1, 2, 3, size - 1, size - 5]:
        bad = bytearray(good)
        bad[at] ^= 1 << rng.randrange(8)
        try:
            if gzip.decompress(bytes(bad)) == gzip.decompress(good):
                continue
        except (OSError, EOFError, zlib.error):
            pass
        forge(aws, archive, key, bytes(bad))
        r = archive("--output", "json")
        if problems(r)[0][1] != key:
            missed.append(at)
    assert not missed


@pytest.mark.parametrize("more,fewer", [(1, 0), (0, 1)])
def test_events_more_or_fewer(aws, archive, more, fewer):
    """Whole gzip, lines of the window, but not those that were recorded."""
    key = archive.objects[0]
    lines = gzip.decompress(_exported[key]).splitlines(True)
    forge(aws, archive, key, gzip.compress(b"".join(lines[fewer:] + lines[:more])))
    assert problems(archive("--output", "json")) == [("changed", key)]


def test_multi_member(aws, archive):
    key = archive.objects[0]
    lines = gzip.decompress(_exported[key]).splitlines(True)
    forge(aws, archive, key, b"".join(gzip.compress(x) for x in lines) + gzip.compress(b""))
    archive("--source", check=0)


# ---- objects and ledger -------------------------------------------------------------------------

def test_missing(aws, archive):
    aws.client("s3").delete_object(Bucket=BUCKET, Key=archive.objects[1])
    for how in ((), ("--quick",), ("--source",)):
        assert problems(archive(*how, "--output", "json")) == [("missing", archive.objects[1])]
    archive().refused(1, "problem")
    assert archive.objects[1] in archive().stderr


def test_stream_missing(aws, archive):
    gone = [k for k in archive.objects if "/one/" in k and f"dt={day(0)}" in k]
    for k in gone:
        aws.client("s3").delete_object(Bucket=BUCKET, Key=k)
    assert problems(archive("--output", "json")) == [("missing", k) for k in gone]


STRANGERS = {
    "of a recorded task": lambda k: k.rsplit("/", 1)[0] + "/000099.gz",
    "of a recorded task, not gzip": lambda k: k.rsplit("/", 1)[0] + "/readme.txt",
    "of a task that is in no entry": lambda k: k.split("/dt=")[0] + f"/dt={day(0)}/11111111-2222/s/000000.gz",
    "of an hour in a day": lambda k: k.split("/dt=")[0] + f"/dt={day(0)}/hh=05/11111111/s/000000.gz",
    "right in the folder": lambda k: k.split("/dt=")[0] + f"/dt={day(0)}/copy.gz",
}


@pytest.mark.parametrize("name", list(STRANGERS))
def test_stranger(aws, archive, name):
    """Whoever reads the folder, Athena say, would read these lines as well."""
    key = STRANGERS[name](archive.objects[0])
    replace(aws, key, _exported[archive.objects[0]])
    assert problems(archive("--output", "json")) == [("unrecorded", key)]
    archive(span=("--from", day(1), "--to", day(2)), check=0)


def test_marker_of_aws_is_no_stranger(aws, archive):
    key = archive.objects[0].split("/dt=")[0] + f"/dt={day(0)}/aws-logs-write-test"
    replace(aws, key, b"Permission Check Successful")
    archive(check=0)


def test_gap(aws, archive):
    aws.client("s3").delete_object(Bucket=BUCKET, Key=archive.entries[0])
    r = archive("--output", "json")
    p, = r.json["problems"]
    assert p["problem"] == "not_exported" and (p["from_ms"], p["to_ms"]) == (D0, D0 + DAY)
    archive().refused(1, "1 problem", "apigw-logs export")
    archive(span=("--from", day(1), "--to", day(2)), check=0)
    r = archive("--output", "json", span=("--from", f"{day(1)}T12:00", "--to", day(3)))
    p, = r.json["problems"]
    assert p["problem"] == "not_exported" and (p["from_ms"], p["to_ms"]) == (D0 + 2 * DAY, D0 + 3 * DAY)


BROKEN = {
    "not JSON": lambda e: b"{",
    "nothing": lambda e: b"",
    "a list": lambda e: b"[]",
    "without objects": lambda e: {k: v for k, v in e.items() if k != "objects"},
    "another window": lambda e: {**e, "to_ms": e["to_ms"] - 1},
    "another group": lambda e: {**e, "log_group": "/other"},
    "an object without a key": lambda e: {**e, "objects": [{"size": 1}]},
    "negative": lambda e: {**e, "objects": [{**e["objects"][0], "size": -1}]},
    "of the future": lambda e: {**e, "schema_version": 99},
    "in a strange state": lambda e: {**e, "state": "maybe"},
    "too deep": lambda e: b"[" * 5000,
}


@pytest.mark.parametrize("name", list(BROKEN))
def test_broken_entry(aws, archive, name):
    bad = BROKEN[name](json.loads(_exported[archive.entries[0]]))
    replace(aws, archive.entries[0], bad if isinstance(bad, bytes) else json.dumps(bad).encode())
    r = archive("--output", "json")
    assert ("ledger", None) in problems(r)
    assert archive.entries[0] in r.json["problems"][0]["message"]
    assert ("newer than this program" in r.json["problems"][0]["message"]) == (name == "of the future")


@pytest.mark.parametrize("name", ["01-2.json", "x.json", f"{D0}-{D0}.json", f"{D0 + DAY}-{D0}.json",
                                  f"0{D0 + 2 * DAY}-{D0 + 3 * DAY}.json", "1-2", "sub/1-2.json"])
def test_what_is_no_entry(aws, archive, name):
    """Other names in the ledger's folder do not count for a window."""
    replace(aws, LEDGER + name, b"{}")
    archive(check=0)
    p = problems(archive("--output", "json", span=("--from", day(0), "--to", day(3))))
    assert p == [("not_exported", None)]


def test_overlap(aws, archive):
    """Two windows that share an hour have its events twice."""
    e = {**json.loads(_exported[archive.entries[0]]), "from_ms": D0 + DAY - HOUR,
         "to_ms": D0 + DAY, "state": "empty", "objects": []}
    replace(aws, f"{LEDGER}{D0 + DAY - HOUR}-{D0 + DAY}.json", json.dumps(e).encode())
    r = archive("--output", "json")
    assert ("overlap", None) in problems(r)
    archive(span=("--from", day(1), "--to", day(2)), check=0)


def test_forged_destination(aws, archive):
    """An entry may say what it likes: nothing outside its claim is taken for proof."""
    rewrite(aws, archive.entries[0], lambda e: e.update(destination_prefix="other", task_id="x"))
    assert ("missing", archive.objects[0]) in problems(archive("--output", "json"))


def test_nothing_there(aws, archive, run):
    archive(group="/logs/of-the-test").refused(3, "does not exist", f"did you mean '{G}'",
                                               "nothing is recorded")
    archive("--all", group="/none", span=()).refused(3, "nothing is recorded")
    put(aws, "/new", {})
    assert problems(archive("--output", "json", group="/new")) == [("not_exported", None)]
    assert problems(archive("--output", "json", "--prefix", "other")) == [("not_exported", None)]


# ---- the source ---------------------------------------------------------------------------------

def exported_with(aws, run, outcome):
    make_bucket(aws)
    put(aws, G, EVENTS)
    aws.settings(pending_polls=0, running_polls=0, outcome=outcome)
    run("export", "--bucket", BUCKET, "--log-group", G, *RANGE, "--no-source", check=0)


@pytest.mark.parametrize("outcome", [{"drop_events": 1}, {"duplicate_events": 1},
                                     {"drop_events": 1, "duplicate_events": 1}])
def test_lost_or_doubled_by_aws(aws, run, outcome):
    """The gzip is whole, and the ledger agrees: only CloudWatch knows."""
    exported_with(aws, run, outcome)
    verify = ("verify", "--bucket", BUCKET, "--log-group", G, *RANGE)
    run(*verify, check=0)
    r = run(*verify, "--source", "--output", "json")
    p, = r.json["problems"]
    assert r.status == 1 and p["problem"] == "source_differs" and p["from_ms"] == D0
    assert "stream 'one'" in p["message"]
    if len(outcome) == 2:
        assert "but not the same" in p["message"]
    else:
        there, here = map(int, re.findall(r"(\d+) events?, the bucket (\d+)", p["message"])[0])
        assert here - there == (1 if "duplicate_events" in outcome else -1)
    assert r.json["source_compared"] is False


def test_late_event(aws, archive):
    """CloudWatch took an event after the export."""
    archive("--source", check=0)
    put(aws, G, {"late": [(D0 + 77, "late")]})
    archive(check=0)
    r = archive("--source", "--output", "json")
    assert r.status == 1 and "stream 'late'" in r.json["problems"][0]["message"]


def test_swapped_events(aws, archive):
    """The number is right, the text is not."""
    key = archive.objects[0]
    text = gzip.decompress(_exported[key])
    bad = gzip.compress(text.replace(b"one of day 0", b"one of day O", 1))
    forge(aws, archive, key, bad)
    archive(check=0)
    assert "but not the same" in archive("--source").stderr


@pytest.mark.parametrize("settings", [{"empty_pages": 1}, {"page_events": 3}, {"page_bytes": 200}])
def test_pages_of_the_source(aws, archive, settings):
    aws.settings(**settings)
    archive("--source", check=0)


def test_retention_has_passed(aws, archive):
    aws.client("logs").put_retention_policy(logGroupName=G, retentionInDays=5)
    r = archive("--source", "--output", "json", check=0)
    assert r.json["source_compared"] is False and r.json["whole"] is True
    assert [w["source_events"] for w in r.json["windows"]].count(None) >= 1
    r = archive("--source", check=0)
    assert "keeps its events for 5 days" in r.stderr and "could be compared" in r.stdout
    assert "every event that CloudWatch holds" not in r.stdout


def test_group_deleted(aws, archive):
    aws.client("logs").delete_log_group(logGroupName=G)
    r = archive("--source", check=0)
    assert r.stderr.count("does not exist any more") == 1 and "0 of 2 windows" in r.stdout
    archive(check=0)


# ---- what cannot be checked ---------------------------------------------------------------------

def test_not_readable(aws, archive, run):
    """A 403 on one object is no damage, and the rest is looked at."""
    aws.faults({"action": "s3:GetObject", "kind": "error", "code": "AccessDenied", "status": 403,
                "message": "Access Denied", "count": 99, "key": archive.objects[0][-30:]})
    r = archive("--output", "json")
    assert r.status == 3 and r.json["complete"] is False and r.json["whole"] is False
    assert "s3:GetObject" in r.error["message"] and r.error["aws_code"] == "AccessDenied"
    assert len(r.json["windows"]) >= 1


def test_damage_and_not_readable(aws, archive):
    """Damage that was found stays found."""
    aws.faults({"action": "s3:GetObject", "kind": "error", "code": "AccessDenied", "status": 403,
                "message": "Access Denied", "count": 99, "key": archive.objects[0][-30:]})
    aws.client("s3").delete_object(Bucket=BUCKET, Key=archive.objects[1])
    r = archive("--output", "json")
    assert r.status == 1 and ("missing", archive.objects[1]) in problems(r)
    assert "not everything could be checked" in r.error["message"]


def test_archived_storage_class(aws, archive):
    aws.faults({"action": "s3:GetObject", "kind": "error", "code": "InvalidObjectState", "status": 403,
                "message": "The operation is not valid for the object's storage class", "count": 99,
                "key": ".gz"})
    archive().refused(3, "storage class", "--quick")
    archive("--quick", check=0)


def test_gone_while_we_look(aws, archive):
    aws.faults({"action": "s3:GetObject", "kind": "error", "code": "NoSuchKey", "status": 404,
                "message": "The specified key does not exist.", "count": 99, "key": archive.objects[0][-30:]})
    assert ("damaged", archive.objects[0]) in problems(archive("--output", "json"))


@pytest.mark.parametrize("fault", [
    {"kind": "truncate", "bytes": 30}, {"kind": "reset_before"}, {"kind": "corrupt", "offset": 30},
    {"kind": "status", "status": 503}, {"kind": "throttle"}])
def test_broken_on_the_way(aws, archive, fault):
    """What broke on the way is whole when it comes again."""
    aws.faults({"action": "s3:GetObject", "key": ".gz", **fault})
    archive("--source", check=0)


def test_stalls(aws, archive):
    aws.faults({"action": "s3:GetObject", "kind": "stall", "bytes": 20, "key": ".gz"})
    archive("--read-timeout", "1", check=0)
    aws.faults({"action": "s3:GetObject", "kind": "stall", "key": ".gz", "count": 99})
    archive("--read-timeout", "1", "--max-attempts", "1").refused(4, "s3:GetObject")


def test_two_groups(aws, archive, run):
    """A refusal of one group does not keep the other from being looked at."""
    put(aws, "/a", {})
    replace(aws, archive.objects[0], b"x")
    r = run("verify", "--bucket", BUCKET, "--log-group", "/gone", "--log-group", G, *RANGE,
            "--output", "json")
    assert r.status == 1 and ("changed", archive.objects[0]) in problems(r)


def test_hostile_names(aws, run):
    """Stream names and messages are escaped where a terminal would obey them, and exact in JSON."""
    make_bucket(aws)
    stream = "s\x1b]0;owned\x07\x9b2J\u202e"
    put(aws, G, {stream: [(D0 + 1, "\x1b[2Jx"), (D0 + 2, "y")]})
    aws.settings(pending_polls=0, running_polls=0)
    run("export", "--bucket", BUCKET, "--log-group", G, "--from", day(0), "--to", day(1), check=0)
    verify = ("verify", "--bucket", BUCKET, "--log-group", G, "--from", day(0), "--to", day(1))
    run(*verify, "--source", check=0)
    put(aws, G, {stream: [(D0 + 3, "z")]})
    for color in ("never", "always"):           # the stream's name is in the message
        r = run(*verify, "--source", "--color", color)
        assert r.status == 1 and "stream 's\\x1B]0;owned\\x07" in r.stderr
        assert "\x1b]" not in r.stdout + r.stderr and "\x07" not in r.stdout
    key = next(k for k in keys(aws) if k.endswith(".gz"))
    aws.client("s3").delete_object(Bucket=BUCKET, Key=key)
    r = run(*verify)
    assert r.status == 1 and not set(r.stdout + r.stderr) & set("\x1b\x07\x9b")
    assert "\\x1B]0;owned\\x07\\u009B" in r.stderr
    assert run(*verify, "--output", "json").json["problems"][0]["key"] == key


def test_memory_is_flat(aws, run, tmp_path):
    """200 MB of text in one object take hardly more memory than a few lines."""
    make_bucket(aws)
    put(aws, G, {"s": [(D0 + 1, "x")]})
    aws.settings(pending_polls=0, running_polls=0)
    run("export", "--bucket", BUCKET, "--log-group", G, "--from", day(0), "--to", day(1), check=0)
    entry = next(k for k in keys(aws) if k.endswith(".json"))
    key = next(k for k in keys(aws) if k.endswith(".gz"))
    block = b"".join(f"{iso(D0 + i)} {i} {'x' * 180}\n".encode() for i in range(10000))
    packed = gzip.compress(block, 1)
    peaks = []
    for n in (1, 95):
        body = packed * n
        replace(aws, key, body)

        def change(e):
            e["objects"][0].update(size=len(body), etag=hashlib.md5(body).hexdigest(),
                                   events=10000 * n, bytes=len(block) * n)
        rewrite(aws, entry, change)
        out = tmp_path / "peak"
        p = subprocess.run(["/usr/bin/env", "python3", "-c", (
            "import resource,subprocess,sys\n"
            "s=subprocess.run(sys.argv[2:]).returncode\n"
            "open(sys.argv[1],'w').write(str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss))\n"
            "sys.exit(s)"), str(out), program(), "verify", "--bucket", BUCKET, "--log-group", G,
            "--from", day(0), "--to", day(1)], env=run.env(), capture_output=True, text=True)
        assert p.returncode == 0, p.stdout + p.stderr
        peaks.append(int(out.read_text()))
    assert len(block) * 95 > 190e6
    assert peaks[1] < peaks[0] + 4096, peaks
