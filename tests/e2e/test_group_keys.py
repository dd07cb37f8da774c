"""enable-logging --kms-key: the key of the log groups."""

import json

import pytest

from setup_helpers import changes, make_role, set_account_role, writes

SERVICE = "logs.eu-west-1.amazonaws.com"
LET_IN = {"Sid": "logs", "Effect": "Allow", "Principal": {"Service": SERVICE}, "Resource": "*",
          "Action": ["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*"]}


def make_key(aws, *statements, **more):
    root = {"Sid": "root", "Effect": "Allow", "Action": "kms:*", "Resource": "*",
            "Principal": {"AWS": f"arn:aws:iam::{aws.account}:root"}}
    return aws.client("kms").create_key(Policy=json.dumps(
        {"Version": "2012-10-17", "Statement": [root, *statements]}), **more)["KeyMetadata"]["Arn"]


@pytest.fixture
def api(aws, rest_api):
    set_account_role(aws, make_role(aws, "any"))
    return rest_api("petstore", "prod")


def keys(aws):
    return {g["logGroupName"]: g.get("kmsKeyId")
            for g in aws.client("logs").describe_log_groups()["logGroups"]}


def test_new_groups_and_those_there_are(aws, run, api):
    execution, access = f"API-Gateway-Execution-Logs_{api}/prod", f"/aws/apigateway/{api}/prod"
    aws.client("logs").create_log_group(logGroupName=execution)
    key = make_key(aws, LET_IN)
    args = ("enable-logging", "--api", api, "--level", "INFO", "--access-log", "--kms-key", key)
    r = run(*args, "--output", "json", check=0)
    assert changes(r)[:2] == [(f"log group '{execution}'", "KMS key"),
                              (f"log group '{access}'", "log group")]
    assert keys(aws) == {execution: key, access: key}
    aws.clear_requests()
    assert run(*args, check=0).stdout.startswith("nothing to change")
    # By itself, it concerns what the stage logs to.
    other = make_key(aws, LET_IN)
    aws.clear_requests()
    run("enable-logging", "--api", api, "--kms-key", other.rpartition("/")[2], check=0)
    assert writes(aws) == [] and keys(aws) == {execution: other, access: other}
    assert [r["action"] for r in aws.requests("logs:AssociateKmsKey")] == ["logs:AssociateKmsKey"] * 2


def test_keys_that_will_not_do(aws, run, api):
    args = ("enable-logging", "--api", api, "--access-log", "--kms-key")
    run(*args, "00000000-0000-0000-0000-000000000000").refused(3, "does not exist")
    run(*args, make_key(aws, KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")).refused(3, "not symmetric")
    shut = make_key(aws)
    r = run(*args, shut)
    r.refused(3, "does not let CloudWatch Logs use it", "add this statement")
    statement = json.loads(r.stderr[r.stderr.index('{"Sid"'):])
    assert statement["Principal"] == {"Service": SERVICE}
    aws.client("kms").put_key_policy(KeyId=shut.rpartition("/")[2], PolicyName="default",
                                     Policy=json.dumps({"Version": "2012-10-17",
                                                        "Statement": [statement]}))
    assert keys(aws) == {}
    run(*args, shut, check=0)
    aws.client("kms").disable_key(KeyId=shut.rpartition("/")[2])
    run(*args, shut).refused(3, "Disabled")


@pytest.mark.parametrize("action", ["kms:DescribeKey", "kms:GetKeyPolicy", "logs:AssociateKmsKey"])
def test_a_missing_permission_is_named(aws, run, api, action):
    aws.client("logs").create_log_group(logGroupName="/there")
    caller = aws.credentials("AKIADENIED0000000000", deny=[action])
    r = run("enable-logging", "--api", api, "--access-log=/there", "--kms-key", make_key(aws, LET_IN),
            key=caller)
    assert r.status in (3, 5) and f"the permission {action}," in r.stderr, r
