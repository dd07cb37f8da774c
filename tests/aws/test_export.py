"""Export tasks: states, the one slot, the checks of bucket and policy, and what is written."""

import gzip
import json
import time
import uuid

import pytest
from botocore.exceptions import ClientError

DAY = 86400000
T0 = 1732060800000                  # 2024-11-20T00:00:00Z


def grant(s3, bucket, region="us-east-1", prefix="p", account="123456789012", **spoil):
    conditions = {"StringEquals": {"aws:SourceAccount": account},
                  "ArnLike": {"aws:SourceArn": f"arn:aws:logs:{region}:{account}:log-group:*"}}
    who = {"Service": f"logs.{region}.amazonaws.com"}
    statements = [
        {"Effect": "Allow", "Principal": who, "Action": "s3:GetBucketAcl",
         "Resource": f"arn:aws:s3:::{bucket}", "Condition": conditions},
        {"Effect": "Allow", "Principal": who, "Action": "s3:PutObject",
         "Resource": f"arn:aws:s3:::{bucket}/{prefix}/*",
         "Condition": {"StringEquals": {**conditions["StringEquals"], "s3:x-amz-acl":
                                        spoil.get("acl", "bucket-owner-full-control")},
                       "ArnLike": conditions["ArnLike"]}}]
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(
        {"Version": "2012-10-17", "Statement": statements[spoil.get("skip", 0):]}))


@pytest.fixture
def ready(aws):
    s3, logs = aws.client("s3"), aws.client("logs")
    s3.create_bucket(Bucket="bucket")
    grant(s3, "bucket")
    logs.create_log_group(logGroupName="g")
    for stream in ("a/b", "2024/11/20/[$LATEST]x"):
        logs.create_log_stream(logGroupName="g", logStreamName=stream)
    logs.put_log_events(logGroupName="g", logStreamName="a/b", logEvents=[
        {"timestamp": T0, "message": "midnight"}, {"timestamp": T0 + 7, "message": "two\nlines"},
        {"timestamp": T0 + DAY - 1, "message": "last"}])
    logs.put_log_events(logGroupName="g", logStreamName="a/b", logEvents=[
        {"timestamp": T0 + DAY, "message": "next midnight"}])
    return aws


def create(aws, **more):
    args = {"logGroupName": "g", "fromTime": T0, "to": T0 + DAY, "destination": "bucket",
            "destinationPrefix": "p", **more}
    return aws.client("logs").create_export_task(
        **{k: v for k, v in args.items() if v is not None})["taskId"]


def status(aws, task):
    return aws.client("logs").describe_export_tasks(taskId=task)["exportTasks"][0]


def finish(aws, task):
    for _ in range(20):
        found = status(aws, task)
        if found["status"]["code"] in ("COMPLETED", "FAILED", "CANCELLED"):
            return found
    raise AssertionError("never ends")


def objects(aws, prefix=""):
    s3 = aws.client("s3")
    return {o["Key"]: s3.get_object(Bucket="bucket", Key=o["Key"])["Body"].read()
            for o in s3.list_objects_v2(Bucket="bucket", Prefix=prefix).get("Contents", [])}


def refused(call, *args, **kw):
    with pytest.raises(ClientError) as e:
        call(*args, **kw)
    error = e.value.response["Error"]
    return error["Code"], error["Message"]


def test_states_and_objects(ready):
    task = create(ready, taskName="name")
    assert str(uuid.UUID(task)) == task
    found = [status(ready, task) for _ in range(3)]
    assert [f["status"]["code"] for f in found] == ["PENDING", "RUNNING", "COMPLETED"]
    assert found[2]["executionInfo"]["completionTime"] and found[0]["taskName"] == "name"
    assert (found[2]["from"], found[2]["to"]) == (T0, T0 + DAY)
    got = objects(ready)
    assert got["p/aws-logs-write-test"] == b"Permission Check Successful"
    assert sorted(got) == sorted(["p/aws-logs-write-test", f"p/{task}/a-b/000000.gz"])
    lines = sorted(gzip.decompress(got[f"p/{task}/a-b/000000.gz"]).decode().splitlines())
    assert lines == sorted([
        "2024-11-20T00:00:00.000Z midnight", "2024-11-20T00:00:00.007Z two", "lines",
        "2024-11-20T23:59:59.999Z last", "2024-11-21T00:00:00.000Z next midnight"])
    head = ready.client("s3").head_object(Bucket="bucket", Key=f"p/{task}/a-b/000000.gz")
    assert head["ServerSideEncryption"] == "AES256"


def exported(aws, **more):
    """The messages of a day's task, sorted."""
    task = create(aws, **more)
    finish(aws, task)
    return sorted(line[25:] for v in objects(aws, f"p/{task}/").values()
                  for line in gzip.decompress(v).decode().splitlines())


@pytest.mark.parametrize("window_by", ["event", "ingestion"])
@pytest.mark.parametrize("to", ["inclusive", "exclusive"])
def test_readings_of_a_window(ready, window_by, to):
    """The four ways in which `from` and `to` may be meant."""
    logs = ready.client("logs")
    logs.create_log_group(logGroupName="edges")
    logs.create_log_stream(logGroupName="edges", logStreamName="s")
    times = {"before": T0 - 1, "first": T0, "last": T0 + DAY - 1, "end": T0 + DAY,
             "after": T0 + DAY + 1}
    ready.ingest("edges", "s", [(stamp, f"stamp {a}, ingestion {b}", ingested)
                                for a, stamp in times.items() for b, ingested in times.items()])
    ready.settings(window_by=window_by, to=to)
    what = "stamp" if window_by == "event" else "ingestion"
    inside = ["first", "last"] + (["end"] if to == "inclusive" else [])
    got = exported(ready, logGroupName="edges")
    assert len(got) == 5 * len(inside)
    assert all(f"{what} {name}" in " ".join(got) for name in inside)
    assert not [m for m in got if f"{what} before" in m or f"{what} after" in m]


def test_ingested_later(ready):
    """An event is in no answer and in no export before the service has received it."""
    logs, now = ready.client("logs"), int(time.time() * 1000)
    ready.ingest("g", "a/b", [(T0 + 9, "late", now + 3600000), (T0 + 9, "there", T0 + 10)])

    def read():
        kw = {"logGroupName": "g", "startTime": T0 + 9, "endTime": T0 + 10}
        first = [(e["message"], e["ingestionTime"]) for e in logs.filter_log_events(**kw)["events"]]
        second = [(e["message"], e["ingestionTime"]) for e in logs.get_log_events(
            **kw, logStreamName="a/b")["events"]]
        assert first == second
        return first
    assert read() == [("there", T0 + 10)] and "late" not in exported(ready)
    ready.settings(check_skew=False)
    ready.clock(3700)
    assert read() == [("late", now + 3600000), ("there", T0 + 10)]
    assert exported(ready).count("late") == 1
    ready.clock(0)
    assert len(read()) == 1


def test_ingestion_time_of_put_events(ready):
    """Shortly after the stamp; the time of the call if ingestion_delay_ms is null, and for an event
    stamped in the future."""
    logs, now = ready.client("logs"), int(time.time() * 1000)
    ready.settings(ingestion_delay_ms=250)
    put = lambda ms: logs.put_log_events(logGroupName="g", logStreamName="a/b", logEvents=[  # noqa: E731
        {"timestamp": ms, "message": "m"}])
    when = lambda ms: logs.filter_log_events(                                                # noqa: E731
        logGroupName="g", startTime=ms, endTime=ms)["events"][0]["ingestionTime"]
    put(T0 + 50), put(now + 60000)
    ready.settings(ingestion_delay_ms=None)
    put(T0 + 60)
    assert when(T0 + 50) == T0 + 300
    assert all(0 <= when(ms) - now < 60000 for ms in (now + 60000, T0 + 60))


def test_files_and_members(ready):
    logs = ready.client("logs")
    logs.put_log_events(logGroupName="g", logStreamName="2024/11/20/[$LATEST]x", logEvents=[
        {"timestamp": T0 + i, "message": f"event {i} " + "x" * 80} for i in range(1000)])
    ready.settings(file_bytes=50000, members=3)
    task = create(ready)
    finish(ready, task)
    folder = f"p/{task}/2024-11-20-[$LATEST]x/"
    got = objects(ready, folder)
    assert list(got)[:2] == [folder + "000000.gz", folder + "000001.gz"] and len(got) == 3
    assert all(v.count(b"\x1f\x8b\x08") >= 3 for v in got.values())
    lines = [line for k in sorted(got) for line in gzip.decompress(got[k]).splitlines()]
    assert len(lines) == 1000 and len(set(lines)) == 1000
    assert lines != sorted(lines), "the order is not guaranteed"


def test_empty_window_leaves_only_the_marker(ready):
    task = create(ready, fromTime=T0 + 2 * DAY, to=T0 + 3 * DAY, destinationPrefix="p")
    assert finish(ready, task)["status"]["code"] == "COMPLETED"
    assert list(objects(ready)) == ["p/aws-logs-write-test"]


def test_one_slot_and_paging(ready):
    logs = ready.client("logs")
    task = create(ready)
    assert refused(create, ready) == ("LimitExceededException", "Resource limit exceeded.")
    finish(ready, task)
    for _ in range(3):
        finish(ready, create(ready))
    rows, token = [], {}
    while True:
        page = logs.describe_export_tasks(limit=3, statusCode="COMPLETED", **token)
        rows += page["exportTasks"]
        if "nextToken" not in page:
            break
        token = {"nextToken": page["nextToken"]}
    assert len({r["taskId"] for r in rows}) == len(rows) == 4
    assert logs.describe_export_tasks(statusCode="RUNNING")["exportTasks"] == []
    assert logs.describe_export_tasks(taskId=str(uuid.uuid4()))["exportTasks"] == []


def test_outcomes(ready):
    ready.settings(outcome=[{"status": "FAILED", "message": "broken", "after_objects": 1},
                            {"drop_events": 1}, {"duplicate_events": 1}])
    task = create(ready)
    found = finish(ready, task)
    assert found["status"] == {"code": "FAILED", "message": "broken"}
    assert len(objects(ready, f"p/{task}/")) == 1
    counts = []
    for _ in range(3):
        task = create(ready)
        finish(ready, task)
        counts.append(sum(gzip.decompress(v).count(b"Z ") for v in
                          objects(ready, f"p/{task}/").values()))
    assert counts == [3, 5, 4]


def test_a_task_that_the_list_does_not_show_yet(ready):
    logs = ready.client("logs")
    ready.settings(outcome={"hidden_polls": 2})
    task = create(ready)
    found = [logs.describe_export_tasks(**kw)["exportTasks"] for kw in
             ({"taskId": task}, {}, {"taskId": task})]
    assert [len(f) for f in found] == [0, 0, 1]


def test_exported_checksum(ready):
    for there in (True, False):
        ready.settings(export_checksum=there)
        task = create(ready)
        finish(ready, task)
        head = ready.client("s3").head_object(Bucket="bucket", Key=f"p/{task}/a-b/000000.gz",
                                              ChecksumMode="ENABLED")
        assert ("ChecksumCRC64NVME" in head) == there


def test_cancel(ready):
    logs = ready.client("logs")
    task = create(ready)
    logs.cancel_export_task(taskId=task)
    assert status(ready, task)["status"]["code"] == "PENDING_CANCEL"
    assert finish(ready, task)["status"]["code"] == "CANCELLED"
    assert refused(logs.cancel_export_task, taskId=task)[0] == "InvalidOperationException"
    assert refused(logs.cancel_export_task, taskId="none")[0] == "ResourceNotFoundException"


def test_refusals(ready):
    s3 = ready.client("s3")
    assert refused(create, ready, logGroupName="other") == (
        "ResourceNotFoundException", "The specified log group does not exist.")
    assert refused(create, ready, destination="nobucket") == (
        "InvalidParameterException",
        "The given bucket does not exist. Please make sure the bucket is valid.")
    assert refused(create, ready, to=T0)[0] == "InvalidParameterException"
    ready.settings(to_before_creation="refused")
    assert refused(create, ready, fromTime=0, to=1)[0] == "InvalidParameterException"
    ready.client("s3", region="eu-west-1").create_bucket(
        Bucket="far-away", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    assert "region" in refused(create, ready, destination="far-away")[1]
    text = refused(create, ready, destinationPrefix="q")[1]
    assert text.startswith("PutObject call on the given bucket failed.")
    assert refused(create, ready, destinationPrefix=None)[1].startswith("PutObject call")
    for spoil in ({"acl": "private"}, {"account": "999999999999"}, {"region": "eu-west-1"},
                  {"skip": 1}):
        grant(s3, "bucket", **spoil)
        want = "PutObject" if "acl" in spoil else "GetBucketAcl"
        text = refused(create, ready)[1]
        assert text == (f"{want} call on the given bucket failed. Please check if CloudWatch Logs "
                        "has been granted permission to perform this operation.")
    s3.delete_bucket_policy(Bucket="bucket")
    assert refused(create, ready)[1].startswith("GetBucketAcl call")


def test_caller_needs_put_object(ready):
    key = ready.credentials("AKIANOPUT00000000000", deny=["s3:PutObject"])
    got = refused(ready.client("logs", key=key).create_export_task, logGroupName="g", fromTime=T0,
                  to=T0 + DAY, destination="bucket", destinationPrefix="p")
    assert got == ("AccessDeniedException", "Please ensure that the CreateExportTask caller has "
                   "been granted s3:PutObject access to the bucket.")


def test_unsettled_events(ready):
    now = int(time.time() * 1000)
    ready.ingest("g", "a/b", [(T0 + 9, "just come", now - 1000), (T0 + 9, "settled", now - 3700000)])
    ready.settings(settle_seconds=3600)
    task = create(ready)
    finish(ready, task)
    text = gzip.decompress(objects(ready, f"p/{task}/").popitem()[1])
    assert b"settled" in text and b"just come" not in text


def test_by_seconds(ready):
    ready.settings(pending_seconds=0, running_seconds=0)
    task = create(ready)
    assert status(ready, task)["status"]["code"] == "COMPLETED"
    create(ready)
    assert len(objects(ready)) == 3, "the objects are there without a poll"
