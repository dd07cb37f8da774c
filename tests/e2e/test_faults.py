"""export and verify when AWS, the network or the machine fails: each run succeeds after a retry or ends
with one clear sentence and the right status, and the next run finishes. Then nothing is lost or
duplicated."""

import json
import subprocess
import time

import pytest

from archive_helpers import (BUCKET, D0, DAY, assert_exact, bucket_policy, calls, day, keys, ledger,
                             make_bucket, plain, put, tasks)
from conftest import program

RANGE = ("--from", day(0), "--to", day(1))
# Every call of an export of one API, and of a verify --source of it.
EXPORT = ("sts:GetCallerIdentity", "s3:HeadBucket", "apigateway:GetRestApis", "apigateway:GetStages",
          "logs:DescribeLogGroups", "s3:ListObjectsV2", "logs:DescribeExportTasks",
          "logs:CreateExportTask", "s3:GetObject", "logs:FilterLogEvents", "s3:DeleteObject",
          "s3:PutObject")
VERIFY = ("sts:GetCallerIdentity", "s3:HeadBucket", "apigateway:GetRestApis",
          "apigateway:GetStages", "s3:ListObjectsV2", "s3:GetObject", "logs:DescribeLogGroups", "logs:FilterLogEvents")
KINDS = ({"kind": "throttle"}, {"kind": "status", "status": 500},
         {"kind": "reset_before"}, {"kind": "reset_after"}, {"kind": "truncate", "bytes": 3},
         {"kind": "garbage"}, {"kind": "s3_200_error"})


class Scene:
    """A REST API with an execution log of one day, and a bucket; export() and verify() of it."""

    def __init__(self, aws, run, rest_api):
        self.aws, self.run = aws, run
        aws.settings(pending_polls=0, running_polls=1)
        make_bucket(aws)
        self.api = rest_api()
        self.group = f"API-Gateway-Execution-Logs_{self.api}/prod"
        self.events = put(aws, self.group, plain(n=3))
        self.select = ("--bucket", BUCKET, "--api", self.api, "--kind", "execution", *RANGE)

    def export(self, *args, **more):
        return self.run("export", *self.select, *args, **more)

    def verify(self, *args, **more):
        return self.run("verify", *self.select, *args, **more)

    def exact(self):
        assert_exact(self.aws, self.group, self.events)


@pytest.fixture
def scene(aws, run, rest_api):
    return Scene(aws, run, rest_api)


def sentence(result, *words):
    """One clear sentence, whatever the status."""
    assert result.status in (1, 3, 4, 5), result
    result.refused(result.status, *words)


def name(fault):
    return fault["kind"] + str(fault.get("status", ""))


# ---- every call fails once ----------------------------------------------------------------------

def test_the_calls_are_these(scene, aws):
    aws.clear_requests()
    scene.export(check=0)
    assert {r["action"] for r in aws.requests() if r["service"] != "apigatewayv2"} == set(EXPORT)
    aws.clear_requests()
    scene.verify("--source", check=0)
    # How the bucket encrypts is only noted, so a refusal changes nothing: see test_every_permission.
    assert {r["action"] for r in aws.requests() if r["service"] != "apigatewayv2"} == {
        *VERIFY, "s3:GetBucketEncryption"}


def until_done(aws, command, *args):
    """Runs again after each failure that suggests it, as a user would."""
    for n in range(20):
        r = command(*args)
        if r.status == 0:
            return n
        sentence(r)
        assert r.status == 4, r
    raise AssertionError(r)


@pytest.mark.parametrize("fault", KINDS, ids=name)
def test_every_call_fails_once(scene, aws, fault):
    """The first attempt of each call of a run fails: retries succeed. After a garbled reply of a service
    other than S3 there is no retry, but the next run succeeds."""
    some = EXPORT if fault.get("status") == 500 else EXPORT[4:]
    aws.faults(*({"action": a, **fault} for a in some))
    again = until_done(aws, scene.export)
    assert again == 0 or fault["kind"] in ("garbage", "s3_200_error")
    assert not [f for f in aws.faults() if f["left"]]
    aws.clear_faults()
    scene.exact()
    assert len(tasks(aws)) == 1
    aws.faults(*({"action": a, **fault} for a in VERIFY[3:]))
    again = until_done(aws, scene.verify, "--source")
    assert again == 0 or fault["kind"] in ("garbage", "s3_200_error")


# A 500 is treated like throttling, and S3's error with status 200 like garbage.
FOR_GOOD = [k for k in KINDS if k["kind"] not in ("status", "s3_200_error")]


@pytest.mark.parametrize("fault", FOR_GOOD, ids=name)
def test_every_call_fails_for_good(scene, aws, fault):
    """Each call of the run in turn is broken for as long as the run lasts."""
    took_effect = fault["kind"] in ("reset_after", "truncate")
    no_error = fault["kind"] in ("garbage", "s3_200_error")

    def clean():
        aws.clear_faults()
        for k in keys(aws):
            aws.client("s3").delete_object(Bucket=BUCKET, Key=k)

    for action in EXPORT[4:]:
        aws.faults({"action": action, "count": 999, **fault})
        r = scene.export("--max-attempts", "1", "--timeout", "1s")
        if action == "s3:DeleteObject" and r.status == 0:       # AWS's marker stays
            assert "cannot remove" in r.stderr or fault["kind"] == "truncate", r
            clean()
        elif (action == "logs:CreateExportTask" and took_effect) or (
                action == "s3:PutObject" and fault["kind"] == "truncate"):
            assert r.status == 0, r             # the task was found; the reply has no body that could be cut
            aws.clear_faults()
            scene.exact()
            clean()
        else:
            sentence(r)
            # invalid gzip data may be what is in the bucket: it was fetched twice
            assert r.status == (1 if no_error and action == "s3:GetObject" else 4), r
            aws.clear_faults()
            assert not ledger(aws) or (took_effect and action == "s3:PutObject"), (action, r)
    scene.export(check=0)
    scene.exact()
    for action in VERIFY[3:]:
        aws.faults({"action": action, "count": 999, **fault})
        r = scene.verify("--source", "--max-attempts", "1")
        sentence(r)
        assert r.status == (1 if no_error and action == "s3:GetObject" else 4), (action, r)
        aws.clear_faults()
    scene.verify("--source", check=0)


def test_nobody_answers(scene, aws):
    for action in ("sts:GetCallerIdentity", "s3:GetObject"):
        aws.faults({"action": action, "kind": "stall", "count": 99})
        scene.export("--read-timeout", "1", "--max-attempts", "1").refused(4, action)
        aws.clear_faults()
    scene.export("--read-timeout", "1", check=0)
    scene.exact()


# ---- killed -------------------------------------------------------------------------------------

@pytest.mark.parametrize("kind", ["stall", "stall_after"])
def test_killed_at_every_call(scene, aws, kind):
    """SIGKILL before and after each call took effect: the next run finishes, with no second task."""
    def clean():
        s3 = aws.client("s3")
        for k in keys(aws):
            s3.delete_object(Bucket=BUCKET, Key=k)

    aws.settings(running_polls=0)
    aws.clear_requests()
    scene.export(check=0)
    log = [r["action"] for r in aws.requests()]
    changing = ("logs:CreateExportTask", "s3:PutObject", "s3:DeleteObject")
    # reads before the task change nothing; killed before a call means killed after the previous one
    for n in range(log.index("logs:CreateExportTask") - 1, len(log)):
        if kind == "stall" and log[n] not in changing:
            continue
        clean()
        before = len(tasks(aws))
        aws.faults({"action": "*", "kind": kind, "skip": n, "seconds": 30})
        p = scene.run.start("export", *scene.select)
        end = time.monotonic() + 20
        while not aws.faults()[0]["hits"] and p.poll() is None:
            assert time.monotonic() < end
            time.sleep(0.005)
        p.kill()
        p.communicate()
        aws.clear_faults()
        scene.export(check=0)
        scene.exact()
        assert len(tasks(aws)) == before + 1, (n, log[n])


def test_killed_again_and_again(scene, aws):
    """Runs that get a little further each time finish eventually."""
    n = 0
    while True:
        n += 1
        assert n < 40
        aws.faults({"action": "*", "kind": "stall", "skip": 9 + 2 * n, "seconds": 30})
        p = scene.run.start("export", *scene.select)
        while not aws.faults()[0]["hits"] and p.poll() is None:
            time.sleep(0.005)
        done = p.poll() == 0
        p.kill()
        p.communicate()
        aws.clear_faults()
        if done:
            break
    scene.exact()
    assert len(tasks(aws)) == 1


def test_verify_interrupted(scene, aws):
    scene.export(check=0)
    aws.faults({"action": "s3:GetObject", "kind": "stall", "count": 9, "key": ".gz"})
    p = scene.run.start("verify", *scene.select, "--output", "json")
    while not aws.faults()[0]["hits"]:
        time.sleep(0.005)
    p.terminate()
    out, err = p.communicate(timeout=10)
    assert p.returncode == 143 and json.loads(out)["complete"] is False
    assert json.loads(err)["error"]["kind"] == "interrupted"


# ---- refusals -----------------------------------------------------------------------------------

def test_every_permission(scene, aws):
    """Each action that a run needs, denied: status 3, and the sentence names it. Without some of them the
    result is as good: something is left in the bucket, events are counted instead of read, or how the bucket
    encrypts is not known. A note says so."""
    for command, more, trusted in (
            (scene.export, (), {"s3:DeleteObject": "cannot remove", "logs:FilterLogEvents": "Logs Insights"}),
            (scene.verify, ("--source",), {"s3:GetEncryptionConfiguration": "how the bucket encrypts"})):
        aws.clear_requests()
        command(*more, check=0)
        needed = set(aws.iam_actions()) - {"sts:GetCallerIdentity"}
        assert len(needed) > 4
        for k in keys(aws) if command == scene.export else ():
            aws.client("s3").delete_object(Bucket=BUCKET, Key=k)
        for n, action in enumerate(sorted(needed)):
            key = aws.credentials(f"AKIADENIED{n:010d}", deny=[action])
            r = command(*more, key=key)
            if action in trusted:
                assert r.status == 0 and trusted[action].lower() in r.stderr.lower(), r
                for k in keys(aws) if command == scene.export else ():
                    aws.client("s3").delete_object(Bucket=BUCKET, Key=k)
                continue
            assert r.status == 3, (action, r)
            sentence(r)
            # API Gateway's actions are HTTP verbs; HeadBucket needs s3:ListBucket
            word = {"apigateway:GET": "apigateway:Get"}.get(action, action)
            assert word in r.stderr, (action, r)
        if command == scene.export:
            scene.export(check=0)
            scene.exact()


BOTH = pytest.mark.parametrize("command", ["export", "verify"])


@BOTH
def test_credentials(scene, aws, run, command):
    def go(**more):
        return run(command, *scene.select, **more)
    go(env={"AWS_SECRET_ACCESS_KEY": "wrong"}).refused(3, "AWS_SECRET_ACCESS_KEY")
    go(env={"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None}).refused(3, "credentials")
    go(env={"AWS_REGION": None}).refused(2, "region", "AWS_REGION")
    key = aws.credentials("ASIAEXPIRED000000000", session_token="t" * 40, expires_in=0)
    go(key=key).refused(3, "expired", "renew")
    go(env={"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}).refused(4, "127.0.0.1")
    assert not keys(aws)


@BOTH
def test_buckets(scene, aws, run, command):
    def go(bucket):
        return run(command, "--bucket", bucket, *scene.select[2:])
    go("nobody-has-this-bucket").refused(3, "'nobody-has-this-bucket'", "does not exist", "check the name",
                                         *["apigw-logs setup-bucket"] * (command == "export"))
    other = aws.credentials("AKIAOTHERACCOUNT0000", account="210987654321")
    make_bucket(aws, "of-somebody-else", policy=False, key=other)
    go("of-somebody-else").refused(3, "of-somebody-else", "belong", "123456789012")
    make_bucket(aws, "far-away-bucket", region="ap-southeast-2")
    if command == "export":
        go("far-away-bucket").refused(3, "ap-southeast-2", "eu-west-1", "--region")
    else:                               # an archive may be read from any region
        r = go("far-away-bucket")
        assert r.status == 1 and "not_exported" in r.stderr, r
    go("Bad_Bucket").refused(2, "'Bad_Bucket'", "cannot be the name of a bucket")
    go("192.168.0.1").refused(2, "192.168.0.1")
    run(command, *scene.select[2:]).refused(2, "missing", "--bucket")


@BOTH
@pytest.mark.parametrize("args,status,words", [
    (("--from", "2026-13-01"), 2, ("--from", "2026-13-01")),
    (("--from", "now", "--to", "yesterday"), 2, ("range is empty",)),
    (("--from", day(1), "--to", day(1)), 2, ("range is empty", "--to is not")),
    (("--to", "1969-12-31"), 2, ()),
    (("--prefix", "/abs"), 2, ("--prefix",)),
    (("--prefix", "a//b"), 2, ("--prefix",)),
    (("--prefix", "a*b"), 2, ("--prefix", "'*'")),
    (("--prefix", ""), 2, ("--prefix",)),
    (("--prefix", "x" * 300), 2, ("--prefix",)),
    (("--kind", "acces"), 2, ("--kind",)),
    (("--stage", "prdo"), 3, ("prdo", "did you mean 'prod'")),
    (("--log-group", "x"), 2, ("--log-group cannot be combined",)),
    (("--all-apis",), 2, ("--all-apis",)),
    (("surplus",), 2, ("surplus",)),
    (("--souce",), 2, ("--souce",)),
    (("--jobs=-1",), 2, ("--jobs",)),
    (("--timeout", "x"), 2, ("--timeout",)),
])
def test_bad_words(scene, run, aws, command, args, status, words):
    pairs = zip(scene.select[::2], scene.select[1::2])
    select = [w for option, value in pairs if option not in args for w in (option, value)]
    run(command, *select, *args).refused(status, *words)
    r = run(command, *select, *args, "--output", "json")
    assert r.status == status and r.error["message"] and not r.stdout, r
    assert not keys(aws)


@BOTH
def test_unknown_names(scene, run, rest_api, command):
    def go(*select):
        return run(command, "--bucket", BUCKET, *select, *RANGE)
    go("--api", "petstoer").refused(3, "there is no API 'petstoer'", "did you mean 'petstore'")
    go("--api", "zzz*").refused(3, "zzz*")
    go().refused(2, "missing", "--api")
    rest_api("petstore")
    go("--api", "petstore").refused(2, "2 APIs are named 'petstore'", scene.api)


@BOTH
def test_bytes_that_are_no_text(scene, run, command):
    """Arguments that are not UTF-8 still result in a valid document."""
    for args in (("--log-group", b"\xff\xfe"), ("--api", b"\xff"), ("--stage", b"\xff"),
                 ("--prefix", b"\xff"), ("--from", b"\xff"), (b"\xff",)):
        select = scene.select if args[0] not in ("--log-group", "--api") else (
            "--bucket", BUCKET, *RANGE)
        args = tuple(a if isinstance(a, str) else a.decode("utf-8", "surrogateescape") for a in args)
        r = run(command, *select, *args, "--output", "json")
        assert r.status in (2, 3), r
        assert r.error["kind"] in ("usage", "refused") and r.error["message"], r
        run(command, *select, *args).refused(r.status)


def test_full_device(scene, run):
    with open("/dev/full", "w") as full:
        scene.export(check=0)
        for args in ((), ("--output", "json")):
            p = subprocess.run([program(), "verify", *scene.select, *args], env=run.env(), stdout=full,
                               stderr=subprocess.PIPE, text=True)
            assert p.returncode == 6 and "standard output" in p.stderr, p


def test_conflicting_puts(scene, aws):
    """S3 may answer two conditional puts at once with 409 to both."""
    aws.faults({"action": "s3:PutObject", "kind": "error", "code": "ConditionalRequestConflict",
                "status": 409, "message": "Conflict", "count": 2})
    scene.export(check=0)
    scene.exact()


@pytest.mark.parametrize("code", ["ExpiredToken", "InvalidClientTokenId",
                                  "UnrecognizedClientException"])
def test_credentials_that_die_end_the_run(scene, aws, code):
    """They would fail every other window as well, so the run ends after one call."""
    aws.faults({"action": "logs:CreateExportTask", "kind": "error", "code": code, "status": 403,
                "message": "The security token is not valid", "count": 99})
    r = scene.export("--window", "6h", "--output", "json", check=3)
    assert r.error["aws_code"] == code
    # An expired session is renewed once.
    assert calls(aws, "logs:CreateExportTask") == (2 if code.startswith("Expired") else 1)


def test_policy_is_lost_meanwhile(scene, aws):
    aws.client("s3").delete_bucket_policy(Bucket=BUCKET)
    scene.export().refused(3, "GetBucketAcl", "apigw-logs setup-bucket")
    aws.client("s3").put_bucket_policy(Bucket=BUCKET, Policy=json.dumps(bucket_policy(aws)))
    scene.export(check=0)
    scene.exact()
