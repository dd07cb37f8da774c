"""--remove of the set-up commands: what they made, and nothing of others'."""

import json

import pytest

from archive_helpers import bucket_policy
from setup_helpers import (DEFAULT_ROLE, MANAGED, account_role, changes, check_each_failure,
                           iam_client, make_role, set_account_role, writes)

B = "logs-of-the-tests"
BUCKET = ("setup-bucket", "--bucket", B)


def roles(aws):
    return [r["RoleName"] for r in iam_client(aws).list_roles()["Roles"]]


# ---- setup-role -----------------------------------------------------------------------------------

def test_role(aws, run):
    run("setup-role", check=0)
    aws.clear_requests()
    r = run("setup-role", "--remove", "-n", "--output", "json", check=0)
    assert changes(r) == [
        ("API Gateway account setting in eu-west-1", "CloudWatch Logs role"),
        (f"role '{DEFAULT_ROLE}'", "managed policy"), (f"role '{DEFAULT_ROLE}'", "role")]
    assert all(c["desired"] is None for c in r.json["changes"]) and writes(aws) == []
    r = run("setup-role", "--remove", check=0)
    assert "other regions" in r.stderr
    assert roles(aws) == [] and not account_role(aws)
    aws.clear_requests()
    assert run("setup-role", "--remove", check=0).stdout.startswith("nothing to change")
    assert writes(aws) == []


def test_a_role_that_is_not_set(aws, run):
    run("setup-role", check=0)
    theirs = make_role(aws, "theirs")
    set_account_role(aws, theirs)
    run("setup-role", "--remove", check=0)
    assert account_role(aws) == theirs and roles(aws) == ["theirs"]


def test_a_setting_whose_role_is_gone(aws, run):
    run("setup-role", check=0)
    iam_client(aws).detach_role_policy(RoleName=DEFAULT_ROLE, PolicyArn=MANAGED)
    iam_client(aws).delete_role(RoleName=DEFAULT_ROLE)
    run("setup-role", "--remove", check=0)
    assert not account_role(aws)


def test_a_role_of_others(aws, run):
    set_account_role(aws, make_role(aws, DEFAULT_ROLE))
    run("setup-role", "--remove").refused(3, "was not created by apigw-logs")
    assert account_role(aws) and roles(aws) == [DEFAULT_ROLE]


def test_a_role_that_others_gave_a_policy(aws, run):
    run("setup-role", check=0)
    iam = iam_client(aws)
    iam.put_role_policy(RoleName=DEFAULT_ROLE, PolicyName="theirs", PolicyDocument=json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}))
    aws.clear_requests()
    run("setup-role", "--remove").refused(3, "'theirs'")
    iam.delete_role_policy(RoleName=DEFAULT_ROLE, PolicyName="theirs")
    iam.attach_role_policy(RoleName=DEFAULT_ROLE, PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
    run("setup-role", "--remove").refused(3, "ReadOnlyAccess")
    assert account_role(aws)


def test_a_role_that_stages_log_with(aws, run, rest_api):
    api = rest_api("petstore", "prod")
    run("setup-role", check=0)
    run("enable-logging", "--api", api, "--level", "ERROR", "--access-log", check=0)
    aws.clear_requests()
    run("setup-role", "--remove").refused(3, "stage 'prod' of API 'petstore'",
                                          f"enable-logging --api {api} --remove")
    assert writes(aws) == []
    run("enable-logging", "--api", api, "--remove", check=0)
    run("setup-role", "--remove", check=0)
    assert roles(aws) == []


def test_role_each_call_failing_once(aws, run):
    def state():
        run("setup-role", check=0)

    def wanted():
        assert roles(aws) == [] and not account_role(aws)
    check_each_failure(aws, run, ("setup-role", "--remove"), state, wanted)


# ---- setup-bucket ---------------------------------------------------------------------------------

def sids(aws):
    return [s["Sid"] for s in json.loads(aws.client("s3").get_bucket_policy(Bucket=B)["Policy"])["Statement"]]


def test_bucket(aws, run):
    args = (*BUCKET, "--expire", "400", "--require-tls")
    run(*BUCKET, check=0)
    s3 = aws.client("s3")
    s3.put_object(Bucket=B, Key="apigw-logs/region=eu-west-1/x", Body=b"x")
    run(*args, check=0)
    r = run(*BUCKET, "--remove", check=0)
    assert r.stdout.count("  -  ") == 4 and "objects stay" in r.stderr
    for get in (s3.get_bucket_policy, s3.get_bucket_lifecycle_configuration):
        with pytest.raises(s3.exceptions.ClientError, match="NoSuch"):
            get(Bucket=B)
    assert s3.get_object(Bucket=B, Key="apigw-logs/region=eu-west-1/x")["Body"].read() == b"x"
    assert s3.get_public_access_block(Bucket=B)
    aws.clear_requests()
    assert run(*BUCKET, "--remove", check=0).stdout.startswith("nothing to change")
    assert writes(aws) == []


def test_another_prefix_and_what_others_have(aws, run):
    run(*BUCKET, "--expire", "400", check=0)
    s3 = aws.client("s3")
    document = json.loads(s3.get_bucket_policy(Bucket=B)["Policy"])
    theirs = {**bucket_policy(aws)["Statement"][0], "Sid": "theirs"}
    s3.put_bucket_policy(Bucket=B, Policy=json.dumps(
        {**document, "Statement": [theirs, *document["Statement"]]}))
    rules = s3.get_bucket_lifecycle_configuration(Bucket=B)["Rules"]
    tidy = {"ID": "tidy", "Status": "Enabled", "Filter": {"Prefix": "tmp/"}, "Expiration": {"Days": 1}}
    s3.put_bucket_lifecycle_configuration(Bucket=B, LifecycleConfiguration={"Rules": [tidy, *rules]})
    run(*BUCKET, "--prefix", "other", "--expire", "9", check=0)
    before = sids(aws)
    run(*BUCKET, "--remove", check=0)
    assert set(sids(aws)) < set(before) and len(sids(aws)) == len(before) - 1
    prefixes = [r["Filter"]["Prefix"] for r in s3.get_bucket_lifecycle_configuration(Bucket=B)["Rules"]]
    assert prefixes == ["tmp/", "other/region=", "other/_ledger/"]
    run(*BUCKET, "--prefix", "other", "--remove", check=0)
    assert json.loads(s3.get_bucket_policy(Bucket=B)["Policy"])["Statement"] == [theirs]
    assert s3.get_bucket_lifecycle_configuration(Bucket=B)["Rules"] == [tidy]


def test_no_bucket(aws, run):
    assert run(*BUCKET, "--remove", check=0).stdout.startswith("nothing to change")
    assert writes(aws) == []


def test_bucket_each_call_failing_once(aws, run):
    def state():
        run(*BUCKET, "--expire", "400", check=0)

    def wanted():
        with pytest.raises(aws.client("s3").exceptions.ClientError, match="NoSuchBucketPolicy"):
            sids(aws)
    check_each_failure(aws, run, (*BUCKET, "--remove"), state, wanted)


# ---- enable-logging -------------------------------------------------------------------------------

@pytest.fixture
def role(aws):
    set_account_role(aws, make_role(aws, "any"))


def test_logging(aws, run, role, rest_api):
    api = rest_api("petstore", "prod", "test")
    run("enable-logging", "--api", api, "--level", "INFO", "--data-trace", "--access-log", check=0)
    gw = aws.client("apigateway")
    aws.client("logs").create_log_group(logGroupName="/theirs")
    gw.update_stage(restApiId=api, stageName="test", patchOperations=[
        {"op": "replace", "path": "/accessLogSettings/destinationArn",
         "value": f"arn:aws:logs:eu-west-1:{aws.account}:log-group:/theirs"}])
    r = run("enable-logging", "--api", api, "--remove", check=0)
    assert "/theirs" in r.stderr and "--no-access-log" in r.stderr
    stages = {s["stageName"]: s for s in gw.get_stages(restApiId=api)["item"]}
    assert all(s["methodSettings"]["*/*"]["loggingLevel"] == "OFF" and
               not s["methodSettings"]["*/*"]["dataTraceEnabled"] for s in stages.values())
    assert "accessLogSettings" not in stages["prod"]
    assert stages["test"]["accessLogSettings"]["destinationArn"].endswith(":/theirs")
    names = [g["logGroupName"] for g in aws.client("logs").describe_log_groups()["logGroups"]]
    assert f"/aws/apigateway/{api}/prod" in names
    assert run("enable-logging", "--api", api, "--remove", check=0).stdout.startswith("nothing to")


def test_an_http_api(aws, run):
    http = aws.client("apigatewayv2")
    api = http.create_api(Name="orders", ProtocolType="HTTP")["ApiId"]
    http.create_stage(ApiId=api, StageName="$default")
    run("enable-logging", "--api", "orders", "--access-log", check=0)
    assert run("enable-logging", "--api", "orders", "--remove", check=0).stderr == ""
    assert "AccessLogSettings" not in http.get_stage(ApiId=api, StageName="$default")


@pytest.mark.parametrize("args", [
    ("setup-role", "--replace"), ("setup-role", "--tag", "a=b"), (*BUCKET, "--versioning"),
    (*BUCKET, "--expire", "4"), ("enable-logging", "--all-apis", "--level", "INFO"),
])
def test_usage(aws, run, args):
    run(*args, "--remove").refused(2, "--remove goes with")
    assert aws.requests() == []
