"""The owner of the bucket: every call names it, and listings are not trusted beyond their prefix."""

import json

import pytest

from archive_helpers import (BUCKET, PREFIX, assert_exact, bucket_policy, day, keys, make_bucket,
                             plain, put)

G = "/logs/of-the-tests"
OTHER = "210987654321"
SELECT = ("--bucket", BUCKET, "--log-group", G, "--from", day(0), "--to", day(1))


@pytest.fixture
def open_bucket(aws):
    """A bucket of the expected name in another account, open to everybody."""
    aws.settings(pending_polls=0, running_polls=0)
    key = aws.credentials("AKIAOTHERACCOUNT0000", account=OTHER)
    make_bucket(aws, key=key)
    s3 = aws.client("s3", key=key)
    s3.delete_public_access_block(Bucket=BUCKET)
    policy = bucket_policy(aws)
    policy["Statement"].append({"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{aws.account}:root"},
                                "Action": "s3:*",
                                "Resource": [f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/*"]})
    s3.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps(policy))
    return s3


@pytest.mark.parametrize("command", ["export", "verify"])
def test_a_strangers_bucket_is_refused(aws, run, open_bucket, command):
    put(aws, G, plain())
    run(command, *SELECT).refused(3, BUCKET, "does not belong to account 123456789012",
                                  "--bucket-owner")
    run(command, *SELECT, "--bucket-owner", "111122223333").refused(3, "111122223333")
    assert not aws.requests("logs:CreateExportTask")
    assert "Contents" not in open_bucket.list_objects_v2(Bucket=BUCKET)


def test_another_accounts_bucket_on_purpose(aws, run, open_bucket):
    events = put(aws, G, plain())
    run("export", *SELECT, "--bucket-owner", OTHER, check=0)
    assert_exact(aws, G, events)
    run("verify", *SELECT, "--source", "--bucket-owner", OTHER, check=0)
    run("setup-bucket", *SELECT[:2], "--bucket-owner", OTHER).refused(3, OTHER, "credentials of")
    # but not if it is supposed to be the caller's
    run("verify", *SELECT).refused(3, "does not belong")


def test_doctor_leaves_another_accounts_bucket_to_that_account(aws, run, open_bucket):
    bucket = ("doctor", *SELECT[:2], "--output", "json")
    r = run(*bucket, "--bucket-owner", OTHER, check=0)
    assert [(link["link"], link["health"]) for link in r.json["links"]] == [
        ("bucket", "doubtful"), ("export slot", "good")]
    for owner in ((), ("--bucket-owner", "111122223333")):
        r = run(*bucket, *owner, check=1)
        assert "does not belong" in r.json["links"][0]["message"]


def test_every_call_names_the_owner(aws, run):
    """Of every command; and each task is preceded by a look at whose the bucket is."""
    aws.settings(pending_polls=0, running_polls=0)
    b, days = SELECT[:2], SELECT[2:]
    put(aws, G, plain())
    runs = [("setup-role",), ("enable-logging", "--all-apis", "--level", "info"),
            ("policy", "export", *b, *SELECT[2:4]), ("cancel", "0f1e2d3c"),
            ("setup-bucket", *b, "--versioning", "--expire", "400", "--tag", "a=b"),
            ("export", *b, *days), ("export", *b, *days, "--redo"), ("export", *b, *SELECT[2:4]),
            ("verify", *b, *days, "--source"), ("verify", *b, *days, "--quick"),
            ("cat", *b, *days), ("status", *b, *SELECT[2:4]), ("doctor", *b)]
    listed = run("--help", check=0).stdout.split("Commands:\n")[1].split("\n\n")[0]
    assert {r[0] for r in runs} == {line.split()[0] for line in listed.splitlines() if line[2] != " "}
    seen = {}
    for args in runs:
        aws.clear_requests()
        run(*args, check=3 if args[0] == "cancel" else 0)     # there is no such task
        mine = aws.requests()
        s3 = [q for q in mine if q["service"] == "s3"]
        seen.setdefault(args[0], set()).update(q["op"] for q in s3)
        for q in s3:
            assert q["op"] == "CreateBucket" or (
                q["headers"].get("x-amz-expected-bucket-owner") == aws.account), (args, q)
        for before, q in zip(mine, mine[1:]):
            if q["op"] == "CreateExportTask":
                assert before["op"] == "HeadBucket", (args, before)
    assert {c for c in seen if seen[c]} == {"setup-bucket", "export", "verify", "cat", "status", "doctor"}, seen
    assert len(set.union(*seen.values())) > 15, seen


def test_a_bucket_that_changes_hands(aws, run):
    """The owner changes between the check of the bucket and the task: nothing is exported into it."""
    aws.settings(pending_polls=0, running_polls=0)
    make_bucket(aws)
    put(aws, G, plain())
    aws.faults({"action": "s3:HeadBucket", "kind": "status", "status": 403, "body": "", "skip": 1,
                "count": 5})
    run("export", *SELECT).refused(3, BUCKET)
    assert not aws.requests("logs:CreateExportTask") and not keys(aws)


def test_account_number(run):
    for word in ("12345678901", "1234567890123", "me", ""):
        run("verify", *SELECT, "--bucket-owner", word).refused(2, "--bucket-owner", "12 digits")


LIST = """<?xml version="1.0"?><ListBucketResult><IsTruncated>false</IsTruncated><Contents>
<Key>payroll/2026.db</Key><Size>3</Size><ETag>"x"</ETag></Contents><CommonPrefixes><Prefix>p/</Prefix>
</CommonPrefixes></ListBucketResult>"""


@pytest.mark.parametrize("skip", range(4))
def test_keys_outside_the_prefix(aws, run, skip):
    """An endpoint that ignores `prefix`, whichever list it is: an error, and nothing is deleted."""
    make_bucket(aws)
    put(aws, G, plain())
    aws.client("s3").put_object(Bucket=BUCKET, Key="payroll/2026.db", Body=b"pay")
    aws.settings(pending_polls=0, running_polls=0, outcome={"status": "CANCELLED", "after_objects": 1})
    aws.faults({"action": "s3:ListObjectsV2", "kind": "status", "status": 200, "body": LIST,
                "skip": skip, "count": 9})
    r = run("export", *SELECT)
    lists = len(aws.requests("s3:ListObjectsV2"))
    if lists <= skip:
        return
    r.refused(4, "outside the prefix")
    assert "payroll/2026.db" in keys(aws, prefix="")
    assert not any(q["key"] == "payroll/2026.db" for q in aws.requests("s3:DeleteObject"))


def test_verify_reads_nothing_outside_the_prefix(aws, run):
    aws.settings(pending_polls=0, running_polls=0)
    make_bucket(aws)
    put(aws, G, plain())
    run("export", *SELECT, check=0)
    aws.faults({"action": "s3:ListObjectsV2", "kind": "status", "status": 200, "skip": 1, "count": 9,
                "body": LIST.replace("payroll/2026.db", PREFIX[:3])})
    run("verify", *SELECT).refused(4, "outside the prefix")


def test_the_same_page_again_and_again(aws, run):
    make_bucket(aws)
    put(aws, G, plain())
    aws.faults({"action": "s3:ListObjectsV2", "kind": "status", "status": 200, "count": 99, "body":
                "<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>t"
                "</NextContinuationToken></ListBucketResult>"})
    run("export", *SELECT).refused(4, "same page token")
    assert len(aws.requests("s3:ListObjectsV2")) < 9
