"""cancel: its own tasks, and others' only with --force."""

import pytest

from archive_helpers import BUCKET, D0, DAY, assert_exact, day, keys, put, tasks
from export_helpers import G, export  # noqa: F401  (export is a fixture)


@pytest.fixture
def task(aws, export):
    """Creates a task that goes on; returns its id."""
    def make(name="apigw-logs-0123456789abcdef01234567"):
        put(aws, G, {"s": [(D0 + 5, "x")]})
        aws.settings(pending_polls=10**6)
        return aws.client("logs").create_export_task(
            taskName=name, logGroupName=G, fromTime=D0, to=D0 + DAY, destination=BUCKET,
            destinationPrefix="x")["taskId"]
    return make


def status_of(aws, task):
    return {t["taskId"]: t["status"]["code"] for t in tasks(aws)}[task]


def test_its_own(aws, run, task):
    t = task()
    r = run("cancel", t, "--dry-run", check=0)
    assert t in r.stdout and status_of(aws, t) == "PENDING"
    r = run("cancel", t, "--output", "json", check=0)
    assert r.json["task_id"] == t and r.json["cancelled"] is True and r.json["own"] is True
    assert status_of(aws, t) in ("PENDING_CANCEL", "CANCELLED")
    assert "nothing to cancel" in run("cancel", t, check=0).stdout


def test_of_others(aws, run, task):
    t = task("nightly")
    run("cancel", t).refused(3, t, "nightly", G, "--force")
    assert status_of(aws, t) == "PENDING"
    run("cancel", t, "--force", check=0)
    assert status_of(aws, t) in ("PENDING_CANCEL", "CANCELLED")


def test_one_that_ends_meanwhile(aws, run, task):
    t = task()
    aws.faults({"action": "logs:CancelExportTask", "kind": "error", "status": 400, "count": 1,
                "code": "InvalidOperationException"})
    r = run("cancel", t, "--output", "json", check=0)
    assert r.json["cancelled"] is False


def test_mistakes(aws, run, task):
    run("cancel").refused(2, "missing", "apigw-logs status")
    run("cancel", "a", "b").refused(2, "unexpected argument 'b'")
    run("cancel", "00000000-0000-0000-0000-000000000000").refused(3, "there is no export task")
    t = task()
    aws.faults({"action": "logs:CancelExportTask", "kind": "error", "status": 400, "count": 1,
                "code": "AccessDeniedException"})
    run("cancel", t).refused(3, "CancelExportTask")
    assert status_of(aws, t) == "PENDING"


def test_the_next_export_makes_up_for_it(aws, run, export):
    """What the task has written goes away, and the window is exported again."""
    events = put(aws, G, {"s": [(D0 + 5, "x")]})
    aws.settings(outcome={"status": "CANCELLED", "message": "cancelled", "after_objects": 1})
    export("--from", day(0), "--to", day(1))
    export("--from", day(0), "--to", day(1), check=0)
    assert_exact(aws, G, events)
    assert len([k for k in keys(aws) if k.endswith(".gz")]) == 1
