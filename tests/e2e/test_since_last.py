"""export --since-last: each log group continues where its ledger ends, and its gaps are filled."""

from archive_helpers import D0, DAY, HOUR, assert_exact, calls, date, day, keys, ledger, put
from export_helpers import G, export, states  # noqa: F401  (export is a fixture)

H = "/logs/another"


def days(aws, group=G):
    return [date(e["from_ms"]) for e in ledger(aws, group)]


def test_the_first_run_begins_with_the_first_event(aws, export):
    """Also where no --from is given at all; a group without events is left alone."""
    events = put(aws, G, {"s": [(D0 + DAY + HOUR, "first"), (D0 + 2 * DAY, "second")]})
    put(aws, H, {"s": []})
    r = export("--log-group", H, "--to", day(3), "--output", "json", check=0)
    assert r.json["since_last"] is True and "from" not in r.json
    assert days(aws) == [day(1), day(2)] and not ledger(aws, H)
    assert_exact(aws, G, events)


def test_each_group_continues_and_gaps_are_filled(aws, export):
    events = {g: put(aws, g, {"s": [(D0 + i * DAY + 5, f"{g} {i}") for i in range(5)]}) for g in (G, H)}
    export("--from", day(0), "--to", day(1), check=0)
    export("--from", day(2), "--to", day(3), check=0)
    export("--from", day(1), "--to", day(2), group=H, check=0)
    r = export("--log-group", H, "--since-last", "--to", day(4), "--output", "json", check=0)
    assert states(r) == ["exported"] * 4
    assert days(aws) == [day(i) for i in range(4)] and days(aws, H) == [day(i) for i in range(1, 4)]
    assert_exact(aws, G, events[G], D0, D0 + 4 * DAY)
    assert_exact(aws, H, events[H], D0 + DAY, D0 + 4 * DAY)
    created = calls(aws, "logs:CreateExportTask")
    r = export("--log-group", H, "--to", day(4), check=0)
    assert "nothing left" in r.stdout and calls(aws, "logs:CreateExportTask") == created
    r = export("--log-group", H, "--to", day(4), "-q", check=0)
    assert not r.stdout and not r.stderr


def test_without_to_what_has_not_settled_is_left_alone(aws, export, clock):
    put(aws, G, {"s": [(D0 + 5, "x")]})
    clock.set(f"{day(1)}T00:30:00Z")
    r = export("-q", check=0)
    assert not r.stdout and not r.stderr and not ledger(aws, G)


def test_a_gap_that_retention_has_eaten(aws, export):
    put(aws, G, {"s": [(D0 + 5, "x"), (D0 + DAY + 5, "y"), (D0 + 2 * DAY, "z")]})
    export("--from", day(0), "--to", day(1), check=0)
    export("--from", day(2), "--to", day(3), check=0)
    aws.client("logs").put_retention_policy(logGroupName=G, retentionInDays=1)
    r = export("-q", "--to", day(3), check=0)
    assert "deleted before the export" in r.stderr and day(1) in r.stderr
    assert [e["state"] for e in ledger(aws, G)][1] in ("expired", "exported")
    r = export("-q", "--to", day(3), check=0)
    assert not r.stderr


def test_the_first_event_that_aws_does_not_tell(aws, export):
    """Without FilterLogEvents, as for some log classes, the group's age decides; nothing is lost."""
    events = put(aws, G, {"s": [(D0 + 5, "x")]})
    aws.faults({"action": "logs:FilterLogEvents", "kind": "error", "count": 99, "status": 400,
                "code": "InvalidParameterException"})
    export("--to", day(1), "--no-source", check=0)
    assert day(0) in days(aws) and days(aws) == sorted(days(aws))
    assert_exact(aws, G, events)


def test_no_answer_about_the_first_event_is_no_empty_group(aws, export):
    put(aws, G, {"s": [(D0 + 5, "x")]})
    aws.faults({"action": "logs:FilterLogEvents", "kind": "error", "count": 9, "status": 500})
    export("--to", day(1)).refused(4, G)
    assert not [k for k in keys(aws) if "_ledger" in k]


def test_from_excludes_it(export):
    export("--since-last", "--from", "7d").refused(2, "--since-last")
