"""Logs: groups, streams, events, and the seed helper."""

import json
import time

import pytest
from aws import seed
from botocore.exceptions import ClientError

T0 = 1732060800000


def refused(call, **kw):
    with pytest.raises(ClientError) as e:
        call(**kw)
    return e.value.response["Error"]["Code"]


@pytest.fixture
def logs(aws):
    return aws.client("logs")


def test_groups(aws, logs):
    logs.create_log_group(logGroupName="/aws/b", logGroupClass="INFREQUENT_ACCESS",
                          tags={"k": "v"})
    for name in ("/aws/a", "zz"):
        logs.create_log_group(logGroupName=name)
    groups = logs.describe_log_groups()["logGroups"]
    assert [g["logGroupName"] for g in groups] == ["/aws/a", "/aws/b", "zz"]
    assert groups[1]["logGroupClass"] == "INFREQUENT_ACCESS"
    assert groups[0]["logGroupClass"] == "STANDARD" and "retentionInDays" not in groups[0]
    assert groups[0]["arn"] == groups[0]["logGroupArn"] + ":*"

    def names(**kw):
        return [g["logGroupName"] for g in logs.describe_log_groups(**kw)["logGroups"]]
    assert names(logGroupNamePrefix="/aws/") == ["/aws/a", "/aws/b"]
    assert names(logGroupNamePattern="z") == ["zz"]
    assert names(logGroupClass="INFREQUENT_ACCESS") == ["/aws/b"]
    assert names(logGroupIdentifiers=[groups[2]["logGroupArn"]]) == ["zz"]
    page = logs.describe_log_groups(limit=2)
    assert names(limit=2, nextToken=page["nextToken"]) == ["zz"]
    assert refused(logs.describe_log_groups, logGroupNamePrefix="a",
                   logGroupNamePattern="b") == "InvalidParameterException"
    assert refused(logs.create_log_group, logGroupName="zz") == "ResourceAlreadyExistsException"
    arn = groups[1]["logGroupArn"]
    assert logs.list_tags_for_resource(resourceArn=arn)["tags"] == {"k": "v"}
    assert refused(logs.list_tags_for_resource, resourceArn=arn + ":*")
    assert refused(logs.put_retention_policy, logGroupName="zz",
                   retentionInDays=2) == "InvalidParameterException"
    logs.put_retention_policy(logGroupName="zz", retentionInDays=30)
    assert logs.describe_log_groups(logGroupNamePrefix="z")["logGroups"][0]["retentionInDays"] == 30
    logs.delete_log_group(logGroupName="zz")
    assert names() == ["/aws/a", "/aws/b"]


def fill(logs, group="g"):
    logs.create_log_group(logGroupName=group)
    for stream in ("s1", "s2", "other"):
        logs.create_log_stream(logGroupName=group, logStreamName=stream)
        logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=[
            {"timestamp": T0 + i, "message": f"{stream} {i}"} for i in range(10)])


def test_filter_log_events(aws, logs):
    fill(logs)

    def texts(**kw):
        return [e["message"] for p in logs.get_paginator("filter_log_events").paginate(
            logGroupName="g", **kw) for e in p["events"]]
    assert len(texts()) == 30
    assert texts(startTime=T0 + 3, endTime=T0 + 3) == ["s1 3", "s2 3", "other 3"]
    assert len(texts(logStreamNamePrefix="s")) == 20
    assert len(texts(logStreamNames=["other"])) == 10
    assert texts(filterPattern='"s2 4"') == ["s2 4"]
    every = texts()
    aws.settings(page_events=7)
    assert texts() == every
    aws.settings(page_bytes=100, empty_pages=1)
    assert logs.filter_log_events(logGroupName="g")["events"] == []
    assert texts() == every
    assert texts(startTime=T0 + 5) == every[15:]
    assert refused(logs.filter_log_events, logGroupName="absent") == "ResourceNotFoundException"
    logs.delete_log_stream(logGroupName="g", logStreamName="s1")
    assert len(texts()) == 20


def test_get_log_events(logs):
    fill(logs)
    got = logs.get_log_events(logGroupName="g", logStreamName="s1", startTime=T0 + 2,
                              endTime=T0 + 5, startFromHead=True)
    assert [e["message"] for e in got["events"]] == ["s1 2", "s1 3", "s1 4"]
    seen, token = [], None
    while True:
        kw = {"nextToken": token} if token else {}
        page = logs.get_log_events(logGroupName="g", logStreamName="s1", limit=4,
                                   startFromHead=True, **kw)
        seen += page["events"]
        if page["nextForwardToken"] == token:
            break
        token = page["nextForwardToken"]
    assert [e["message"] for e in seen] == [f"s1 {i}" for i in range(10)]


def test_streams(logs):
    fill(logs)
    got = logs.describe_log_streams(logGroupName="g", logStreamNamePrefix="s")["logStreams"]
    assert [s["logStreamName"] for s in got] == ["s1", "s2"]
    assert (got[0]["firstEventTimestamp"], got[0]["lastEventTimestamp"]) == (T0, T0 + 9)
    arn = logs.describe_log_groups()["logGroups"][0]["logGroupArn"]
    page = logs.describe_log_streams(logGroupIdentifier=arn, limit=2)
    rest = logs.describe_log_streams(logGroupIdentifier=arn, limit=2, nextToken=page["nextToken"])
    assert len(page["logStreams"] + rest["logStreams"]) == 3
    assert refused(logs.describe_log_streams, logGroupName="g", orderBy="LastEventTime",
                   logStreamNamePrefix="s") == "InvalidParameterException"


def test_put_log_events_rules(aws, logs):
    fill(logs)

    def put(*events):
        return refused(logs.put_log_events, logGroupName="g", logStreamName="s1",
                       logEvents=[{"timestamp": t, "message": m} for t, m in events])
    assert put((T0 + 1, "b"), (T0, "a")) == "InvalidParameterException"
    assert put((T0, "a"), (T0 + 86400001, "b")) == "InvalidParameterException"
    assert put((T0, "x" * 1048576)) == "InvalidParameterException"
    aws.settings(allow_old_events=False)
    now = int(time.time() * 1000)
    got = logs.put_log_events(logGroupName="g", logStreamName="s1", logEvents=[
        {"timestamp": now - 15 * 86400000, "message": "old"}])
    assert got["rejectedLogEventsInfo"] == {"tooOldLogEventEndIndex": 1}


def test_seed(aws, logs):
    made = seed.seed(aws.client, events=400, streams=3, days=2, end="2024-11-20")
    assert made["events"] == 400 and made["to"] == "2024-11-20T00:00:00Z"
    for group in (made["access_group"], made["execution_group"]):
        events = [e for p in logs.get_paginator("filter_log_events").paginate(
            logGroupName=group, startTime=made["from_ms"], endTime=made["to_ms"] - 1)
            for e in p["events"]]
        assert len(events) == made["groups"][group]["events"] == 200
        stamps = {e["timestamp"] for e in events}
        assert {made["from_ms"], made["to_ms"] - 1, made["to_ms"] - 86400000} <= stamps
        assert any("\n" in e["message"] for e in events)
        twice = [e["logStreamName"] for e in events if e["message"] == "the same twice"]
        assert len(twice) == 4 and len(set(twice)) == 1
        assert any("[$LATEST]" in n for n in made["groups"][group]["streams"])
    stages = aws.client("apigateway").get_stages(restApiId=made["api_id"])["item"]
    assert [s["stageName"] for s in stages] == ["prod"]
    lines = [json.loads(e["message"]) for e in events if e["message"].startswith('{"requestId')]
    assert all(line["status"] for line in lines)
    again = seed.seed(aws.client, events=50, streams=2, days=1, end="2024-11-20",
                      api_id=made["api_id"], access_group="mine", kinds=("access",))
    assert again["groups"].keys() == {"mine"}


def test_delivery_source(aws, logs):
    """REST execution logs delivered by CloudWatch Logs: the stage's level must be on first."""
    api = seed.make_api(aws.client, "n", "prod")
    source = {"name": "s", "logType": "EXECUTION_LOGS", "resourceArn":
              f"arn:aws:apigateway:us-east-1:123456789012:/restapis/{api}/stages/prod"}
    assert refused(logs.put_delivery_source, **source) == "ValidationException"
    backend_role(aws)
    aws.client("apigateway").update_stage(restApiId=api, stageName="prod", patchOperations=[
        {"op": "replace", "path": "/*/*/logging/loglevel", "value": "INFO"}])
    assert logs.put_delivery_source(**source)["deliverySource"]["service"] == "apigateway"
    aws.client("s3").create_bucket(Bucket="bucket")
    to = logs.put_delivery_destination(name="d", deliveryDestinationConfiguration={
        "destinationResourceArn": "arn:aws:s3:::bucket"})["deliveryDestination"]["arn"]
    made = logs.create_delivery(deliverySourceName="s", deliveryDestinationArn=to)["delivery"]
    assert logs.get_delivery(id=made["id"])["delivery"]["deliverySourceName"] == "s"
    logs.put_delivery_source(**{**source, "name": "t"})
    second = logs.create_delivery(deliverySourceName="t", deliveryDestinationArn=to)["delivery"]
    found = [d["id"] for p in logs.get_paginator("describe_deliveries").paginate(
        PaginationConfig={"PageSize": 1}) for d in p["deliveries"]]
    assert found == sorted([made["id"], second["id"]])
    of_t, = logs.describe_deliveries(deliverySourceNames=["t"])["deliveries"]
    assert of_t["id"] == second["id"] and of_t["deliveryDestinationType"] == "S3"

    def sources(**kw):
        return [(s["name"], s["status"], s.get("statusReason")) for p in logs.get_paginator(
            "describe_delivery_sources").paginate(PaginationConfig={"PageSize": 1}, **kw)
            for s in p["deliverySources"]]
    assert sources() == [("s", "ACTIVE", None), ("t", "ACTIVE", None)]
    assert sources(resourceArns=[source["resourceArn"] + "x"]) == []
    aws.client("apigateway").delete_stage(restApiId=api, stageName="prod")
    assert sources()[0] == ("s", "INACTIVE", "RESOURCE_DELETED")
    logs.delete_delivery(id=made["id"])
    logs.delete_delivery_source(name="s")


def test_a_deleted_api_leaves_its_groups(aws, logs):
    made = seed.seed(aws.client, events=20, streams=1, days=1)
    gw = aws.client("apigateway")
    gw.delete_stage(restApiId=made["api_id"], stageName="prod")
    gw.delete_rest_api(restApiId=made["api_id"])
    assert gw.get_rest_apis()["items"] == []
    groups = [g["logGroupName"] for g in logs.describe_log_groups()["logGroups"]]
    assert groups == sorted([made["execution_group"], made["access_group"]])
    assert len(logs.filter_log_events(logGroupName=made["execution_group"])["events"]) == 10


def backend_role(aws):
    iam = aws.client("iam")
    arn = iam.create_role(RoleName="r", AssumeRolePolicyDocument=json.dumps(
        {"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Principal": {"Service": "apigateway.amazonaws.com"},
            "Action": "sts:AssumeRole"}]}))["Role"]["Arn"]
    iam.attach_role_policy(RoleName="r", PolicyArn="arn:aws:iam::aws:policy/service-role/"
                           "AmazonAPIGatewayPushToCloudWatchLogs")
    aws.client("apigateway").update_account(patchOperations=[
        {"op": "replace", "path": "/cloudwatchRoleArn", "value": arn}])
