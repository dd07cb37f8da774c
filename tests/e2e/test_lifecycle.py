"""setup-bucket's life cycle: rules of its own among those of others."""

import datetime

import pytest

from setup_helpers import changes, writes

B = "logs-of-the-tests"
ARGS = ("setup-bucket", "--bucket", B)


def rules(aws):
    return aws.client("s3").get_bucket_lifecycle_configuration(Bucket=B)["Rules"]


def ours(aws):
    """By what they are for, without the ID."""
    found = {}
    for rule in rules(aws):
        if rule["ID"].startswith("ApigwLogs"):
            found[rule["Filter"]["Prefix"]] = {k: v for k, v in rule.items() if k not in ("ID", "Filter")}
    return found


LIFE = ("--transition", "STANDARD_IA:30", "--transition", "GLACIER_IR:90", "--expire", "400",
        "--noncurrent-expire", "30", "--abort-multipart", "7")


def test_life_cycle(aws, run):
    r = run(*ARGS, *LIFE, check=0)
    assert "STANDARD_IA after 30 days, GLACIER_IR after 90 days, expire after 400 days" in r.stdout
    assert ours(aws) == {
        "apigw-logs/region=": {
            "Status": "Enabled", "Transitions": [{"Days": 30, "StorageClass": "STANDARD_IA"},
                                                 {"Days": 90, "StorageClass": "GLACIER_IR"}],
            "Expiration": {"Days": 400}, "NoncurrentVersionExpiration": {"NoncurrentDays": 30},
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7}},
        # what the ledger says of objects that are gone would be damage
        "apigw-logs/_ledger/": {
            "Status": "Enabled", "Expiration": {"Days": 400},
            "NoncurrentVersionExpiration": {"NoncurrentDays": 30}}}
    aws.clear_requests()
    assert run(*ARGS, *LIFE, check=0).stdout.startswith("nothing to change")
    assert run(*ARGS, check=0).stdout.startswith("nothing to change")
    assert writes(aws) == []
    r = run(*ARGS, "--transition", "DEEP_ARCHIVE:1", "--output", "json", check=0)
    assert changes(r) == [(f"bucket '{B}'", "life cycle")]
    assert list(ours(aws)) == ["apigw-logs/region="]


def test_rules_of_others_stay(aws, run):
    s3 = aws.client("s3")
    s3.create_bucket(Bucket=B, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    theirs = [
        {"ID": "a & b <c>", "Status": "Disabled", "Expiration": {"ExpiredObjectDeleteMarker": True},
         "Filter": {"And": {"Prefix": "x y/\u00fc", "Tags": [{"Key": "k", "Value": "<&>"}],
                            "ObjectSizeGreaterThan": 5}}},
        {"ID": "old", "Status": "Enabled", "Prefix": "", "Transitions": [
            {"Date": datetime.datetime(2030, 1, 1, tzinfo=datetime.timezone.utc),
             "StorageClass": "GLACIER"}]},
        {"ID": "all", "Status": "Enabled", "Filter": {},
         "NoncurrentVersionExpiration": {"NoncurrentDays": 3, "NewerNoncurrentVersions": 2}}]
    s3.put_bucket_lifecycle_configuration(
        Bucket=B, LifecycleConfiguration={"Rules": theirs},
        TransitionDefaultMinimumObjectSize="varies_by_storage_class")
    before = rules(aws)
    run(*ARGS, *LIFE, check=0)
    run(*ARGS, "--prefix", "other", "--expire", "10", check=0)
    got = s3.get_bucket_lifecycle_configuration(Bucket=B)
    assert got["Rules"][:3] == before and len(got["Rules"]) == 7
    assert got["TransitionDefaultMinimumObjectSize"] == "varies_by_storage_class"
    assert len({rule["ID"] for rule in got["Rules"]}) == 7


def test_a_rule_of_ours_that_somebody_disabled(aws, run):
    run(*ARGS, "--expire", "400", check=0)
    s3 = aws.client("s3")
    changed = rules(aws)
    changed[0]["Status"] = "Disabled"
    s3.put_bucket_lifecycle_configuration(Bucket=B, LifecycleConfiguration={"Rules": changed})
    r = run(*ARGS, "--expire", "400", "--output", "json", check=0)
    assert "disabled" in r.json["changes"][0]["current"]
    assert {rule["Status"] for rule in rules(aws)} == {"Enabled"}


@pytest.mark.parametrize("args, words", [
    (("--transition", "GLACIER:90", "--transition", "STANDARD_IA:120"), ["STANDARD_IA", "GLACIER"]),
    (("--transition", "STANDARD_IA:30", "--transition", "GLACIER:30"), ["colder"]),
    (("--transition", "GLACIER:90", "--expire", "90"), ["expire", "GLACIER"]),
    (("--transition", "GLACIER:1", "--transition", "GLACIER:2"), ["twice"]),
    (("--transition", "GLACER:1"), ["did you mean 'GLACIER'"]), (("--transition", "GLACIER"), ["':'"]),
    (("--transition", "GLACIER:x"), ["days"]), (("--expire", "0"), ["days"])])
def test_a_life_cycle_that_cannot_be(aws, run, args, words):
    run(*ARGS, *args).refused(2, *words)
    assert aws.requests() == []


def test_what_to_know_of_a_life_cycle(aws, run):
    r = run(*ARGS, "-n", "--transition", "STANDARD_IA:10", "--transition", "GLACIER:60", check=0)
    assert r.stderr.count("warning: ") == 1 and "128 KiB" in r.stderr and "restored" in r.stderr
    # S3 has the last word on days
    r = run(*ARGS, "--transition", "STANDARD_IA:10").refused(3, "life cycle", "30")
    assert "restored" not in r.stderr
