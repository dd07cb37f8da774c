"""setup-bucket: --kms-key, --lock, --tag, --small-objects, and a bucket of another account."""

import json

import pytest

from setup_helpers import changes, check_each_failure, writes

B = "logs-of-the-tests"
ARGS = ("setup-bucket", "--bucket", B)
SERVICE = "logs.eu-west-1.amazonaws.com"
ROOT = {"Sid": "root", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
        "Action": "kms:*", "Resource": "*"}


@pytest.fixture
def key(aws):
    return make_key(aws)


def make_key(aws, **more):
    return aws.client("kms").create_key(Policy=json.dumps(
        {"Version": "2012-10-17", "Statement": [ROOT]}), **more)["KeyMetadata"]["Arn"]


def key_policy(aws, key):
    text = aws.client("kms").get_key_policy(KeyId=key.rpartition("/")[2], PolicyName="default")["Policy"]
    return json.loads(text)["Statement"]


def encryption(aws):
    config = aws.client("s3").get_bucket_encryption(Bucket=B)["ServerSideEncryptionConfiguration"]
    return config["Rules"][0]


def create(aws, **more):
    s3 = aws.client("s3")
    s3.create_bucket(Bucket=B, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}, **more)
    return s3


# ---- keys -----------------------------------------------------------------------------------------

def test_a_key(aws, run, key):
    r = run(*ARGS, "--kms-key", key, "--output", "json", check=0)
    order = [p for _, p in changes(r)]
    assert order.index("policy statement ApigwLogsExportKey") < order.index("default encryption")
    rule = encryption(aws)
    assert rule["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "aws:kms",
                                                          "KMSMasterKeyID": key}
    assert rule["BucketKeyEnabled"] is True
    theirs, ours = key_policy(aws, key)
    assert theirs == ROOT
    assert ours.pop("Sid").isalnum() and ours == {
        "Effect": "Allow", "Principal": {"Service": SERVICE}, "Resource": "*",
        "Action": ["kms:GenerateDataKey*", "kms:Decrypt"]}
    aws.clear_requests()
    for id_ in (key, key.rpartition("/")[2]):
        assert run(*ARGS, "--kms-key", id_, check=0).stdout.startswith("nothing to change")
    assert writes(aws) == []
    run("doctor", "--bucket", B, check=0)


def test_an_alias_and_a_bucket_that_names_it(aws, run, key):
    aws.client("kms").create_alias(AliasName="alias/logs", TargetKeyId=key.rpartition("/")[2])
    run(*ARGS, "--kms-key", "alias/logs", check=0)
    assert encryption(aws)["ApplyServerSideEncryptionByDefault"]["KMSMasterKeyID"] == key
    aws.client("s3").put_bucket_encryption(Bucket=B, ServerSideEncryptionConfiguration={
        "Rules": [{"ApplyServerSideEncryptionByDefault": {
            "SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "alias/logs"}}]})
    r = run(*ARGS, "--kms-key", key, "--output", "json", check=0)
    assert changes(r) == [(f"bucket '{B}'", "bucket key")]
    assert encryption(aws)["BucketKeyEnabled"] is True


def test_a_key_whose_policy_lets_it_in_already(aws, run, key):
    policy = {"Version": "2012-10-17", "Statement": [ROOT, {
        "Effect": "Allow", "Principal": {"Service": [SERVICE, "x.amazonaws.com"]}, "Action": "kms:*",
        "Resource": "*"}]}
    aws.client("kms").put_key_policy(KeyId=key.rpartition("/")[2], PolicyName="default",
                                     Policy=json.dumps(policy))
    run(*ARGS, "--kms-key", key, check=0)
    assert key_policy(aws, key) == policy["Statement"]


def test_keys_that_will_not_do(aws, run):
    run(*ARGS, "--kms-key", "00000000-0000-0000-0000-000000000000").refused(3, "does not exist")
    other = aws.client("kms", region="us-east-1").create_key()["KeyMetadata"]["Arn"]
    r = run(*ARGS, "--kms-key", other)
    r.refused(3, other)
    disabled = make_key(aws)
    aws.client("kms").disable_key(KeyId=disabled.rpartition("/")[2])
    run(*ARGS, "--kms-key", disabled).refused(3, "Disabled")
    run(*ARGS, "--kms-key", make_key(aws, KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")).refused(
        3, "not symmetric")
    assert aws.client("s3").list_buckets()["Buckets"] == []


def test_a_key_instead_of_dsse(aws, run, key):
    s3 = create(aws)
    s3.put_bucket_encryption(Bucket=B, ServerSideEncryptionConfiguration={"Rules": [
        {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms:dsse",
                                                "KMSMasterKeyID": key}}]})
    aws.clear_requests()
    run(*ARGS).refused(3, "aws:kms:dsse", "--kms-key")
    assert writes(aws) == []
    run(*ARGS, "--kms-key", key, check=0)
    assert encryption(aws)["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"


@pytest.mark.parametrize("action", ["kms:DescribeKey", "kms:GetKeyPolicy", "kms:PutKeyPolicy"])
def test_a_permission_for_the_key_is_missing(aws, run, key, action):
    caller = aws.credentials("AKIADENIED0000000000", deny=[action])
    r = run(*ARGS, "--kms-key", key, key=caller)
    assert r.status in (3, 5) and f"the permission {action}," in r.stderr, r


def test_each_call_failing_once(aws, run):
    keys = []

    def state():
        keys[:] = [make_key(aws)]
        create(aws).put_bucket_tagging(Bucket=B, Tagging={"TagSet": [{"Key": "a", "Value": "1"}]})
        aws.client("kms").create_alias(AliasName="alias/logs", TargetKeyId=keys[0].rpartition("/")[2])

    def wanted():
        assert encryption(aws)["ApplyServerSideEncryptionByDefault"]["KMSMasterKeyID"] == keys[0]
        assert len(key_policy(aws, keys[0])) == 2
        assert len(aws.client("s3").get_bucket_tagging(Bucket=B)["TagSet"]) == 2
    check_each_failure(aws, run, (*ARGS, "--kms-key", "alias/logs", "--tag", "b=2"), state, wanted)


# ---- the rest -------------------------------------------------------------------------------------

def test_tags(aws, run):
    s3 = create(aws)
    s3.put_bucket_tagging(Bucket=B, Tagging={"TagSet": [{"Key": "team", "Value": "web & co"},
                                                        {"Key": "env", "Value": "test"}]})
    run(*ARGS, "--tag", "env=prod", "--tag", "cost=<1>", check=0)
    got = {t["Key"]: t["Value"] for t in s3.get_bucket_tagging(Bucket=B)["TagSet"]}
    assert got == {"team": "web & co", "env": "prod", "cost": "<1>"}
    aws.clear_requests()
    assert run(*ARGS, "--tag", "env=prod", check=0).stdout.startswith("nothing to change")
    assert writes(aws) == []
    run(*ARGS, "--tag", "=x").refused(2, "KEY=VALUE")


def test_a_lock(aws, run):
    args = (*ARGS, "--lock", "compliance:30")
    r = run(*args, "-n", check=0)
    assert "COMPLIANCE, 30 days" in r.stdout and writes(aws) == []
    run(*args, check=0)
    s3 = aws.client("s3")
    assert s3.get_object_lock_configuration(Bucket=B)["ObjectLockConfiguration"] == {
        "ObjectLockEnabled": "Enabled",
        "Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 30, "Years": 0}}}
    assert s3.get_bucket_versioning(Bucket=B)["Status"] == "Enabled"
    aws.clear_requests()
    assert run(*args, check=0).stdout.startswith("nothing to change")
    run(*ARGS, "--lock", "governance:30").refused(3, "another Object Lock")
    assert writes(aws) == []


def test_a_lock_that_the_first_run_could_not_set(aws, run):
    aws.faults({"action": "s3:PutObjectLockConfiguration", "kind": "error", "code": "AccessDenied",
                "status": 403, "message": "no", "count": 1})
    run(*ARGS, "--lock", "governance:1").refused(3, "object lock")
    run(*ARGS, "--lock", "governance:1", check=0)
    rule = aws.client("s3").get_object_lock_configuration(Bucket=B)["ObjectLockConfiguration"]["Rule"]
    assert rule["DefaultRetention"] == {"Mode": "GOVERNANCE", "Days": 1, "Years": 0}


def test_a_lock_is_for_a_new_bucket(aws, run):
    create(aws)
    aws.clear_requests()
    run(*ARGS, "--lock", "governance:1").refused(3, "without Object Lock")
    assert writes(aws) == []


@pytest.mark.parametrize("args, words", [
    (("--lock", "30"), ["governance or compliance"]), (("--lock", "legal:30"), ["'legal'"]),
    (("--lock", "governance:0"), ["1"]), (("--tag", "x"), ["KEY=VALUE"]),
    (("--small-objects",), ["--transition"]), (("--small-objects", "--expire", "9"), ["--transition"]),
])
def test_usage(aws, run, args, words):
    run(*ARGS, *args).refused(2, *words)
    assert aws.requests() == []


def test_small_objects(aws, run):
    minimum = "x-amz-transition-default-minimum-object-size"
    args = (*ARGS, "--transition", "DEEP_ARCHIVE:30")

    def now():
        return aws.client("s3").get_bucket_lifecycle_configuration(
            Bucket=B)["ResponseMetadata"]["HTTPHeaders"][minimum]
    run(*args, check=0)
    assert now() == "all_storage_classes_128K"
    r = run(*args, "--small-objects", "--output", "json", check=0)
    assert changes(r) == [(f"bucket '{B}'", "smallest object that moves")]
    assert now() == "varies_by_storage_class"
    aws.clear_requests()
    for again in (args, (*args, "--small-objects")):
        assert run(*again, check=0).stdout.startswith("nothing to change")
    assert writes(aws) == []
    # It is one document: a later change keeps the setting.
    run(*ARGS, "--transition", "GLACIER:30", check=0)
    assert now() == "varies_by_storage_class"


def test_a_bucket_of_another_account(aws, run):
    r = run(*ARGS, "--bucket-owner", "999999999999")
    r.refused(3, "only account 999999999999")
    document = json.loads(r.stderr[r.stderr.index('{"Version"'):])
    assert [s["Action"] for s in document["Statement"]] == ["s3:GetBucketAcl", "s3:PutObject"]
    assert document["Statement"][1]["Resource"] == f"arn:aws:s3:::{B}/apigw-logs/*"
    assert document["Statement"][1]["Condition"]["StringEquals"]["aws:SourceAccount"] == aws.account
