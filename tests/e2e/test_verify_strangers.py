"""verify when the bucket has objects that the ledger lacks: of a run that was killed or is under way, of
another selection of the same log group, or of a task that AWS does not know."""

import pytest

from archive_helpers import BUCKET, D0, DAY, PREFIX, REGION, day, get, keys, ledger, plain, put, tasks
from export_helpers import G, RANGE, export, wait_for  # noqa: F401

LEDGER = f"{PREFIX}/_ledger/"
GROUP = f"{PREFIX}/region={REGION}/group="
TASK = "01234567-89ab-cdef-0123-456789abcdef"       # none that AWS knows


@pytest.fixture
def verify(run):
    def go(*args, select=("--log-group", G), **more):
        return run("verify", "--bucket", BUCKET, *select, *args, "--output", "json", **more)
    return go


def forget(aws, n=0):
    """Takes an entry away, as if the run had been killed before it wrote it."""
    aws.client("s3").delete_object(Bucket=BUCKET, Key=keys(aws, prefix=LEDGER)[n])


def found(result):
    return [(p["problem"], p["key"]) for p in result.json["problems"]]


def wait_for_objects(aws, n):
    wait_for(lambda: len([k for k in keys(aws) if k.endswith(".gz")]) >= n)


# ---- during an export ---------------------------------------------------------------------------

def test_an_export_under_way_is_a_note(aws, run, export, verify):
    """Its window has no entry yet; the windows beside it are what they are."""
    put(aws, G, plain(streams=("a", "b", "c", "d")))
    half = f"{day(0)}T12:00"
    export("--from", day(0), "--to", half, check=0)
    aws.faults({"action": "s3:PutObject", "key": LEDGER, "kind": "delay", "seconds": 8, "count": 1})
    before = len([k for k in keys(aws) if k.endswith(".gz")])
    p = export.start("--from", half, "--to", day(1))
    wait_for_objects(aws, before + 4)
    r = verify("--all", check=0)
    assert r.json["problems"] == [] and [w["state"] for w in r.json["windows"]] == ["whole"]
    assert r.stderr.count("under way") == 1
    r = run("verify", "--bucket", BUCKET, "--log-group", G, "--from", day(0), "--to", half, check=0)
    assert "under way" not in r.stderr
    assert p.wait(60) == 0
    p.communicate()
    assert "under way" not in verify("--all", check=0).stderr


def test_a_run_that_was_killed(aws, export, verify, clock):
    """Some time after its task has ended nobody will record it any more. One line a folder."""
    put(aws, G, plain(days=2, streams=("a", "b", "c")))
    export("--from", day(0), "--to", day(2), check=0)
    forget(aws)
    lost = ledger(aws, G)
    assert [e["from_ms"] for e in lost] == [D0 + DAY]
    assert "under way" in verify("--all", check=0).stderr
    clock.move(hours=2)
    r = verify("--all", check=1)
    (problem, key), = found(r)
    assert problem == "unrecorded" and f"dt={day(0)}/" in key and "3 objects" in r.stdout
    assert r.json["problems"][0]["from_ms"] == D0
    # the other day's window is whole, and is not asked about when only that is verified
    assert [w["state"] for w in r.json["windows"]] == ["whole"]
    aws.clear_requests()
    verify("--from", day(1), "--to", day(2), check=0)
    assert not aws.requests("logs:DescribeExportTasks")


def test_aws_may_not_be_asked(aws, export, verify, run):
    """Without the permission a folder is what nobody knows."""
    put(aws, G, plain(streams=("a",)))
    export(*RANGE, check=0)
    forget(aws)
    key = aws.credentials("AKIAAUDITORXXXXXXXXX", deny=["logs:DescribeExportTasks"])
    r = verify("--all", key=key, check=1)
    assert [p for p, _ in found(r)] == ["unrecorded"]


# ---- wherever a selection may have put them -----------------------------------------------------

@pytest.mark.parametrize("where", ["group", "api"])
@pytest.mark.parametrize("when", ["a recorded day", "another day"])
def test_orphans_of_the_other_selection(aws, run, rest_api, export, verify, where, when):
    """The same log group by --log-group and by --api has two folders, and each sees both."""
    api = rest_api()
    group = f"API-Gateway-Execution-Logs_{api}/prod"
    put(aws, group, plain(streams=("a",)))
    select = {"api": ("--api", "petstore"), "group": ("--log-group", group)}
    other = "api" if where == "group" else "group"
    run("export", "--bucket", BUCKET, *select[other], *RANGE, check=0)
    body = get(aws, next(k for k in keys(aws) if k.endswith(".gz")))
    folder = {"group": GROUP + f"API-Gateway-Execution-Logs_{api}%2Fprod",
              "api": f"{PREFIX}/region={REGION}/api={api}/stage=prod/kind=execution"}[where]
    key = f"{folder}/dt={day(0 if when == 'a recorded day' else 3)}/{TASK}/a/000000.gz"
    aws.client("s3").put_object(Bucket=BUCKET, Key=key, Body=body)
    for how in select.values():
        assert found(verify("--all", select=how, check=1)) == [("unrecorded", key)]


@pytest.mark.parametrize("denied", [(), ("logs:DescribeExportTasks",)], ids=["allowed", "denied"])
def test_an_access_log_by_its_group(aws, run, rest_api, export, verify, denied):
    """Exported by --api, it lies in the folder of the API: without an entry, only AWS's tasks tell."""
    api = rest_api()
    arn = f"arn:aws:logs:{REGION}:{aws.account}:log-group:{G}"
    put(aws, G, plain(streams=("a",)))
    run("setup-role", check=0)
    aws.client("apigateway").update_stage(restApiId=api, stageName="prod", patchOperations=[
        {"op": "replace", "path": "/accessLogSettings/destinationArn", "value": arn},
        {"op": "replace", "path": "/accessLogSettings/format", "value": "$context.requestId"}])
    run("export", "--bucket", BUCKET, "--api", api, "--kind", "access", *RANGE, check=0)
    key = next(k for k in keys(aws) if k.endswith(".gz"))
    assert "/kind=access/" in key
    verify(*RANGE, check=0)
    forget(aws)
    who = aws.credentials("AKIAAUDITORXXXXXXXXX", deny=list(denied)) if denied else None
    r = verify(*RANGE, key=who, check=1)
    assert ("under way" in r.stderr) == (not denied) and [p for p, _ in found(r)] == ["not_exported"]


def test_a_day_without_an_entry(aws, export, verify):
    put(aws, G, plain(streams=("a",)))
    export(*RANGE, check=0)
    body = get(aws, next(k for k in keys(aws) if k.endswith(".gz")))
    key = f"{GROUP}%2Flogs%2Fof-the-tests/dt={day(4)}/hh=06/{TASK}/a/000000.gz"
    aws.client("s3").put_object(Bucket=BUCKET, Key=key, Body=body)
    assert found(verify("--all", check=1)) == [("unrecorded", key)]
    # in a range: a window of that hour may end with the day
    verify(*RANGE, check=0)
    r = verify("--from", f"{day(4)}T00:00", "--to", f"{day(4)}T06:00", check=1)
    assert [p for p, _ in found(r)] == ["not_exported"]
    r = verify("--from", f"{day(4)}T12:00", "--to", f"{day(4)}T18:00", check=1)
    assert sorted(p for p, _ in found(r)) == ["not_exported", "unrecorded"]


def test_folders_are_asked_about_once(aws, export, verify):
    """However many objects they have, and never those that the ledger knows."""
    put(aws, G, plain(days=3, streams=[f"s{i}" for i in range(5)]))
    export("--from", day(0), "--to", day(3), check=0)
    forget(aws, 1)
    aws.clear_requests()
    verify("--all", check=0)
    assert len(aws.requests("logs:DescribeExportTasks")) == 1
    assert len(tasks(aws)) == 3
