"""verify over many objects: the one that is damaged among a thousand, and S3 in bad weather."""

import concurrent.futures
import gzip
import hashlib
import json
import random
import re
import time

import pytest

from archive_helpers import BUCKET, D0, HOUR, calls, day, get, iso, keys, make_bucket, put
from test_verify_damage import DAMAGE
from verify_helpers import replace, rewrite

G = "/logs/of-the-tests"
SELECT = ("--bucket", BUCKET, "--log-group", G, "--from", day(0), "--to", day(1))


@pytest.fixture
def many(aws, run):
    """many(n, change): an archive of n objects, as if exported, in the first day; change(i, body) has
    its way with the body of the i-th. Returns their keys."""
    make_bucket(aws)
    put(aws, G, {"s0000": [(D0, "x")]})
    aws.settings(pending_polls=0, running_polls=0)
    run("export", *SELECT, check=0)
    s3 = aws.client("s3", max_pool_connections=8)
    entry_key = next(k for k in keys(aws) if k.endswith(".json"))
    entry = json.loads(get(aws, entry_key))
    first, = entry["objects"]
    bodies = {}

    def make(n, change=lambda i, body: body):
        entry["objects"] = []
        for i in range(n):
            key = first["key"].replace("s0000", f"s{i:04d}")
            text = f"{iso(D0 + i)} one\n{iso(D0 + 20 * HOUR)} of {i}\n".encode()
            bodies[key] = body = change(i, gzip.compress(text, mtime=0))
            entry["objects"].append({**first, "key": key, "stream": f"s{i:04d}", "size": len(body), "events": 2,
                                     "etag": hashlib.md5(body).hexdigest(), "bytes": len(text),
                                     "sha256": hashlib.sha256(body).hexdigest(),
                                     "first_event": iso(D0 + i), "first_event_ms": D0 + i,
                                     "last_event": iso(D0 + 20 * HOUR), "last_event_ms": D0 + 20 * HOUR})
        for name in ("events", "size", "bytes"):
            entry[name] = sum(o[name] for o in entry["objects"])
        bodies[entry_key] = json.dumps(entry).encode()
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda item: s3.put_object(Bucket=BUCKET, Key=item[0], Body=item[1]), bodies.items()))
        aws.clear_requests()
        return [o["key"] for o in entry["objects"]]
    return make


# ---- damage among many ----------------------------------------------------------------------------

def test_every_damage_in_the_thousandth_object(many, run):
    """The last objects of a thousand, each with a damage of its own; all others stay whole."""
    kinds, n = list(DAMAGE), 1000
    objects = many(n, lambda i, body: body if i < n - len(kinds) else DAMAGE[kinds[i - n]][0](body))
    r = run("verify", *SELECT, "--output", "json", check=1)
    found = [(p["key"], p["problem"]) for p in r.json["problems"]]
    assert found == [(key, "damaged") for key in objects[-len(kinds):]]
    for p, name in zip(r.json["problems"], kinds):
        assert DAMAGE[name][1] in p["message"], (name, p)


def test_only_the_thousandth(many, run):
    objects = many(1000, lambda i, body: body if i < 999 else body[:-1] + bytes([body[-1] ^ 1]))
    r = run("verify", *SELECT, "--output", "json", check=1)
    assert [(p["key"], p["problem"]) for p in r.json["problems"]] == [(objects[-1], "damaged")]


def test_bomb(many, run):
    """4 GB of lines in 15 MB: given up where the recorded text would have ended, and not inflated to its end."""
    bomb = gzip.compress((iso(D0).encode() + b" a line\n") * (2 << 20), 9) * 64
    objects = many(3, lambda i, body: bomb if i == 1 else body)
    began = time.monotonic()
    r = run("verify", *SELECT, "--output", "json", check=1)
    p, = r.json["problems"]
    assert (p["key"], p["problem"]) == (objects[1], "changed") and "more than the" in p["message"]
    assert time.monotonic() - began < 20


# ---- what vanishes while it is looked at -----------------------------------------------------------

def while_it_waits(aws, run, action, key, change, *args):
    """verify, and change() while it waits for the reply to the first call of the action."""
    aws.faults({"action": action, "key": key, "kind": "delay", "seconds": 1, "count": 1})
    p = run.start("verify", *SELECT, "--jobs", "1", "--output", "json", *args)
    deadline = time.monotonic() + 60
    while not any(f["hits"] for f in aws.faults()):
        assert p.poll() is None and time.monotonic() < deadline
        time.sleep(0.01)
    change()
    out, err = p.communicate(timeout=60)
    return p.returncode, out, err


def test_objects_vanish(aws, run, many):
    """A life cycle, or a person, removes what was just listed."""
    objects = many(12)

    def remove():
        aws.client("s3").delete_objects(Bucket=BUCKET, Delete={"Objects": [{"Key": k} for k in objects[6:]]})
    status, out, err = while_it_waits(aws, run, "s3:GetObject", objects[0], remove)
    assert status == 1, err
    assert sorted(p["key"] for p in json.loads(out)["problems"]) == objects[6:]


def test_the_entry_vanishes(aws, run, many):
    many(2)
    entry = next(k for k in keys(aws) if k.endswith(".json"))

    def remove():
        aws.client("s3").delete_object(Bucket=BUCKET, Key=entry)
    status, out, err = while_it_waits(aws, run, "s3:GetObject", entry, remove)
    # S3 acts after the delay.
    assert status == 1, err
    assert not json.loads(out)["whole"]


def test_the_bucket_vanishes(aws, run, many):
    objects = many(8)

    def remove():
        s3 = aws.client("s3")
        s3.delete_objects(Bucket=BUCKET, Delete={"Objects": [{"Key": k} for k in keys(aws)]})
        s3.delete_bucket(Bucket=BUCKET)
    status, _, err = while_it_waits(aws, run, "s3:GetObject", objects[0], remove)
    assert status in (1, 3), err
    assert "bucket" in err


# ---- bad weather ----------------------------------------------------------------------------------

STORMS = {
    "SlowDown": {"kind": "throttle"},
    "503 without a word": {"kind": "status", "status": 503, "body": ""},
    "429": {"kind": "status", "status": 429, "body": ""},
    "500": {"kind": "error", "code": "InternalError", "status": 500, "message": "We encountered an error."},
    "cut": {"kind": "truncate", "bytes": 20},
    "reset": {"kind": "reset_before"},
    "reset in the reply": {"kind": "reset_after"},
}


@pytest.mark.parametrize("name", list(STORMS))
def test_storm(aws, run, many, name):
    """Every third GET fails so, to the last. Any of them may be the same object's, thrice in a row."""
    objects = many(60)
    aws.faults(*({"action": "s3:GetObject", "key": ".gz", "skip": 3 * i, **STORMS[name]} for i in range(30)))
    r = run("verify", *SELECT, "--max-attempts", "10", "--output", "json", check=0)
    assert r.json["whole"] and r.json["objects"] == len(objects)
    assert calls(aws, "s3:GetObject") > len(objects) + 15


def test_the_rest_by_range(aws, run, many):
    """A truncated download is resumed where it ended, as long as the object is the same."""
    text = "".join(f"{iso(D0 + i)} {random.Random(i).getrandbits(400):x}\n" for i in range(20000)).encode()
    body = gzip.compress(text)
    objects = many(3, lambda i, old: body if i == 1 else old)
    rewrite(aws, next(k for k in keys(aws) if k.endswith(".json")), lambda e: e["objects"][1].update(
        events=20000, bytes=len(text), last_event_ms=D0 + 19999, last_event=iso(D0 + 19999)))
    key, third = objects[1], len(body) // 3
    aws.faults({"action": "s3:GetObject", "key": key, "kind": "truncate", "bytes": third},
               {"action": "s3:GetObject", "key": key, "kind": "throttle"},
               {"action": "s3:GetObject", "key": key, "kind": "stall", "bytes": third, "seconds": 30})
    run("verify", *SELECT, "--max-attempts", "5", "--read-timeout", "4", check=0)
    asked = [r for r in aws.requests("s3:GetObject") if r["key"] == key]
    assert [r["headers"].get("range") for r in asked] == [
        None, f"bytes={third}-", f"bytes={third}-", f"bytes={2 * third}-"]
    assert len({r["headers"]["if-match"] for r in asked}) == 1


def test_replaced_between_two_parts(aws, run, many):
    objects = many(2, lambda i, body: gzip.compress(f"{iso(D0)} {'x' * 9999}\n".encode(), 0) if i == 0 else body)
    aws.faults({"action": "s3:GetObject", "key": objects[0], "kind": "truncate", "bytes": 5000},
               {"action": "s3:GetObject", "key": objects[0], "kind": "delay", "seconds": 1})
    p = run.start("verify", *SELECT, "--output", "json")
    deadline = time.monotonic() + 60
    while not all(f["hits"] for f in aws.faults()):
        assert p.poll() is None and time.monotonic() < deadline
        time.sleep(0.01)
    replace(aws, objects[0], gzip.compress(f"{iso(D0)} {'y' * 9999}\n".encode(), 0))
    out, err = p.communicate(timeout=60)
    assert p.returncode == 1, err
    found, = json.loads(out)["problems"]
    assert found["key"] == objects[0] and "replaced" in found["message"]


def test_all_of_it_at_once(aws, run, many):
    many(60)
    aws.faults(*({"action": "s3:GetObject", "key": ".gz", "skip": 4 * i, **STORMS[name]}
                 for i, name in enumerate(3 * list(STORMS))))
    run("verify", *SELECT, "--max-attempts", "10", check=0)


def test_a_storm_that_does_not_end(aws, run, many):
    """S3 answers nothing but SlowDown: it is said, soon, and nothing is called damaged."""
    many(40)
    aws.faults({"action": "s3:GetObject", "key": ".gz", "kind": "throttle", "count": 100000})
    r = run("verify", *SELECT, "--jobs", "8", "--output", "json", check=4)
    assert "SlowDown" in r.stderr
    assert not r.json["problems"] and not r.json["complete"] and not r.json["whole"]
    assert calls(aws, "s3:GetObject") < 60      # not each object three times


def test_storm_at_cloudwatch(aws, run, many):
    """FilterLogEvents is throttled again and again, and the comparison is whole all the same."""
    events = {f"t{i}": [(D0 + i * HOUR + j, f"{i} {j}") for j in range(20)] for i in range(10)}
    other = "/logs/of-the-tests/other"
    put(aws, other, events)
    aws.settings(page_events=20)
    aws.faults(*({"action": "logs:FilterLogEvents", "kind": "throttle", "skip": 2 * i} for i in range(10)))
    select = tuple(other if a == G else a for a in SELECT)
    run("export", *select, check=0)
    run("verify", *select, "--source", check=0)
    assert not any(f["left"] for f in aws.faults()[:6])


# ---- an event of 1 MB ------------------------------------------------------------------------------

def test_an_event_of_a_megabyte(aws, run):
    """CloudWatch Logs counts 26 bytes for each beside its message."""
    make_bucket(aws)
    large = "é" * ((1048576 - 26) // 2)
    put(aws, G, {"s": [(D0 + 1, "before")]})
    put(aws, G, {"s": [(D0 + 2, large)]})
    put(aws, G, {"s": [(D0 + 2, "after")]})
    aws.settings(pending_polls=0, running_polls=0)
    run("export", *SELECT, check=0)
    r = run("verify", *SELECT, "--source", "--output", "json", check=0)
    assert r.json["events"] == 3
    key, = (k for k in keys(aws) if k.endswith(".gz"))
    assert len(re.findall(large, gzip.decompress(get(aws, key)).decode())) == 1
