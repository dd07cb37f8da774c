"""export, where another run, or an earlier one, has been at the same time: nothing is recorded twice,
and nothing is believed that this run has not seen."""

import gzip

import pytest

from archive_helpers import BUCKET, D0, DAY, PREFIX, assert_exact, calls, keys, ledger, plain, put, tasks
from export_helpers import G, RANGE, export, record_half_the_day, wait_for  # noqa: F401

LEDGER = f"{PREFIX}/_ledger/"
EXECUTION = "API-Gateway-Execution-Logs_{}/prod"


def forget(aws):
    """Takes the ledger's entries away, as if the run had been killed before it wrote them."""
    for key in keys(aws, prefix=LEDGER):
        aws.client("s3").delete_object(Bucket=BUCKET, Key=key)


# ---- two entries that overlap -------------------------------------------------------------------

def test_the_later_of_two_entries_goes(aws, export):
    """Both runs have looked when neither had written: the one that writes last takes its entry back."""
    events = put(aws, G, plain(n=12))
    aws.faults({"action": "s3:PutObject", "key": LEDGER, "kind": "delay", "seconds": 6, "count": 1})
    p = export.start(*RANGE)
    wait_for(lambda: tasks(aws) and tasks(aws)[0]["status"]["code"] == "COMPLETED")
    wait_for(lambda: not aws.control("GET", "faults")["faults"][0]["left"])
    export(*RANGE, "--window", "6h", check=0)
    out, err = p.communicate(timeout=60)
    assert p.returncode == 5 and "another run recorded" in err, err
    assert len(ledger(aws, G)) == 4
    assert_exact(aws, G, events)
    back = [r for r in aws.requests("s3:DeleteObject") if r["key"].startswith(LEDGER)]
    assert len(back) == 1, back
    r = export(*RANGE, check=0)
    assert "nothing left" in r.stdout


@pytest.mark.parametrize("other_goes", [True, False])
def test_the_earlier_of_two_entries_waits(aws, export, other_goes):
    """An entry that appears behind ours: its run takes it back, or had ended before ours was there."""
    events = put(aws, G, plain())
    # plan, folders of tasks, objects, look before the put; the fifth list is the look behind it
    aws.faults({"action": "s3:ListObjectsV2", "kind": "delay", "seconds": 3, "count": 1, "skip": 4})
    p = export.start(*RANGE)
    wait_for(lambda: any(r["key"].startswith(LEDGER) for r in aws.requests("s3:PutObject")))
    key = record_half_the_day(aws, second=True)
    wait_for(lambda: calls(aws, "s3:ListObjectsV2") >= 6)
    if other_goes:
        aws.client("s3").delete_object(Bucket=BUCKET, Key=key)
    out, err = p.communicate(timeout=60)
    if other_goes:
        assert p.returncode == 0, err
        assert_exact(aws, G, events)
    else:
        assert p.returncode == 5 and "another run recorded" in err, err
        assert [e["from_ms"] for e in ledger(aws, G)] == [D0 + DAY // 2]
        assert not [k for k in keys(aws) if k.endswith(".gz")]


# ---- tasks of earlier runs ----------------------------------------------------------------------

def test_a_task_that_lost_objects(aws, export):
    """A finished task some of whose objects were removed is not taken for the window."""
    events = put(aws, G, plain(streams=[f"s{i}" for i in range(6)]))
    export(*RANGE, check=0)
    forget(aws)
    for key in [k for k in keys(aws) if k.endswith(".gz")][:4]:
        aws.client("s3").delete_object(Bucket=BUCKET, Key=key)
    export(*RANGE, check=0)
    assert_exact(aws, G, events)


@pytest.mark.parametrize("damage", [b"", b"no gzip", gzip.compress(b"2026 not a stamp\n")],
                         ids=["empty", "no gzip", "no stamp"])
def test_a_task_whose_object_is_damaged(aws, export, damage):
    """The next run does not fail on the same damage again: it exports the window once more."""
    events = put(aws, G, plain())
    export(*RANGE, check=0)
    forget(aws)
    key = next(k for k in keys(aws) if k.endswith(".gz"))
    aws.client("s3").put_object(Bucket=BUCKET, Key=key, Body=damage)
    export(*RANGE, check=0)
    assert_exact(aws, G, events)


@pytest.mark.parametrize("args", [(), ("--no-source",)])
def test_a_task_that_cannot_be_compared(aws, export, args):
    """Where CloudWatch cannot be asked, only what this run saw from its making on counts."""
    events = put(aws, G, plain())
    export(*RANGE, check=0)
    forget(aws)
    key = next(k for k in keys(aws) if k.endswith(".gz"))
    aws.client("s3").delete_object(Bucket=BUCKET, Key=key)
    aws.faults({"action": "logs:FilterLogEvents", "kind": "error", "count": 100, "status": 400,
                "code": "AccessDeniedException", "message": "not authorized"})
    export(*RANGE, *args, check=0)
    assert len(tasks(aws)) == 2
    assert_exact(aws, G, events)


@pytest.mark.parametrize("gone", ["created again", "expired"])
def test_a_task_whose_events_are_gone_since(aws, export, gone):
    """CloudWatch no longer has the window, so it would need no task; but one has exported it."""
    events = put(aws, G, plain())
    export(*RANGE, check=0)
    forget(aws)
    logs = aws.client("logs")
    if gone == "expired":
        logs.put_retention_policy(logGroupName=G, retentionInDays=1)
    else:
        logs.delete_log_group(logGroupName=G)
        logs.create_log_group(logGroupName=G)
    r = export(*RANGE, "--output", "json", check=0)
    assert [w["state"] for w in r.json["windows"]] == ["exported"] and len(tasks(aws)) == 1
    entry, = ledger(aws, G)
    assert entry["source"] == "not_asked"
    assert_exact(aws, G, events)


def test_a_foreign_object_in_the_tasks_folder(aws, export):
    """Nobody has read it, so the window is not recorded; it stays, and the message names it."""
    put(aws, G, plain())
    export(*RANGE, check=0)
    forget(aws)
    folder = next(k for k in keys(aws) if k.endswith(".gz")).rsplit("/", 2)[0]
    key = f"{folder}/s2/000000.zst"
    aws.client("s3").put_object(Bucket=BUCKET, Key=key, Body=b"?")
    r = export(*RANGE).refused(1, key, "among the objects")
    assert not ledger(aws, G) and key in keys(aws) and "s3 rm" not in r.stderr
    aws.client("s3").delete_object(Bucket=BUCKET, Key=key)
    export(*RANGE, check=0)
    assert len(tasks(aws)) == 1


# ---- one log group, selected in two ways --------------------------------------------------------

@pytest.mark.parametrize("first", ["group", "api"])
def test_a_task_of_the_other_selection(aws, run, rest_api, export, first):
    """What was begun with --log-group is continued with --api, and vice versa."""
    api = rest_api()
    group = EXECUTION.format(api)
    events = put(aws, group, plain())
    select = {"group": ("--log-group", group), "api": ("--api", "petstore", "--kind", "execution")}
    second = "api" if first == "group" else "group"
    where = ("--bucket", BUCKET, *RANGE)
    run("export", *where, *select[first], check=0)
    forget(aws)
    r = run("export", *where, *select[second], "--output", "json", check=0)
    assert [w["adopted"] for w in r.json["windows"]] == [True]
    assert len(tasks(aws)) == 1
    assert_exact(aws, group, events)
    for how in select.values():
        run("verify", *where, *how, check=0)


# ---- one log group that fails -------------------------------------------------------------------

def test_an_object_that_s3_cannot_give(aws, export):
    """S3 answers each time with 500 for one object: the other log groups go on."""
    other = "/logs/of-the-tests-2"
    put(aws, G, plain())
    events = put(aws, other, plain())
    aws.faults({"action": "s3:GetObject", "key": "of-the-tests/", "kind": "status", "status": 500,
                "count": 1000})
    r = export("--log-group", other, *RANGE)
    assert r.status == 5 and "cannot be read" in r.stderr, r
    assert not ledger(aws, G) and len(ledger(aws, other)) == 1
    aws.clear_faults()
    export("--log-group", other, *RANGE, check=0)
    assert_exact(aws, G, plain())
    assert events
