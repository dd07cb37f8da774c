"""setup-role, with boto3 as the observer."""

import functools
import json
import re

import pytest

from setup_helpers import (DEFAULT_ROLE, MANAGED, account_role, changes, check_each_failure,
                           iam_client, make_role, set_account_role, trust, writes)

ARN = f"arn:aws:iam::123456789012:role/{DEFAULT_ROLE}"


def trusted(aws, name=DEFAULT_ROLE):
    return iam_client(aws).get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]["Statement"]


def attached(aws, name=DEFAULT_ROLE):
    rows = iam_client(aws).list_attached_role_policies(RoleName=name)["AttachedPolicies"]
    return [r["PolicyArn"] for r in rows]


def ready(aws):
    assert account_role(aws) == ARN
    assert trusted(aws) == trust("apigateway.amazonaws.com")["Statement"]
    assert attached(aws) == [MANAGED]


def test_from_nothing_and_again(aws, run):
    first = run("setup-role", check=0)
    assert f"role '{DEFAULT_ROLE}' is ready in eu-west-1" in first.stdout
    ready(aws)
    aws.clear_requests()
    second = run("setup-role", check=0)
    assert second.stdout.startswith("nothing to change")
    assert writes(aws) == []


def test_json(aws, run):
    r = run("setup-role", "--output", "json", check=0)
    assert r.stderr == ""
    assert r.json["role"] == {"name": DEFAULT_ROLE, "arn": ARN, "kept": False}
    assert (r.json["account"], r.json["region"]) == ("123456789012", "eu-west-1")
    assert [c["state"] for c in r.json["changes"]] == ["applied"] * 3
    assert {tuple(sorted(c)) for c in r.json["changes"]} == {
        ("current", "desired", "property", "resource", "state")}
    assert [c["current"] for c in r.json["changes"]] == [None] * 3


def test_dry_run_changes_nothing(aws, run):
    text = run("setup-role", "--dry-run", check=0)
    assert "3 changes to make" in text.stdout
    r = run("-n", "setup-role", "--output", "json", check=0)
    assert r.json["dry_run"] is True
    assert [c["state"] for c in r.json["changes"]] == ["planned"] * 3
    assert writes(aws) == []
    assert account_role(aws) is None


def test_quiet(run):
    assert run("setup-role", "-q", check=0).stdout == ""
    assert run("setup-role", "-q", check=0).stdout == ""


def test_live_role_of_another_name_is_kept(aws, run):
    arn = make_role(aws, "theirs")
    set_account_role(aws, arn)
    aws.clear_requests()
    r = run("setup-role", check=0)
    assert "'theirs'" in r.stdout and "kept" in r.stderr and "warning" not in r.stderr
    assert writes(aws) == []
    assert run("setup-role", "--output", "json", check=0).json["role"]["kept"] is True
    again = run("setup-role", "--role-name", "theirs", check=0)
    assert again.stdout.startswith("nothing to change")


def test_live_role_that_lacks_something_is_kept_with_a_warning(aws, run):
    arn = make_role(aws, "theirs")
    set_account_role(aws, arn)
    iam = iam_client(aws)
    iam.detach_role_policy(RoleName="theirs", PolicyArn=MANAGED)
    iam.update_assume_role_policy(RoleName="theirs",
                                  PolicyDocument=json.dumps(trust("lambda.amazonaws.com")))
    aws.clear_requests()
    r = run("setup-role", check=0)
    assert r.stderr.count("warning: ") == 2
    assert "does not trust" in r.stderr and "AmazonAPIGatewayPushToCloudWatchLogs" in r.stderr
    assert writes(aws) == []


def test_another_name_needs_replace(aws, run):
    arn = make_role(aws, "theirs")
    set_account_role(aws, arn)
    run("setup-role", "--role-name", "ours").refused(2, "theirs", "ours", "--replace")
    assert account_role(aws) == arn
    run("setup-role", "--role-name", "ours", "--replace", check=0)
    assert account_role(aws) == "arn:aws:iam::123456789012:role/ours"
    assert trusted(aws, "theirs") and attached(aws, "theirs") == [MANAGED]


def test_replace_without_a_name_takes_the_default(aws, run):
    set_account_role(aws, make_role(aws, "theirs"))
    run("setup-role", "--replace", check=0)
    ready(aws)


@pytest.mark.parametrize("name", ["gone", DEFAULT_ROLE])
def test_dangling_role_is_repaired(aws, run, name):
    set_account_role(aws, make_role(aws, name))
    iam = iam_client(aws)
    iam.detach_role_policy(RoleName=name, PolicyArn=MANAGED)
    iam.delete_role(RoleName=name)
    run("setup-role", check=0)
    ready(aws)


@pytest.mark.parametrize("name", ["theirs", DEFAULT_ROLE])
def test_same_name_under_another_path_is_dangling(aws, run, name):
    set_account_role(aws, make_role(aws, name, Path="/old/"))
    iam = iam_client(aws)
    iam.detach_role_policy(RoleName=name, PolicyArn=MANAGED)
    iam.delete_role(RoleName=name)
    make_role(aws, name)
    run("setup-role", check=0)
    ready(aws)


def test_what_a_role_lacks_is_merged(aws, run):
    theirs = trust("lambda.amazonaws.com", Condition={"StringEquals": {"aws:SourceAccount": "1"}})
    theirs["Statement"][0]["Sid"] = "Theirs"
    make_role(aws, DEFAULT_ROLE, theirs, attach=False)
    iam_client(aws).put_role_policy(RoleName=DEFAULT_ROLE, PolicyName="inline", PolicyDocument=(
        '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"s3:*","Resource":"*"}]}'))
    r = run("setup-role", "--output", "json", check=0)
    assert [p for _, p in changes(r)] == ["trust policy", "managed policy", "CloudWatch Logs role"]
    assert trusted(aws) == theirs["Statement"] + trust("apigateway.amazonaws.com")["Statement"]
    assert attached(aws) == [MANAGED]
    assert iam_client(aws).list_role_policies(RoleName=DEFAULT_ROLE)["PolicyNames"] == ["inline"]


@pytest.mark.parametrize("statement", [
    {"Effect": "Allow", "Principal": {"Service": ["x.amazonaws.com", "apigateway.amazonaws.com"]},
     "Action": ["sts:assumerole", "sts:TagSession"]},
    {"Effect": "Allow", "Principal": {"Service": "apigateway.amazonaws.com"}, "Action": "sts:*"}])
def test_trust_in_other_words_is_left_alone(aws, run, statement):
    make_role(aws, DEFAULT_ROLE, {"Version": "2012-10-17", "Statement": [statement]})
    aws.clear_requests()
    run("setup-role", check=0)
    assert writes(aws) == ["apigateway:UpdateAccount"]


def test_a_condition_of_the_trust_is_named_at_once_and_kept(aws, run):
    """API Gateway has no external id, and to add a trust without the condition would widen it."""
    document = trust("apigateway.amazonaws.com", Condition={"StringEquals": {"sts:ExternalId": "x"}})
    arn = make_role(aws, DEFAULT_ROLE, document, attach=False)
    r = run("setup-role", "--dry-run", check=0)
    assert "StringEquals sts:ExternalId" in r.stderr and "trust" not in r.stdout
    # a role that is set already was somebody's decision: the same words, and nothing to do
    iam = iam_client(aws)
    iam.attach_role_policy(RoleName=DEFAULT_ROLE, PolicyArn=MANAGED)
    set_trust = functools.partial(iam.update_assume_role_policy, RoleName=DEFAULT_ROLE)
    set_trust(PolicyDocument=json.dumps(trust("apigateway.amazonaws.com")))
    set_account_role(aws, arn)
    set_trust(PolicyDocument=json.dumps(document))
    aws.clear_requests()
    r = run("setup-role", check=0)
    assert r.stderr.count("warning: ") == 1 and "sts:ExternalId" in r.stderr
    assert writes(aws) == [] and trusted(aws) == document["Statement"]


def test_options_of_the_role(aws, run):
    bound = iam_client(aws).create_policy(PolicyName="bound", PolicyDocument=(
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'))
    bound = bound["Policy"]["Arn"]
    args = ("setup-role", "--path", "/ops/", "--tag", "team=x", "--tag", "a=b=c",
            "--permissions-boundary", bound)
    run(*args, check=0)
    role = iam_client(aws).get_role(RoleName=DEFAULT_ROLE)["Role"]
    assert role["Path"] == "/ops/" and account_role(aws) == role["Arn"]
    assert sorted((t["Key"], t["Value"]) for t in role["Tags"]) == [("a", "b=c"), ("team", "x")]
    assert role["PermissionsBoundary"]["PermissionsBoundaryArn"] == bound
    assert run(*args, "--output", "json", check=0).json["changes"] == []
    r = run("setup-role", "--tag", "team=y", "--output", "json", check=0)
    assert changes(r) == [(f"role '{DEFAULT_ROLE}'", "tag 'team'")]
    tags = iam_client(aws).get_role(RoleName=DEFAULT_ROLE)["Role"]["Tags"]
    assert sorted((t["Key"], t["Value"]) for t in tags) == [("a", "b=c"), ("team", "y")]
    run("setup-role", "--path", "/other/").refused(2, "/ops/", "path")


def test_boundary_is_added_to_a_role_that_is_there(aws, run):
    bound = iam_client(aws).create_policy(PolicyName="bound", PolicyDocument=(
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'))
    run("setup-role", check=0)
    r = run("setup-role", "--permissions-boundary", bound["Policy"]["Arn"], "--output", "json",
            check=0)
    assert changes(r) == [(f"role '{DEFAULT_ROLE}'", "permissions boundary")]


def test_waits_for_iam(aws, run):
    # both messages of API Gateway, then success
    aws.settings(iam_propagation_calls=2)
    r = run("setup-role", check=0)
    assert r.stderr.count("waiting until API Gateway sees the role") == 1
    assert writes(aws).count("apigateway:UpdateAccount") == 3
    ready(aws)


def test_waits_on_those_texts_only(aws, run):
    aws.faults({"action": "apigateway:UpdateAccount", "kind": "error", "status": 400, "count": 9,
                "code": "BadRequestException", "message": "Something else"})
    run("setup-role").refused(3, "Something else", "BadRequestException")
    assert writes(aws).count("apigateway:UpdateAccount") == 1
    aws.clear_faults()
    run("setup-role", check=0)
    ready(aws)


def test_a_role_for_each_region(aws, run):
    run("setup-role", check=0)
    r = run("setup-role", "--region", "us-east-1", "--output", "json", check=0)
    assert changes(r) == [("API Gateway account setting in us-east-1", "CloudWatch Logs role")]


def test_failure_after_each_call(aws, run):
    check_each_failure(aws, run, ("setup-role",), lambda: None, lambda: ready(aws))


def test_half_way_says_what_was_done(aws, run):
    aws.faults({"action": "iam:AttachRolePolicy", "kind": "error", "code": "AccessDenied",
                "status": 403, "message": "no", "count": 1})
    r = run("setup-role").refused(3, "managed policy", "iam:AttachRolePolicy", "permission")
    states = re.findall(r"^  (done|failed|not done)  ", r.stdout, re.M)
    assert states == ["done", "failed", "not done"]
    aws.faults({"action": "apigateway:UpdateAccount", "kind": "error", "code": "AccessDenied",
                "status": 403, "message": "no", "count": 1})
    r = run("setup-role", "--output", "json")
    assert r.status == 3 and r.error["aws_code"] == "AccessDenied"
    assert [c["state"] for c in r.json["changes"]] == ["applied", "failed"]
