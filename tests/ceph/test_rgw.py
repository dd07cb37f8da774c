"""The program against Ceph's RGW: a second judge of its signatures, and of what it takes for S3's ways."""

import concurrent.futures
import gzip
import json

import pytest

from archive_helpers import BUCKET, D0, DAY, HOUR, PREFIX, day, get, keys, make_bucket, plain, put
from program import Program

G = "/logs/of-the-tests"
SELECT = ("--bucket", BUCKET, "--log-group", G, "--from", day(0), "--to", day(2))
# What a stream may be called goes into keys and so into signed paths: nothing but ':' and '*' is barred.
ODD = ("plain", "a/b", "two  spaces", "[$LATEST]x", "100%", "%41%2F", "a+b=c&d?e#f", "ünï—ギ\U0001f600", "..", ".",
       "'q\"\\", "~-_.!()", "/lead/and/trail/", ";,@", "<tag>", "{a|b}^`")


_exported = {}


@pytest.fixture
def archive(aws, s3, tmp_path):
    """Two days of G with odd streams, exported into the local AWS and carried over to Ceph."""
    put(aws, G, {s: [(D0 + i * 3 * HOUR, f"{s} {i}") for i in range(16)] for s in ODD})
    if not _exported:
        make_bucket(aws)
        Program(aws, tmp_path)("export", *SELECT, check=0)
        _exported.update((key, get(aws, key)) for key in keys(aws))
    s3.create_bucket(Bucket=BUCKET)
    for key, body in _exported.items():
        s3.put_object(Bucket=BUCKET, Key=key, Body=body)
    return sorted(k for k in _exported if k.endswith(".gz"))


def listed(s3):
    return sorted(o["Key"] for page in s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET)
                  for o in page.get("Contents", ()))


def reads(request):
    return request.method == "GET" and request.path.endswith(".gz")


def gets(proxy):
    return [r for r in proxy.seen if reads(r)]


# ---- reading --------------------------------------------------------------------------------------

def test_archive_is_whole(s3, run, proxy, archive):
    """Odd keys are listed, signed and read; each GET by the ETag of the ledger."""
    run("verify", *SELECT, "--source", check=0)
    run("verify", *SELECT, "--quick", check=0)
    r = run("verify", "--bucket", BUCKET, "--log-group", G, "--all", "--output", "json", check=0)
    assert r.json["whole"] and len(archive) == 2 * len(ODD)
    assert {g.path for g in gets(proxy)} == {f"/{BUCKET}/{k}" for k in archive}
    assert all(g.headers["If-Match"] for g in gets(proxy))
    assert {s.status for s in proxy.seen} == {200}


def test_more_than_a_page(s3, run, proxy, archive):
    """Ceph continues after 1,000 keys, with the last key as the token."""
    more = [f"{archive[0].rsplit('/', 2)[0]}/{i:04d} +%41&=é/000000.gz" for i in range(1005)]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda key: s3.put_object(Bucket=BUCKET, Key=key, Body=b""), more))
    r = run("verify", *SELECT, "--quick", "--output", "json", check=1)
    assert sorted(p["key"] for p in r.json["problems"]) == more
    assert sum("continuation-token=" in s.query for s in proxy.seen) == 1


def test_damage(s3, run, archive):
    s3.delete_object(Bucket=BUCKET, Key=archive[3])
    s3.put_object(Bucket=BUCKET, Key=archive[7], Body=b"no gzip")
    s3.put_object(Bucket=BUCKET, Key=archive[0].replace("000000.gz", "000001.gz"), Body=gzip.compress(b"more\n"))
    r = run("verify", *SELECT, "--output", "json", check=1)
    found = {(p["problem"], p["key"]) for p in r.json["problems"]}
    assert {("missing", archive[3]), ("changed", archive[7])} <= found
    assert {key for _, key in found} == {archive[3], archive[7], archive[0].replace("000000.gz", "000001.gz")}


def test_replaced_while_we_look(s3, run, proxy, archive):
    """After the listing; Ceph refuses the GET by If-Match."""
    def replace(request):
        if reads(request):
            s3.put_object(Bucket=BUCKET, Key=archive[0], Body=b"another")
    proxy.before = replace
    r = run("verify", *SELECT, "--output", "json", check=1)
    assert [p["key"] for p in r.json["problems"]] == [archive[0]]
    assert 412 in [g.status for g in gets(proxy)]


def test_gone_while_we_look(s3, run, proxy, archive):
    def remove(request):
        if reads(request):
            s3.delete_object(Bucket=BUCKET, Key=archive[0])
    proxy.before = remove
    r = run("verify", *SELECT, "--output", "json", "--jobs", "1", check=1)
    assert [p["key"] for p in r.json["problems"]] == [archive[0]]
    assert 404 in [g.status for g in gets(proxy)]


def test_cut_on_the_way(run, proxy, archive):
    """Each object's first reply ends early; Ceph sends the rest of the same object, by Range and If-Match."""
    cut = set()

    def first_time(request):
        if not reads(request) or request.path in cut:
            return None
        cut.add(request.path)
        return 60
    proxy.before = first_time
    run("verify", *SELECT, "--source", check=0)
    assert len(cut) == len(archive)
    assert all(g.headers["If-Match"] for g in gets(proxy))
    assert sorted((g.headers["Range"] or "", g.status) for g in gets(proxy)) == (
        [("", 200)] * len(archive) + [("bytes=60-", 206)] * len(archive))


# ---- writing --------------------------------------------------------------------------------------

@pytest.fixture
def empty(aws, s3):
    """A group without events: tasks come to nothing, so their objects need not get into Ceph."""
    make_bucket(aws)
    s3.create_bucket(Bucket=BUCKET)
    put(aws, G, {"s": [(D0 - 3 * DAY, "older")]})
    return [f"{PREFIX}/_ledger/eu-west-1/%2Flogs%2Fof-the-tests/{D0 + i * DAY}-{D0 + (i + 1) * DAY}.json"
            for i in range(2)]


def test_entries_are_written_once(s3, run, proxy, empty):
    run("export", *SELECT, check=0)
    assert listed(s3) == empty
    puts = [s for s in proxy.seen if s.method == "PUT"]
    assert [(p.headers["If-None-Match"], p.status) for p in puts] == [("*", 200)] * 2
    before = [json.loads(s3.get_object(Bucket=BUCKET, Key=k)["Body"].read()) for k in empty]
    assert [e["state"] for e in before] == ["empty"] * 2
    run("export", *SELECT, check=0)
    run("verify", *SELECT, check=0)
    assert [json.loads(s3.get_object(Bucket=BUCKET, Key=k)["Body"].read()) for k in empty] == before


def test_an_entry_of_another_stays(s3, run, proxy, empty):
    """It comes after we looked, so Ceph's 412 is all that tells."""
    def other(request):
        if request.method == "PUT" and not listed(s3):
            s3.put_object(Bucket=BUCKET, Key=empty[0], Body=b"of another")
    proxy.before = other
    run("export", *SELECT)
    assert 412 in [s.status for s in proxy.seen if s.method == "PUT"]
    assert s3.get_object(Bucket=BUCKET, Key=empty[0])["Body"].read() == b"of another"


# ---- signatures, owners, refusals -----------------------------------------------------------------

def test_wrong_keys(aws, run, archive):
    """The local AWS knows these keys; Ceph knows the first by another secret, and not the second."""
    for key, word in (("AKIAIOSFODNN7LOCAL00", "SignatureDoesNotMatch"), ("AKIAIOSFODNN7NOBODY0", "InvalidAccessKeyId")):
        wrong = aws.credentials(key, secret_key="a/wrong+secret=0123456789", account=aws.account)
        run("verify", *SELECT, key=wrong).refused(3, word)


def test_owner_is_signed(run, proxy, archive):
    """Ceph does not look at the header, but at its signature."""
    run("verify", *SELECT, "--quick", check=0)
    for request in proxy.seen:
        assert request.headers["x-amz-expected-bucket-owner"], request
        assert "x-amz-expected-bucket-owner" in request.headers["Authorization"]


def test_no_such_bucket(run, s3):
    run("verify", *SELECT).refused(3, BUCKET)


def test_clock_that_is_wrong(run, proxy, archive, clock):
    """By an hour: Ceph refuses, and its Date sets us right."""
    clock.move(hours=1)
    run("verify", *SELECT, "--quick", check=0)
    assert [s.status for s in proxy.seen if s.status != 200] == [403]
