"""Shared by the tests of export: a command for one log group, and waiting for its calls."""

import json
import time

import pytest

from archive_helpers import BUCKET, D0, DAY, PREFIX, REGION, day, make_bucket, put, iso

G = "/logs/of-the-tests"
RANGE = ("--from", day(0), "--to", day(1))


@pytest.fixture
def export(aws, run):
    """export("--from", …) exports the group G, with fast tasks and an existing bucket."""
    aws.settings(pending_polls=0, running_polls=0)
    make_bucket(aws)

    def go(*args, group=G, **more):
        return run("export", "--bucket", BUCKET, "--log-group", group, *args, **more)
    go.start = lambda *args, **more: run.start("export", "--bucket", BUCKET, "--log-group", G,
                                               *args, **more)
    return go


def logging_api(aws, rest_api, name, *stages, access=None):
    """An API whose stages log; access: the name of the group of their access logs, with {} for the stage."""
    api = rest_api(name, *stages)
    gw = aws.client("apigateway")
    iam = aws.client("iam", region="us-east-1")
    if "cloudwatchRoleArn" not in gw.get_account():
        role = iam.create_role(RoleName="cw", AssumeRolePolicyDocument=json.dumps(
            {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
             "Principal": {"Service": "apigateway.amazonaws.com"}}]}))["Role"]["Arn"]
        iam.attach_role_policy(RoleName="cw", PolicyArn="arn:aws:iam::aws:policy/service-role/"
                               "AmazonAPIGatewayPushToCloudWatchLogs")
        gw.update_account(patchOperations=[
            {"op": "replace", "path": "/cloudwatchRoleArn", "value": role}])
    for stage in stages if access else ():
        put(aws, access.format(stage), {})
        gw.update_stage(restApiId=api, stageName=stage, patchOperations=[
            {"op": "replace", "path": "/accessLogSettings/destinationArn",
             "value": f"arn:aws:logs:{REGION}:{aws.account}:log-group:{access.format(stage)}"},
            {"op": "replace", "path": "/accessLogSettings/format", "value": "$context.requestId"}])
    return api


def states(result):
    return [w["state"] for w in result.json["windows"]]


def record_half_the_day(aws, second=False):
    """An entry for one half, as another run with another window would have left it; its key."""
    from_ms = D0 + DAY // 2 * second
    to_ms = from_ms + DAY // 2
    entry = {"schema_version": 1, "account": None, "region": REGION, "log_group": G, "api_id": None,
             "stage": None, "kind": None, "from": iso(from_ms), "from_ms": from_ms, "to": iso(to_ms),
             "to_ms": to_ms, "state": "empty", "task_id": None, "task_name": None, "objects": [],
             "destination_prefix": "x", "events": 0, "bytes": 0, "size": 0, "version": "0",
             "exported_at": iso(to_ms), "exported_at_ms": to_ms, "verified_at": iso(to_ms),
             "verified_at_ms": to_ms}
    key = f"{PREFIX}/_ledger/{REGION}/%2Flogs%2Fof-the-tests/{from_ms}-{to_ms}.json"
    aws.client("s3").put_object(Bucket=BUCKET, Key=key, Body=json.dumps(entry).encode())
    return key


def wait_for(condition, seconds=20):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)
