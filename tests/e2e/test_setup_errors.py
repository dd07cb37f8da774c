"""Errors of the set-up commands when AWS refuses or the environment is wrong: one sentence, one status."""

import time

import pytest

from setup_helpers import account_role, make_role, set_account_role, writes

B = "logs-of-the-tests"
COMMANDS = {
    "setup-role": ("setup-role",),
    "setup-bucket": ("setup-bucket", "--bucket", B),
    "enable-logging": ("enable-logging", "--api", "petstore", "--level", "INFO", "--access-log",
                       "--retention", "7"),
}
every = pytest.mark.parametrize("command", list(COMMANDS))


@pytest.fixture
def ready(aws, rest_api):
    set_account_role(aws, make_role(aws, "any"))
    rest_api()
    aws.clear_requests()


@every
def test_no_credentials(run, command):
    env = {"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None}
    run(*COMMANDS[command], env=env).refused(3, "credentials")


@every
def test_no_region(run, command):
    run(*COMMANDS[command], env={"AWS_REGION": None}).refused(2, "region", "AWS_REGION")


@every
def test_wrong_secret(aws, run, command):
    run(*COMMANDS[command], env={"AWS_SECRET_ACCESS_KEY": "wrong"}).refused(
        3, "SignatureDoesNotMatch", "AWS_SECRET_ACCESS_KEY")


@every
def test_unknown_key(run, command):
    run(*COMMANDS[command], env={"AWS_ACCESS_KEY_ID": "AKIANOSUCHKEY0000000"}).refused(
        3, "InvalidClientTokenId", "AWS_ACCESS_KEY_ID")


@every
def test_expired_token(aws, run, command):
    key = aws.credentials("ASIAEXPIRED000000000", session_token="t" * 40, expires_in=1)
    time.sleep(1.1)
    run(*COMMANDS[command], key=key).refused(3, "expired", "renew")


@every
def test_nobody_there(run, command):
    run(*COMMANDS[command], env={"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}).refused(4, "127.0.0.1")


@every
def test_a_server_that_never_answers(aws, run, command):
    aws.faults({"action": "sts:*", "kind": "stall", "count": 9})
    run(*COMMANDS[command], "--read-timeout", "1", "--max-attempts", "1").refused(4, "sts:")


@every
def test_each_missing_permission(aws, run, ready, command):
    """Without any one of the permissions that a command needs, its error names that permission."""
    args = COMMANDS[command]
    if command == "setup-role":
        args += ("--replace",)
    run(*args, check=0)
    first = aws.requests()
    aws.clear_requests()
    run(*args, check=0)
    needed = {a for r in first for a in r["iam"]} - {"sts:GetCallerIdentity"}
    assert len(needed) > 3
    for n, permission in enumerate(sorted(needed)):
        aws.reset()
        key = aws.credentials(f"AKIADENIED{n:010d}", deny=[permission])
        set_account_role(aws, make_role(aws, "any"))
        gw = aws.client("apigateway")
        api = gw.create_rest_api(name="petstore")["id"]
        root = gw.get_resources(restApiId=api)["items"][0]["id"]
        gw.put_method(restApiId=api, resourceId=root, httpMethod="GET", authorizationType="NONE")
        gw.put_integration(restApiId=api, resourceId=root, httpMethod="GET", type="MOCK")
        gw.create_stage(restApiId=api, stageName="prod",
                        deploymentId=gw.create_deployment(restApiId=api)["id"])
        r = run(*args, key=key)
        if command == "setup-bucket" and permission == "s3:ListBucket":
            # needed only for HeadBucket on an existing bucket
            assert r.status in (0, 3), (permission, r)
            continue
        assert r.status != 0, (permission, r)
        r.refused(3, "permission" if "s3:" not in permission else "")
        run(*args, check=0)


def test_bucket_that_may_not_be_looked_at(aws, run):
    run(*COMMANDS["setup-bucket"], check=0)
    key = aws.credentials("AKIADENIED0000000000", deny=["s3:ListBucket"])
    run(*COMMANDS["setup-bucket"], key=key).refused(3, B, "s3:ListBucket")


@pytest.mark.parametrize("permission, words", [
    ("s3:GetBucketPolicy", ("GetBucketPolicy",)),
    ("s3:GetBucketPublicAccessBlock", ("PublicAccessBlock",)),
    ("s3:GetEncryptionConfiguration", ("Encryption",)),
    ("s3:PutBucketPolicy", ("PutBucketPolicy",))])
def test_bucket_permissions(aws, run, permission, words):
    aws.client("s3").create_bucket(Bucket=B, CreateBucketConfiguration={
        "LocationConstraint": "eu-west-1"})
    key = aws.credentials("AKIADENIED0000000000", deny=[permission])
    run(*COMMANDS["setup-bucket"], key=key).refused(3, B, "permission", *words)


@pytest.mark.parametrize("args, words", [
    (("--api", "petstor"), ("petstor", "did you mean 'petstore'")),
    (("--api", "zzzzzzzz"), ("zzzzzzzz", "eu-west-1")),
    (("--api", "none-*"), ("none-*",)),
    (("--api", "petstore", "--stage", "prd"), ("prd", "did you mean 'prod'")),
])
def test_no_such_api_or_stage(aws, run, ready, args, words):
    run("enable-logging", *args, "--level", "INFO").refused(3, *words)
    assert writes(aws) == []


def test_a_name_with_the_characters_of_a_glob(run, ready, rest_api):
    """It selects the API of exactly this name, and not those that the glob would match."""
    api = rest_api("odd name [x]*")
    rest_api("odd name x and more")
    r = run("enable-logging", "--api", "odd name [x]*", "--level", "ERROR", "-n", "--output", "json",
            check=0)
    assert {c["resource"] for c in r.json["changes"]} == {f"stage 'prod' of API 'odd name [x]*' ({api})"}


def test_two_apis_of_one_name(run, rest_api):
    ids = rest_api("same"), rest_api("same")
    run("enable-logging", "--api", "same", "--level", "INFO").refused(2, *ids)


@pytest.mark.parametrize("args", [
    ("setup-role", "--role-name", "a b"), ("setup-role", "--role-name", "x" * 65),
    ("setup-role", "--path", "ops"), ("setup-role", "--tag", "novalue"),
    ("setup-role", "--tag", "=v"),
    ("setup-role", "--permissions-boundary", "name"), ("setup-role", "stray"),
    ("setup-bucket",), ("setup-bucket", B), ("setup-bucket", "--bucket", B, "--prefix", "/x"),
    ("setup-bucket", "--bucket", B, "--prefix", "a*")])
def test_usage(aws, run, args):
    run(*args).refused(2)
    assert aws.requests() == []


def test_throttled(aws, run):
    """Retried until the attempts are used up."""
    aws.faults({"action": "iam:CreateRole", "kind": "throttle", "count": 1})
    run("setup-role", check=0)
    aws.faults({"action": "apigateway:GetAccount", "kind": "throttle", "count": 9})
    run("setup-role").refused(4, "GetAccount")


def test_interrupted_while_it_waits(aws, run):
    aws.settings(iam_propagation_calls=99)
    process = run.start("setup-role")
    deadline = time.monotonic() + 20
    while not aws.requests("apigateway:UpdateAccount"):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.send_signal(15)
    out, err = process.communicate(timeout=10)
    assert process.returncode == 143, (out, err)
    assert account_role(aws) is None
    aws.settings(iam_propagation_calls=0)
    # the role keeps its own count
    aws.client("iam", region="us-east-1").update_assume_role_policy(
        RoleName="apigw-logs-cloudwatch",
        PolicyDocument='{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":'
                       '{"Service":"apigateway.amazonaws.com"},"Action":"sts:AssumeRole"}]}')
    run("setup-role", check=0)


@every
def test_a_full_device(aws, run, ready, command):
    with open("/dev/full", "w") as full:
        import subprocess
        from conftest import program
        r = subprocess.run([program(), *COMMANDS[command], "--output", "json"], env=run.env(),
                           stdout=full, stderr=subprocess.PIPE, text=True, timeout=60)
    assert r.returncode == 6 and "standard output" in r.stderr
