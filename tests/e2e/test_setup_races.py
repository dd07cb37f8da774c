"""Set-up commands while somebody else is at work, and while AWS asks to slow down."""

import json
import os
import random

from setup_helpers import DEFAULT_ROLE, MANAGED, account_role, iam_client, make_role, set_account_role

B = "logs-of-the-tests"
COMMANDS = {
    "setup-role": ("setup-role",),
    "setup-bucket": ("setup-bucket", "--bucket", B, "--expire", "400", "--tag", "a=b"),
    "enable-logging": ("enable-logging", "--api", "petstore", "--level", "INFO", "--access-log"),
    "doctor": ("doctor", "--api", "petstore", "--bucket", B),
}


def absent_once(aws, action, code):
    """What is there was created after the program looked."""
    aws.faults({"action": action, "kind": "error", "code": code, "status": 404, "message": "no",
                "count": 1})


def test_another_run_creates_the_role_first(aws, run):
    make_role(aws, DEFAULT_ROLE, attach=False)
    absent_once(aws, "iam:GetRole", "NoSuchEntity")
    run("setup-role", check=0)
    assert account_role(aws).endswith(f"/{DEFAULT_ROLE}")
    policies = iam_client(aws).list_attached_role_policies(RoleName=DEFAULT_ROLE)["AttachedPolicies"]
    assert [p["PolicyArn"] for p in policies] == [MANAGED]


def test_another_run_creates_the_bucket_first(aws, run):
    s3 = aws.client("s3")
    s3.create_bucket(Bucket=B, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_object(Bucket=B, Key="theirs", Body=b"x")
    absent_once(aws, "s3:HeadBucket", "NoSuchBucket")
    run("setup-bucket", "--bucket", B, check=0)
    assert s3.get_object(Bucket=B, Key="theirs")["Body"].read() == b"x"
    assert len(json.loads(s3.get_bucket_policy(Bucket=B)["Policy"])["Statement"]) == 2


def test_throttled_at_every_third_call(aws, run, rest_api):
    """The quota of retries is enough, and the result is the same. Each throttle takes up to a second, so
    the command is drawn."""
    command = random.Random(os.environ.get("TEST_SEED")).choice(list(COMMANDS))
    rest_api()
    if command in ("enable-logging", "doctor"):
        set_account_role(aws, make_role(aws, "any"))
    if command == "doctor":
        for other in ("setup-bucket", "enable-logging"):
            run(*COMMANDS[other], check=0)
    aws.faults(*({"action": "*", "kind": "throttle", "count": 1, "skip": n} for n in range(0, 18, 3)))
    run(*COMMANDS[command], check=0)
    hits = sum(f["hits"] for f in aws.faults())
    aws.clear_faults()
    assert hits >= 2, command
    assert "nothing to change" in run(*COMMANDS[command], check=0).stdout or command == "doctor"
