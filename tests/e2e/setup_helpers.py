"""Shared by the tests of the set-up commands."""

import json

DEFAULT_ROLE = "apigw-logs-cloudwatch"
MANAGED = "arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"
WRITES = ("Create", "Put", "Update", "Attach", "Delete", "Tag")


def iam_client(aws):
    """A client for IAM: with a custom endpoint, boto3 does not know the region to sign for."""
    return aws.client("iam", region="us-east-1")


def trust(*services, **more):
    statements = [{"Effect": "Allow", "Principal": {"Service": s}, "Action": "sts:AssumeRole",
                   **more} for s in services]
    return {"Version": "2012-10-17", "Statement": statements}


def make_role(aws, name, document=None, attach=True, **more):
    iam = iam_client(aws)
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(
        document or trust("apigateway.amazonaws.com")), **more)["Role"]
    if attach:
        iam.attach_role_policy(RoleName=name, PolicyArn=MANAGED)
    return role["Arn"]


def set_account_role(aws, arn):
    aws.client("apigateway").update_account(patchOperations=[
        {"op": "replace", "path": "/cloudwatchRoleArn", "value": arn}])


def account_role(aws):
    return aws.client("apigateway").get_account().get("cloudwatchRoleArn")


def writes(aws):
    """The logged calls that change something."""
    return [r["action"] for r in aws.requests() if r["op"].startswith(WRITES)]


def changes(result):
    return [(c["resource"], c["property"]) for c in result.json["changes"]]


def check_each_failure(aws, run, args, state, wanted, again=()):
    """Breaks each call of a run in turn, once before and once after it took effect; the next run, with
    the arguments `again` as well, must reach the wanted state. `state` creates what must exist
    beforehand, each time anew."""
    aws.reset()
    state()
    aws.clear_requests()
    run(*args, check=0)
    calls = [r["action"] for r in aws.requests()]
    assert len(calls) > 3
    for kind in ("error", "reset_after"):
        for n, action in enumerate(calls):
            aws.reset()
            state()
            aws.clear_requests()
            fault = {"action": "*", "kind": kind, "count": 1, "skip": n}
            if kind == "error":
                fault.update(code="AccessDenied", status=403, message=f"fault at call {n}")
            aws.faults(fault)
            broken = run(*args)
            assert [f["hits"] for f in aws.faults()] == [1], (kind, n, action)
            aws.clear_faults()
            if kind == "error":
                assert broken.status == 3, (n, action, broken)
                assert broken.stderr.count("apigw-logs: ") == 1, (n, action, broken)
                done = [line for line in broken.stdout.splitlines() if line.startswith("  done ")]
                assert len(done) <= n
            else:
                # a lost reply is retried, and the program copes with what has been done already
                assert broken.status == 0, (n, action, broken)
            run(*args, *again, check=0)
            wanted()
            last = run(*args, *again, "--output", "json", check=0)
            assert last.json["changes"] == [], (kind, n, action)
