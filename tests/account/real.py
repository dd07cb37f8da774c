"""tests/real, which says how it is run."""

import argparse
import datetime
import gzip
import hashlib
import io
import json
import os
import signal
import subprocess
import sys
import time
import zlib

import boto3

import doubts
import scene as scenes
from scene import HOUR, attempt

SETTLE_MS = 13 * HOUR
EDGES = {f"{edge} {word}" for edge in ("past", "ahead") for word in ("before", "on", "after")} | {
    f"ingested {i}" for i in range(3)}


def say(text=""):
    print(text, file=sys.stderr, flush=True)


def iso(ms):
    return datetime.datetime.fromtimestamp(ms / 1000, datetime.timezone.utc).isoformat(timespec="minutes")


def members(body):
    """How many gzip members there are."""
    n = 0
    while body:
        d = zlib.decompressobj(wbits=31)
        d.decompress(body)
        body, n = d.unused_data, n + 1
    return n


def look(s, key):
    """An exported object, read with nothing of ours."""
    reply = s.s3.get_object(Bucket=s.bucket, Key=key, ChecksumMode="ENABLED")
    body = reply["Body"].read()
    text = gzip.GzipFile(fileobj=io.BytesIO(body)).read().decode()
    return {"key": key, "stream": key.split("/")[-2], "file": key.split("/")[-1], "size": len(body),
            "raw": len(text), "members": members(body), "text": text, "messages": set(doubts.messages([text])),
            "etag_is_md5": reply["ETag"].strip('"') == hashlib.md5(body).hexdigest(),
            "sse": reply.get("ServerSideEncryption"),
            "checksum": next((n for n in reply if n.startswith("Checksum") and n != "ChecksumType"), None)}


def refusals(s, now_ms):
    """Texts that the program goes by, and some that it passes on; nothing of it changes anything."""
    said, first = {}, {"fromTime": now_ms - HOUR, "to": now_ms}

    def task(name, **params):
        _, said[name] = s.create_task("refused", **{**first, **params})
    s.s3.delete_bucket_policy(Bucket=s.bucket)
    task("bucket without a policy")
    s.allow("s3:GetBucketAcl")
    task("policy without s3:PutObject")
    s.allow("s3:GetBucketAcl", "s3:PutObject")
    task("no such bucket", destination=f"{s.bucket}-that-is-not-there"[-63:].strip("-"))
    task("no such group", logGroupName="/apigw-logs-real/not-there")
    task("from after to", fromTime=now_ms, to=now_ms - 1)
    _, said["no such task"] = attempt(s.logs.describe_export_tasks, taskId="00000000-0000-0000-0000-000000000000")
    _, said["not a task's id"] = attempt(s.logs.describe_export_tasks, taskId="not a task")
    long = [{"Sid": f"S{i}", "Effect": "Deny", "Principal": "*", "Action": "s3:GetObject",
             "Resource": f"arn:{s.partition}:s3:::{s.bucket}/{'x' * 200}"} for i in range(90)]
    _, said["policy of 20 KB"] = attempt(s.s3.put_bucket_policy, Bucket=s.bucket, Policy=json.dumps(
        {"Version": "2012-10-17", "Statement": long}))
    s.allow("s3:GetBucketAcl", "s3:PutObject")
    for name, get in (("lock", "get_object_lock_configuration"), ("life cycle", "get_bucket_lifecycle_configuration"),
                      ("encryption", "get_bucket_encryption"), ("ownership", "get_bucket_ownership_controls"),
                      ("public access", "get_public_access_block")):
        _, said[f"no {name}"] = attempt(getattr(s.s3, get), Bucket=s.bucket)
    return said


def second_task(s, now_ms):
    """Two at once; the first is cancelled, or done by then."""
    first, _ = s.create_task("first", fromTime=now_ms - HOUR, to=now_ms)
    _, refused = s.create_task("second", fromTime=now_ms - HOUR, to=now_ms)
    if first:
        attempt(s.logs.cancel_export_task, taskId=first["taskId"])
    return refused


def program(s):
    """export and verify over the three hours around the boundary, and what the ledger then says."""
    past = s.state["past_ms"]
    select = ["--bucket", s.bucket, "--log-group", s.group("STANDARD"), "--from", f"@{(past - HOUR) // 1000}",
              "--to", f"@{(past + HOUR) // 1000}", "--output", "json"]
    found = {}
    for command in (["export", "--window", "1h"], ["verify", "--source"]):
        r = subprocess.run([os.environ["APIGW_LOGS"], *command, *select], capture_output=True, text=True)
        found[command[0]] = {"status": r.returncode, "stderr": r.stderr[-2000:]}
    entries = [json.load(s.s3.get_object(Bucket=s.bucket, Key=k)["Body"]) for k in s.keys("apigw-logs/_ledger/")]
    found["entries"] = [{k: e.get(k) for k in ("from", "state", "events", "early", "late", "window_by", "to_included")}
                        for e in entries]
    return found


def observe(s, poll_s, settled):
    now = time.time_ns() // 10**6
    past, ahead = s.state["past_ms"], s.state["ahead_ms"]
    said = refusals(s, now)
    times = s.ingested_ms()
    windows = {"past-1": (past - HOUR, past), "past-2": (past, past + HOUR),
               "ahead-1": (ahead - HOUR // 4, ahead), "ahead-2": (ahead, ahead + HOUR // 4),
               "all": (s.state["made_ms"] - 14 * 24 * HOUR, s.state["made_ms"] + 3 * HOUR)}
    if len(times) == 3:
        windows["ingestion"] = (times[0], times[1])
    tasks = {}
    for name, (from_ms, to_ms) in windows.items():
        say(f"task {name}: {iso(from_ms)} to {iso(to_ms)}")
        tasks[name] = s.run_task(name, from_ms, to_ms, poll_s)
    for log_class, was in s.state["classes"].items():
        if not was["create"]:
            tasks[f"class-{log_class}"] = s.run_task(f"class-{log_class}", past, s.state["made_ms"] + HOUR,
                                                       poll_s, log_class)
    said["a second task"] = second_task(s, now)
    files = {name: [look(s, k) for k in sorted(t["objects"]) if k.endswith(".gz")] for name, t in tasks.items()}
    return {
        "tasks": tasks, "refusals": said, "classes": s.state["classes"],
        "events": {n: {m for f in files[n] for m in f["messages"]} & EDGES for n in windows if n != "all"},
        "all": {m for f in files["all"] for m in f["messages"]},
        "exported": [n for n in tasks if any("of a class" in f["messages"] for f in files[n])],
        "files": files["all"], "texts": [f["text"] for f in files["all"]], "odd": scenes.ODD,
        "lines": scenes.LINES, "large": "x" * scenes.LARGE, "large_put": s.state["large"] or "taken",
        "volume": s.state["volume"], "markers": [k for k in s.keys() if k.endswith("aws-logs-write-test")],
        "program": program(s) if settled else None,
    }


def report(s, seen, settled):
    answers = doubts.answers(seen)
    for name, found in answers.items():
        say(f"{name:<20}{json.dumps(found['answer'], ensure_ascii=False)}")
    text = json.dumps({"tests_real": 1, "region": s.region, "settled": settled, "made": iso(s.state["made_ms"]),
                       "at": iso(time.time_ns() // 10**6), "tasks": {n: t["status"] or t["refused"]
                                                                     for n, t in seen["tasks"].items()},
                       "answers": answers}, indent=2, ensure_ascii=False, default=sorted)
    # AWS's refusals name the caller.
    print(text.replace(s.account, "ACCOUNT"))


def ask(s, volume_mb):
    # What a gigabyte costs to put into CloudWatch Logs: 0.50 to 0.90 dollars, by region.
    cents = 1 + round(volume_mb / 1024 * 90)
    say(f"""In account {s.account}, region {s.region}, this makes
  the S3 bucket '{s.bucket}', which must not be there yet, with a policy for CloudWatch Logs,
  the log groups {s.group('*')}, one of each class, with some {volume_mb + 2} MB of events,
  about a dozen export tasks, one after another on the one slot of the region,
and keeps them until --resume or --remove. It costs about {cents} cents.""")
    if not sys.stdin.isatty():
        sys.exit("nothing was made: without a terminal, say --yes")
    say("Go on? [y/N] ")
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        sys.exit("nothing was made")


def stop(*_signal):
    # Again in a second: what is raised while Python tidies up objects goes nowhere.
    signal.alarm(1)
    sys.exit(130)


def options():
    p = argparse.ArgumentParser(prog="tests/real")
    p.add_argument("--bucket", required=True, help="a new one, for this alone")
    p.add_argument("--region", default=os.environ.get("AWS_REGION"))
    p.add_argument("--profile")
    p.add_argument("--resume", action="store_true", help="export again what a first run made, and remove it")
    p.add_argument("--remove", action="store_true", help="remove it, and do nothing else")
    p.add_argument("--yes", action="store_true", help="do not ask")
    p.add_argument("--volume", type=int, default=32, help="MB of one stream, to see how large files get (32)")
    p.add_argument("--poll", type=float, default=5, help="seconds between looks at a task (5)")
    return p.parse_args()


def main():
    o = options()
    for number in (*scenes.STOPS, signal.SIGALRM):
        signal.signal(number, stop)
    session = boto3.Session(profile_name=o.profile, region_name=o.region)
    if not session.region_name:
        sys.exit("no region: say --region, or set AWS_REGION")
    s = scenes.Scene(session, o.bucket, o.volume)
    had = s.load()
    if o.resume or o.remove:
        if not had:
            sys.exit(f"bucket '{o.bucket}' has nothing of a first run")
    elif had:
        sys.exit(f"bucket '{o.bucket}' is of an earlier run: go on with --resume, or --remove it")
    elif not o.yes:
        ask(s, o.volume)
    keep = False
    try:
        if not o.remove:
            now = time.time_ns() // 10**6
            if not had:
                s.make(now)
            settled = now - s.state["made_ms"] >= SETTLE_MS
            s.run = "settled" if settled else "at-once"
            report(s, observe(s, o.poll, settled), settled)
            keep = not settled
    finally:
        # Whatever ended it.
        if keep:
            say(f"kept for --resume after {iso(s.state['made_ms'] + SETTLE_MS)}; --remove takes it away now")
        elif s.state:
            say(f"removing bucket '{o.bucket}' and the log groups {s.group('*')}")
            for number in (*scenes.STOPS, signal.SIGALRM):
                signal.signal(number, signal.SIG_IGN)
            refused = s.remove()
            if refused:
                sys.exit(f"bucket '{o.bucket}' is still there: {refused['message']}; run it again with --remove")


main()
