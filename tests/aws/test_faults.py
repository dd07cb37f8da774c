"""Faults, the control API, permissions."""

import http.client
import time

import pytest
from aws.rawhttp import logs_call, plain, send, signed
from botocore.exceptions import ClientError


def code(error):
    return error.value.response["Error"]["Code"]


def test_throttle_count_and_skip(aws):
    logs = aws.client("logs")
    aws.faults({"action": "logs:DescribeLogGroups", "kind": "throttle", "skip": 1, "count": 2})
    logs.describe_log_groups()
    for _ in range(2):
        with pytest.raises(ClientError) as e:
            logs.describe_log_groups()
        assert code(e) == "ThrottlingException"
    logs.describe_log_groups()
    assert aws.faults()[0]["hits"] == 2


@pytest.mark.parametrize("service,op,want", [
    ("iam", "list_roles", ("Throttling", 400)), ("s3", "list_buckets", ("SlowDown", 503)),
    ("apigateway", "get_rest_apis", ("TooManyRequestsException", 429)),
    ("sts", "get_caller_identity", ("Throttling", 400))])
def test_throttle_in_each_format(aws, service, op, want):
    aws.faults({"action": "*", "kind": "throttle", "retry_after": 7})
    with pytest.raises(ClientError) as e:
        getattr(aws.client(service), op)()
    meta = e.value.response["ResponseMetadata"]
    assert (code(e), meta["HTTPStatusCode"]) == want
    assert meta["HTTPHeaders"]["retry-after"] == "7"


def test_error_and_status(aws):
    aws.faults({"action": "iam:CreateRole", "kind": "error", "code": "LimitExceeded", "status": 409,
                "message": "too many"},
               {"action": "s3:*", "kind": "status", "status": 503, "body": ""},
               {"action": "logs:*", "kind": "status", "status": 500})
    with pytest.raises(ClientError) as e:
        aws.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument='{"Statement":[]}')
    assert code(e) == "LimitExceeded"
    resp = send(aws, signed(aws, "s3", "GET", "/"))
    assert (resp.status, resp.text) == (503, "")
    assert send(aws, logs_call(aws, "DescribeLogGroups")).status == 500
    assert send(aws, logs_call(aws, "DescribeLogGroups")).status == 200


def test_resets(aws):
    logs = aws.client("logs")
    aws.faults({"action": "logs:CreateLogGroup", "kind": "reset_before"})
    with pytest.raises((ConnectionError, http.client.HTTPException)):
        send(aws, logs_call(aws, "CreateLogGroup", b'{"logGroupName":"one"}'))
    assert logs.describe_log_groups()["logGroups"] == []
    aws.faults({"action": "logs:CreateLogGroup", "kind": "reset_after"})
    with pytest.raises((ConnectionError, http.client.HTTPException)):
        send(aws, logs_call(aws, "CreateLogGroup", b'{"logGroupName":"two"}'))
    assert [g["logGroupName"] for g in logs.describe_log_groups()["logGroups"]] == ["two"]


def test_damaged_bodies(aws):
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="bucket")
    s3.put_object(Bucket="bucket", Key="k", Body=b"0123456789")
    get = signed(aws, "s3", "GET", "/bucket/k")
    aws.faults({"action": "s3:GetObject", "key": "other", "kind": "truncate", "bytes": 4})
    assert send(aws, get).text == "0123456789"
    aws.clear_faults()
    aws.faults({"action": "s3:GetObject", "key": "k", "kind": "truncate", "bytes": 4})
    with pytest.raises(http.client.IncompleteRead) as e:
        send(aws, get)
    assert e.value.partial == b"0123"
    aws.faults({"action": "s3:GetObject", "kind": "corrupt", "offset": 3})
    assert send(aws, get).text == "0122456789"
    aws.faults({"action": "s3:GetObject", "kind": "s3_200_error"})
    resp = send(aws, get)
    assert resp.status == 200 and "<Error><Code>InternalError</Code>" in resp.text.replace("\n", "")
    aws.faults({"action": "s3:GetObject", "kind": "garbage"})
    assert "not what you asked" in send(aws, get).text


def test_stalls(aws):
    aws.faults({"action": "logs:*", "kind": "stall", "seconds": 5},
               {"action": "logs:*", "kind": "stall", "bytes": 3, "seconds": 5},
               {"action": "logs:*", "kind": "delay", "seconds": 0.3})
    for _ in range(2):
        with pytest.raises(TimeoutError):
            send(aws, logs_call(aws, "DescribeLogGroups"), timeout=0.3)
    begin = time.monotonic()
    assert send(aws, logs_call(aws, "DescribeLogGroups")).status == 200
    assert time.monotonic() - begin >= 0.3


def test_lists_that_mislead(aws):
    s3, logs = aws.client("s3"), aws.client("logs")
    s3.create_bucket(Bucket="bucket")
    for key in ("a/1", "b/1", "b/2"):
        s3.put_object(Bucket="bucket", Key=key, Body=b"")

    def page(**kw):
        got = s3.list_objects_v2(Bucket="bucket", Prefix="b/", **kw)
        return [o["Key"] for o in got["Contents"]], got.get("NextContinuationToken")
    aws.faults({"action": "s3:ListObjectsV2", "kind": "ignore_prefix"},
               {"action": "s3:ListObjectsV2", "kind": "endless", "count": 2},
               {"action": "logs:DescribeLogGroups", "kind": "endless", "count": 2})
    assert page() == (["a/1", "b/1", "b/2"], None)
    first = page()
    assert first == (["b/1", "b/2"], first[1]) and first[1]
    assert page(ContinuationToken=first[1]) == first
    assert page() == (["b/1", "b/2"], None)
    token = logs.describe_log_groups()["nextToken"]
    assert logs.describe_log_groups(nextToken=token)["nextToken"] == token
    assert "nextToken" not in logs.describe_log_groups()


def test_unknown_fault_is_refused(aws):
    with pytest.raises(RuntimeError):
        aws.faults({"action": "*", "kind": "explode"})
    with pytest.raises(RuntimeError):
        aws.faults({"action": "*", "kind": "delay", "for": 3})
    with pytest.raises(RuntimeError):
        aws.settings(no_such_setting=1)


def test_permissions(aws):
    key = aws.credentials("AKIADENIED0000000000", deny=["logs:CreateExportTask", "s3:Put*"],
                          arn="arn:aws:iam::123456789012:user/x")
    aws.client("s3").create_bucket(Bucket="bucket")
    with pytest.raises(ClientError) as e:
        aws.client("s3", key=key).put_object(Bucket="bucket", Key="k", Body=b"")
    assert code(e) == "AccessDenied" and "perform: s3:PutObject on resource" in str(e.value)
    with pytest.raises(ClientError) as e:
        aws.client("logs", key=key).create_export_task(
            logGroupName="/g", fromTime=0, to=1, destination="bucket")
    assert code(e) == "AccessDeniedException"
    assert ("User: arn:aws:iam::123456789012:user/x is not authorized to perform: "
            "logs:CreateExportTask on resource: arn:aws:logs:us-east-1:123456789012:log-group:/g:"
            ) in str(e.value)
    aws.client("logs", key=key).describe_log_groups()
    only = aws.credentials("AKIAALLOWED000000000", allow=["apigateway:GET"])
    aws.client("apigateway", key=only).get_rest_apis()
    with pytest.raises(ClientError) as e:
        aws.client("apigateway", key=only).create_rest_api(name="n")
    assert code(e) == "AccessDeniedException" and "apigateway:POST" in str(e.value)
    with pytest.raises(ClientError) as e:
        aws.client("iam", key=only).list_roles()
    assert code(e) == "AccessDenied"


def test_policy_document_and_log_of_actions(aws):
    doc = {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::bucket/logs/*"}]}
    key = aws.credentials("AKIAPOLICY0000000000", policy=doc)
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="bucket")
    for name in ("logs/a", "other"):
        s3.put_object(Bucket="bucket", Key=name, Body=b"x")
    aws.clear_requests()
    mine = aws.client("s3", key=key)
    mine.get_object(Bucket="bucket", Key="logs/a")
    for name in ("other", "logs/absent"):       # no s3:ListBucket: a missing key is 403 as well
        with pytest.raises(ClientError) as e:
            mine.get_object(Bucket="bucket", Key=name)
        assert code(e) == "AccessDenied"
    assert aws.iam_actions() == ["s3:GetObject"]
    rows = aws.requests("s3:GetObject")
    assert [r["status"] for r in rows] == [200, 403, 403] and rows[0]["key"] == "logs/a"
    assert rows[0]["key_id"] == "AKIAPOLICY0000000000" and rows[0]["bytes_out"] == 1


def test_control_api(aws):
    assert plain(aws, "GET", "/_local/health").status == 200
    assert plain(aws, "GET", "/_local/nothing").status == 404
    aws.settings(pending_polls=5)
    aws.client("logs").create_log_group(logGroupName="g")
    aws.reset()
    assert aws.settings()["pending_polls"] == 1
    assert aws.client("logs").describe_log_groups()["logGroups"] == []
    assert len(aws.requests()) == 1
