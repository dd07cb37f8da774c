"""What CloudWatch deleted before it was exported is not "empty", and nobody says that it is whole."""

import json

import pytest

from archive_helpers import BUCKET, D0, DAY, assert_exact, day, ledger, plain, put
from export_helpers import G, export, states  # noqa: F401

SPAN = ("--from", day(0), "--to", day(5))       # six days ago to one day ago


def keep(aws, days, how="group"):
    logs = aws.client("logs")
    if how == "group":
        logs.put_retention_policy(logGroupName=G, retentionInDays=days)
        return
    aws.settings(retention_policy_hours=0)
    logs.put_account_policy(policyName="p", policyType="RETENTION_POLICY", scope="ALL",
                            policyDocument=json.dumps({"retentionInDays": days,
                                                       "enforcementMode": "RETROACTIVE"}))


def verify(run, *args, **more):
    return run("verify", "--bucket", BUCKET, "--log-group", G, *args, "--output", "json", **more)


def by_state(entries):
    return [e["state"] for e in entries]


@pytest.mark.usefixtures("within_the_hour")
def test_expired_days_are_not_empty(aws, run, export):
    events = put(aws, G, plain(days=5))
    keep(aws, 3)
    r = export(*SPAN, "--output", "json", check=0)
    # the fourth day began before what is kept, and part of it is left
    assert states(r)[:3] == ["expired"] * 3 and states(r)[4:] == ["exported"]
    entries = ledger(aws, G)
    assert by_state(entries)[:3] == ["expired"] * 3
    assert all(e["retention_days"] == 3 and e["log_group_created_ms"] for e in entries)
    assert "keeps its events for 3 days" in r.stderr and "4 windows" in r.stderr
    r = verify(run, *SPAN, check=1)
    assert r.json["complete"] is False and r.json["whole"] is False
    assert by_state(r.json["windows"]) == ["expired"] * 4 + ["whole"]
    assert "4 windows expired" in r.error["message"] and "--allow-expired" in r.error["hint"]
    r = verify(run, *SPAN, "--allow-expired", check=0)
    assert r.json["complete"] is False
    # what is whole stays so
    verify(run, "--from", day(4), "--to", day(5), check=0)
    assert events


def test_warns_also_when_quiet_and_once(aws, export):
    put(aws, G, plain(days=5))
    keep(aws, 3)
    r = export(*SPAN, "-q", check=0)
    assert r.stderr.startswith("warning: ") and "keeps its events for 3 days" in r.stderr
    assert r.stdout == ""
    assert export(*SPAN, "-q", check=0).stderr == ""


@pytest.mark.usefixtures("within_the_hour")
def test_what_deletion_has_left_is_exported(aws, run, export):
    """CloudWatch deletes up to three days late: what it still has is archived, and marked."""
    events = put(aws, G, plain(days=5))
    aws.settings(retention_lag_hours=72)
    keep(aws, 3)
    span = ("--from", day(1), "--to", day(5))
    export(*span, check=0)
    assert_exact(aws, G, events, D0 + DAY, D0 + 5 * DAY)
    assert by_state(ledger(aws, G)) == ["exported"] * 4
    r = verify(run, *span, check=1)
    assert by_state(r.json["windows"]) == ["expired"] * 3 + ["whole"]


def test_an_account_level_policy_counts(aws, run, export):
    events = put(aws, G, plain(days=1, first=D0 - 40 * DAY))
    put(aws, G, plain(days=1))
    keep(aws, 30, "account")
    r = export("--from", "50d", "--to", day(1), "--output", "json", check=0)
    assert "keeps its events for 30 days" in r.stderr
    assert "expired" in states(r) and states(r)[-1] == "exported"
    assert {e["retention_days"] for e in ledger(aws, G)} == {30} and events


def test_before_the_group_was_made_is_empty(aws, run, export):
    """Nothing can predate it, whatever it keeps."""
    aws.settings(allow_old_events=False)
    put(aws, G, {"s": [(D0 + 6 * DAY, "today")]})
    keep(aws, 1)
    r = export("--from", day(0), "--to", day(4), "--output", "json", check=0)
    assert states(r) == ["empty"] * 4
    verify(run, "--from", day(0), "--to", day(4), check=0)


def test_no_retention_no_expiry(aws, run, export):
    put(aws, G, plain(days=1, first=D0 - 400 * DAY))
    r = export("--from", "402d", "--to", "399d", "--output", "json", check=0)
    assert "expired" not in states(r) and not r.stderr
    assert all(e["retention_days"] is None for e in ledger(aws, G))


@pytest.mark.usefixtures("within_the_hour")
def test_a_gap_that_has_expired(aws, run, export):
    """What was never exported, and is deleted by now, cannot be exported any more."""
    put(aws, G, plain(days=5))
    export("--from", day(0), "--to", day(1), check=0)
    keep(aws, 3)
    r = verify(run, *SPAN, check=1)
    assert by_state(r.json["windows"]) == ["whole", "expired"]
    gap, = r.json["problems"]
    assert gap["problem"] == "not_exported" and gap["from_ms"] == D0 + 4 * DAY
    assert r.json["windows"][1]["from_ms"] == D0 + DAY and r.json["windows"][1]["to_ms"] == D0 + 4 * DAY


@pytest.mark.parametrize("version", [1, 2, 3])
def test_entries_of_other_versions(aws, run, export, version):
    """Version 1 knew neither "expired" nor the retention; a later one is not ours to judge."""
    put(aws, G, plain())
    export("--from", day(0), "--to", day(1), check=0)
    s3 = aws.client("s3")
    key = next(o["Key"] for o in s3.list_objects_v2(Bucket=BUCKET)["Contents"] if "_ledger" in o["Key"])
    entry = json.loads(s3.get_object(Bucket=BUCKET, Key=key)["Body"].read())
    assert entry["schema_version"] == 2
    entry["schema_version"] = version
    if version == 1:
        del entry["retention_days"], entry["log_group_created"], entry["log_group_created_ms"]
    s3.put_object(Bucket=BUCKET, Key=key, Body=json.dumps(entry).encode())
    r = verify(run, "--from", day(0), "--to", day(1), check=1 if version == 3 else 0)
    assert (version == 3) == ("newer than this program" in r.stdout)


def test_enable_logging_leaves_a_policy_alone(aws, run, rest_api):
    """PutRetentionPolicy would answer 200 and change nothing: a note, no change, and no waiting."""
    api = rest_api()
    run("setup-role", check=0)
    run("enable-logging", "--api", "petstore", "--access-log", check=0)
    keep(aws, 30, "account")
    r = run("enable-logging", "--api", "petstore", "--access-log", "--retention", "7", check=0)
    assert "account-level policy 'p' (30 days)" in r.stderr
    assert not aws.requests("logs:PutRetentionPolicy") and api
