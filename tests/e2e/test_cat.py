"""cat: what it prints is compared with what was logged, and what it fetches with the local AWS's log."""

import collections
import itertools
import json
import subprocess

import pytest

from archive_helpers import BUCKET, D0, DAY, HOUR, date, day, iso, make_bucket, put
from conftest import program
from export_helpers import logging_api
from readings_helpers import GROUP, READINGS, W0, found, lay_down, lines, mixed, move_clock
from schema import validate
from terminal import on_terminal
from verify_helpers import EVENTS, G, RANGE, archive, exported, forge  # noqa: F401  (fixtures)

DAYS = 3
ID = "8f6f9cd1-9a4b-4dd2-b3a5-d9b5a5c8c1aa"


def text(events, raw=False):
    """What cat prints of [(stamp, message)]."""
    return "".join((m if raw else f"{iso(ms)} {m}") + "\n" for ms, m in events)


def in_order(streams, from_ms=0, to_ms=1 << 60):
    """[(stamp, message)] by time; at the same time, in the order of the streams."""
    return [(ms, m) for ms, _, m in sorted(
        ((ms, s, m) for s, events in streams.items() for ms, m in events if from_ms <= ms < to_ms),
        key=lambda e: e[:2])]


@pytest.fixture
def cat(aws, run):
    def go(*args, group=G, span=RANGE, **more):
        return run("cat", "--bucket", BUCKET, "--log-group", group, *span, *args, **more)
    return go


@pytest.fixture
def archived(aws, run, cat):
    """archived({stream: [(stamp, message)]}) exports days of G; returns cat."""
    def go(streams, days=2):
        aws.settings(pending_polls=0, running_polls=0)
        make_bucket(aws)
        put(aws, G, streams)
        run("export", "--bucket", BUCKET, "--log-group", G, "--from", day(0), "--to", day(days), check=0)
        aws.clear_requests()
        return cat
    return go


# ---- which, and in which order --------------------------------------------------------------------

def test_all_in_order_of_time(archive, cat):
    r = cat(check=0)
    assert r.stdout == text(in_order(EVENTS)) and r.stderr == ""


def test_raw(archive, cat):
    assert cat("--raw", check=0).stdout == text(in_order(EVENTS), raw=True)


def test_unordered_has_the_same(archive, cat):
    out = cat("--unordered", check=0).stdout.splitlines()
    assert collections.Counter(out) == collections.Counter(text(in_order(EVENTS)).splitlines())


@pytest.mark.parametrize("from_ms, to_ms", [
    (D0 + 1, D0 + DAY), (D0 + 3600777, D0 + 3600778), (D0 + DAY - 1, D0 + DAY + 1), (D0 + DAY, D0 + 2 * DAY)])
def test_a_range_of_any_length(aws, archive, cat, from_ms, to_ms):
    r = cat(span=("--from", iso(from_ms), "--to", iso(to_ms)), check=0)
    assert r.stdout == text(in_order(EVENTS, from_ms, to_ms)) and r.stdout


def test_only_objects_of_the_range_are_fetched(aws, archive, cat):
    cat(span=("--from", iso(D0 + 3600777), "--to", iso(D0 + 3600778)), check=0)
    objects = [r for r in aws.requests("s3:GetObject") if r["path"].endswith(".gz")]
    assert 0 < len(objects) < len([k for k in archive.objects if f"dt={day(0)}" in k])


def test_an_age_is_exact(aws, archived):
    now = D0 + 6 * DAY
    cat = archived({"s": [(now - 3 * DAY - 1000, "before"), (now - 3 * DAY + 600000, "after")]}, days=4)
    span = ("--from", iso(now - 3 * DAY))
    assert cat(span=span, check=0).stdout == text([(now - 3 * DAY + 600000, "after")])


def test_messages_of_several_lines(archived):
    cat = archived({"one": [(D0, "first\nsecond\n\nfourth"), (D0 + 2, f"embedded:\n{iso(D0 + 9 * DAY)} no event")],
                    "two": [(D0 + 1, "between\nthem")]})
    assert cat(check=0).stdout == text([
        (D0, "first\nsecond\n\nfourth"), (D0 + 1, "between\nthem"),
        (D0 + 2, f"embedded:\n{iso(D0 + 9 * DAY)} no event")])


@pytest.mark.parametrize("window_by, to", READINGS)
def test_under_each_reading(aws, run, cat, window_by, to):
    """Late and early events are printed at their time, and those on a boundary once."""
    events = mixed(DAYS)
    aws.settings(pending_polls=0, running_polls=0, window_by=window_by, to=to, check_skew=False)
    make_bucket(aws)
    lay_down(aws, events)
    for d in range(DAYS):
        move_clock(aws, W0 + (d + 1) * DAY + 13 * HOUR)
        run("export", "--bucket", BUCKET, "--log-group", GROUP, "--from", date(W0),
            "--to", date(W0 + (d + 1) * DAY))
    span = ("--from", date(W0), "--to", date(W0 + DAYS * DAY))
    there = found(aws)
    wanted = collections.Counter({k: n for k, n in (there & lines(events)).items()
                                  if date(W0) <= k[1] < date(W0 + DAYS * DAY)})
    # Nobody can tell from its text that an event was ingested at the very end of a window.
    twice = lines(e for e in events if (window_by, to) == ("ingestion", "inclusive") and e.ingested % DAY == 0)
    for how in [(), ("--unordered",)]:
        printed = cat(*how, "--output", "json", group=GROUP, span=span, check=0).json["events"]
        got = collections.Counter((e["stream"], iso(e["time_ms"]), e["message"]) for e in printed)
        assert not wanted - got and not got - wanted - twice
        if not how:
            assert [e["time_ms"] for e in printed] == sorted(e["time_ms"] for e in printed)


def test_more_than_fits_into_memory(archived, tmp_path):
    """40 MB in 60 streams: sorted in a file, of which nothing is left."""
    filler = "x" * 6000
    streams = {f"s{s:02}": [(D0 + i * 1000 + s, f"{s} {i} {filler}") for i in range(110)] for s in range(60)}
    cat = archived(streams)
    folder = tmp_path / "tmp"
    folder.mkdir()
    r = cat(env={"TMPDIR": str(folder)}, check=0)
    assert r.stdout == text(in_order(streams)) and not list(folder.iterdir())


def test_nowhere_to_sort(archived):
    streams = {f"s{s:02}": [(D0 + i * 1000 + s, "x" * 6000) for i in range(60)] for s in range(2)}
    cat = archived(streams)
    cat(env={"TMPDIR": "/nowhere"}).refused(6, "/nowhere", "TMPDIR", "--unordered")
    assert len(cat("--unordered", env={"TMPDIR": "/nowhere"}, check=0).stdout.splitlines()) == 120


# ---- conditions -----------------------------------------------------------------------------------

def test_grep(archived):
    cat = archived({"one": [(D0, "GET /pets 200"), (D0 + 1, "POST /pets 502"), (D0 + 2, "a\nGET /dogs\nb")]})
    assert cat("--grep", "^GET /(pets|dogs)", "--raw", check=0).stdout == "GET /pets 200\na\nGET /dogs\nb\n"
    assert cat("--grep", "2026", check=0).stdout == ""       # the stamp is not part of the message
    cat("--grep", "(").refused(2, "--grep", "regular expression")


LINES = {
    "json": [json.dumps({"requestId": f"id-{i}", "status": s, "responseLatency": str(n), "path": "/pets/{id}",
                         "deep": {"er": "é\t\"x\""}}) for i, (s, n) in
             enumerate([("200", 12), ("502", 1500), ("504", 29000), ("404", "-")])],
    "xml": [f'<request id="id-{i}"><status>{s}</status><responseLatency>{n}</responseLatency>'
            "<path>/pets/{id}</path></request>" for i, (s, n) in
            enumerate([("200", 12), ("502", 1500), ("504", 29000), ("404", "-")])],
    "clf": [f'1.2.3.4 - - [21/Nov/2026:13:00:00 +0000] "GET /pets/{{id}} HTTP/1.1" {s} {n} id-{i} x='
            for i, (s, n) in enumerate([("200", 12), ("502", 1500), ("504", 29000), ("404", "-")])],
}


@pytest.mark.parametrize("style, length", [("json", "responseLatency"), ("xml", "responseLatency"),
                                           ("clf", "responseLength")])
def test_where(archived, style, length):
    lines = LINES[style]
    cat = archived({"access": [(D0 + i, line) for i, line in enumerate(lines)] + [(D0 + 9, "something else")]})

    def matching(*conditions):
        args = itertools.chain.from_iterable(("--where", c) for c in conditions)
        return [lines.index(x) for x in cat("--raw", *args, check=0).stdout.splitlines()]
    assert matching("status=200") == [0]
    assert matching("status=5..") == [1, 2]
    assert matching("status!=5..") == [0, 3]
    assert matching("status=5") == []                            # the whole value
    assert matching(f"{length}>12") == [1, 2] and matching(f"{length}>=12") == [0, 1, 2]
    assert matching(f"{length}<1500") == [0] and matching(f"{length}<=1500") == [0, 1]
    assert matching("status=5..", f"{length}>2000") == [2]
    assert matching("path=/pets/{id}") == [0, 1, 2, 3]           # as it is, though no regular expression
    assert matching("requestId=id-3") == [3]
    assert matching("nothing=.*") == matching("nothing!=x") == []
    if style == "json":
        assert matching('deep.er=é\t"x"') == [0, 1, 2, 3]


def test_where_that_cannot_be(cat):
    cat("--where", "status").refused(2, "FIELD=VALUE")
    cat("--where", "=5").refused(2, "FIELD=VALUE")
    cat("--where", "responseLatency>fast").refused(2, "'fast' is not a number")


def test_a_request_in_both_kinds(aws, run, rest_api):
    """By its id, whatever the format, and not by one that begins with it."""
    api = logging_api(aws, rest_api, "petstore", "prod", access="/access")
    aws.settings(pending_polls=0, running_polls=0)
    make_bucket(aws)
    put(aws, "/access", {"a": [(D0 + 5, json.dumps({"requestId": ID, "status": "502"})),
                               (D0 + 6, json.dumps({"requestId": ID + "0", "status": "200"}))]})
    put(aws, f"API-Gateway-Execution-Logs_{api}/prod", {
        "b": [(D0 + 1, f"({ID}) Starting execution"), (D0 + 2, "(another) Starting execution"),
              (D0 + 8, f"({ID}) Method completed with status: 502")]})
    what = ("--bucket", BUCKET, "--api", "petstore", "--from", day(0), "--to", day(1))
    run("export", *what, check=0)
    r = run("cat", *what, "--request-id", ID, "--raw", check=0)
    assert r.stdout == (f"({ID}) Starting execution\n" + json.dumps({"requestId": ID, "status": "502"}) +
                        f"\n({ID}) Method completed with status: 502\n")
    assert run("cat", *what, "--request-id", ID, "--kind", "access", check=0).stdout.count("\n") == 1
    run("cat", *what, "--request-id", "no id").refused(2, "not a request ID")


# ---- what is missing or wrong ---------------------------------------------------------------------

def test_what_is_not_archived_is_said(archive, cat):
    r = cat(span=("--from", day(0), "--to", day(4)), check=0)
    assert r.stdout == text(in_order(EVENTS))
    assert G in r.stderr and iso(D0 + 2 * DAY)[:19] in r.stderr and "verify" in r.stderr
    assert cat("-q", span=("--from", day(0), "--to", day(4)), check=0).stderr == ""


@pytest.mark.parametrize("how", [(), ("--unordered",)])
def test_a_damaged_object(aws, archive, cat, how):
    bad = archive.objects[0]
    forge(aws, archive, bad, archive.exported[bad][:-9] + b"\0" * 9)
    r = cat(*how)
    assert r.status == 1 and bad in r.stderr and "1 object could not be printed" in r.stderr
    lines = r.stdout.splitlines()
    assert len(lines) == len(set(lines)) and 0 < len(lines) <= len(in_order(EVENTS))


def test_a_replaced_object(aws, archive, cat):
    aws.client("s3").put_object(Bucket=BUCKET, Key=archive.objects[0], Body=b"something else")
    r = cat()
    assert r.status == 1 and archive.objects[0] in r.stderr and "something else" not in r.stdout


def test_json(archive, cat):
    d = cat("--output", "json", check=0).json
    assert (d["schema_version"], d["bucket"], d["from_ms"], d["to_ms"]) == (1, BUCKET, D0, D0 + 2 * DAY)
    assert [(e["time_ms"], e["message"]) for e in d["events"]] == in_order(EVENTS)
    assert {(e["log_group"], e["stream"]) for e in d["events"]} == {(G, "one"), (G, "two-three")}
    assert d["complete"] is True
    *lines, run = map(json.loads, cat("--output", "ndjson", check=0).stdout.splitlines())
    assert [{**e, "type": "event"} for e in d["events"]] == [validate(e, "cat_event") for e in lines]
    validate({**{k: v for k, v in run.items() if k != "type"}, "events": []}, "cat")
    assert cat("--output", "json", "--grep", "nothing of the kind", check=0).json["events"] == []


# ---- where it goes --------------------------------------------------------------------------------

def test_a_reader_that_leaves(aws, run, archived):
    archived({"one": [(D0 + i, "x" * 2000) for i in range(300)]})
    p = run.start("cat", "--bucket", BUCKET, "--log-group", G, *RANGE)
    p.stdout.read(10)
    p.stdout.close()
    assert p.stderr.read() == "" and p.wait(60) == 141


def test_a_full_device(run, archived):
    archived({"one": [(D0 + i, "x" * 2000) for i in range(30)]})
    with open("/dev/full", "w") as full:
        p = subprocess.run([program(), "cat", "--bucket", BUCKET, "--log-group", G, *RANGE], stdout=full,
                           stderr=subprocess.PIPE, env=run.env(), text=True)
    assert p.returncode == 6 and "standard output" in p.stderr


def test_a_terminal_is_not_driven(run, archived):
    archived({"one": [(D0, "\033]0;title\007 \x9b31m and \u202e back \0 nul")]})
    shown = on_terminal(run, "cat", "--bucket", BUCKET, "--log-group", G, *RANGE).text
    assert "title" in shown and "\\x00" in shown
    assert "\033]" not in shown and "\u202e" not in shown and "\x9b" not in shown
