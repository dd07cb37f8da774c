"""The machine's clock may be wrong, as it often is where NTP is blocked, or the Date of a reply: nothing is
finished that is not so by both."""

import time

import pytest

from archive_helpers import BUCKET, DAY, HOUR, assert_exact, date, ledger, make_bucket, put

G = "/logs/of-the-clock"
MINUTE = 60000
SETTLE = 12 * 60 * MINUTE


def last_settled_midnight(now):
    """The end of the last day that may be exported: from noon on yesterday's, before that the day's before."""
    return (now - SETTLE) // DAY * DAY


def aws_now():
    """AWS's time, as long as the clock of the tests has not been moved."""
    return int(time.time() * 1000)


@pytest.fixture
def off(within_the_hour, aws, run, clock):
    """off(hours): sets the machine's clock this far ahead of AWS's; returns the time by AWS's clock. boto3
    uses the machine's clock, so signature times are checked only while the program runs."""
    aws.settings(pending_polls=0, running_polls=0)
    make_bucket(aws)

    def go(hours):
        now = aws_now()
        aws.settings(check_skew=False)
        clock.move(hours=hours)
        aws.clock(-hours * 3600)
        return now
    return go


def export(run, *args, signatures=True, command="export", **more):
    run.aws.settings(check_skew=signatures)
    try:
        return run(command, "--bucket", BUCKET, "--log-group", G, *args, **more)
    finally:
        run.aws.settings(check_skew=False)


@pytest.mark.parametrize("signatures", [True, False], ids=["refused at first", "never refused"])
@pytest.mark.parametrize("expr", ["7d", "2d", "yesterday", "date"])
def test_a_clock_ahead_records_no_unfinished_day(aws, run, off, expr, signatures):
    now = off(36)
    end = last_settled_midnight(now)
    events = put(aws, G, {"s": [(end - DAY + 1, "settled"), (end + 1, "next day"), (now - MINUTE, "just now")]})
    r = export(run, "--from", date(end - DAY) if expr == "date" else expr, "--output", "json", signatures=signatures,
               check=0)
    assert "clock is 1d12h ahead of AWS's" in r.stderr
    recorded = [e["to_ms"] for e in ledger(aws, G)]
    if expr == "yesterday" and end < now // DAY * DAY:
        assert recorded == []    # before noon yesterday has not settled
    else:
        assert max(recorded) == end
    # the day continues, and nothing of it is lost
    events["s"] += put(aws, G, {"s": [(now, "later")]})["s"]
    aws.clock(-36 * 3600 + 2 * DAY / 1000)
    export(run, "--from", date(end - DAY), check=0)
    assert_exact(aws, G, events)


def test_a_range_of_the_future_is_left(aws, run, off):
    """Even with --to, what has not settled by AWS's clock is not exported."""
    now = off(36)
    today = now // DAY * DAY
    put(aws, G, {"s": [(now - MINUTE, "just now")]})
    r = export(run, "--from", date(today), "--to", date(today + DAY), check=0)
    assert "left for a later run" in r.stderr and not ledger(aws, G)


def test_a_clock_behind_leaves_nothing_out(aws, run, off, clock):
    """What has settled by AWS's clock alone is left until the machine's is set, and said so."""
    now = off(-40)
    end = last_settled_midnight(now)
    events = put(aws, G, {"s": [(end - 3 * DAY + 1, "settled by both"), (end - 1, "not by the machine's")]})
    r = export(run, "--from", date(end - 3 * DAY), check=0)
    assert "clock is 1d16h behind AWS's" in r.stderr
    assert max(e["to_ms"] for e in ledger(aws, G)) == last_settled_midnight(now - 40 * HOUR)
    clock.move(hours=40)
    aws.clock(0)
    export(run, "--from", date(end - 3 * DAY), check=0)
    assert_exact(aws, G, events)


@pytest.mark.parametrize("days", [1, 9 * 365, -30 * 365])
def test_a_wrong_date_loses_nothing(aws, run, off, clock, days):
    """A proxy or an endpoint that is wrong about the time: no unfinished day is recorded, and no day is taken
    for empty because it would long have expired, although nobody may look for its events. (Where signatures are
    checked, such a Date has all requests refused.)"""
    now = off(0)
    end = last_settled_midnight(now)
    events = put(aws, G, {"s": [(end - DAY + 1, "settled"), (end + 1, "next day"), (now - MINUTE, "just now")]})
    aws.client("logs").put_retention_policy(logGroupName=G, retentionInDays=30)
    key = aws.credentials("AKIADENIED0000000000", deny=["logs:FilterLogEvents", "logs:StartQuery"])
    aws.settings(date_off_by=days * DAY // 1000)
    r = export(run, "--from", date(end - DAY), signatures=False, key=key, check=0 if days > 0 else None)
    assert "this machine's clock is" in r.stderr
    assert all(e["to_ms"] <= end and e["objects"] for e in ledger(aws, G))
    # the next day continues, and nothing of it is lost
    aws.settings(date_off_by=0)
    events["s"] += put(aws, G, {"s": [(now, "later")]})["s"]
    clock.move(days=2)
    export(run, "--from", date(end - DAY), check=0)
    assert_exact(aws, G, events)


@pytest.mark.parametrize("minutes, warned", [(3, False), (6, True), (-6, True)])
def test_warns_from_five_minutes_on(aws, run, off, minutes, warned):
    off(minutes / 60)
    r = run("doctor", "--output", "json", check=0)
    assert abs(r.json["clock_offset_ms"] + minutes * MINUTE) < 5000
    assert ("clock is" in r.stderr) == warned
    assert ("clock is" in run("doctor", "-q", check=0).stderr) == warned


def test_verify_follows_the_same_clock(aws, run, off):
    now = off(36)
    today = now // DAY * DAY
    put(aws, G, {"s": [(today - DAY + 1, "yesterday")]})
    export(run, "--from", "yesterday", check=0)
    r = export(run, "--from", "yesterday", "--to", "today", "--output", "json", command="verify", check=0)
    assert (r.json["from_ms"], r.json["to_ms"]) == (today - DAY, today)


def test_a_time_limit_is_a_length(aws, run, off):
    """--timeout counts from the start, whatever the clock says."""
    now = off(36)
    end = last_settled_midnight(now)
    put(aws, G, {"s": [(end - DAY + 1, "settled")]})
    aws.settings(running_seconds=3600)
    begun = time.monotonic()
    export(run, "--from", date(end - DAY), "--timeout", "2s").refused(4, "--timeout has passed")
    assert 1 < time.monotonic() - begun < 60
