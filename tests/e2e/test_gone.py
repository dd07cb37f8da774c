"""What no longer exists in API Gateway is still exported and verified: deleted APIs and stages, and log
groups that a stage used earlier."""

import pytest

from archive_helpers import BUCKET, D0, DAY, REGION, assert_exact, day, keys, ledger, make_bucket, plain, put

RANGE = ("--from", day(0), "--to", day(2))
ACCESS = "/logs/access-of-petstore"


@pytest.fixture
def shop(aws, run, rest_api):
    """An API with a day of execution logs, and of access logs; two of its three days are exported."""
    aws.settings(pending_polls=0, running_polls=0)
    make_bucket(aws)
    api = rest_api("petstore", "prod", "beta")
    run("setup-role", check=0)
    shop = Shop(aws, run, api)
    shop.access_log(ACCESS)
    shop.streams = put(aws, shop.execution, plain(days=2))
    put(aws, ACCESS, plain(days=2))
    shop.export(*RANGE, check=0)
    return shop


class Shop:
    def __init__(self, aws, run, api):
        self.aws, self.run, self.api = aws, run, api
        self.gw = aws.client("apigateway")
        self.execution = f"API-Gateway-Execution-Logs_{api}/prod"

    def access_log(self, group):
        logs = self.aws.client("logs")
        if group and not logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]:
            logs.create_log_group(logGroupName=group)
        arn = f"arn:aws:logs:{REGION}:{self.aws.account}:log-group:{group}"
        patch = ([{"op": "replace", "path": "/accessLogSettings/destinationArn", "value": arn},
                  {"op": "replace", "path": "/accessLogSettings/format", "value": "$context.requestId"}]
                 if group else [{"op": "remove", "path": "/accessLogSettings"}])
        self.gw.update_stage(restApiId=self.api, stageName="prod", patchOperations=patch)

    def export(self, *args, select=("--api", "petstore"), **more):
        return self.run("export", "--bucket", BUCKET, *select, *args, **more)

    def verify(self, *args, select=("--api", "petstore"), **more):
        return self.run("verify", "--bucket", BUCKET, *select, *args, "--output", "json", **more)


def groups(r):
    return {w["log_group"] for w in r.json["windows"]}


def by(shop, how):
    return {"name": ("--api", "petstore"), "id": ("--api", shop.api), "all": ("--all-apis",),
            "glob": ("--api", "pet*"), "stage": ("--api", "petstore", "--stage", "prod")}[how]


DELETE = {"the API": lambda s: s.gw.delete_rest_api(restApiId=s.api),
          "the stage": lambda s: s.gw.delete_stage(restApiId=s.api, stageName="prod")}


@pytest.mark.parametrize("what", DELETE)
@pytest.mark.parametrize("how", ["name", "id", "all", "glob", "stage"])
def test_deleted(aws, shop, what, how):
    """The days before the deletion are exported, and all of it is verified."""
    put(aws, shop.execution, {"one": [(D0 + 2 * DAY + 5, "the last event")]})
    DELETE[what](shop)
    select = by(shop, how)
    r = shop.verify("--all", select=select, check=0)
    assert groups(r) == {shop.execution, ACCESS} and len(r.json["windows"]) == 4
    r = shop.export("--from", day(0), "--to", day(5), select=select, check=0)
    # the day of the last event, and none after it
    assert [e["to_ms"] for e in ledger(aws, shop.execution)] == [D0 + d * DAY for d in (1, 2, 3)]
    assert [e["to_ms"] for e in ledger(aws, ACCESS)] == [D0 + d * DAY for d in (1, 2)]
    assert r.stderr.count("logs are complete") == 2
    r = shop.verify("--from", day(0), "--to", day(5), select=select, check=0)
    assert len(r.json["windows"]) == 5 and r.json["complete"]


def test_a_gap_is_still_a_gap(aws, shop):
    """Although nothing logs there any more, only what lies after the last event may be missing."""
    put(aws, shop.execution, {"one": [(D0 + 2 * DAY + 5, "the last event")]})
    DELETE["the API"](shop)
    r = shop.verify("--from", day(0), "--to", day(5), check=1)
    assert [p["problem"] for p in r.json["problems"]] == ["not_exported"]


def test_a_deleted_api_that_was_never_exported(aws, run, rest_api):
    """Its name is lost, but its ID is in the name of the log group."""
    aws.settings(pending_polls=0, running_polls=0)
    make_bucket(aws)
    api = rest_api("petstore")
    group = f"API-Gateway-Execution-Logs_{api}/prod"
    events = put(aws, group, {"s": [(D0 + 5, "x")]})
    aws.client("apigateway").delete_rest_api(restApiId=api)
    run("export", "--bucket", BUCKET, "--api", "petstore", *RANGE).refused(3, "there is no API")
    run("export", "--bucket", BUCKET, "--api", api, "--stage", "prd", *RANGE).refused(3, "'prod'")
    run("export", "--bucket", BUCKET, "--api", api, *RANGE, check=0)
    assert_exact(aws, group, events)
    assert [e["to_ms"] for e in ledger(aws, group)] == [D0 + DAY]


@pytest.mark.parametrize("new", [None, "/logs/another-group"])
def test_an_earlier_access_log(aws, shop, new):
    """After `enable-logging --no-access-log` or with another group, earlier logs are not lost."""
    put(aws, ACCESS, {"one": [(D0 + 2 * DAY + 5, "the last one there")]})
    shop.access_log(new)
    span = ("--from", day(0), "--to", day(4), "--kind", "access")
    r = shop.export(*span, check=0)
    assert "logs are complete" in r.stderr
    assert [e["to_ms"] for e in ledger(aws, ACCESS)] == [D0 + d * DAY for d in (1, 2, 3)]
    r = shop.verify(*span)
    assert r.status == 0, [(p["problem"], p["log_group"], p["key"], p["message"]) for p in r.json["problems"]]
    assert ACCESS in groups(r)
    assert len(ledger(aws, new)) == 4 if new else True


def test_a_deleted_log_group(aws, shop):
    """Recorded log groups stay selected, by name and by glob."""
    aws.client("logs").delete_log_group(logGroupName=ACCESS)
    shop.access_log(None)
    for select in (("--api", "petstore"), ("--log-group", ACCESS), ("--log-group", "/logs/access*")):
        assert ACCESS in groups(shop.verify("--all", select=select, check=0))
        r = shop.export("--from", day(0), "--to", day(4), select=select, check=0)
        assert "no longer exists" in r.stderr


@pytest.mark.parametrize("empty", [False, True])
def test_a_log_group_that_was_deleted_with_its_api(aws, shop, empty):
    """What is known of its end is said once, by export and by verify: nobody can check more."""
    shop.export("--from", day(2), "--to", day(3), "--stage", "prod", check=0) if empty else None
    DELETE["the API"](shop)
    for group in (shop.execution, ACCESS):
        aws.client("logs").delete_log_group(logGroupName=group)
    until = day(3 if empty else 2)
    for run, more in ((shop.export, ("--output", "json")), (shop.verify, ())):
        r = run("--from", day(0), "--to", day(5), *more, check=0)
        for group in (shop.execution, ACCESS):
            line, = (x for x in r.stderr.splitlines() if f"'{group}'" in x)
            assert f"recorded until {until}T00:00:00" in line and f"{day(1)}T23:59:59" in line
    # what is missing before the end of the ledger is lost, and not a note
    for key in (k for k in keys(aws) if f"/{D0}-{D0 + DAY}.json" in k):
        aws.client("s3").delete_object(Bucket=BUCKET, Key=key)
    r = shop.verify("--from", day(0), "--to", day(2), check=1)
    assert [p["problem"] for p in r.json["problems"]].count("not_exported") == 2


def test_a_stage_that_should_log_and_has_no_group(aws, run, rest_api):
    """Counted, and not "nothing left to export"."""
    make_bucket(aws)
    api = rest_api("petstore", "prod", "beta")
    run("setup-role", check=0)
    run("enable-logging", "--api", "petstore", "--stage", "prod", "--level", "INFO", check=0)
    aws.client("logs").delete_log_group(logGroupName=f"API-Gateway-Execution-Logs_{api}/prod") \
        if aws.client("logs").describe_log_groups()["logGroups"] else None
    where = ("--bucket", BUCKET, "--api", "petstore", "--kind", "execution", *RANGE)
    r = run("export", *where, "--output", "json", check=0)
    assert r.json["log_groups_absent"] == 1
    assert [(w["state"], w["stage"]) for w in r.json["windows"]] == [("absent", "prod")]
    r = run("export", *where, check=0)
    assert "1 log group" in r.stdout and "nothing left" not in r.stdout
    assert run("export", *where, "-q", check=0).stderr == ""
    r = run("export", *where, "-q", "--strict").refused(1, "1 log group", f"_{api}/prod", "apigw-logs doctor")
    assert not r.stdout
    run("export", *where[:-4], "--strict").refused(1, "1 log group")
    run("export", *where, "--strict", "--stage", "beta", check=0)
    r = run("verify", *where, "--output", "json", check=0)
    assert r.json["log_groups_absent"] == 1


def test_names_that_are_used_again(aws, shop, rest_api):
    """An API that was deleted and created again: its name selects both."""
    DELETE["the API"](shop)
    again = rest_api("petstore")
    put(aws, f"API-Gateway-Execution-Logs_{again}/prod", {"s": [(D0 + 9, "of the new one")]})
    shop.export(*RANGE, check=0)
    found = groups(shop.verify(*RANGE, check=0))
    assert found == {shop.execution, ACCESS, f"API-Gateway-Execution-Logs_{again}/prod"}


def test_a_damaged_entry_hides_nothing_else(aws, shop):
    """A ledger entry that cannot be read tells no API; the others still do."""
    key = f"apigw-logs/_ledger/{REGION}/%2Flogs%2Fbroken/1-2.json"
    aws.client("s3").put_object(Bucket=BUCKET, Key=key, Body=b"{")
    DELETE["the API"](shop)
    assert groups(shop.verify("--all", check=0)) == {shop.execution, ACCESS}
