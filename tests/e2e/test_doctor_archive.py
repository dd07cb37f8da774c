"""doctor: what stops exports beyond what setup-bucket sets, and what the ledger has."""

import json
import shlex

import pytest

from archive_helpers import DAY, PREFIX, REGION, iso
from clock import moment_ms
from setup_helpers import make_role, set_account_role, writes

B = "logs-of-the-tests"
GROUP = "/aws/apigateway/access"
SERVICE = f"logs.{REGION}.amazonaws.com"
TODAY = moment_ms() // DAY * DAY


@pytest.fixture
def chain(aws, run, rest_api):
    api = rest_api("petstore", "prod")
    set_account_role(aws, make_role(aws, "any"))
    run("setup-bucket", "--bucket", B, check=0)
    run("enable-logging", "--api", api, "--access-log=" + GROUP, check=0)
    aws.clear_requests()
    return api


def doctor(run, *args, **how):
    return run("doctor", "--all-apis", "--bucket", B, *args, **how)


def found(run, status, *health):
    r = doctor(run, "--output", "json", check=status)
    return [link for link in r.json["links"] if link["health"] in health]


def mend(aws, run, hint):
    """Runs the command of a hint, whichever program it is for."""
    for command in hint.split(" && "):
        words = shlex.split(command)
        if words[0] == "aws":
            options = dict(zip(words[3::2], words[4::2]))
            call = getattr(aws.client("kms", region=options["--region"]), words[2].replace("-", "_"))
            call(KeyId=options["--key-id"])
        else:
            assert words[0] == "apigw-logs"
            run(*words[1:], check=0)


# ---- log groups and keys --------------------------------------------------------------------------

def make_key(aws, *services):
    statements = [{"Sid": "root", "Effect": "Allow", "Action": "kms:*", "Resource": "*",
                   "Principal": {"AWS": f"arn:aws:iam::{aws.account}:root"}}]
    statements += [{"Sid": "logs", "Effect": "Allow", "Resource": "*", "Principal": {"Service": s},
                    "Action": ["kms:Decrypt", "kms:GenerateDataKey*"]} for s in services]
    return aws.client("kms").create_key(Policy=json.dumps(
        {"Version": "2012-10-17", "Statement": statements}))["KeyMetadata"]["Arn"]


def recreate(aws, **how):
    logs = aws.client("logs")
    logs.delete_log_group(logGroupName=GROUP)
    logs.create_log_group(logGroupName=GROUP, **how)


def test_the_class_delivery(aws, run, chain):
    recreate(aws, logGroupClass="DELIVERY")
    one, = found(run, 1, "broken", "unknown")
    assert one["link"] == "log group" and "DELIVERY" in one["message"]
    mend(aws, run, one["hint"])
    doctor(run, check=0)


def test_another_class_is_aws_to_judge(aws, run, chain):
    recreate(aws, logGroupClass="INFREQUENT_ACCESS")
    assert any("INFREQUENT_ACCESS" in one["message"] for one in found(run, 0, "doubtful"))


@pytest.mark.parametrize("breaks", ["disable_key", "schedule_key_deletion"])
def test_the_key_of_a_log_group(aws, run, chain, breaks):
    key = make_key(aws, SERVICE)
    recreate(aws, kmsKeyId=key)
    doctor(run, check=0)
    getattr(aws.client("kms"), breaks)(KeyId=key.rpartition("/")[2])
    one, = found(run, 1, "broken", "unknown")
    assert one["link"] == "log group" and key.rpartition("/")[2] in one["message"]
    mend(aws, run, one["hint"])
    doctor(run, check=0)


def test_a_key_that_may_not_be_seen(aws, run, chain):
    recreate(aws, kmsKeyId=make_key(aws, SERVICE))
    for action in ("kms:DescribeKey", "kms:GetKeyPolicy"):
        key = aws.credentials("AKIADENIED0000000000", deny=[action])
        r = doctor(run, "--output", "json", key=key, check=5)
        one, = [link for link in r.json["links"] if link["health"] == "unknown"]
        assert one["link"] == "log group" and f"the permission {action}," in one["hint"]


def test_the_retention_that_a_policy_sets(aws, run, chain):
    aws.client("logs").put_retention_policy(logGroupName=GROUP, retentionInDays=30)
    assert any("30 days" in one["message"] for one in found(run, 0, "good"))


# ---- bucket ---------------------------------------------------------------------------------------

def add_statement(aws, **statement):
    s3 = aws.client("s3")
    policy = json.loads(s3.get_bucket_policy(Bucket=B)["Policy"])
    policy["Statement"].append({"Sid": "theirs", "Effect": "Deny", "Principal": "*",
                                "Action": "s3:*", "Resource": [f"arn:aws:s3:::{B}",
                                                               f"arn:aws:s3:::{B}/*"],
                                **statement})
    s3.put_bucket_policy(Bucket=B, Policy=json.dumps(policy))


@pytest.mark.parametrize("statement, health", [
    ({"Action": "s3:PutObject"}, "broken"),
    ({"Principal": {"Service": SERVICE}, "NotAction": "s3:GetBucketPolicy"}, "broken"),
    ({"Action": "s3:PutObject", "NotResource": f"arn:aws:s3:::{B}/other/*"}, "broken"),
    ({"NotPrincipal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": "s3:Put*"}, "broken"),
    ({"Condition": {"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}}, "doubtful"),
    ({"Condition": {"StringNotEquals": {"s3:x-amz-server-side-encryption": "aws:kms"}},
      "Action": "s3:PutObject"}, "doubtful"),
    ({"Condition": {"Bool": {"aws:SecureTransport": "false"}}}, None),
    ({"Condition": {"StringNotEquals": {"aws:SourceVpce": "vpce-1"},
                    "Bool": {"aws:PrincipalIsAWSService": False}}}, None),
    ({"Action": "s3:DeleteObject"}, None),
    ({"Resource": f"arn:aws:s3:::{B}/other/*"}, None),
    ({"Principal": {"AWS": "arn:aws:iam::123456789012:user/x"}}, None),
    ({"Principal": {"Service": "delivery.logs.amazonaws.com"}}, None),
])
def test_a_statement_that_denies(aws, run, chain, statement, health):
    add_statement(aws, **statement)
    r = doctor(run, "--output", "json", check=1 if health == "broken" else 0)
    said = [link["health"] for link in r.json["links"] if "'theirs'" in link["message"]]
    assert set(said) == ({health} if health else set())
    assert {link["link"] for link in r.json["links"] if link["health"] == "broken"} <= {"bucket"}


@pytest.mark.parametrize("rule, broken", [
    ({"Filter": {}, "Expiration": {"Days": 1}}, True),
    ({"Filter": {"Prefix": f"{PREFIX}/region=eu"}, "Expiration": {"Days": 6}}, True),
    ({"Filter": {"Prefix": ""}, "Expiration": {"Days": 7}}, False),
    ({"Filter": {"Prefix": "other/"}, "Expiration": {"Days": 1}}, False),
    ({"Filter": {"Tag": {"Key": "k", "Value": "v"}}, "Expiration": {"Days": 1}}, False),
    ({"Filter": {}, "Expiration": {"Days": 1}, "Status": "Disabled"}, False),
])
def test_a_rule_that_deletes_what_was_just_exported(aws, run, chain, rule, broken):
    aws.client("s3").put_bucket_lifecycle_configuration(Bucket=B, LifecycleConfiguration={
        "Rules": [{"ID": "tidy", "Status": "Enabled", **rule}]})
    if not broken:
        doctor(run, check=0)
        return
    one, = found(run, 1, "broken", "unknown")
    assert one["link"] == "bucket" and "'tidy'" in one["message"]


def test_object_lock_is_said(aws, run, chain):
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="locked", ObjectLockEnabledForBucket=True,
                     CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_object_lock_configuration(Bucket="locked", ObjectLockConfiguration={
        "ObjectLockEnabled": "Enabled",
        "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 30}}})
    run("setup-bucket", "--bucket", "locked", check=0)
    r = run("doctor", "--bucket", "locked", check=0)
    assert "30 days (GOVERNANCE)" in r.stdout


def encrypt(aws, key):
    aws.client("s3").put_bucket_encryption(Bucket=B, ServerSideEncryptionConfiguration={
        "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms",
                                                          "KMSMasterKeyID": key}}]})


def test_the_key_of_the_bucket(aws, run, chain):
    key = make_key(aws, SERVICE)
    encrypt(aws, key)
    doctor(run, check=0)
    aws.client("kms").disable_key(KeyId=key.rpartition("/")[2])
    one, = found(run, 1, "broken", "unknown")
    assert one["link"] == "bucket" and "Disabled" in one["message"]
    mend(aws, run, one["hint"])
    doctor(run, check=0)
    encrypt(aws, key.replace(key.rpartition("/")[2], "00000000-0000-0000-0000-000000000000"))
    assert "does not exist" in found(run, 1, "broken")[0]["message"]


# ---- ledger ---------------------------------------------------------------------------------------

def record(aws, chain, *days, group=GROUP, **more):
    """Entries for whole days, as counted back from today."""
    for n in days:
        from_ms = TODAY - n * DAY
        entry = {"schema_version": 2, "account": aws.account, "region": REGION, "log_group": group,
                 "api_id": chain, "api_name": "petstore", "stage": "prod", "kind": "access",
                 "from_ms": from_ms, "to_ms": from_ms + DAY, "state": "empty",
                 "destination_prefix": "x", "objects": [], **more}
        aws.client("s3").put_object(
            Bucket=B, Body=json.dumps(entry).encode(),
            Key=f"{PREFIX}/_ledger/{REGION}/{group.replace('/', '%2F')}/{from_ms}-{from_ms + DAY}.json")


def test_a_ledger_without_a_gap(aws, run, chain):
    record(aws, chain, 4, 3, 2)
    one, = [link for link in found(run, 0, "good") if link["link"] == "ledger"]
    assert iso(TODAY - DAY)[:10] in one["message"]
    assert not found(run, 0, "doubtful")


@pytest.mark.parametrize("window_by, to, words", [
    ("event", True, "by time stamp, the window's end included"),
    ("ingestion", None, "by time of ingestion"), (None, True, None), (None, None, None)])
def test_how_aws_reads_windows(aws, run, chain, window_by, to, words):
    """What the last entry of any log group says; nothing is said while nothing is known."""
    learned = {"window_by": window_by, "to_included": to}
    record(aws, chain, 4, 3)
    record(aws, chain, 2, **{k: v for k, v in learned.items() if v is not None})
    r = run("doctor", "--all-apis", "--bucket", B, "--output", "json", check=0)
    assert (r.json["window_by"], r.json["to_included"]) == (window_by, to)
    said = [link["message"] for link in r.json["links"] if "AWS selects" in link["message"]]
    assert len(said) == bool(words) and all(words in message for message in said)


def test_a_gap(aws, run, chain):
    record(aws, chain, 6, 5, 2)
    aws.clear_requests()
    one, = found(run, 1, "broken", "unknown")
    assert one["link"] == "ledger" and "1 gap" in one["message"]
    assert iso(TODAY - 4 * DAY)[:10] in one["message"] and writes(aws) == []
    mend(aws, run, one["hint"])
    assert not found(run, 0, "broken", "doubtful")


@pytest.mark.parametrize("retention, ago, health", [
    (None, 2, None), (None, 4, "doubtful"), (None, 15, "broken"), (5, 4, "broken"), (30, 5, "doubtful"),
])
def test_the_age_of_the_last_window(aws, run, chain, retention, ago, health):
    if retention:
        aws.client("logs").put_retention_policy(logGroupName=GROUP, retentionInDays=retention)
    record(aws, chain, ago + 1, ago)
    r = doctor(run, "--output", "json", check=1 if health == "broken" else 0)
    said = [link for link in r.json["links"] if link["link"] == "ledger" and link["health"] != "good"]
    assert [link["health"] for link in said] == ([health] if health else [])
    for link in said:
        assert ("its retention deletes it" in link["message"]) == (retention == 5)
        mend(aws, run, link["hint"])
        assert not found(run, 0, "broken", "doubtful")


def test_a_group_that_moved(aws, run, chain):
    record(aws, chain, 3, 2)
    run("enable-logging", "--api", chain, "--access-log=/elsewhere", check=0)
    one, = found(run, 0, "doubtful")
    assert one["link"] == "log group" and "'/elsewhere' now" in one["message"]
    assert f"'{GROUP}'" in one["message"]
    mend(aws, run, one["hint"])
    assert not found(run, 0, "doubtful")


def test_a_ledger_that_may_not_be_read(aws, run, chain):
    record(aws, chain, 3, 2)
    key = aws.credentials("AKIADENIED0000000000", deny=["s3:GetObject"])
    r = doctor(run, "--output", "json", key=key, check=5)
    one, = [link for link in r.json["links"] if link["health"] == "unknown"]
    assert one["link"] == "ledger" and "the permission s3:GetObject," in one["hint"]
