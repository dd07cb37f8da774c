"""Shared by the tests of export and verify: logs to export, and an independent look at the archive.

It reads the bucket with boto3 and Python's gzip, and never asks the program.
"""

import collections
import gzip
import hashlib
import json
import re
import time
import urllib.parse

from clock import moment_ms
from schema import validate

DAY, HOUR = 86400000, 3600000
D0 = moment_ms() // DAY * DAY - 6 * DAY     # midnight UTC, six days ago: long settled
BUCKET, PREFIX, REGION = "logs-of-the-tests", "apigw-logs", "eu-west-1"
STAMP = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) ", re.S)


def iso(ms):
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(ms // 1000)) + f".{ms % 1000:03d}Z"


def date(ms):
    return iso(ms)[:10]


def day(n):
    """Midnight of the n-th day, as an argument."""
    return date(D0 + n * DAY)


def bucket_policy(aws, bucket=BUCKET):
    principal = {"Service": f"logs.{REGION}.amazonaws.com"}
    return {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": principal, "Action": "s3:GetBucketAcl",
         "Resource": f"arn:aws:s3:::{bucket}"},
        {"Effect": "Allow", "Principal": principal, "Action": "s3:PutObject",
         "Resource": f"arn:aws:s3:::{bucket}/*",
         "Condition": {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control",
                                        "aws:SourceAccount": aws.account}}}]}


def make_bucket(aws, bucket=BUCKET, region=REGION, policy=True, key=None):
    s3 = aws.client("s3", region=region, key=key)
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": region})
    if policy:
        s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(bucket_policy(aws, bucket)))


def put(aws, group, streams):
    """Puts {stream: [(ms, message), ...]}, in order of time, in batches that span a day at most."""
    logs = aws.client("logs", parameter_validation=False)
    try:
        logs.create_log_group(logGroupName=group)
    except logs.exceptions.ResourceAlreadyExistsException:
        pass
    for name, events in streams.items():
        try:
            logs.create_log_stream(logGroupName=group, logStreamName=name)
        except logs.exceptions.ResourceAlreadyExistsException:
            pass
        batch = []
        for ms, message in sorted(events, key=lambda e: e[0]):
            if batch and ms - batch[0]["timestamp"] >= DAY:
                logs.put_log_events(logGroupName=group, logStreamName=name, logEvents=batch)
                batch = []
            batch.append({"timestamp": ms, "message": message})
        if batch:
            logs.put_log_events(logGroupName=group, logStreamName=name, logEvents=batch)
    return streams


def plain(days=1, n=6, streams=("one", "two/three"), first=D0):
    """A few events a day in each stream, including the first and the last moment of the day."""
    return {s: [(first + d * DAY + at, f"{s} of day {d} at {at}")
                for d in range(days)
                for at in sorted({0, DAY - 1, *(i * 3600777 for i in range(1, n - 1))})]
            for s in streams}


# ---- the second opinion -----------------------------------------------------------------------

def keys(aws, bucket=BUCKET, prefix=PREFIX + "/"):
    s3 = aws.client("s3")
    return [o["Key"] for p in s3.get_paginator("list_objects_v2").paginate(
        Bucket=bucket, Prefix=prefix) for o in p.get("Contents", ())]


def get(aws, key, bucket=BUCKET):
    return aws.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()


def ledger(aws, group=None, bucket=BUCKET, prefix=PREFIX):
    """The entries, in order of time."""
    folder = f"{prefix}/_ledger/" + (
        f"{REGION}/{urllib.parse.quote(group, safe='')}/" if group else "")
    entries = [json.loads(get(aws, k, bucket)) for k in keys(aws, bucket, folder) if "/_replaced/" not in k]
    for e in entries:
        if "version" in e:          # else a test wrote it, with what it needs alone
            validate(e, "ledger_entry")
    return sorted(entries, key=lambda e: (e["log_group"], e["from_ms"], e["to_ms"]))


def events_of(text):
    """[(stamp, message)]: an event begins with a line that begins with a time stamp."""
    out = []
    for line in text.split("\n"):
        if STAMP.match(line):
            out.append([line[:24], line[25:]])
        elif out:
            out[-1][1] += "\n" + line
        else:
            assert not line, line
    # the newline at the end of an event is not part of its message
    return [(s, m[:-1] if m.endswith("\n") else m) for s, m in out]


def archived(aws, group, bucket=BUCKET, prefix=PREFIX):
    """Counter of (stream folder, stamp, message) in the ledger's objects, each event counted in the
    window that it belongs to."""
    found = collections.Counter()
    for e in ledger(aws, group, bucket, prefix):
        total = 0
        for o in e["objects"]:
            body = get(aws, o["key"], bucket)
            assert len(body) == o["size"] and hashlib.sha256(body).hexdigest() == o["sha256"]
            events = events_of(gzip.decompress(body).decode())
            mine = [(s, m) for s, m in events if s != iso(e["to_ms"])]
            assert all(iso(e["from_ms"]) <= s < iso(e["to_ms"]) for s, m in mine), o["key"]
            assert o["events"] == len(mine), o
            total += len(mine)
            found.update((o["key"].split("/")[-2], s, m) for s, m in mine)
        assert e["events"] == total and e["state"] == ("exported" if e["objects"] else "empty")
    return found


def written(streams, from_ms=0, to_ms=1 << 60):
    return collections.Counter((s.replace("/", "-"), iso(ms), m) for s, events in streams.items()
                               for ms, m in events if from_ms <= ms < to_ms)


def assert_exact(aws, group, streams, from_ms=0, to_ms=1 << 60, bucket=BUCKET, prefix=PREFIX):
    """Asserts that no event is lost or duplicated, and that the ledger has every object in the bucket."""
    lost = written(streams, from_ms, to_ms) - archived(aws, group, bucket, prefix)
    more = archived(aws, group, bucket, prefix) - written(streams, from_ms, to_ms)
    assert not lost and not more, (lost, more)
    windows = [(e["from_ms"], e["to_ms"]) for e in ledger(aws, group, bucket, prefix)]
    assert all(a[1] <= b[0] for a, b in zip(windows, windows[1:])), windows
    here = {k for k in keys(aws, bucket, prefix + "/") if "/_ledger/" not in k}
    known = {o["key"] for e in ledger(aws, None, bucket, prefix) for o in e["objects"]}
    assert here == known, here ^ known


def tasks(aws):
    logs = aws.client("logs")
    out, token = [], {}
    while True:
        r = logs.describe_export_tasks(**token)
        out += r["exportTasks"]
        if "nextToken" not in r:
            return out
        token = {"nextToken": r["nextToken"]}


def calls(aws, action):
    return len(aws.requests(action))
