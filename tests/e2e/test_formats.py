"""enable-logging --format: what is warned about in a format of one's own."""

import pytest

from setup_helpers import make_role, set_account_role


@pytest.fixture
def form(aws, run, rest_api):
    """form(text) uses the text as the format of a stage."""
    set_account_role(aws, make_role(aws, "any"))
    api = rest_api("petstore", "prod")

    def use(text):
        (run.home / "form").write_text(text)
        r = run("enable-logging", "--api", api, "--access-log", "--format", "@form", check=0)
        stage = aws.client("apigateway").get_stage(restApiId=api, stageName="prod")
        assert stage["accessLogSettings"]["format"] == text.rstrip("\n")
        return r.stderr
    use.api = api
    return use


def test_unknown_variables_are_warned_about(form):
    said = form("$context.requestId $context.requestTyme. $context.requestTyme $context.brandNew\n")
    assert said.count("warning: ") == 2
    assert "$context.requestTyme," in said and "'$context.requestTime'" in said
    assert "$context.brandNew," in said


@pytest.mark.parametrize("text", [
    "$context.requestId, $context.authorizer.claims.sub $context.identity.sourceIp.",
    "<$context.extendedRequestId> $context.responseOverride.header.x-y $contextual $context",
])
def test_known_ones_are_not(form, text):
    assert form(text) == ""


def test_the_programs_own_formats_are_known(aws, run, form, rest_api):
    http = aws.client("apigatewayv2")
    for protocol in ("HTTP", "WEBSOCKET"):
        more = {"RouteSelectionExpression": "$request.body.action"} if protocol != "HTTP" else {}
        api = http.create_api(Name=protocol, ProtocolType=protocol, **more)["ApiId"]
        http.create_stage(ApiId=api, StageName="prod")
    texts = []
    for style in ("json", "clf", "csv", "xml"):
        run("enable-logging", "--all-apis", "--access-log", "--format", style, check=0)
        texts += [http.get_stage(ApiId=a["ApiId"], StageName="prod")["AccessLogSettings"]["Format"]
                  for a in http.get_apis()["Items"]]
        texts += [aws.client("apigateway").get_stage(
            restApiId=form.api, stageName="prod")["accessLogSettings"]["format"]]
    assert len(set(texts)) == 12 and form(" ".join(texts)) == ""
