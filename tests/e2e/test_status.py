"""status: a calendar of each log group, by the ledger, the retention and the export tasks."""

import json
import re
import signal

import pytest

from archive_helpers import BUCKET, D0, DAY, PREFIX, REGION, date, day, keys, put
from export_helpers import G, export, wait_for  # noqa: F401  (export is a fixture)

H = "/logs/of-others"
TODAY = D0 + 6 * DAY


@pytest.fixture
def status(run):
    def go(*args, group=G, **more):
        return run("status", "--bucket", BUCKET, "--log-group", group, *args, **more)
    return go


def states(r, n=0):
    return {d["date"]: d["state"] for d in r.json["log_groups"][n]["days"]}


def days(aws, group=G):
    return put(aws, group, {"s": [(D0 + i * DAY + 5, f"of day {i}") for i in range(4)]})


def test_days(aws, export, status):
    """Recorded, empty, missing, not due; nothing before the first recorded day."""
    days(aws)
    export("--from", day(1), "--to", day(3), check=0)
    export("--from", day(4), "--to", day(5), check=0)
    r = status("--output", "json", check=0)
    got = states(r)
    assert [got[day(i)] for i in range(1, 5)] == ["whole", "whole", "missing", "empty"]
    assert day(0) not in got and got[date(TODAY)] == "not_due" and list(got) == sorted(got)
    assert r.json["days"]["whole"] == 2 and r.json["days"]["missing"] >= 1 and r.json["tasks"] == []
    text = status(check=0).stdout
    assert G in text and "missing" in text and "no export task is under way" in text
    row = next(line for line in text.splitlines() if line.startswith("  " + day(1)[:7]))
    assert "#" in row and all(len(line) <= 80 for line in text.splitlines())


def test_the_columns_are_days(aws, export, status):
    """A day is where its number says, with a gap after the 10th and the 20th."""
    days(aws)
    export("--from", day(1), "--to", day(4), check=0)
    at = {}
    for line in status(check=0, env={"NO_COLOR": "1"}).stdout.splitlines():
        m = re.match(r"  (\d{4}-\d\d)  (.*)", line)
        if m:
            signs = m[2][:10] + m[2][11:21] + m[2][22:33]
            at |= {f"{m[1]}-{i + 1:02d}": c for i, c in enumerate(signs) if c != " "}
    assert [at.get(day(i)) for i in range(5)] == [None, "#", "#", "#", "?"]


def test_retention(aws, export, status):
    """What it has eaten, and what it is about to."""
    days(aws)
    export("--from", day(0), "--to", day(1), check=0)
    aws.client("logs").put_retention_policy(logGroupName=G, retentionInDays=5)
    r = status("--output", "json", check=0)
    got = states(r)
    assert got[day(0)] == "whole" and got[day(1)] in ("expired", "about_to_expire")
    assert [got[day(2)], got[day(3)]] == ["about_to_expire"] * 2
    assert r.json["log_groups"][0]["retention_days"] == 5
    assert "expires within 3 days" in status(check=0).stdout


def test_provisional(aws, export, status, clock):
    """Exported before it had settled; or only a part of the day, of which the rest is not due."""
    clock.set(f"{day(6)}T06:00:00Z")
    put(aws, G, {"s": [(D0 + 6 * DAY - 5, "x")]})
    export("--from", day(5), "--to", day(6), "--settle", "0", check=0)
    assert states(status("--output", "json", check=0))[day(5)] == "provisional"


def test_tasks(aws, export, status):
    """One under way, of ours and of others; one that failed."""
    days(aws)
    put(aws, H, {"s": [(D0 + 5, "x")]})
    export("--from", day(0), "--to", day(1), check=0)
    aws.settings(outcome=[{"status": "FAILED", "message": "Internal error.", "after_objects": 0}] * 15)
    export("--from", day(1), "--to", day(2))
    aws.settings(pending_polls=10**6)
    other = aws.client("logs").create_export_task(
        logGroupName=H, fromTime=D0, to=D0 + DAY, destination=BUCKET, destinationPrefix="x")["taskId"]
    r = status("--output", "json", check=0)
    assert states(r)[day(1)] == "failed" and states(r)[day(2)] == "missing"
    assert [(t["task_id"], t["own"], t["log_group"]) for t in r.json["tasks"]] == [(other, False, H)]
    assert other in status(check=0).stdout and "not ours" in status(check=0).stdout
    aws.client("logs").cancel_export_task(taskId=other)
    p = export.start("--from", day(2), "--to", day(3))
    wait_for(lambda: aws.requests("logs:CreateExportTask")[-1]["status"] == 200
             and aws.requests("logs:CreateExportTask")[-1]["error"] is None
             and len(aws.requests("logs:CreateExportTask")) >= 18)
    r = status("--output", "json", check=0)
    p.send_signal(signal.SIGINT)
    p.wait(20)
    assert states(r)[day(2)] == "running" and [t["own"] for t in r.json["tasks"]] == [True]


def test_what_the_ledger_learned(aws, export, status):
    aws.settings(to="inclusive")
    put(aws, G, {"s": [(D0 + 5, "x"), (D0 + DAY, "at the boundary")]})
    export("--from", day(0), "--to", day(1), check=0)
    r = status("--output", "json", check=0)
    assert r.json["log_groups"][0]["to_included"] is True
    assert "the window's end included" in status(check=0).stdout


def test_no_log_group(aws, export, status):
    days(aws)
    export("--from", day(0), "--to", day(2), check=0)
    aws.client("logs").delete_log_group(logGroupName=G)
    r = status("--output", "json", check=0)
    assert states(r) == {day(0): "whole", day(1): "whole"} and not r.json["log_groups"][0]["exists"]
    status(group="/logs/of-the-tests2").refused(3, "/logs/of-the-tests2")


def test_a_damaged_entry(aws, export, status):
    days(aws)
    export("--from", day(0), "--to", day(2), check=0)
    key = min(k for k in keys(aws) if "_ledger" in k)
    aws.client("s3").put_object(Bucket=BUCKET, Key=key, Body=b"{")
    assert states(status("--output", "json", check=0))[day(0)] == "damaged"


def test_no_answer(aws, export, status):
    days(aws)
    export("--from", day(0), "--to", day(2), check=0)
    aws.faults({"action": "s3:GetObject", "kind": "error", "status": 500, "count": 99})
    status().refused(4)
    aws.clear_faults()
    aws.faults({"action": "logs:DescribeExportTasks", "kind": "error", "status": 403, "count": 9,
                "code": "AccessDeniedException"})
    status().refused(3)


def test_watch(aws, export, run):
    """Until it is interrupted."""
    days(aws)
    p = run.start("status", "--bucket", BUCKET, "--log-group", G, "--watch")
    seen = []
    while not seen or "no export task" not in seen[-1]:
        seen.append(p.stdout.readline())
        assert seen[-1]
    p.send_signal(signal.SIGINT)
    assert p.wait(20) == 130 and G in "".join(seen)
    run("status", "--bucket", BUCKET, "--log-group", G, "--watch", "--output", "json", check=2)


def test_a_year(aws, status, export):
    """One list and many reads side by side: about as many calls as there are entries."""
    put(aws, G, {"s": [(D0 + 5, "x")]})
    s3 = aws.client("s3")
    folder = f"{PREFIX}/_ledger/{REGION}/%2Flogs%2Fof-the-tests/"
    first = TODAY - 100 * DAY
    for i in range(99):
        entry = {"schema_version": 1, "region": REGION, "log_group": G, "from_ms": first + i * DAY,
                 "to_ms": first + (i + 1) * DAY, "state": "empty", "destination_prefix": "x", "objects": []}
        s3.put_object(Bucket=BUCKET, Key=f"{folder}{entry['from_ms']}-{entry['to_ms']}.json",
                      Body=json.dumps(entry).encode())
    aws.clear_requests()
    r = status("--output", "json", check=0)
    assert len(states(r)) == 101 and r.json["days"]["empty"] == 99
    assert len(aws.requests()) < 99 + 20
    assert list(states(status("--from", date(TODAY - 9 * DAY), "--output", "json", check=0))) == [
        date(TODAY - (9 - i) * DAY) for i in range(10)]
