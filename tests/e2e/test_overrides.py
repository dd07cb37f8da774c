"""enable-logging --override-methods: methods and routes that have a level of their own."""

import pytest

from setup_helpers import changes, make_role, set_account_role, writes


@pytest.fixture(autouse=True)
def role(aws):
    set_account_role(aws, make_role(aws, "any"))


def test_methods(aws, run, rest_api):
    api = rest_api("petstore", "prod")
    gw = aws.client("apigateway")
    gw.update_stage(restApiId=api, stageName="prod", patchOperations=[
        {"op": "replace", "path": path, "value": value} for path, value in (
            ("/~1pets/GET/throttling/burstLimit", "2"), ("/~1pets/GET/logging/loglevel", "OFF"),
            ("/~1pets/POST/logging/loglevel", "INFO"))])
    args = ("enable-logging", "--api", "petstore", "--level", "INFO")
    # The stage is OFF as the method is: it differs only from what is wanted.
    assert "GET /pets: OFF" in run(*args, "-n").stderr
    r = run(*args, "--override-methods", "--output", "json", check=0)
    assert [p for _, p in changes(r)] == ["level", "level of GET /pets"]
    got = gw.get_stage(restApiId=api, stageName="prod")["methodSettings"]
    assert {k: v["loggingLevel"] for k, v in got.items()} == {
        "*/*": "INFO", "~1pets/GET": "INFO", "~1pets/POST": "INFO"}
    assert got["~1pets/GET"]["throttlingBurstLimit"] == 2
    aws.clear_requests()
    assert run(*args, "--override-methods", check=0).stdout.startswith("nothing to change")
    assert writes(aws) == []


def test_routes(aws, run):
    http = aws.client("apigatewayv2")
    api = http.create_api(Name="chat", ProtocolType="WEBSOCKET",
                          RouteSelectionExpression="$request.body.action")["ApiId"]
    routes = {"$connect": {"LoggingLevel": "ERROR", "ThrottlingBurstLimit": 3},
              "join": {"DetailedMetricsEnabled": True}}
    http.create_stage(ApiId=api, StageName="prod", RouteSettings=routes)
    run("enable-logging", "--api", "chat", "--level", "INFO", "--override-methods", check=0)
    got = http.get_stage(ApiId=api, StageName="prod")
    assert got["DefaultRouteSettings"]["LoggingLevel"] == "INFO"
    assert got["RouteSettings"]["$connect"] == {"LoggingLevel": "INFO", "ThrottlingBurstLimit": 3}
    assert got["RouteSettings"]["join"] == routes["join"]


def test_needs_a_level(run):
    run("enable-logging", "--all-apis", "--override-methods", "--metrics").refused(2, "--level")
