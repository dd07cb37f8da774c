"""export's tasks: the single slot of a region, tasks that fail, runs that are killed or compete."""

import json
import signal

import pytest

from archive_helpers import (
    BUCKET, D0, DAY, HOUR, PREFIX, assert_exact, calls, day, keys, ledger, make_bucket, plain, put,
    tasks)
from export_helpers import (  # noqa: F401  (export is a fixture)
    G, RANGE, export, record_half_the_day, states, wait_for)


# ---- the slot -----------------------------------------------------------------------------------

def occupy(aws, name="nightly of another team"):
    logs = aws.client("logs")
    put(aws, "/other", {"s": [(D0 + 1, "x")]})
    make_bucket(aws, "bucket-of-others")
    return logs.create_export_task(taskName=name, logGroupName="/other", fromTime=D0, to=D0 + 5,
                                   destination="bucket-of-others")["taskId"]


def test_waits_for_the_slot(aws, export):
    events = put(aws, G, plain())
    aws.settings(pending_seconds=0.7, running_seconds=0.7)
    other = occupy(aws)
    r = export(*RANGE, "-v", check=0)
    assert other in r.stderr and "nightly of another team" in r.stderr and "/other" in r.stderr
    assert_exact(aws, G, events)
    assert len(tasks(aws)) == 2


def test_timeout_at_the_slot(aws, export):
    events = put(aws, G, plain(days=2))
    aws.settings(pending_seconds=3600, running_seconds=3600)
    other = occupy(aws)
    both = ("--from", day(0), "--to", day(2))
    r = export(*both, "--timeout", "1s")
    r.refused(4, other, "one export at a time", "--timeout has passed", "run the command again")
    assert not ledger(aws, G)
    aws.settings(pending_seconds=0, running_seconds=0)
    export(*both, check=0)
    assert_exact(aws, G, events)


def test_timeout_while_it_runs(aws, export):
    events = put(aws, G, plain())
    aws.settings(pending_seconds=0, running_seconds=3600)
    export(*RANGE, "--timeout", "1s").refused(4, "RUNNING", "--timeout has passed")
    aws.settings(running_seconds=2)             # it is still running when the next run begins
    r = export(*RANGE, "--output", "json", check=0)
    assert [w["adopted"] for w in r.json["windows"]] == [True]
    assert calls(aws, "logs:CreateExportTask") == 1
    assert_exact(aws, G, events)


def test_partly_done(aws, export):
    events = put(aws, G, plain(days=3))
    aws.settings(outcome=[None, {"status": "CANCELLED", "message": "Internal error.", "after_objects": 1}])
    three = ("--from", day(0), "--to", day(3))
    r = export(*three, "--output", "json")
    assert r.status == 5 and r.error["kind"] == "partial", r
    assert "2 windows exported, 1 failed" in r.error["message"]
    # the day after the one that failed is exported nevertheless
    assert states(r) == ["exported", "failed", "exported"] and "Internal error" in r.json["windows"][1]["error"]
    assert [e["from_ms"] for e in ledger(aws, G)] == [D0, D0 + 2 * DAY]
    assert_exact(aws, G, {s: [e for e in l if not D0 + DAY <= e[0] < D0 + 2 * DAY]
                          for s, l in events.items()})
    export(*three, check=0)
    assert_exact(aws, G, events, D0, D0 + 3 * DAY)


def test_a_task_that_fails_is_tried_in_halves(aws, export):
    """Nothing is lost or doubled, and the next run has nothing to do."""
    events = put(aws, G, {"s": [(D0 + i * HOUR, f"of hour {i}") for i in range(48)]})
    failed = {"status": "FAILED", "message": "The task timed out.", "after_objects": 1}
    aws.settings(outcome=[failed, None, failed])
    two = ("--from", day(0), "--to", day(2))
    r = export(*two, "--output", "json", check=0)
    assert states(r) == ["exported"] * 4
    assert [(e["to_ms"] - e["from_ms"]) // HOUR for e in ledger(aws, G)] == [12, 6, 6, 24]
    assert any("timed out" in n for n in r.json["notes"]) and any("halves" in n for n in r.json["notes"])
    assert_exact(aws, G, events)
    assert "nothing left" in export(*two, check=0).stdout


@pytest.mark.parametrize("status,word", [("FAILED", "failed"), ("CANCELLED", "cancelled")])
def test_task_that_comes_to_nothing(aws, export, status, word):
    events = put(aws, G, plain())
    # a task that fails is tried in halves, their halves, and theirs
    aws.settings(outcome=[{"status": status, "message": "why it did", "after_objects": 1}]
                 * (15 if status == "FAILED" else 1))
    mine = f"{PREFIX}/mine.txt"
    aws.client("s3").put_object(Bucket=BUCKET, Key=mine, Body=b"keep")
    r = export(*RANGE)
    assert r.status == 3 and word in r.stderr and "why it did" in r.stderr, r
    assert all(t["taskId"] in r.stderr for t in tasks(aws))
    assert len(tasks(aws)) == (15 if status == "FAILED" else 1)
    assert keys(aws) == [mine]                  # its objects and the marker were deleted, nothing else
    export(*RANGE, check=0)
    aws.client("s3").delete_object(Bucket=BUCKET, Key=mine)
    assert_exact(aws, G, events)


def test_cancelled_by_another(aws, export):
    events = put(aws, G, plain())
    aws.settings(running_seconds=3600)
    p = export.start(*RANGE)
    wait_for(lambda: tasks(aws))
    aws.client("logs").cancel_export_task(taskId=tasks(aws)[0]["taskId"])
    out, err = p.communicate(timeout=30)
    assert p.returncode == 3 and "was cancelled" in err, err
    aws.settings(running_seconds=0)
    export(*RANGE, check=0)
    assert_exact(aws, G, events)


# ---- killed, interrupted, raced -----------------------------------------------------------------

@pytest.mark.parametrize("number,status", [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_interrupted_while_waiting(aws, export, number, status):
    events = put(aws, G, plain(days=2))
    aws.settings(running_polls=2)
    both = ("--from", day(0), "--to", day(2))
    p = export.start(*both, "--output", "json")
    wait_for(lambda: calls(aws, "s3:PutObject"))        # the first is recorded
    wait_for(lambda: calls(aws, "logs:CreateExportTask") == 2)
    p.send_signal(number)
    out, err = p.communicate(timeout=10)
    assert p.returncode == status, err
    assert json.loads(out)["windows"][0]["state"] == "exported"
    assert json.loads(err)["error"]["kind"] == "interrupted"
    export(*both, check=0)
    assert calls(aws, "logs:CreateExportTask") == 2
    assert_exact(aws, G, events)


def test_lost_reply(aws, export):
    """The task was created, but the reply was lost."""
    events = put(aws, G, plain())
    for settings in ({"running_polls": 2}, {"running_polls": 0}):
        aws.settings(**settings)
        aws.faults({"action": "logs:CreateExportTask", "kind": "reset_after"})
        before = len(tasks(aws))
        export(*RANGE, check=0)
        assert len(tasks(aws)) == before + 1
        assert_exact(aws, G, events)
        aws.client("s3").delete_objects(Bucket=BUCKET, Delete={
            "Objects": [{"Key": k} for k in keys(aws)]})


def test_race(aws, export):
    """Two of the same at once."""
    events = put(aws, G, plain(days=3))
    aws.settings(pending_polls=1, running_polls=1)
    two = [export.start("--from", day(0), "--to", day(3)) for _ in range(2)]
    for p in two:
        out, err = p.communicate(timeout=60)
        assert p.returncode == 0, err
    assert_exact(aws, G, events)


def test_race_with_other_windows(aws, export):
    """One run exports days, the other hours: the later one deletes its objects, and nothing is duplicated."""
    events = put(aws, G, plain(days=2, n=4))
    aws.settings(pending_seconds=0.1, running_seconds=0.1)
    two = [export.start("--from", day(0), "--to", day(2), "--window", w) for w in ("1d", "12h")]
    for p in two:
        out, err = p.communicate(timeout=60)
        assert p.returncode in (0, 4, 5), err
    export("--from", day(0), "--to", day(2), check=0)
    assert_exact(aws, G, events)


def test_overtaken(aws, export):
    """Another run records the day while ours is running."""
    events = put(aws, G, plain())
    aws.settings(running_seconds=3600)
    p = export.start(*RANGE)
    wait_for(lambda: tasks(aws))
    key = record_half_the_day(aws)
    aws.settings(running_seconds=0)
    out, err = p.communicate(timeout=30)
    assert p.returncode == 5 and "another run recorded" in err and "were removed" in err, err
    assert keys(aws) == [key]
    aws.client("s3").delete_object(Bucket=BUCKET, Key=key)
    export(*RANGE, check=0)
    assert_exact(aws, G, events)


def test_recorded_by_another(aws, export):
    """The same window, exported by another task: the first entry stays, and our objects are deleted."""
    events = put(aws, G, plain())
    aws.faults({"action": "logs:DescribeExportTasks", "kind": "delay", "seconds": 1, "skip": 3})
    p = export.start(*RANGE)
    wait_for(lambda: tasks_quietly(aws))
    aws.clear_faults()
    export(*RANGE, check=0)
    out, err = p.communicate(timeout=30)
    assert p.returncode == 0, err
    assert_exact(aws, G, events)


def tasks_quietly(aws):
    return aws.requests("logs:CreateExportTask")


def test_many_old_tasks(aws, export):
    """Pages of other people's tasks."""
    events = put(aws, G, plain())
    make_bucket(aws, "bucket-of-others")
    logs = aws.client("logs")
    for i in range(120):
        logs.create_export_task(taskName="apigw-logs-x", logGroupName=G, fromTime=D0, to=D0 + 5,
                                destination="bucket-of-others")
        logs.describe_export_tasks(limit=1)
    export(*RANGE, check=0)
    assert_exact(aws, G, events)


@pytest.mark.parametrize("lost", [False, True])
def test_a_task_that_aws_does_not_show_yet(aws, export, clock, lost):
    """It is waited for by time, not by a number of calls; after two minutes it counts as lost."""
    events = put(aws, G, plain())
    # the first three calls look for a task to adopt
    aws.faults({"action": "logs:DescribeExportTasks", "kind": "error", "status": 400, "skip": 3,
                "code": "ResourceNotFoundException", "count": 99 if lost else 7})
    p = export.start(*RANGE)
    wait_for(lambda: aws.faults()[0]["hits"] >= (2 if lost else 7), 60)
    if lost:
        clock.move(minutes=3)
    said = p.communicate(timeout=30)[1]
    assert p.returncode == (4 if lost else 0), said
    if lost:
        assert "does not know export task" in said and "run the command again" in said
    else:
        assert_exact(aws, G, events)


def test_a_bucket_that_demands_encryption(aws, export):
    """The ledger's put has the header, and the local AWS takes it as S3 does."""
    put(aws, G, plain(days=3))
    for i, sse in enumerate([(), ("--sse", "AES256"), ("--sse", "aws:kms")]):
        export("--from", day(i), "--to", day(i + 1), *sse, check=0)
    assert [r["headers"].get("x-amz-server-side-encryption") for r in aws.requests("s3:PutObject")] == [
        None, "AES256", "aws:kms"]
    key = max(k for k in keys(aws) if "_ledger" in k)
    assert aws.client("s3").head_object(Bucket=BUCKET, Key=key)["ServerSideEncryption"] == "aws:kms"
    export(*RANGE, "--sse", "none").refused(2, "--sse", "AES256")
