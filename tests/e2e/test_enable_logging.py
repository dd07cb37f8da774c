"""enable-logging, with boto3 as the observer."""

import json

import pytest

from setup_helpers import (MANAGED, changes, check_each_failure, iam_client, make_role,
                           set_account_role, writes)

LOGS = "arn:aws:logs:eu-west-1:123456789012:log-group:"


@pytest.fixture
def role(aws):
    set_account_role(aws, make_role(aws, "any"))


@pytest.fixture
def api(role, rest_api):
    return rest_api("petstore", "prod", "test")


def stage(aws, api, name="prod"):
    got = aws.client("apigateway").get_stage(restApiId=api, stageName=name)
    got.pop("ResponseMetadata")
    return got


def settings(aws, api, name="prod"):
    return stage(aws, api, name).get("methodSettings", {}).get("*/*", {})


def patch(aws, api, *pairs, name="prod"):
    aws.client("apigateway").update_stage(restApiId=api, stageName=name, patchOperations=[
        {"op": "replace", "path": path, "value": value} for path, value in pairs])


def groups(aws):
    rows = aws.client("logs").describe_log_groups()["logGroups"]
    return {r["logGroupName"]: r.get("retentionInDays") for r in rows}


def test_level_and_access_log_and_again(aws, run, api):
    args = ("enable-logging", "--api", api, "--stage", "prod", "--level", "INFO", "--access-log")
    run(*args, check=0)
    got = stage(aws, api)
    group = f"/aws/apigateway/{api}/prod"
    assert got["methodSettings"]["*/*"]["loggingLevel"] == "INFO"
    assert got["accessLogSettings"]["destinationArn"] == LOGS + group
    line = json.loads(got["accessLogSettings"]["format"])
    assert {"requestId", "extendedRequestId", "ip", "caller", "user", "requestTime", "httpMethod",
            "requestTimeEpoch", "resourcePath", "path", "protocol", "status", "responseLength",
            "responseLatency", "integrationLatency", "errorMessage"} <= set(line)
    assert line["requestId"] == "$context.requestId"
    assert groups(aws) == {group: None}
    # the other stage is not touched
    assert "accessLogSettings" not in stage(aws, api, "test") and not settings(aws, api, "test")
    aws.clear_requests()
    assert run(*args, check=0).stdout.startswith("nothing to change")
    assert writes(aws) == []


def test_one_update_for_all_of_a_stage(aws, run, api):
    aws.clear_requests()
    run("enable-logging", "--api", "petstore", "--stage", "prod", "--level", "error", "--metrics",
        "--data-trace", "--access-log", check=0)
    assert writes(aws) == ["logs:CreateLogGroup", "apigateway:UpdateStage"]
    assert {k: settings(aws, api)[k] for k in ("loggingLevel", "metricsEnabled",
                                               "dataTraceEnabled")} == {
        "loggingLevel": "ERROR", "metricsEnabled": True, "dataTraceEnabled": True}


def test_other_settings_survive(aws, run, api):
    patch(aws, api, ("/*/*/throttling/burstLimit", "7"), ("/*/*/throttling/rateLimit", "3.5"),
          ("/*/*/caching/ttlInSeconds", "99"), ("/variables/colour", "blue"),
          ("/description", "theirs"), ("/~1pets/GET/throttling/burstLimit", "2"),
          ("/~1pets/GET/logging/loglevel", "ERROR"))
    aws.client("apigateway").tag_resource(
        resourceArn=f"arn:aws:apigateway:eu-west-1::/restapis/{api}/stages/prod",
        tags={"team": "x"})
    before = stage(aws, api)
    r = run("enable-logging", "--api", api, "--stage", "prod", "--level", "INFO", "--access-log",
            "--metrics", check=0)
    after = stage(aws, api)
    assert "GET /pets: ERROR" in r.stderr
    for name in ("loggingLevel", "metricsEnabled"):
        before["methodSettings"]["*/*"].pop(name)
        after["methodSettings"]["*/*"].pop(name)
    assert after.pop("accessLogSettings")
    for one in (before, after):
        one.pop("lastUpdatedDate")
    assert after == before and after["tags"] == {"team": "x"}


def test_dry_run_changes_nothing(aws, run, api):
    aws.clear_requests()
    r = run("enable-logging", "--api", api, "--level", "INFO", "--access-log", "--retention", "30",
            "-n", "--output", "json", check=0)
    assert {c["state"] for c in r.json["changes"]} == {"planned"} and r.json["dry_run"] is True
    assert writes(aws) == []


@pytest.mark.parametrize("args", [("--level", "INFO"), ("--access-log",)])
def test_a_role_that_was_deleted(aws, run, api, args):
    """API Gateway accepts the settings of the stage all the same, but then never logs anything."""
    run("enable-logging", "--api", api, *args, check=0)
    iam = iam_client(aws)
    iam.detach_role_policy(RoleName="any", PolicyArn=MANAGED)
    iam.delete_role(RoleName="any")
    aws.clear_requests()
    for more in ((), ("--metrics",)):
        run("enable-logging", "--api", api, *args, *more).refused(3, "does not exist", "setup-role")
    assert writes(aws) == []
    run("setup-role", check=0)
    run("enable-logging", "--api", api, *args, check=0)


def test_only_logs_take_a_role(aws, run, api):
    key = aws.credentials("AKIANOIAM00000000000", allow=["apigateway:*"])
    run("enable-logging", "--api", api, "--level", "INFO", key=key).refused(3, "iam:GetRole", "'any'")
    run("enable-logging", "--api", api, "--level", "OFF", "--metrics", key=key, check=0)


def test_json(aws, run, api):
    r = run("enable-logging", "--api", api, "--stage", "prod", "--level", "INFO", "--access-log",
            "--output", "json", check=0)
    one, = r.json["stages"]
    assert (one["api_id"], one["api_name"], one["protocol"], one["stage"], one["level"]) == (
        api, "petstore", "REST", "prod", "INFO")
    assert one["execution_log_group"] == f"API-Gateway-Execution-Logs_{api}/prod"
    assert one["access_log_group"] == f"/aws/apigateway/{api}/prod"
    title = f"stage 'prod' of API 'petstore' ({api})"
    assert changes(r) == [(f"log group '/aws/apigateway/{api}/prod'", "log group"),
                          (title, "access log destination"), (title, "access log format"),
                          (title, "level")]
    assert r.json["changes"][3] == {"resource": title, "property": "level", "current": None,
                                    "desired": "INFO", "state": "applied"}


def test_destination_and_format_of_others_are_kept(aws, run, api):
    aws.client("logs").create_log_group(logGroupName="theirs")
    patch(aws, api, ("/accessLogSettings/destinationArn", LOGS + "theirs"),
          ("/accessLogSettings/format", "$context.requestId"))
    args = ("enable-logging", "--api", api, "--stage", "prod", "--access-log")
    assert run(*args, "--output", "json", check=0).json["changes"] == []
    run(*args, "--format", "csv", check=0)
    access = stage(aws, api)["accessLogSettings"]
    assert access["destinationArn"] == LOGS + "theirs"
    assert access["format"].startswith("$context.requestId,$context.extendedRequestId,")
    run(*args[:-1], "--access-log=/ours/x", check=0)
    moved = stage(aws, api)["accessLogSettings"]
    assert moved == {"destinationArn": LOGS + "/ours/x", "format": access["format"]}
    assert set(groups(aws)) == {"theirs", "/ours/x"}


def test_firehose_is_kept(aws, run, api):
    arn = "arn:aws:firehose:eu-west-1:123456789012:deliverystream/amazon-apigateway-x"
    patch(aws, api, ("/accessLogSettings/destinationArn", arn),
          ("/accessLogSettings/format", "$context.requestId"))
    r = run("enable-logging", "--api", api, "--stage", "prod", "--access-log", "--retention", "7",
            check=0)
    assert arn in r.stderr and "kept" in r.stderr
    assert stage(aws, api)["accessLogSettings"]["destinationArn"] == arn


def test_turning_off(aws, run, api):
    args = ("enable-logging", "--api", api, "--stage", "prod")
    run(*args, "--level", "INFO", "--access-log", "--data-trace", "--metrics", check=0)
    run(*args, "--level", "OFF", "--no-access-log", "--no-data-trace", "--no-metrics", check=0)
    got = settings(aws, api)
    assert (got["loggingLevel"], got["dataTraceEnabled"], got["metricsEnabled"]) == (
        "OFF", False, False)
    assert "accessLogSettings" not in stage(aws, api)
    assert f"/aws/apigateway/{api}/prod" in groups(aws)


@pytest.mark.parametrize("style", ["json", "clf", "csv", "xml"])
def test_formats(aws, run, api, style):
    run("enable-logging", "--api", api, "--access-log", "--format", style, check=0)
    form = stage(aws, api)["accessLogSettings"]["format"]
    assert "$context.requestId" in form and "\n" not in form
    start = {"json": "{", "clf": "$context.identity.sourceIp ", "csv": "$context.requestId,",
             "xml": "<request id="}
    assert form.startswith(start[style])


@pytest.mark.parametrize("end", ["", "\n", "\r\n", "\n\n"])
def test_format_of_a_file(aws, run, api, end):
    (run.home / "form").write_text("id=$context.requestId \"caf\u00e9\"" + end)
    run("enable-logging", "--api", api, "--stage", "prod", "--access-log", "--format", "@form",
        check=0)
    assert stage(aws, api)["accessLogSettings"]["format"] == 'id=$context.requestId "caf\u00e9"'


@pytest.mark.parametrize("text, word", [("", "empty"), ("a\nb $context.requestId", "line"),
                                        ("$context.status", "requestId"),
                                        ("$context.requestId\0", "NUL")])
def test_a_file_that_is_no_format(aws, run, api, text, word):
    (run.home / "form").write_text(text)
    aws.clear_requests()
    r = run("enable-logging", "--api", api, "--access-log", "--format", "@form")
    r.refused(2, "form", word)
    assert aws.requests() == []


def test_retention(aws, run, api):
    args = ("enable-logging", "--api", api, "--stage", "prod", "--retention", "30")
    execution, access = f"API-Gateway-Execution-Logs_{api}/prod", f"/aws/apigateway/{api}/prod"
    # nothing logs, so there is no log group with a retention
    assert run(*args, "--output", "json", check=0).json["changes"] == []
    run(*args, "--level", "ERROR", "--access-log", check=0)
    assert groups(aws) == {execution: 30, access: 30}
    run(*args[:-1], "90", check=0)
    assert groups(aws) == {execution: 90, access: 90}
    run("enable-logging", "--api", api, "--stage", "prod", "--access-log", check=0)
    assert groups(aws) == {execution: 90, access: 90}


def test_one_group_for_many_stages(aws, run, api):
    r = run("enable-logging", "--api", api, "--access-log=/all", "--retention", "7", "--output",
            "json", check=0)
    assert [p for _, p in changes(r)].count("log group") == 1
    assert groups(aws) == {"/all": 7}
    for name in ("prod", "test"):
        assert stage(aws, api, name)["accessLogSettings"]["destinationArn"] == LOGS + "/all"


def test_data_trace_warns(run, api):
    r = run("enable-logging", "--api", api, "--data-trace", "-q", check=0)
    assert "warning: " in r.stderr and "bodies" in r.stderr


def test_no_role(aws, run, rest_api):
    api = rest_api()
    aws.clear_requests()
    for option in ("--level=INFO", "--access-log"):
        run("enable-logging", "--api", api, option).refused(3, "no role", "apigw-logs setup-role")
    assert writes(aws) == []
    # what needs no role works without one
    run("enable-logging", "--api", api, "--metrics", "--level", "OFF", check=0)


def test_aws_says_no_role(aws, run, api):
    aws.faults({"action": "apigateway:UpdateStage", "kind": "error", "code": "BadRequestException",
                "status": 400, "message": "CloudWatch Logs role ARN must be set in account "
                "settings to enable logging"})
    run("enable-logging", "--api", api, "--stage", "prod", "--level", "INFO").refused(
        3, "CloudWatch Logs role ARN must be set", "apigw-logs setup-role")


def test_some_stages_done_some_not(aws, run, api):
    aws.faults({"action": "apigateway:UpdateStage", "kind": "error", "code": "BadRequestException",
                "status": 400, "message": "not this one", "count": 1})
    args = ("enable-logging", "--api", api, "--level", "INFO", "--output", "json")
    r = run(*args, check=5)
    assert [c["state"] for c in r.json["changes"]] == ["failed", "applied"]
    assert r.error["kind"] == "partial" and "not this one" in r.error["message"]
    r = run(*args, check=0)
    assert [c["state"] for c in r.json["changes"]] == ["applied"]
    for name in ("prod", "test"):
        assert settings(aws, api, name)["loggingLevel"] == "INFO"


def test_failure_after_each_call(aws, run, rest_api):
    apis = []

    def state():
        set_account_role(aws, make_role(aws, "any"))
        apis[:] = [rest_api("petstore", "prod")]

    def wanted():
        assert settings(aws, apis[0])["loggingLevel"] == "INFO"
        access = stage(aws, apis[0])["accessLogSettings"]
        assert access["destinationArn"] == f"{LOGS}/aws/apigateway/{apis[0]}/prod"
        assert set(groups(aws).values()) == {14} and len(groups(aws)) == 2

    check_each_failure(aws, run, ("enable-logging", "--api", "petstore", "--level", "INFO",
                                  "--access-log", "--retention", "14"), state, wanted)


def test_http_api(aws, run):
    """Access logs only, and without the account's role; $default is a stage like any other."""
    v2 = aws.client("apigatewayv2")
    api = v2.create_api(Name="web", ProtocolType="HTTP")["ApiId"]
    v2.create_stage(ApiId=api, StageName="$default", StageVariables={"a": "b"},
                    DefaultRouteSettings={"ThrottlingBurstLimit": 7, "ThrottlingRateLimit": 3.5})
    args = ("enable-logging", "--api", "web", "--access-log", "--metrics", "--level", "INFO")
    r = run(*args, check=0)
    assert "no execution logs" in r.stderr
    got = v2.get_stage(ApiId=api, StageName="$default")
    assert got["AccessLogSettings"]["DestinationArn"] == f"{LOGS}/aws/apigateway/{api}/default"
    assert json.loads(got["AccessLogSettings"]["Format"])["routeKey"] == "$context.routeKey"
    assert got["StageVariables"] == {"a": "b"}
    # the request may replace the whole object, so all of it is sent
    assert aws.requests("apigatewayv2:UpdateStage")[-1]["params"]["defaultRouteSettings"] == {
        "throttlingBurstLimit": 7, "throttlingRateLimit": 3.5, "detailedMetricsEnabled": True}
    route = got["DefaultRouteSettings"]
    assert (route["ThrottlingBurstLimit"], route["ThrottlingRateLimit"],
            route["DetailedMetricsEnabled"]) == (7, 3.5, True)
    assert run(*args, "--output", "json", check=0).json["changes"] == []
    run("enable-logging", "--api", api, "--no-access-log", check=0)
    assert "AccessLogSettings" not in v2.get_stage(ApiId=api, StageName="$default")


def test_managed_stage_is_refused(aws, run):
    aws.client("apigatewayv2").create_api(Name="web", ProtocolType="HTTP",
                                          Target="https://example.com")
    run("enable-logging", "--api", "web", "--access-log").refused(3, "$default", "managed")


def test_websocket_api(aws, run, role):
    v2 = aws.client("apigatewayv2")
    api = v2.create_api(Name="chat", ProtocolType="WEBSOCKET",
                        RouteSelectionExpression="$request.body.action")["ApiId"]
    v2.create_stage(ApiId=api, StageName="live", RouteSettings={"join": {"LoggingLevel": "ERROR"}},
                    DefaultRouteSettings={"ThrottlingBurstLimit": 7})
    args = ("enable-logging", "--api", "chat", "--access-log", "--level", "INFO", "--data-trace")
    r = run(*args, check=0)
    assert "join: ERROR" in r.stderr
    got = v2.get_stage(ApiId=api, StageName="live")
    route = got["DefaultRouteSettings"]
    assert (route["LoggingLevel"], route["DataTraceEnabled"], route["ThrottlingBurstLimit"]) == (
        "INFO", True, 7)
    assert got["RouteSettings"]["join"]["LoggingLevel"] == "ERROR"
    assert got["AccessLogSettings"]["DestinationArn"] == f"{LOGS}/aws/apigateway/{api}/live"
    assert run(*args, "--output", "json", check=0).json["changes"] == []


def test_all_apis_by_glob(aws, run, role, rest_api):
    one, two, other = rest_api("shop-a"), rest_api("shop-b"), rest_api("else")
    run("enable-logging", "--api", "shop-*", "--level", "ERROR", check=0)
    assert [bool(settings(aws, a)) for a in (one, two, other)] == [True, True, False]
    run("enable-logging", "--all-apis", "--level", "ERROR", check=0)
    assert settings(aws, other)["loggingLevel"] == "ERROR"


@pytest.mark.parametrize("args, words", [
    ((), ("missing:", "what to log",)),
    (("--level", "INFO"), ("missing:", "which APIs", "--api")),
    (("--api", "x"), ("missing:", "what to log",)),
    (("--api", "x", "--all-apis", "--metrics"), ("--all-apis",)),
    (("--api", "x", "--level", "LOUD"), ("LOUD", "ERROR")),
    (("--api", "x", "--level", "INF"), ("did you mean 'INFO'",)),
    (("--api", "x", "--retention", "31"), ("31", "--retention 30")),
    (("--api", "x", "--retention", "soon"), ("soon",)),
    (("--api", "x", "--format", "json"), ("--access-log",)),
    (("--api", "x", "--access-log", "--format", "jso"), ("did you mean 'json'",)),
    (("--api", "x", "--access-log", "--format", "@/nowhere"), ("/nowhere", "No such file")),
    (("--api", "x", "--access-log", "--no-access-log"), ("cannot be combined",)),
    (("--api", "x", "--metrics", "--no-metrics"), ("cannot be combined",)),
    (("--api", "x", "--access-log", "group"), ("group", "--access-log=GROUP")),
    (("--api", "x", "--access-log=a b"), ("a b",)),
    (("--api", "x", "--access-logs"), ("did you mean '--access-log'",)),
])
def test_usage(aws, run, args, words):
    run("enable-logging", *args).refused(2, *words)
    assert aws.requests() == []
