"""verify: every kind of damage, done with boto3, is found, named and reflected in the exit status."""

import gzip
import hashlib
import json
import random
import zlib

import pytest

from archive_helpers import BUCKET, D0, DAY, HOUR, day, iso, ledger, put
from verify_helpers import (  # noqa: F401  (archive and exported are fixtures)
    G, LEDGER, archive, exported, forge, problems, replace, rewrite)


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
    forge(aws, archive, key, damage(archive.exported[key]))
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
    """The same damage, but not in agreement with the ledger: size and ETag reveal it without reading."""
    for body in (b"x", gzip.compress(b""), gzip.compress(f"{iso(D0)} other\n".encode())):
        replace(aws, archive.objects[0], body)
        for how in ((), ("--quick",)):
            assert problems(archive(*how, "--output", "json")) == [("changed", archive.objects[0])]


def test_same_size_other_bytes(aws, archive):
    body = bytearray(archive.exported[archive.objects[0]])
    body[20] ^= 0x10
    replace(aws, archive.objects[0], bytes(body))
    assert problems(archive("--quick", "--output", "json")) == [("changed", archive.objects[0])]
    r = archive("--output", "json")         # the present object is read, to say what has changed
    assert problems(r) == [("changed", archive.objects[0])]
    assert "ETag" in r.json["problems"][0]["message"]
    assert "gzip member 1 is damaged at byte" in r.json["problems"][0]["message"]


def test_same_text_other_bytes(aws, archive):
    """Size, ETag and text are as recorded, as S3's ETag says little where a KMS key encrypts."""
    key = archive.objects[0]
    body = archive.exported[key]
    body = body[:4] + b"1234" + body[8:]        # MTIME, which no reader of the text looks at
    forge(aws, archive, key, body)
    archive(check=0)
    recorded = hashlib.sha256(archive.exported[key]).hexdigest()
    record_sha256(aws, archive, key, recorded)
    archive("--quick", check=0)
    r = archive("--output", "json")
    assert problems(r) == [("changed", key)]
    assert recorded in r.json["problems"][0]["message"]
    assert hashlib.sha256(body).hexdigest() in r.json["problems"][0]["message"]
    record_sha256(aws, archive, key, None)      # as earlier versions wrote it
    archive(check=0)
    record_sha256(aws, archive, key, recorded.upper())
    assert [p["problem"] for p in archive("--output", "json").json["problems"]] == ["ledger"]


def record_sha256(aws, archive, key, sha256):
    def change(e):
        for o in e["objects"]:
            if o["key"] == key:
                o.pop("sha256", None)
                o.update({"sha256": sha256} if sha256 else {})
    rewrite(aws, archive.entries[0], change)


def test_checksum_of_s3(aws, archive):
    """--quick compares the checksum that S3 keeps: content is verified without a download."""
    key = archive.objects[0]
    aws.clear_requests()
    archive("--quick", check=0)
    assert len(aws.requests("s3:HeadObject")) == len(archive.objects)
    assert {r["headers"]["x-amz-checksum-mode"] for r in aws.requests("s3:HeadObject")} == {"ENABLED"}
    assert len(aws.requests("s3:GetObject")) == len(archive.entries)

    body = archive.exported[key][:-1] + b"\1"
    replace(aws, key, body)
    rewrite(aws, archive.entries[0], lambda e: [
        o.update(etag=hashlib.md5(body).hexdigest()) for o in e["objects"] if o["key"] == key])
    r = archive("--quick", "--output", "json")
    assert problems(r) == [("changed", key)] and "CRC64NVME" in r.json["problems"][0]["message"]


def test_checksum_that_cannot_be_had(aws, archive):
    key = archive.objects[0]
    aws.client("s3").put_object(Bucket=BUCKET, Key=key, Body=archive.exported[key], ChecksumAlgorithm="SHA1")
    r = archive("--quick", "--output", "json")
    assert problems(r) == [("changed", key)] and "SHA1" in r.json["problems"][0]["message"]
    archive(check=0)        # what is read is compared by SHA-256
    replace(aws, key, archive.exported[key])

    aws.faults({"action": "s3:HeadObject", "kind": "status", "status": 404, "count": 1, "key": key[-30:]})
    assert problems(archive("--quick", "--output", "json")) == [("damaged", key)]   # as a GET's 404
    aws.clear_faults()
    aws.faults({"action": "s3:HeadObject", "kind": "status", "status": 403, "count": 9, "key": key[-30:]})
    r = archive("--quick", "--output", "json")
    assert (r.status, r.error["kind"], r.json["whole"], r.json["complete"]) == (3, "refused", False, False)
    assert "s3:HeadObject" in r.error["message"]
    aws.clear_faults()

    def forget(e):          # an entry of an earlier version
        for o in e["objects"]:
            o.pop("checksum")
    for k in archive.entries:
        rewrite(aws, k, forget)
    aws.clear_requests()
    archive("--quick", check=0)
    assert not aws.requests("s3:HeadObject")


def test_flipped_bits(aws, archive):
    """Every flipped bit that changes the text or its checksum is found. The ledger's ETag is adjusted, so
    gzip itself must reveal it; Python's gzip tells which bits carry nothing (FTEXT, padding)."""
    rng = random.Random(7)
    key = archive.objects[0]
    good = archive.exported[key]
    size, missed = len(good), []
    # MTIME, XFL and OS carry no data: gzip accepts any value there
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
    """Intact gzip data and lines inside the window, but not those that were recorded."""
    key = archive.objects[0]
    lines = gzip.decompress(archive.exported[key]).splitlines(True)
    forge(aws, archive, key, gzip.compress(b"".join(lines[fewer:] + lines[:more])))
    assert problems(archive("--output", "json")) == [("changed", key)]


def test_multi_member(aws, archive):
    key = archive.objects[0]
    lines = gzip.decompress(archive.exported[key]).splitlines(True)
    forge(aws, archive, key, b"".join(gzip.compress(x) for x in lines) + gzip.compress(b""))
    archive("--source", check=0)


# ---- objects and ledger -------------------------------------------------------------------------

def test_missing(aws, archive):
    aws.client("s3").delete_object(Bucket=BUCKET, Key=archive.objects[1])
    for how in ((), ("--quick",), ("--source",)):
        assert problems(archive(*how, "--output", "json")) == [("missing", archive.objects[1])]
    archive().refused(1, "problem")
    assert archive.objects[1] in archive().stderr


def test_files_of_a_stream_without_a_gap(aws, archive):
    """Object and record removed together: the numbers of the files still tell."""
    first, second = [k for k in archive.objects if "/one/" in k and f"dt={day(0)}" in k]
    for gone, where in ((first, first), (second, None)):
        replace(aws, second, archive.exported[second])
        aws.client("s3").delete_object(Bucket=BUCKET, Key=gone)
        e = json.loads(archive.exported[archive.entries[0]])
        e["objects"] = [o for o in e["objects"] if o["key"] != gone]
        for n in ("events", "size", "bytes"):
            e[n] = sum(o[n] for o in e["objects"])
        replace(aws, archive.entries[0], json.dumps(e).encode())
        if where:
            assert problems(archive("--output", "json")) == [("missing", where)]
            assert problems(archive("--quick", "--output", "json")) == [("missing", where)]
        else:
            archive(check=0)        # the last one of a stream: only --source knows
            assert archive("--source").status == 1
        replace(aws, first, archive.exported[first])


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
    """A reader of the folder, such as Athena, would read these lines as well."""
    key = STRANGERS[name](archive.objects[0])
    replace(aws, key, archive.exported[archive.objects[0]])
    assert problems(archive("--output", "json")) == [("unrecorded", key)]
    archive(span=("--from", day(1), "--to", day(2)), check=0)


def test_marker_of_aws_is_no_stranger(aws, archive):
    key = archive.objects[0].split("/dt=")[0] + f"/dt={day(0)}/aws-logs-write-test"
    replace(aws, key, b"Permission Check Successful")
    archive(check=0)


def test_gap(aws, archive):
    for key in [o["key"] for o in ledger(aws)[0]["objects"]] + [archive.entries[0]]:
        aws.client("s3").delete_object(Bucket=BUCKET, Key=key)
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
    bad = BROKEN[name](json.loads(archive.exported[archive.entries[0]]))
    replace(aws, archive.entries[0], bad if isinstance(bad, bytes) else json.dumps(bad).encode())
    r = archive("--output", "json")
    assert ("ledger", None) in problems(r)
    assert archive.entries[0] in r.json["problems"][0]["message"]
    assert ("newer than this program" in r.json["problems"][0]["message"]) == (name == "of the future")


@pytest.mark.parametrize("name", ["01-2.json", "x.json", f"{D0}-{D0}.json", f"{D0 + DAY}-{D0}.json",
                                  f"0{D0 + 2 * DAY}-{D0 + 3 * DAY}.json", "1-2", "sub/1-2.json"])
def test_what_is_no_entry(aws, archive, name):
    """Other names in the ledger's folder are not taken for windows."""
    replace(aws, LEDGER + name, b"{}")
    archive(check=0)
    p = problems(archive("--output", "json", span=("--from", day(0), "--to", day(3))))
    assert p == [("not_exported", None)]


def test_overlap(aws, archive):
    """Two windows that share an hour contain its events twice."""
    e = {**json.loads(archive.exported[archive.entries[0]]), "from_ms": D0 + DAY - HOUR,
         "to_ms": D0 + DAY, "state": "empty", "objects": []}
    replace(aws, f"{LEDGER}{D0 + DAY - HOUR}-{D0 + DAY}.json", json.dumps(e).encode())
    r = archive("--output", "json")
    assert ("overlap", None) in problems(r)
    archive(span=("--from", day(1), "--to", day(2)), check=0)


def test_forged_destination(aws, archive):
    """Whatever an entry says, nothing outside its own window and folder is accepted for it."""
    rewrite(aws, archive.entries[0], lambda e: e.update(destination_prefix="other", task_id="x"))
    assert ("missing", archive.objects[0]) in problems(archive("--output", "json"))


def test_nothing_there(aws, archive, run):
    archive(group="/logs/of-the-test").refused(3, "does not exist", f"did you mean '{G}'",
                                               "nothing is recorded")
    archive("--all", group="/none", span=()).refused(3, "nothing is recorded")
    put(aws, "/new", {})
    assert problems(archive("--output", "json", group="/new")) == [("not_exported", None)]
    assert problems(archive("--output", "json", "--prefix", "other")) == [("not_exported", None)]
