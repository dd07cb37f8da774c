"""setup-bucket, with boto3 as the observer."""

import json
import re
import time

import pytest
from botocore.exceptions import ClientError

from setup_helpers import changes, check_each_failure, writes

B = "logs-of-the-tests"
ARGS = ("setup-bucket", "--bucket", B)
SOURCE = {"aws:SourceArn": "arn:aws:logs:eu-west-1:123456789012:log-group:*"}
BLOCK = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy",
                       "RestrictPublicBuckets"), True)


def statements(prefix="apigw-logs", bucket=B):
    """Word for word as the CloudWatch Logs User Guide has them."""
    allow = {"Effect": "Allow", "Principal": {"Service": "logs.eu-west-1.amazonaws.com"}}
    return [
        {**allow, "Action": "s3:GetBucketAcl", "Resource": f"arn:aws:s3:::{bucket}",
         "Condition": {"StringEquals": {"aws:SourceAccount": "123456789012"}, "ArnLike": SOURCE}},
        {**allow, "Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{bucket}/{prefix}/*",
         "Condition": {"StringEquals": {"aws:SourceAccount": "123456789012",
                                        "s3:x-amz-acl": "bucket-owner-full-control"},
                       "ArnLike": SOURCE}}]


def policy(aws):
    return json.loads(aws.client("s3").get_bucket_policy(Bucket=B)["Policy"])


def without_sids(document):
    return [{k: v for k, v in st.items() if k != "Sid"} for st in document["Statement"]]


def create(aws, region="eu-west-1", **more):
    s3 = aws.client("s3", region=region)
    if region != "us-east-1":
        more["CreateBucketConfiguration"] = {"LocationConstraint": region}
    s3.create_bucket(Bucket=B, **more)
    return s3


def ready(aws):
    s3 = aws.client("s3")
    assert s3.get_bucket_location(Bucket=B)["LocationConstraint"] == "eu-west-1"
    assert s3.get_public_access_block(Bucket=B)["PublicAccessBlockConfiguration"] == BLOCK
    rules = s3.get_bucket_ownership_controls(Bucket=B)["OwnershipControls"]["Rules"]
    assert rules == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    rule = s3.get_bucket_encryption(Bucket=B)["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
    assert policy(aws)["Version"] == "2012-10-17"
    assert without_sids(policy(aws)) == statements()


def test_from_nothing_and_again(aws, run):
    run(*ARGS, check=0)
    ready(aws)
    sids = [st["Sid"] for st in policy(aws)["Statement"]]
    assert all(sid.isalnum() for sid in sids) and len(set(sids)) == 2
    aws.clear_requests()
    assert run(*ARGS, check=0).stdout.startswith("nothing to change")
    assert writes(aws) == []


def test_us_east_1(aws, run):
    run(*ARGS, "--region", "us-east-1", check=0)
    assert aws.client("s3", region="us-east-1").get_bucket_location(
        Bucket=B)["LocationConstraint"] is None
    assert run(*ARGS, "--region", "us-east-1", "--output", "json", check=0).json["changes"] == []


def test_export_task_is_let_in(aws, run):
    """The local AWS evaluates the policy as the real one would."""
    run(*ARGS, check=0)
    logs = aws.client("logs")
    logs.create_log_group(logGroupName="g")
    now = int(time.time() * 1000)
    task = {"logGroupName": "g", "fromTime": now, "to": now + 60000, "destination": B}
    assert logs.create_export_task(**task, destinationPrefix="apigw-logs/x")["taskId"]
    while logs.describe_export_tasks()["exportTasks"][0]["status"]["code"] != "COMPLETED":
        pass
    with pytest.raises(ClientError, match="PutObject call on the given bucket failed"):
        logs.create_export_task(**task, destinationPrefix="elsewhere")


def test_dry_run_changes_nothing(aws, run):
    r = run(*ARGS, "-n", "--output", "json", check=0)
    assert [c["state"] for c in r.json["changes"]] == ["planned"] * len(r.json["changes"])
    assert [p for _, p in changes(r)][:2] == ["bucket", "public access block"]
    assert writes(aws) == []
    assert aws.client("s3").list_buckets()["Buckets"] == []


def test_a_bucket_that_is_there(aws, run):
    s3 = create(aws, ObjectOwnership="ObjectWriter")
    s3.put_public_access_block(Bucket=B, PublicAccessBlockConfiguration={**BLOCK,
                                                                        "BlockPublicAcls": False})
    s3.put_object(Bucket=B, Key="theirs", Body=b"x")
    r = run(*ARGS, "--output", "json", check=0)
    assert [p for _, p in changes(r)][:2] == ["public access block", "object ownership"]
    assert r.json["changes"][0]["current"] == "BlockPublicAcls off"
    ready(aws)
    assert s3.get_object(Bucket=B, Key="theirs")["Body"].read() == b"x"


def test_encryption_of_others_stays(aws, run):
    s3 = create(aws)
    config = {"Rules": [{"ApplyServerSideEncryptionByDefault": {
        "SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "arn:aws:kms:eu-west-1:123456789012:key/k"},
        "BucketKeyEnabled": True}]}
    s3.put_bucket_encryption(Bucket=B, ServerSideEncryptionConfiguration=config)
    r = run(*ARGS, check=0)
    assert "key's policy" in r.stderr
    assert s3.get_bucket_encryption(Bucket=B)["ServerSideEncryptionConfiguration"] == config


FOREIGN = [
    {"Sid": "DenyHttp", "Effect": "Deny", "Principal": "*", "Action": ["s3:*"],
     "Resource": [f"arn:aws:s3:::{B}", f"arn:aws:s3:::{B}/*"],
     "Condition": {"Bool": {"aws:SecureTransport": "false"}}},
    {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
     "Action": ["s3:GetObject"], "Resource": f"arn:aws:s3:::{B}/*"},
]


@pytest.mark.parametrize("dry_run", [(), ("--dry-run",)])
def test_a_policy_that_would_pass_s3s_limit(aws, run, dry_run):
    s3 = create(aws)
    statement = {**FOREIGN[0], "Resource": [f"arn:aws:s3:::{B}/{n:0100}" for n in range(148)]}
    text = json.dumps({"Version": "2012-10-17", "Statement": [statement]}, separators=(",", ":"))
    assert 20 * 1024 - 1000 < len(text) < 20 * 1024
    s3.put_bucket_policy(Bucket=B, Policy=text)
    aws.clear_requests()
    r = run(*ARGS, *dry_run).refused(3, "20480", "nothing was changed")
    size = int(re.search(r"to (\d+) bytes", r.stderr)[1])
    assert len(text) + 500 < size < len(text) + 1500
    assert writes(aws) == [] and policy(aws) == json.loads(text)


def test_foreign_statements_survive(aws, run):
    s3 = create(aws)
    s3.put_bucket_policy(Bucket=B, Policy=json.dumps(
        {"Version": "2008-10-17", "Id": "theirs", "Statement": FOREIGN}))
    run(*ARGS, check=0)
    got = policy(aws)
    assert (got["Version"], got["Id"]) == ("2008-10-17", "theirs")
    assert got["Statement"][:2] == FOREIGN
    assert without_sids(got)[2:] == statements()


def test_one_statement_without_a_list(aws, run):
    s3 = create(aws)
    s3.put_bucket_policy(Bucket=B, Policy=json.dumps(
        {"Version": "2012-10-17", "Statement": FOREIGN[0]}))
    run(*ARGS, check=0)
    assert policy(aws)["Statement"][0] == FOREIGN[0]
    assert without_sids(policy(aws))[1:] == statements()


def test_equal_statements_in_other_words_count(aws, run):
    s3 = create(aws)
    acl, put = statements()
    acl["Principal"] = {"Service": [acl["Principal"]["Service"]]}
    acl["Action"] = ["S3:getbucketacl"]
    put = dict(reversed(put.items()), Sid="Theirs", Resource=[put["Resource"]])
    put["Condition"] = {"ArnLike": {"AWS:SourceArn": [SOURCE["aws:SourceArn"]]},
                        "StringEquals": {"s3:x-amz-acl": ["bucket-owner-full-control"],
                                         "aws:sourceaccount": "123456789012"}}
    document = {"Version": "2012-10-17", "Statement": [put, acl]}
    s3.put_bucket_policy(Bucket=B, Policy=json.dumps(document))
    aws.clear_requests()
    assert run(*ARGS, "--output", "json", check=0).json["changes"] == []
    assert writes(aws) == [] and policy(aws) == document


@pytest.mark.parametrize("spoil", [
    lambda st: st.update(Effect="Deny"),
    lambda st: st.update(Resource=f"arn:aws:s3:::{B}/apigw-logs2/*"),
    lambda st: st["Condition"].pop("ArnLike"),
    lambda st: st["Condition"]["StringEquals"].update({"aws:SourceAccount": "999999999999"}),
    lambda st: st["Condition"]["StringEquals"].update({"aws:SourceAccount": ["123456789012", "9"]}),
    lambda st: st.update(Action=["s3:PutObject", "s3:GetObject"]),
])
def test_ours_are_replaced_when_outdated(aws, run, spoil):
    run(*ARGS, check=0)
    good = policy(aws)
    bad = json.loads(json.dumps(good))
    spoil(bad["Statement"][1])
    bad["Statement"].insert(1, FOREIGN[0])
    aws.client("s3").put_bucket_policy(Bucket=B, Policy=json.dumps(bad))
    r = run(*ARGS, "--output", "json", check=0)
    assert len(r.json["changes"]) == 1 and r.json["changes"][0]["current"] is not None
    assert policy(aws)["Statement"] == [good["Statement"][0], FOREIGN[0], good["Statement"][1]]


def test_several_prefixes(aws, run):
    run(*ARGS, check=0)
    run(*ARGS, "--prefix", "a/b", check=0)
    run(*ARGS, "--prefix", "a/b/", check=0)
    acl, put = statements()
    assert without_sids(policy(aws)) == [acl, put, statements("a/b")[1]]
    assert run(*ARGS, "--output", "json", check=0).json["changes"] == []


def test_json(run):
    r = run(*ARGS, "--output", "json", check=0)
    assert {k: r.json[k] for k in ("account", "region", "bucket", "prefix", "encryption")} == {
        "account": "123456789012", "region": "eu-west-1", "bucket": B, "prefix": "apigw-logs",
        "encryption": "AES256"}
    assert {c["state"] for c in r.json["changes"]} == {"applied"}


def test_every_call_names_the_owner(aws, run):
    run(*ARGS, check=0)
    run(*ARGS, check=0)
    calls = [r for r in aws.requests("s3") if r["op"] != "CreateBucket"]
    assert len(calls) > 8
    assert {r["headers"].get("x-amz-expected-bucket-owner") for r in calls} == {"123456789012"}


def test_bucket_in_another_region(aws, run):
    for there in ("us-east-1", "ap-south-1"):
        aws.reset()
        create(aws, there)
        aws.clear_requests()
        for how in ("auto", "400", "301"):
            aws.settings(wrong_region=how)
            run(*ARGS).refused(3, B, there, "eu-west-1", "region")
        assert writes(aws) == []


@pytest.mark.parametrize("open_to_all", [False, True])
def test_somebody_elses_bucket(aws, run, open_to_all):
    other = aws.credentials("AKIAOTHERACCOUNT0000", account="999999999999")
    s3 = aws.client("s3", key=other)
    s3.create_bucket(Bucket=B, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    if open_to_all:
        s3.delete_public_access_block(Bucket=B)
        s3.put_bucket_policy(Bucket=B, Policy=json.dumps({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": "*", "Action": "s3:*",
             "Resource": [f"arn:aws:s3:::{B}", f"arn:aws:s3:::{B}/*"]}]}))
    aws.clear_requests()
    run(*ARGS).refused(3, B, "belong", "123456789012", "choose another bucket")
    assert writes(aws) == []


def test_somebody_was_faster(aws, run):
    aws.faults({"action": "s3:CreateBucket", "kind": "error", "code": "BucketAlreadyExists",
                "status": 409, "message": "The requested bucket name is not available."})
    run(*ARGS).refused(3, B, "BucketAlreadyExists", "choose another")


def test_somebody_of_ours_was_faster(aws, run):
    aws.faults({"action": "s3:CreateBucket", "kind": "reset_after", "count": 1})
    run(*ARGS, check=0)
    ready(aws)


@pytest.mark.parametrize("name", ["B", "ab", "Upper-Case", "a..b", "192.168.5.4", "-ab", "ab-",
                                  "xn--abc", "a_b", "abc-s3alias", "x" * 64])
def test_a_name_that_s3_would_refuse(aws, run, name):
    run("setup-bucket", "--bucket", name).refused(2, name)
    assert aws.requests() == []


def test_failure_after_each_call(aws, run):
    check_each_failure(aws, run, ARGS, lambda: None, lambda: ready(aws))


def test_failure_after_each_call_in_a_bucket_that_is_there(aws, run):
    def state():
        s3 = create(aws, ObjectOwnership="BucketOwnerPreferred")
        s3.delete_public_access_block(Bucket=B)
    check_each_failure(aws, run, ARGS, state, lambda: ready(aws))


def test_require_tls_and_versioning(aws, run):
    args = (*ARGS, "--require-tls", "--versioning")
    r = run(*args, "--output", "json", check=0)
    assert {"versioning", "policy statement ApigwLogsRequireTls"} <= {p for _, p in changes(r)}
    s3 = aws.client("s3")
    assert s3.get_bucket_versioning(Bucket=B)["Status"] == "Enabled"
    deny = {k: v for k, v in FOREIGN[0].items() if k != "Sid"}
    assert without_sids(policy(aws)) == [*statements(), {**deny, "Action": "s3:*"}]
    aws.clear_requests()
    assert run(*args, check=0).stdout.startswith("nothing to change")
    # what is not named on the command line is left as it is
    assert run(*ARGS, check=0).stdout.startswith("nothing to change")
    assert writes(aws) == []


def test_versioning_that_was_suspended(aws, run):
    run(*ARGS, "--versioning", check=0)
    aws.client("s3").put_bucket_versioning(Bucket=B, VersioningConfiguration={"Status": "Suspended"})
    r = run(*ARGS, "--versioning", "--output", "json", check=0)
    assert [(c["current"], c["desired"]) for c in r.json["changes"]] == [("Suspended", "Enabled")]


def test_a_statement_of_others_that_requires_tls_will_do(aws, run):
    s3 = create(aws)
    s3.put_bucket_policy(Bucket=B, Policy=json.dumps({"Version": "2012-10-17",
                                                      "Statement": [FOREIGN[0]]}))
    run(*ARGS, "--require-tls", check=0)
    assert [st.get("Sid", "")[:9] for st in policy(aws)["Statement"]] == [
        "DenyHttp", "ApigwLogs", "ApigwLogs"]
