"""policy: each command works with exactly the policy that is printed for it, and names what it lacks."""

import json
import os
import random

import pytest

from archive_helpers import REGION, day, plain, put

B = "logs-of-the-tests"
KEY = "AKIAPOLICY0000000000"
SEED = int(os.environ.get("TEST_SEED", "11"))


def policy(run, *args):
    return json.loads(run("policy", *args, check=0).stdout)


def actions(document):
    out = []
    for statement in document["Statement"]:
        got = statement["Action"]
        out += [got] if isinstance(got, str) else got
    return sorted(out)


def without(document, action):
    """The same policy, but for one action."""
    statements = [{**s, "Action": [a for a in ([s["Action"]] if isinstance(s["Action"], str)
                                               else s["Action"]) if a != action]}
                  for s in document["Statement"]]
    return {**document, "Statement": [s for s in statements if s["Action"]]}


@pytest.fixture
def scene(aws, run, rest_api):
    """An API that logs, with a day to export."""
    aws.settings(pending_polls=0, running_polls=0)
    api = rest_api("petstore", "prod")
    put(aws, f"/aws/apigateway/{api}/prod", plain())
    run("setup-role", check=0)
    run("setup-bucket", "--bucket", B, check=0)
    run("enable-logging", "--api", api, "--level", "INFO", "--access-log", check=0)
    return api


RANGE = ("--api", "petstore", "--from", day(0), "--to", day(1))
PLACE = ("--bucket", B)
LINES = {
    "setup-role": ("--tag", "a=b"),
    "setup-bucket": (*PLACE, "--versioning", "--expire", "400", "--tag", "a=b"),
    "enable-logging": ("--api", "petstore", "--level", "ERROR", "--access-log=/other", "--retention",
                       "30"),
    "export": (*PLACE, *RANGE),
    "verify": (*PLACE, *RANGE, "--source"),
    "doctor": (*PLACE, "--api", "petstore"),
}
# The permissions that these lines need, in the order in which they are used: what a run without the
# next one has done is not done again.
NEEDS = {
    "setup-role": ["apigateway:GET", "iam:GetRole", "iam:ListAttachedRolePolicies", "iam:TagRole"],
    "setup-bucket": ["s3:ListBucket", "s3:GetBucketPolicy", "s3:GetEncryptionConfiguration",
                     "s3:GetBucketPublicAccessBlock", "s3:GetBucketOwnershipControls",
                     "s3:GetBucketVersioning", "s3:GetBucketTagging",
                     "s3:GetLifecycleConfiguration", "s3:PutBucketVersioning",
                     "s3:PutBucketTagging", "s3:PutLifecycleConfiguration"],
    "enable-logging": ["apigateway:GET", "iam:GetRole", "logs:DescribeLogGroups",
                       "logs:CreateLogGroup", "logs:PutRetentionPolicy", "apigateway:PATCH"],
    "export": ["apigateway:GET", "logs:CreateExportTask", "logs:DescribeExportTasks",
               "logs:DescribeLogGroups", "s3:GetObject", "s3:ListBucket", "s3:PutObject"],
    "verify": ["apigateway:GET", "logs:DescribeLogGroups", "s3:GetObject", "s3:ListBucket"],
    "doctor": [],
}


@pytest.mark.parametrize("command", list(LINES))
def test_each_command_with_its_policy(aws, run, scene, command):
    if command in ("verify", "doctor"):
        run("export", *LINES["export"], check=0)
    names = ("--log-group", "*") if command == "enable-logging" else ("--api", "petstore")
    document = policy(run, command, *names, *PLACE)
    assert set(NEEDS[command]) <= set(actions(document))
    # First without one of them each, which is named; what is drawn depends on the seed.
    drawn = random.Random(SEED).sample(NEEDS[command], min(3, len(NEEDS[command])))
    for action in sorted(drawn, key=NEEDS[command].index):
        caller = aws.credentials(KEY, policy=without(document, action))
        r = run(command, *LINES[command], "-n" if "setup" in command and "Get" in action else "-q",
                key=caller)
        assert r.status in (3, 5) and action in r.stderr, (action, r)
    caller = aws.credentials(KEY, policy=document)
    run(command, *LINES[command], key=caller, check=0)


def test_from_nothing_with_the_policies_of_set_up(aws, run):
    for command, more in (("setup-role", ()), ("setup-bucket", PLACE)):
        caller = aws.credentials(KEY, policy=policy(run, command, *more))
        run(command, *more, key=caller, check=0)


def test_another_role(aws, run):
    caller = aws.credentials(KEY, policy=policy(run, "setup-role", "--role-name", "other"))
    run("setup-role", key=caller).refused(3, "the permission iam:CreateRole,")
    run("setup-role", "--role-name", "other", key=caller, check=0)


def test_resources(aws, run, scene, rest_api):
    other = rest_api("orders", "live")
    account = aws.account
    document = policy(run, "verify", "--api", "petstore", *PLACE, "--prefix", "a/b")
    by_sid = {s["Sid"]: s for s in document["Statement"]}
    assert by_sid["ApigwLogsObjects"]["Resource"] == [f"arn:aws:s3:::{B}/a/b/*"]
    assert by_sid["ApigwLogsBucket"]["Resource"] == [f"arn:aws:s3:::{B}"]
    logs = f"arn:aws:logs:{REGION}:{account}:log-group:"
    assert set(by_sid["ApigwLogsLogGroups"]["Resource"]) == {
        logs + name + end for name in (f"API-Gateway-Execution-Logs_{scene}/prod",
                                       f"/aws/apigateway/{scene}/prod") for end in ("", ":*")}
    assert other not in json.dumps(document) and scene in json.dumps(by_sid["ApigwLogsReadApis"])
    every = policy(run, "export", "--log-group", "/x/[ab]*", *PLACE)
    assert {logs + "/x/**", logs + "/x/**:*"} == set(
        next(s for s in every["Statement"] if s["Sid"] == "ApigwLogsLogGroups")["Resource"])


def test_a_partition(aws, run):
    document = policy(run, "export", "setup-role", *PLACE, "--region", "cn-north-1")
    arns = [r for s in document["Statement"] for r in s["Resource"] if r != "*"]
    assert all(arn.startswith("arn:aws-cn:") for arn in arns)


def test_all_commands_and_a_note_of_its_length(run):
    r = run("policy", *PLACE, check=0)
    assert "2048" in r.stderr
    every = actions(json.loads(r.stdout))
    assert len(every) == len(set(every)) > 40
    assert run("policy", "cancel", check=0).stderr == ""


@pytest.mark.parametrize("args, words", [
    (("exprot",), ["'exprot'", "did you mean 'export'?"]), (("export",), ["--bucket"]),
    (("cancel", "--stage", "x"), ["--stage needs --api"]),
    (("cancel", "--api", "x", "--log-group", "y"), ["--log-group"]),
])
def test_usage(aws, run, args, words):
    run("policy", *args).refused(2, *words)
    assert aws.requests() == []
