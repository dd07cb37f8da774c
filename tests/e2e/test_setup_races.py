"""Set-up commands while somebody else is at work, and while AWS asks to slow down."""

import json
import os
import random

from archive_helpers import bucket_policy
from export_helpers import wait_for
from setup_helpers import DEFAULT_ROLE, MANAGED, account_role, iam_client, make_role, set_account_role

B = "logs-of-the-tests"
COMMANDS = {
    "setup-role": ("setup-role",),
    "setup-bucket": ("setup-bucket", "--bucket", B, "--expire", "400", "--tag", "a=b"),
    "enable-logging": ("enable-logging", "--api", "petstore", "--level", "INFO", "--access-log"),
    "doctor": ("doctor", "--api", "petstore", "--bucket", B),
}


def during(aws, run, action, args, act):
    """Runs the command, and acts while its first call of action waits to be carried out."""
    aws.clear_requests()
    aws.faults({"action": action, "kind": "delay", "seconds": 0.5, "count": 1})
    process = run.start(*args)
    wait_for(lambda: aws.faults()[0]["hits"])
    act()
    out, err = process.communicate(timeout=60)
    aws.clear_faults()
    return process.returncode, out + err


def test_another_run_creates_the_role_first(aws, run):
    status, said = during(aws, run, "iam:CreateRole", ("setup-role",),
                          lambda: make_role(aws, DEFAULT_ROLE))
    assert status == 0, said
    assert account_role(aws).endswith(f"/{DEFAULT_ROLE}")
    role = iam_client(aws).list_attached_role_policies(RoleName=DEFAULT_ROLE)
    assert [p["PolicyArn"] for p in role["AttachedPolicies"]] == [MANAGED]


def test_another_puts_a_statement_meanwhile(aws, run):
    """Between two runs, as far as this one can tell: it merges into what it finds."""
    s3 = aws.client("s3")
    run("setup-bucket", "--bucket", B, check=0)
    s3.delete_bucket_policy(Bucket=B)
    theirs = {**bucket_policy(aws)["Statement"][0], "Sid": "theirs"}

    def put():
        s3.put_bucket_policy(Bucket=B, Policy=json.dumps({"Version": "2012-10-17", "Statement": [theirs]}))
    status, said = during(aws, run, "s3:GetBucketPolicy", ("setup-bucket", "--bucket", B), put)
    assert status == 0, said
    sids = [s["Sid"] for s in json.loads(s3.get_bucket_policy(Bucket=B)["Policy"])["Statement"]]
    assert "theirs" in sids and len(sids) == 3


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
