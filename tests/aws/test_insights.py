"""Logs Insights: what a query finds, and its life."""

import pytest
from botocore.exceptions import ClientError

DAY, HOUR = 86400000, 3600000
T0 = 1732060800000                  # 2024-11-20T00:00:00Z
S0 = T0 // 1000


@pytest.fixture
def logs(aws):
    logs = aws.client("logs")
    aws.settings(query_scheduled_polls=0, query_running_polls=0)
    logs.create_log_group(logGroupName="g", logGroupClass="INFREQUENT_ACCESS")
    for stream in ("a/b", "c"):
        logs.create_log_stream(logGroupName="g", logStreamName=stream)
    aws.ingest("g", "a/b", [(T0 - 1, "before", T0 + 5), (T0, "first", T0 + 5),
                            (T0 + HOUR, "one", T0 + 2 * HOUR), (T0 + DAY - 1, "last", T0 + DAY + 7)])
    aws.ingest("g", "c", [(T0 + HOUR + 1, "two ü", T0 + HOUR + 2), (T0 + DAY, "next", T0 + DAY + 8)])
    return logs


def start(logs, query, end=S0 + 86400, **more):
    return logs.start_query(**{"logGroupName": "g", "startTime": S0 - 1, "endTime": end,
                               "queryString": query, **more})["queryId"]


def rows(logs, query, **more):
    got = logs.get_query_results(queryId=start(logs, query, **more))
    assert got["status"] == "Complete"
    return [{c["field"]: c["value"] for c in r if c["field"] != "@ptr"} for r in got["results"]]


WINDOW = f"filter toMillis(@timestamp) >= {T0} and toMillis(@timestamp) < {T0 + DAY} | "


def test_counts(logs):
    assert rows(logs, WINDOW + "stats count(*) as n by @logStream | sort @logStream") == [
        {"@logStream": "a/b", "n": "3"}, {"@logStream": "c", "n": "1"}]
    got = rows(logs, WINDOW + "stats count(*) as n by bin(1h) as hour | sort hour")
    assert got == [{"hour": "2024-11-20 00:00:00.000", "n": "1"},
                   {"hour": "2024-11-20 01:00:00.000", "n": "2"},
                   {"hour": "2024-11-20 23:00:00.000", "n": "1"}]
    assert rows(logs, WINDOW + "stats count(*) by bin(1d)") == [
        {"bin(1d)": "2024-11-20 00:00:00.000", "count(*)": "4"}]
    assert rows(logs, f"filter toMillis(@ingestionTime) >= {T0 + DAY} | stats count(*) as n, "
                "min(toMillis(@timestamp)) as first, max(toMillis(@timestamp)) as last") == [
        {"n": "2", "first": str(T0 + DAY - 1), "last": str(T0 + DAY)}]
    assert rows(logs, "filter @logStream = 'none' | stats count(*) as n") == []


def test_range_is_inclusive_and_in_seconds(logs):
    every = "stats count(*) as n"
    assert rows(logs, every) == [{"n": "6"}]
    assert rows(logs, every, startTime=S0) == [{"n": "5"}]
    assert rows(logs, every, startTime=S0, endTime=S0 + 86399) == [{"n": "3"}]
    assert rows(logs, every, startTime=S0, endTime=S0) == [{"n": "1"}]


def test_fields_filter_sort_limit(logs):
    assert [r["@message"] for r in rows(logs, "fields @timestamp, @message")] == [
        "next", "last", "two ü", "one", "first", "before"]
    assert rows(logs, "fields @message, @ingestionTime | filter @message like /^(one|two)/ or "
                "@message = 'first' | sort @timestamp | limit 2") == [
        {"@message": "first", "@ingestionTime": "2024-11-20 00:00:00.005"},
        {"@message": "one", "@ingestionTime": "2024-11-20 02:00:00.000"}]
    assert len(rows(logs, "fields @message", limit=4)) == 4
    assert rows(logs, "filter not (@logStream in ['c', 'd']) and @message != 'one' | "
                "stats count(*) as n")[0]["n"] == "3"


def test_statistics_and_pages(logs):
    query = start(logs, WINDOW + "fields @message", startTime=S0)
    page = logs.get_query_results(queryId=query, maxItems=3)
    assert page["statistics"]["recordsScanned"] == 5 and page["statistics"]["recordsMatched"] == 4
    assert page["statistics"]["bytesScanned"] == len("firstonelasttwo ünext".encode())
    rest = logs.get_query_results(queryId=query, nextToken=page["nextToken"])
    assert (len(page["results"]), len(rest["results"])) == (3, 1) and "nextToken" not in rest


def test_states(aws, logs):
    aws.settings(query_scheduled_polls=1, query_running_polls=2, query_slots=2)
    query = start(logs, "stats count(*) as n")
    got = [logs.get_query_results(queryId=query) for _ in range(5)]
    assert [g["status"] for g in got] == ["Scheduled", "Running", "Running", "Complete", "Complete"]
    assert [[c["value"] for r in g["results"] for c in r] for g in got] == [
        [], ["3"], ["3"], ["6"], ["6"]]
    with pytest.raises(ClientError):
        logs.stop_query(queryId=query)
    others = [start(logs, "fields @message") for _ in range(2)]
    assert refused(start, logs, "fields @message") == "LimitExceededException"
    assert logs.stop_query(queryId=others[0])["success"]
    assert logs.get_query_results(queryId=others[0])["status"] == "Cancelled"
    assert [q["queryId"] for q in logs.describe_queries(status="Scheduled")["queries"]] == others[1:]


def refused(call, *args, **kw):
    with pytest.raises(ClientError) as e:
        call(*args, **kw)
    return e.value.response["Error"]["Code"]


@pytest.mark.parametrize("query", [
    "count(*)", "fields @message | count()", "stats", "stats n by x", "filter", "filter @message",
    "filter toMillis(@timestamp) >= 1 and", "fields @message |", "stats count(*) by bin(1x)",
    "parse @message 'a*' as b", "stats count(*) as n by @logStream limit 5", "fields `x", "limit 0",
    "filter frobnicate(@message) = 1", ""])
def test_malformed(logs, query):
    assert refused(start, logs, query) == "MalformedQueryException"


def test_refusals(aws, logs):
    logs.put_retention_policy(logGroupName="g", retentionInDays=3653)
    assert refused(start, logs, "stats count(*)", startTime=0, end=S0 - 86400 * 400) == \
        "MalformedQueryException", "before the group was made"
    assert refused(start, logs, "stats count(*)", end=S0 - 2) == "MalformedQueryException"
    assert refused(start, logs, "stats count(*)", logGroupName="none") == "ResourceNotFoundException"
    assert refused(start, logs, "stats count(*)", logGroupNames=["g"]) == "InvalidParameterException"
    assert refused(logs.get_query_results, queryId="none") == "ResourceNotFoundException"
    assert refused(logs.filter_log_events, logGroupName="g") == "InvalidParameterException"
    logs.create_log_group(logGroupName="kept-elsewhere", logGroupClass="DELIVERY")
    assert refused(start, logs, "stats count(*)", logGroupName="kept-elsewhere") == \
        "InvalidParameterException"
    key = aws.credentials("AKIANOQUERY000000000", deny=["logs:StartQuery"])
    assert refused(start, aws.client("logs", key=key), "stats count(*)") == "AccessDeniedException"
