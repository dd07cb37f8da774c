"""export: selection of logs, dry runs and output."""

from archive_helpers import (
    BUCKET, D0, DAY, PREFIX, REGION, assert_exact, day, keys, ledger, make_bucket, plain, put)
from export_helpers import (  # noqa: F401  (export is a fixture)
    G, RANGE, export, logging_api, states)


def test_dry_run_writes_nothing(aws, export):
    put(aws, G, plain(days=2))
    export(*RANGE, check=0)
    aws.clear_requests()
    r = export("--from", day(0), "--to", day(2), "-n", "--output", "json", check=0)
    assert states(r) == ["recorded", "planned"] and r.json["dry_run"] is True
    assert not [a for a in aws.requests() if a["op"].startswith(("Put", "Create", "Delete"))]
    r = export("--from", day(0), "--to", day(2), "--dry-run", check=0)
    assert "1 window to export, 1 recorded" in r.stdout
    # in the order of time, also before what is recorded
    r = export("--from", day(-1), "--to", day(2), "-n", "--output", "json", check=0)
    assert states(r) == ["planned", "recorded", "planned"]


def test_one_cause_is_told_once(aws, run):
    """A bucket without the policy fails every window in the same words."""
    put(aws, G, plain(days=3))
    aws.client("s3").create_bucket(Bucket="closed-to-exports", CreateBucketConfiguration={
        "LocationConstraint": REGION})
    r = run("export", "--bucket", "closed-to-exports", "--log-group", G, "--from", day(0), "--to", day(3))
    failed = [line for line in r.refused(3, "setup-bucket").stderr.splitlines()
              if line.startswith("failed ")]
    assert len(failed) == 3 and [G in line for line in failed] == [True] * 3
    assert ["same reason" in line for line in failed] == [False, True, True]


def test_json(aws, export):
    put(aws, G, plain())
    d = export(*RANGE, "--output", "json", check=0).json
    assert (d["schema_version"], d["bucket"], d["prefix"], d["region"]) == (1, BUCKET, PREFIX, REGION)
    assert (d["from"], d["from_ms"], d["to_ms"]) == (f"{day(0)}T00:00:00Z", D0, D0 + DAY)
    w, = d["windows"]
    entry, = ledger(aws, G)
    for name in ("log_group", "from", "to", "from_ms", "to_ms", "task_id", "events", "size", "bytes"):
        assert w[name] == entry[name], name
    assert w["objects"] == len(entry["objects"]) and w["adopted"] is False
    assert d["events"] == entry["events"] and d["size"] == entry["size"]
    r = export("--from", "x", "--output", "json")
    assert r.status == 2 and not r.stdout and r.error["kind"] == "usage"
    r = export(*RANGE, group="/none", *("--output", "json"))
    assert r.status == 3 and r.error["kind"] == "refused"
    assert r.json["windows"][0]["state"] == "failed"


def test_terminal_is_safe(aws, export):
    """Text from AWS does not reach the terminal unescaped."""
    put(aws, G, plain())
    aws.settings(outcome=[{"status": "FAILED", "message": "\x1b]0;owned\x07 \x9b31m"}] * 15)
    r = export(*RANGE)
    assert r.status == 3 and "owned" in r.stderr
    assert not set(r.stderr + r.stdout) & set("\x1b\x07\x9b")


def test_selection_by_api(aws, run, rest_api, export):
    api = logging_api(aws, rest_api, "pets", "prod", "dev-1", "dev-2", access="/access/{}")
    groups = {}
    for stage in ("prod", "dev-1", "dev-2"):
        for kind, g in (("execution", f"API-Gateway-Execution-Logs_{api}/{stage}"),
                        ("access", f"/access/{stage}")):
            groups[stage, kind] = (g, put(aws, g, {"s": [(D0 + 1, f"{stage} {kind}")]}))

    def go(*args):
        r = run("export", "--bucket", BUCKET, *args, *RANGE, "--output", "json", check=0)
        return sorted((w["stage"], w["kind"]) for w in r.json["windows"])
    assert go("--api", "p?ts", "--stage", "dev-*", "--kind", "access") == [
        ("dev-1", "access"), ("dev-2", "access")]
    assert go("--api", api, "--stage", "prod") == [("prod", "access"), ("prod", "execution")]
    go("--all-apis")
    for (stage, kind), (g, events) in groups.items():
        entry, = ledger(aws, g)
        assert (entry["api_id"], entry["stage"], entry["kind"]) == (api, stage, kind)
        assert entry["destination_prefix"] == (f"{PREFIX}/region={REGION}/api={api}/stage={stage}/"
                                               f"kind={kind}/dt={day(0)}")
        assert_exact(aws, g, events)
    r = run("export", "--bucket", BUCKET, "--log-group", "/access/*", *RANGE, "--output", "json", check=0)
    assert states(r) == ["recorded"] * 3        # however it is selected


def test_shared_log_group(aws, run, rest_api, export):
    """Two stages with one access log group: exported once."""
    logging_api(aws, rest_api, "pets", "a", "b", access="/access/all")
    events = put(aws, "/access/all", plain())
    r = run("export", "--bucket", BUCKET, "--api", "pets", "--kind", "access", *RANGE, check=0)
    assert "shares log group '/access/all'" in r.stderr
    assert_exact(aws, "/access/all", events)
    r = run("export", "--bucket", BUCKET, "--log-group", "/access/a*", "--log-group", "/access/all",
            *RANGE, "--output", "json", check=0)
    assert states(r) == ["recorded"]


def test_default_stage(aws, run, export):
    """An HTTP API's $default: in paths, keys and names."""
    v2 = aws.client("apigatewayv2")
    put(aws, "/http/default", {})
    api = v2.create_api(Name="http", ProtocolType="HTTP")["ApiId"]
    v2.create_stage(ApiId=api, StageName="$default", AccessLogSettings={
        "DestinationArn": f"arn:aws:logs:{REGION}:{aws.account}:log-group:/http/default",
        "Format": "$context.requestId"})
    events = put(aws, "/http/default", plain())
    run("export", "--bucket", BUCKET, "--api", "http", "--stage", "$default", *RANGE, check=0)
    assert_exact(aws, "/http/default", events)
    assert any("/stage=$default/kind=access/" in k for k in keys(aws)), keys(aws)
    run("verify", "--bucket", BUCKET, "--api", "http", *RANGE, "--source", check=0)


def test_prefix(aws, export):
    events = put(aws, G, plain())
    export(*RANGE, "--prefix", "a/b c=1/", check=None)
    export(*RANGE, "--prefix", "a/b-c=1/", check=0)
    assert_exact(aws, G, events, prefix="a/b-c=1")
    export(*RANGE, check=0)                     # another prefix is another archive
    assert_exact(aws, G, events)


def test_two_groups_one_broken(aws, run, export):
    """A failure of one group does not affect the other."""
    a, b = put(aws, "/g/a", plain()), put(aws, "/g/b", plain())
    aws.settings(outcome={"status": "CANCELLED"})
    r = run("export", "--bucket", BUCKET, "--log-group", "/g/*", *RANGE)
    r.refused(5, "1 window exported, 1 failed")
    assert r.stderr.count("failed  ") == r.stderr.count("export task ") == 1, r      # told once
    assert_exact(aws, "/g/b", b)
    run("export", "--bucket", BUCKET, "--log-group", "/g/*", *RANGE, check=0)
    assert_exact(aws, "/g/a", a)


def test_session_without_a_bucket_policy(aws, run):
    aws.settings(pending_polls=0, running_polls=0)
    make_bucket(aws, policy=False)
    put(aws, G, plain())
    for code in ("InvalidParameterException", "AccessDeniedException"):
        aws.settings(export_acl_error=code)
        run("export", "--bucket", BUCKET, "--log-group", G, *RANGE).refused(
            3, "GetBucketAcl", f"apigw-logs setup-bucket --bucket {BUCKET}")
    assert not keys(aws)
