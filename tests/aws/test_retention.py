"""Retention: expired events are gone, and which retention applies."""

import json

import pytest
from botocore.exceptions import ClientError

DAY, HOUR = 86400000, 3600000


@pytest.fixture
def group(aws):
    """Events of 1 to 5 days ago, by the server's clock, in the group g."""
    aws.settings(check_skew=False)
    logs, now = aws.client("logs"), int(aws.control("GET", "health")["time"] * 1000)
    logs.create_log_group(logGroupName="g")
    logs.create_log_stream(logGroupName="g", logStreamName="s")
    logs.put_log_events(logGroupName="g", logStreamName="s", logEvents=[
        {"timestamp": now - 2 * DAY + HOUR, "message": "2"}, {"timestamp": now - DAY - HOUR,
                                                              "message": "1"}])
    aws.ingest("g", "s", [(now - d * DAY - HOUR, str(d), now - d * DAY) for d in (3, 4, 5)])
    return aws


def messages(aws):
    logs = aws.client("logs")
    got = [e["message"] for e in logs.filter_log_events(logGroupName="g")["events"]]
    assert got == [e["message"] for e in logs.get_log_events(
        logGroupName="g", logStreamName="s")["events"]]
    return "".join(got)


def describe(aws, name="g"):
    found, = aws.client("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    return found.get("retentionInDays"), found.get("retentionPolicyName")


def test_events_expire_for_good(group):
    logs = group.client("logs")
    assert messages(group) == "54321"
    logs.put_retention_policy(logGroupName="g", retentionInDays=3)
    assert messages(group) == "21"
    logs.delete_retention_policy(logGroupName="g")
    assert messages(group) == "21"
    group.settings(allow_old_events=False)
    logs.put_retention_policy(logGroupName="g", retentionInDays=1)
    now = int(group.control("GET", "health")["time"] * 1000)
    got = logs.put_log_events(logGroupName="g", logStreamName="s", logEvents=[
        {"timestamp": now - DAY - HOUR, "message": "old"}])
    assert got["rejectedLogEventsInfo"] == {"expiredLogEventEndIndex": 1}


def test_expiry_lags(group):
    group.settings(retention_lag_hours=72)
    group.client("logs").put_retention_policy(logGroupName="g", retentionInDays=1)
    assert messages(group) == "321"
    group.clock(86400)
    assert messages(group) == "21"


def test_a_recreated_group_is_new(group):
    group.settings(allow_old_events=False)
    logs = group.client("logs")
    made = lambda: logs.describe_log_groups()["logGroups"][0]["creationTime"]    # noqa: E731
    before = made()
    logs.delete_log_group(logGroupName="g")
    logs.create_log_group(logGroupName="g")
    logs.create_log_stream(logGroupName="g", logStreamName="s")
    now = int(group.control("GET", "health")["time"] * 1000)
    logs.put_log_events(logGroupName="g", logStreamName="s", logEvents=[
        {"timestamp": now - 13 * DAY, "message": "of before its time"}])
    assert made() > before + 5 * DAY and messages(group) == "of before its time"


def policy(aws, name, days, mode="RETROACTIVE", prefixes=None, op="IN"):
    more = {"selectionCriteria": f"LogGroupNamePrefix {op} {json.dumps(prefixes)}"} if prefixes else {}
    return aws.client("logs").put_account_policy(
        policyName=name, policyType="RETENTION_POLICY", scope="ALL", policyDocument=json.dumps(
            {"retentionInDays": days, "enforcementMode": mode}), **more)["accountPolicy"]


def test_account_policies(group):
    """The longest matching policy overrides the group's own, 24 hours after it was put."""
    logs = group.client("logs")
    logs.put_retention_policy(logGroupName="g", retentionInDays=400)
    made = policy(group, "base", 30)
    assert made["accountId"] == group.account and describe(group) == (400, None)
    group.clock(86401)
    assert describe(group) == (30, "base")
    logs.put_retention_policy(logGroupName="g", retentionInDays=7)      # 200, and changes nothing
    assert describe(group) == (30, "base")
    group.settings(retention_policy_hours=0)
    policy(group, "elsewhere", 365, prefixes=["/aws/"])
    policy(group, "same", 30)
    assert describe(group) == (30, "base")
    policy(group, "mine", 90, prefixes=["x", "g"])
    assert describe(group) == (90, "mine")
    policy(group, "future", "NEVER_EXPIRE", mode="NEW_ONLY")
    assert describe(group) == (90, "mine")
    policy(group, "others", "NEVER_EXPIRE", prefixes=["/aws/"], op="NOT IN")
    assert describe(group) == (None, "others")
    group.settings(retention_policy_hours=24)
    policy(group, "others", 60, prefixes=["/aws/"], op="NOT IN")
    assert describe(group) == (None, "others"), "the change is not in force yet"
    names = [p["policyName"] for p in logs.describe_account_policies(
        policyType="RETENTION_POLICY")["accountPolicies"]]
    assert names == ["base", "elsewhere", "same", "mine", "future", "others"]
    for name in names:
        logs.delete_account_policy(policyName=name, policyType="RETENTION_POLICY")
    assert describe(group) == (7, None)


def test_account_policies_expire_events(group):
    group.settings(retention_policy_hours=0)
    policy(group, "short", 30)
    assert messages(group) == "54321"
    group.clock(27.5 * 86400)
    assert messages(group) == "21"


def test_refused_policies(group):
    for days, mode in ((7, "RETROACTIVE"), ("30", "RETROACTIVE"), (30, "ALWAYS")):
        with pytest.raises(ClientError) as e:
            policy(group, "p", days, mode)
        assert e.value.response["Error"]["Code"] == "InvalidParameterException"
    with pytest.raises(ClientError) as e:
        group.client("logs").delete_account_policy(policyName="p", policyType="RETENTION_POLICY")
    assert e.value.response["Error"]["Code"] == "ResourceNotFoundException"
