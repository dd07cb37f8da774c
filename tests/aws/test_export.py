"""Export tasks: states, the one slot, the checks of bucket and policy, and what is written."""

import gzip
import json
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


def test_to_exclusive(ready):
    ready.settings(to_inclusive=False, pending_polls=0, running_polls=0)
    task = create(ready)
    assert status(ready, task)["status"]["code"] == "COMPLETED"
    assert b"next midnight" not in b"".join(
        gzip.decompress(v) for k, v in objects(ready).items() if k.endswith(".gz"))


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
    ready.settings(settle_seconds=3600)
    task = create(ready)
    finish(ready, task)
    assert objects(ready, f"p/{task}/") == {}


def test_by_seconds(ready):
    ready.settings(pending_seconds=0, running_seconds=0)
    task = create(ready)
    assert status(ready, task)["status"]["code"] == "COMPLETED"
    create(ready)
    assert len(objects(ready)) == 3, "the objects are there without a poll"
