"""doctor: each link of the chain broken alone is named as that link, and its hint mends it."""

import json
import shlex

import pytest

from setup_helpers import (DEFAULT_ROLE, MANAGED, iam_client, make_role, set_account_role, trust,
                           writes)

B = "logs-of-the-tests"
GROUP = "/aws/apigateway/access"


@pytest.fixture
def chain(aws, run, rest_api):
    api = rest_api("petstore", "prod")
    run("setup-role", check=0)
    run("setup-bucket", "--bucket", B, check=0)
    run("enable-logging", "--api", api, "--level", "INFO", f"--access-log={GROUP}", check=0)
    aws.clear_requests()
    return api


def doctor(run, *args, **how):
    return run("doctor", "--all-apis", "--bucket", B, *args, **how)


def links(r, *health):
    return [link for link in r.json["links"] if link["health"] in health]


def test_a_whole_chain(aws, run, chain):
    asked = len(aws.requests("sts:GetCallerIdentity"))
    r = doctor(run, "--output", "json", check=0)
    assert len(aws.requests("sts:GetCallerIdentity")) == asked + 1
    assert [(link["link"], link["health"]) for link in r.json["links"]] == [
        ("role", "good"), ("stage", "good"), ("log group", "good"), ("bucket", "good"),
        ("export slot", "good"), ("ledger", "doubtful")]
    assert writes(aws) == []
    text = doctor(run, check=0)
    assert "nothing has been exported yet" in text.stdout
    assert text.stdout.count("\u2713  ") == 5 and text.stderr == ""
    assert (quiet := doctor(run, "-q", check=0)).stdout == quiet.stderr == ""


def detach(aws):
    iam_client(aws).detach_role_policy(RoleName=DEFAULT_ROLE, PolicyArn=MANAGED)


def delete_role(aws):
    detach(aws)
    iam_client(aws).delete_role(RoleName=DEFAULT_ROLE)


def no_trust(aws):
    iam_client(aws).update_assume_role_policy(
        RoleName=DEFAULT_ROLE, PolicyDocument=json.dumps(trust("lambda.amazonaws.com")))


def foreign_role_without_trust(aws):
    arn = make_role(aws, "theirs")
    set_account_role(aws, arn)
    iam_client(aws).update_assume_role_policy(
        RoleName="theirs", PolicyDocument=json.dumps(trust("lambda.amazonaws.com")))


def logs_off(aws):
    gw = aws.client("apigateway")
    api = gw.get_rest_apis()["items"][0]["id"]
    gw.update_stage(restApiId=api, stageName="prod", patchOperations=[
        {"op": "replace", "path": "/*/*/logging/loglevel", "value": "OFF"},
        {"op": "remove", "path": "/accessLogSettings"}])


def delete_group(aws):
    aws.client("logs").delete_log_group(logGroupName=GROUP)


def delete_bucket(aws):
    aws.client("s3").delete_bucket(Bucket=B)


def without_statement(n):
    def break_it(aws):
        s3 = aws.client("s3")
        policy = json.loads(s3.get_bucket_policy(Bucket=B)["Policy"])
        del policy["Statement"][n]
        s3.put_bucket_policy(Bucket=B, Policy=json.dumps(policy))
    return break_it


@pytest.mark.parametrize("break_it, link, word", [
    (delete_role, "role", "does not exist"), (no_trust, "role", "does not trust"),
    (foreign_role_without_trust, "role", "'theirs' does not trust"),
    (detach, "role", "no permission"), (logs_off, "stage", "logs nothing"),
    (delete_group, "log group", "does not exist"), (delete_bucket, "bucket", "does not exist"),
    (without_statement(0), "bucket", "Acl"), (without_statement(1), "bucket", "Write"),
])
def test_each_link_broken_alone(aws, run, chain, break_it, link, word):
    break_it(aws)
    aws.clear_requests()
    doctor(run).refused(1, word, "1 link ")
    r = doctor(run, "--output", "json", check=1)
    one, = links(r, "broken", "unknown")
    assert one["link"] == link and word in one["message"]
    assert writes(aws) == []
    command = shlex.split(one["hint"])
    assert command[0] == "apigw-logs"
    run(*command[1:], check=0)
    doctor(run, check=0)


def test_no_role_at_all(run, rest_api):
    rest_api("petstore", "prod")
    r = run("doctor", "--api", "petstore", "--region", "eu-west-1", "--output", "json", check=1)
    assert [link["hint"].split(" --")[0] for link in links(r, "broken")] == [
        "apigw-logs setup-role", "apigw-logs enable-logging"]
    # pasted as it is, it works where the user works
    assert "--region eu-west-1" in r.json["links"][0]["hint"]


@pytest.mark.parametrize("denied, link", [
    ("apigateway:GET", "stage"), ("iam:GetRole", "role"), ("s3:GetBucketPolicy", "bucket"),
    ("s3:GetLifecycleConfiguration", "bucket"), ("s3:GetBucketObjectLockConfiguration", "bucket"),
    ("logs:DescribeExportTasks", "export slot"),
])
def test_a_missing_permission_makes_a_link_unknown(aws, run, chain, denied, link):
    key = aws.credentials("AKIADENIED0000000000", deny=[denied])
    r = doctor(run, "--output", "json", key=key, check=5)
    one, = links(r, "broken", "unknown")
    assert (one["link"], one["health"]) == (link, "unknown")
    assert denied in one["message"] and f"the permission {denied}," in one["hint"]
    text = doctor(run, "-q", key=key)
    assert text.status == 5 and text.stdout == "" and denied in text.stderr


def test_log_groups_that_cannot_be_listed(aws, run, chain):
    """Two links need it: the group of a stage, and the ledger, which asks for former groups."""
    key = aws.credentials("AKIADENIED0000000000", deny=["logs:DescribeLogGroups"])
    r = doctor(run, "--output", "json", key=key, check=5)
    assert [one["link"] for one in links(r, "unknown")] == ["log group", "ledger"]


def test_where_nothing_may_be_simulated(aws, run, chain):
    """Then the policies are looked at by their names."""
    key = aws.credentials("AKIADENIED0000000000", deny=["iam:SimulatePrincipalPolicy"])
    doctor(run, key=key, check=0)
    detach(aws)
    doctor(run, key=key).refused(1, "no permission", "1 link ")
    key = aws.credentials("AKIADENIED0000000000",
                          deny=["iam:SimulatePrincipalPolicy", "iam:ListAttachedRolePolicies"])
    r = doctor(run, "--output", "json", key=key, check=5)
    one, = links(r, "broken", "unknown")
    assert one["link"] == "role" and "iam:ListAttachedRolePolicies" in one["message"]


def test_a_permissions_boundary_that_denies_it(aws, run, chain):
    iam = iam_client(aws)
    arn = iam.create_policy(PolicyName="b", PolicyDocument=json.dumps({
        "Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}))["Policy"]["Arn"]
    iam.put_role_permissions_boundary(RoleName=DEFAULT_ROLE, PermissionsBoundary=arn)
    doctor(run).refused(1, "logs:CreateLogGroup", arn, "1 link ", "delete-role-permissions-boundary")


def test_policies_of_its_own_may_allow_the_same(aws, run, chain):
    detach(aws)
    iam_client(aws).put_role_policy(
        RoleName=DEFAULT_ROLE, PolicyName="own", PolicyDocument=json.dumps({
            "Version": "2012-10-17", "Statement": [
                {"Effect": "Allow", "Action": "logs:*", "Resource": "*"}]}))
    doctor(run, check=0)


def test_what_is_doubtful_is_no_fault(aws, run, chain):
    aws.client("apigateway").update_stage(restApiId=chain, stageName="prod", patchOperations=[
        {"op": "replace", "path": "/~1pets/GET/logging/loglevel", "value": "OFF"}])
    iam = iam_client(aws)
    iam.update_assume_role_policy(RoleName=DEFAULT_ROLE, PolicyDocument=json.dumps(trust(
        "apigateway.amazonaws.com", Condition={"StringEquals": {"aws:SourceAccount": "1"}})))
    aws.client("s3").delete_bucket_encryption(Bucket=B)
    aws.client("s3").put_public_access_block(Bucket=B, PublicAccessBlockConfiguration={
        "BlockPublicAcls": True})
    aws.settings(running_seconds=3600)
    aws.client("logs").create_export_task(logGroupName=GROUP, fromTime=0, to=1, destination=B,
                                          destinationPrefix="apigw-logs/x")
    r = doctor(run, "--output", "json", check=0)
    said = [link["message"] for link in links(r, "doubtful")]
    for word in ("aws:SourceAccount", "GET /pets: OFF", "public access block",
                 GROUP):
        assert any(word in message for message in said), (word, said)
    assert doctor(run, "-q", check=0).stderr == ""
    mend, = [link["hint"] for link in links(r, "doubtful") if "GET /pets" in link["message"]]
    run(*shlex.split(mend)[1:], check=0)
    got = aws.client("apigateway").get_stage(restApiId=chain, stageName="prod")["methodSettings"]
    assert got["~1pets/GET"]["loggingLevel"] == "INFO"


def test_an_http_api_needs_no_role(aws, run):
    http = aws.client("apigatewayv2")
    api = http.create_api(Name="orders", ProtocolType="HTTP")["ApiId"]
    http.create_stage(ApiId=api, StageName="$default")
    r = run("doctor", "--api", "orders", "--output", "json", check=1)
    one, = r.json["links"]
    assert one["link"] == "stage" and "--stage '$default' --access-log" in one["hint"]
    run(*shlex.split(one["hint"])[1:], check=0)
    run("doctor", "--api", "orders", check=0)


@pytest.mark.parametrize("args, words", [
    (("--stage", "prod"), ["--stage"]), (("--prefix", "x"), ["--bucket"]),
    (("--api", "nobody"), ["nobody"])])
def test_usage(run, args, words):
    r = run("doctor", *args)
    assert r.status in (2, 3)
    r.refused(r.status, *words)
