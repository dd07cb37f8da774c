"""verify: what is whole, what CloudWatch Logs says of it, and what cannot be checked."""

import gzip
import hashlib
import json
import re
import subprocess

import pytest

from archive_helpers import BUCKET, D0, DAY, HOUR, PREFIX, REGION, day, iso, keys, make_bucket, put
from clock import moment_ms
from conftest import program
from schema import validate
from verify_helpers import (  # noqa: F401  (archive and exported are fixtures)
    EVENTS, G, RANGE, archive, exported, forge, problems, replace, rewrite)


# ---- whole --------------------------------------------------------------------------------------

def test_whole(aws, archive):
    r = archive(check=0)
    assert f"{sum(map(len, EVENTS.values()))} events" in r.stdout and "all whole" in r.stdout
    assert not [a for a in aws.requests() if a["op"].startswith(("Put", "Create", "Delete"))]
    assert len(aws.requests("s3:GetObject")) == len(archive.objects) + len(archive.entries)


def test_json(aws, archive):
    d = archive("--output", "json", "--source", check=0).json
    n = sum(map(len, EVENTS.values()))
    assert (d["schema_version"], d["bucket"], d["prefix"], d["region"]) == (1, BUCKET, PREFIX, REGION)
    assert (d["command"], d["account"], d["caller"]) == ("verify", aws.account, aws.client("sts").get_caller_identity()["Arn"])
    assert moment_ms() - DAY < d["started_at_ms"] <= d["ended_at_ms"] < moment_ms() + DAY
    assert d["version"] in subprocess.run([program(), "--version"], capture_output=True, text=True).stdout
    assert d["notes"] == []
    assert d["complete"] is d["whole"] is d["source_compared"] is True and d["problems"] == []
    assert d["events"] == n and d["objects"] == len(archive.objects)
    assert [(w["state"], w["events"], w["source_events"]) for w in d["windows"]] == [
        ("whole", n // 2, n // 2)] * 2
    assert [(w["from_ms"], w["to_ms"]) for w in d["windows"]] == [(D0, D0 + DAY),
                                                                 (D0 + DAY, D0 + 2 * DAY)]


def test_ndjson(aws, archive):
    """The same document in lines, whose last one says that it is all."""
    replace(aws, archive.objects[0], b"x")
    whole = archive("--output", "json").json
    r = archive("--output", "ndjson")
    *lines, run = map(json.loads, r.stdout.splitlines())
    assert r.stdout.isascii() and run.pop("type") == "run"
    split = {t: [x for x in lines if x["type"] == t] for t in ("window", "problem")}
    for kind, some in split.items():
        for x in some:
            validate(x, f"verify_{kind}")
            del x["type"]
    document = validate({**run, "windows": split["window"], "problems": split["problem"]}, "verify")
    for d in whole, document:
        for name in ("started_at", "started_at_ms", "ended_at", "ended_at_ms"):
            del d[name]
    assert document == whole and r.status == 1
    assert json.loads(r.stderr.splitlines()[-1])["error"]["kind"] == "found"


@pytest.mark.parametrize("jobs", ["1", "2", "64"])
def test_jobs(archive, jobs):
    archive("--jobs", jobs, "--source", check=0)


@pytest.mark.parametrize("args,words", [
    (("--jobs", "0"), "--jobs"), (("--jobs", "x"), "--jobs"), (("--source", "--quick"), "--quick"),
    (("--all",), "--all cannot be combined")])
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
    """Only windows that the range touches are checked, but these completely."""
    first = [k for k in archive.objects if f"dt={day(0)}" in k]
    replace(aws, first[0], b"damage")
    archive(span=("--from", day(1), "--to", day(2)), check=0)
    archive(span=("--from", f"{day(0)}T05:00", "--to", f"{day(0)}T06:00")).refused(1, "problem")


def test_ends_where_export_does(archive):
    """Without --to, the range ends with what has settled: gaps that no export could fill are not reported."""
    span = ("--from", day(0))
    r = archive("--output", "json", span=span)
    assert r.status == 1 and [p["problem"] for p in r.json["problems"]] == ["not_exported"]
    assert r.json["to_ms"] == D0 + 6 * DAY - (DAY if settled_ms() < D0 + 6 * DAY else 0)
    assert r.json["problems"][0]["to_ms"] == r.json["to_ms"]


def settled_ms():
    return moment_ms() - 12 * HOUR


@pytest.mark.usefixtures("within_the_hour")
@pytest.mark.parametrize("length", [DAY, 6 * HOUR])
def test_unsettled(aws, archive, run, length):
    """What is not due yet is neither a gap nor whole. What is due depends on --window."""
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
    # nothing since then has settled, which is reported but is not a mistake
    r = archive("--output", "json", span=("--from", "1h"))
    assert [w["state"] for w in r.json["windows"]] == ["unsettled"] and r.status == 0


def test_nothing_is_not_whole(aws, archive):
    put(aws, "/new", {})
    d = archive("--all", "--output", "json", group="/new", span=(), check=0).json
    assert d["windows"] == [] and d["problems"] == [] and d["whole"] is False


# ---- the source ---------------------------------------------------------------------------------

def exported_with(aws, run, outcome):
    make_bucket(aws)
    put(aws, G, EVENTS)
    aws.settings(pending_polls=0, running_polls=0, outcome=outcome)
    run("export", "--bucket", BUCKET, "--log-group", G, *RANGE, "--no-source", check=0)


@pytest.mark.parametrize("outcome", [{"drop_events": 1}, {"duplicate_events": 1},
                                     {"drop_events": 1, "duplicate_events": 1}])
def test_lost_or_doubled_by_aws(aws, run, outcome):
    """The gzip data is intact and the ledger agrees: only CloudWatch can tell."""
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
    """CloudWatch received an event after the export."""
    archive("--source", check=0)
    put(aws, G, {"late": [(D0 + 77, "late")]})
    archive(check=0)
    r = archive("--source", "--output", "json")
    assert r.status == 1 and "stream 'late'" in r.json["problems"][0]["message"]


def test_counts_first(aws, archive):
    """By counts where these are equal, for which nothing of CloudWatch's events is read."""
    for how in (), ("--quick",):
        aws.clear_requests()
        d = archive("--source=counts", "--output", "json", *how, check=0).json
        assert [(w["source"], w["source_events"]) for w in d["windows"]] == [("counts", 16)] * 2
        assert d["source_compared"] is True and re.search(r"scanned \d+ B .*US\$ 0\.00", d["notes"][-1])
        assert not aws.requests("logs:FilterLogEvents") and len(aws.requests("logs:StartQuery")) == 2
        if how:
            assert len(aws.requests("s3:GetObject")) == len(archive.entries)
    put(aws, G, {"late": [(D0 + 77, "late")]})
    for how in (), ("--quick",):
        aws.clear_requests()
        r = archive("--source=counts", "--output", "json", *how)
        p, = r.json["problems"]
        assert p["problem"] == "source_differs" and "stream 'late'" in p["message"]
        assert [w["source"] for w in r.json["windows"]] == ["events", "counts"]
        assert aws.requests("logs:FilterLogEvents")
    assert "as many as in CloudWatch" in archive("--source=counts").stdout


def test_what_cannot_be_counted_is_compared(aws, archive):
    key = aws.credentials("AKIAIOSFODNN7NOCOUNT", "secret", deny=["logs:StartQuery"])
    r = archive("--source=counts", "--output", "json", key=key, check=0)
    assert [w["source"] for w in r.json["windows"]] == ["events"] * 2
    assert "logs:StartQuery" in r.json["notes"][0]
    archive("--source=some").refused(2, "events or counts")


def test_swapped_events(aws, archive):
    """The number of events is right, but their text is not."""
    key = archive.objects[0]
    text = gzip.decompress(archive.exported[key])
    bad = gzip.compress(text.replace(b"one of day 0", b"one of day O", 1))
    forge(aws, archive, key, bad)
    archive(check=0)
    archive("--source=counts", check=0)
    assert "but not the same" in archive("--source=events").stderr


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
    assert r.stderr.count("no longer exists") == 1 and "0 of 2 windows" in r.stdout
    for quiet in (), ("-q",):       # the document has the notes, whoever reads standard error
        told, = archive("--source", "--output", "json", *quiet, check=0).json["notes"]
        assert "no longer exists" in told
    archive(check=0)


# ---- what cannot be checked ---------------------------------------------------------------------

def test_not_readable(aws, archive, run):
    """A 403 on one object is not damage, and the rest is checked."""
    aws.faults({"action": "s3:GetObject", "kind": "error", "code": "AccessDenied", "status": 403,
                "message": "Access Denied", "count": 99, "key": archive.objects[0][-30:]})
    r = archive("--output", "json")
    assert r.status == 3 and r.json["complete"] is False and r.json["whole"] is False
    assert "s3:GetObject" in r.error["message"] and r.error["aws_code"] == "AccessDenied"
    assert len(r.json["windows"]) >= 1


def test_damage_and_not_readable(aws, archive):
    """Damage that was found is reported whatever happens later."""
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
    for how in (), ("--source",):
        r = archive("--output", "json", *how, check=0)  # S3's checksum stands in for the content
        note, = r.json["notes"]
        assert "7 objects in an archive storage class" in note
        assert [w["source_events"] for w in r.json["windows"]] == [None, None]

    def forget(e):
        e["objects"][0].pop("checksum")
    rewrite(aws, archive.entries[0], forget)
    r = archive("--output", "json")
    assert (r.status, r.error["kind"], r.error["aws_code"]) == (3, "refused", "InvalidObjectState")
    assert [w["state"] for w in r.json["windows"]] == ["unchecked", "whole"] and not r.json["problems"]
    archive().refused(3, "storage class", "--quick")
    archive("--quick", check=0)
    replace(aws, archive.objects[-1], b"x")
    assert ("changed", archive.objects[-1]) in problems(archive("--output", "json"))


def test_how_it_is_stored(aws, archive):
    s3 = aws.client("s3")
    row = {"storage_class": "STANDARD", "encryption": "AES256", "kms_key": None}
    d = archive("--output", "json", check=0).json
    assert d["storage"] == [{**row, "objects": 7}] and d["notes"] == []
    key = archive.objects[0]
    kms = aws.client("kms").create_key()["KeyMetadata"]["Arn"]
    default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": kms}
    s3.put_bucket_encryption(Bucket=BUCKET, ServerSideEncryptionConfiguration={
        "Rules": [{"ApplyServerSideEncryptionByDefault": default}]})
    s3.put_object(Bucket=BUCKET, Key=key, Body=archive.exported[key], StorageClass="STANDARD_IA",
                  ServerSideEncryption="aws:kms", SSEKMSKeyId=kms)
    for how in (), ("--quick",):        # of what is not asked about, the ledger tells
        d = archive("--output", "json", *how).json
        rows = sorted(d["storage"], key=lambda r: r["objects"])
        assert rows[1] == {**row, "objects": 6} and rows[0]["storage_class"] == "STANDARD_IA"
        note, = d["notes"]
        assert "6 objects" in note and "AES256" in note and f"aws:kms and {kms}" in note
    assert rows[0]["encryption"] == "AES256" or rows[0]["kms_key"] == kms
    denied = aws.credentials("AKIAIOSFODNN7NOCONFIG", "secret", deny=["s3:GetEncryptionConfiguration"])
    assert "s3:GetEncryptionConfiguration" in archive("--output", "json", key=denied).json["notes"][0]
    replace(aws, key, archive.exported[key])
    aws.faults({"action": "s3:GetBucketEncryption", "kind": "status", "status": 501, "count": 9})
    assert "how the bucket encrypts is not known" in archive(check=0).stderr


def test_gone_while_we_look(aws, archive):
    aws.faults({"action": "s3:GetObject", "kind": "error", "code": "NoSuchKey", "status": 404,
                "message": "The specified key does not exist.", "count": 99, "key": archive.objects[0][-30:]})
    assert ("damaged", archive.objects[0]) in problems(archive("--output", "json"))


@pytest.mark.parametrize("fault", [
    {"kind": "truncate", "bytes": 30}, {"kind": "reset_before"}, {"kind": "corrupt", "offset": 30},
    {"kind": "status", "status": 503}, {"kind": "throttle"}])
def test_broken_on_the_way(aws, archive, fault):
    """What was damaged in transit is whole when it is fetched again."""
    aws.faults({"action": "s3:GetObject", "key": ".gz", **fault})
    archive("--source", check=0)


def test_stalls(aws, archive):
    aws.faults({"action": "s3:GetObject", "kind": "stall", "bytes": 20, "key": ".gz"})
    archive("--read-timeout", "1", check=0)
    aws.faults({"action": "s3:GetObject", "kind": "stall", "key": ".gz", "count": 99})
    archive("--read-timeout", "1", "--max-attempts", "1").refused(4, "s3:GetObject")


def test_two_groups(aws, archive, run):
    """If one group is refused, the other is checked nevertheless."""
    put(aws, "/a", {})
    replace(aws, archive.objects[0], b"x")
    r = run("verify", "--bucket", BUCKET, "--log-group", "/gone", "--log-group", G, *RANGE,
            "--output", "json")
    assert r.status == 1 and ("changed", archive.objects[0]) in problems(r)


def test_hostile_names(aws, run):
    """Stream names and messages are escaped on a terminal, and exact in JSON."""
    make_bucket(aws)
    stream = "s\x1b]0;owned\x07\x9b2J\u202e"
    put(aws, G, {stream: [(D0 + 1, "\x1b[2Jx"), (D0 + 2, "y")]})
    aws.settings(pending_polls=0, running_polls=0)
    run("export", "--bucket", BUCKET, "--log-group", G, "--from", day(0), "--to", day(1), check=0)
    verify = ("verify", "--bucket", BUCKET, "--log-group", G, "--from", day(0), "--to", day(1))
    run(*verify, "--source", check=0)
    put(aws, G, {stream: [(D0 + 3, "z")]})
    for color in ("never", "always"):           # the message contains the name of the stream
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
                                   sha256=hashlib.sha256(body).hexdigest(),
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
