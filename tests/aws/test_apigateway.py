"""API Gateway v1 and v2, and the IAM role that its logging needs."""

import json

import pytest
from aws import seed
from aws.rawhttp import send, signed
from botocore.exceptions import ClientError

PUSH = "arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"
ROLE = "CloudWatch Logs role ARN must be set in account settings to enable logging"
FORMAT = '{"id":"$context.requestId"}'
GROUP = "arn:aws:logs:us-east-1:123456789012:log-group:access"


def trust(service="apigateway.amazonaws.com"):
    return json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}]})


def refused(call, **kw):
    with pytest.raises(ClientError) as e:
        call(**kw)
    error = e.value.response
    return error["Error"]["Code"], error["ResponseMetadata"]["HTTPStatusCode"], \
        error["Error"]["Message"]


def replace(path, value, op="replace"):
    return [{"op": op, "path": path, **({"value": value} if value is not None else {})}]


@pytest.fixture
def gw(aws):
    return aws.client("apigateway")


def make_role(aws, name="r", service="apigateway.amazonaws.com", policy=PUSH):
    iam = aws.client("iam")
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust(service))["Role"]["Arn"]
    if policy:
        iam.attach_role_policy(RoleName=name, PolicyArn=policy)
    return arn


def set_role(gw, arn):
    return gw.update_account(patchOperations=replace("/cloudwatchRoleArn", arn))


def test_managed_policy_is_there(aws):
    iam = aws.client("iam")
    assert iam.get_policy(PolicyArn=PUSH)["Policy"]["DefaultVersionId"]


def test_account_role(aws, gw):
    assert "cloudwatchRoleArn" not in gw.get_account()
    for arn in ("arn:aws:iam::123456789012:role/absent",
                make_role(aws, "wrongtrust", "lambda.amazonaws.com"),
                make_role(aws, "nopolicy", policy=None)):
        code, status, text = refused(gw.update_account,
                                     patchOperations=replace("/cloudwatchRoleArn", arn))
        assert (code, status) == ("BadRequestException", 400)
        assert "required permissions" in text
    arn = make_role(aws)
    assert set_role(gw, arn)["cloudwatchRoleArn"] == arn
    assert gw.get_account()["cloudwatchRoleArn"] == arn
    assert refused(gw.update_account, patchOperations=replace("/cloudwatchRoleArn", arn, "add"))
    aws.client("iam").put_role_policy(RoleName="nopolicy", PolicyName="p", PolicyDocument=json.dumps(
        {"Version": "2012-10-17",
         "Statement": [{"Effect": "Allow", "Action": "logs:*", "Resource": "*"}]}))
    set_role(gw, "arn:aws:iam::123456789012:role/nopolicy")


def test_iam_propagation(aws, gw):
    aws.settings(iam_propagation_calls=2)
    arn = make_role(aws)
    texts = [refused(set_role, gw=gw, arn=arn)[2] for _ in range(2)]
    assert "successfully write" in texts[0] and "required permissions" in texts[1]
    set_role(gw, arn)


def test_stage_logging(aws, gw):
    api = seed.make_api(aws.client, "n", "prod")
    stage = {"restApiId": api, "stageName": "prod"}

    def patch(path, value=None, op="replace"):
        return gw.update_stage(**stage, patchOperations=replace(path, value, op))

    def bad(path, value=None, op="replace"):
        code, status, text = refused(gw.update_stage, **stage,
                                     patchOperations=replace(path, value, op))
        assert (code, status) == ("BadRequestException", 400)
        return text
    assert bad("/*/*/logging/loglevel", "INFO") == ROLE
    set_role(gw, make_role(aws))
    bad("/*/*/logging/loglevel", "DEBUG")
    bad("/*/*/logging/nonsense", "INFO")
    bad("/nonsense", "x")
    patch("/*/*/logging/loglevel", "INFO")
    patch("/~1pets/GET/logging/loglevel", "OFF")
    got = patch("/*/*/logging/dataTrace", "true")["methodSettings"]
    assert got["*/*"]["loggingLevel"] == "INFO" and got["*/*"]["dataTraceEnabled"] is True
    assert got["~1pets/GET"]["loggingLevel"] == "OFF"
    patch("/~1pets/GET", op="remove")
    assert list(gw.get_stage(**stage)["methodSettings"]) == ["*/*"]

    def access(arn, form):
        return {"patchOperations": replace("/accessLogSettings/destinationArn", arn) +
                replace("/accessLogSettings/format", form), **stage}
    assert refused(gw.update_stage, **access(GROUP, FORMAT))[1] == 400      # no such group
    aws.client("logs").create_log_group(logGroupName="access")
    for arn, form in ((GROUP + ":*", FORMAT), (GROUP, "$context.status"),
                      (GROUP, "a\n$context.requestId"), ("arn:aws:s3:::b", FORMAT)):
        assert refused(gw.update_stage, **access(arn, form))[1] == 400
    got = gw.update_stage(**access(GROUP, FORMAT))
    assert got["accessLogSettings"] == {"destinationArn": GROUP, "format": FORMAT}
    gw.update_stage(**access(GROUP, "$context.extendedRequestId"))
    assert "accessLogSettings" not in patch("/accessLogSettings", op="remove")
    assert refused(gw.get_stage, restApiId=api, stageName="x")[:2] == ("NotFoundException", 404)
    assert refused(gw.get_stages, restApiId="absent")[:2] == ("NotFoundException", 404)
    # a request changes all or nothing
    refused(gw.update_stage, **stage, patchOperations=replace("/description", "changed") +
            replace("/nonsense", "x"))
    assert gw.get_stage(**stage).get("description") != "changed"


def test_raw_shapes(aws, gw):
    api = seed.make_api(aws.client, "n", "prod")
    resp = send(aws, signed(aws, "apigateway", "GET", f"/restapis/{api}/stages"))
    stage = json.loads(resp.text)["item"][0]
    assert isinstance(stage["createdDate"], int) and stage["methodSettings"] == {}
    resp = send(aws, signed(aws, "apigateway", "GET", "/restapis/absent"))
    assert resp.status == 404 and resp.headers["x-amzn-ErrorType"] == "NotFoundException"
    assert list(json.loads(resp.text)) == ["message"]
    resp = send(aws, signed(aws, "apigateway", "GET", "/restapis/x/nonsense"))
    assert resp.status == 403
    aws.faults({"action": "apigateway:*", "kind": "throttle"})
    resp = send(aws, signed(aws, "apigateway", "GET", "/restapis"))
    assert resp.status == 429 and resp.headers["Retry-After"] == "1"


def test_rest_apis_paging_and_tags(aws, gw):
    ids = [gw.create_rest_api(name=f"n{i}", tags={"t": str(i)})["id"] for i in range(30)]
    page = gw.get_rest_apis()
    assert len(page["items"]) == 25 and page["position"]
    rest = gw.get_rest_apis(position=page["position"])
    assert [a["id"] for a in page["items"] + rest["items"]] == ids and "position" not in rest
    assert page["items"][3]["tags"] == {"t": "3"}
    arn = f"arn:aws:apigateway:us-east-1::/restapis/{ids[0]}"
    gw.tag_resource(resourceArn=arn, tags={"more": "x y"})
    gw.untag_resource(resourceArn=arn, tagKeys=["t"])
    assert gw.get_tags(resourceArn=arn)["tags"] == {"more": "x y"}


def test_v2(aws):
    v2 = aws.client("apigatewayv2")
    apis = [v2.create_api(Name=f"n{i}", ProtocolType="HTTP")["ApiId"] for i in range(3)]
    page = v2.get_apis(MaxResults="2")
    rest = v2.get_apis(MaxResults="2", NextToken=page["NextToken"])
    assert [a["ApiId"] for a in page["Items"] + rest["Items"]] == apis and "NextToken" not in rest
    v2.create_stage(ApiId=apis[0], StageName="$default", AutoDeploy=True)
    aws.client("logs").create_log_group(logGroupName="access")
    where = {"ApiId": apis[0], "StageName": "$default"}
    assert refused(v2.update_stage, **where, AccessLogSettings={
        "DestinationArn": GROUP + ":*", "Format": FORMAT})[1] == 400
    got = v2.update_stage(**where, AccessLogSettings={"DestinationArn": GROUP, "Format": FORMAT})
    assert got["AccessLogSettings"]["DestinationArn"] == GROUP and got["AutoDeploy"] is True
    v2.update_stage(**where, DefaultRouteSettings={"DetailedMetricsEnabled": True})
    got = v2.get_stages(ApiId=apis[0])["Items"][0]
    assert got["AccessLogSettings"]["Format"] == FORMAT
    assert got["DefaultRouteSettings"]["DetailedMetricsEnabled"] is True
    assert "logs:CreateLogDelivery" in aws.iam_actions()
    assert refused(v2.update_stage, **where,
                   DefaultRouteSettings={"LoggingLevel": "INFO"})[0] == "BadRequestException"
    v2.delete_access_log_settings(**where)
    assert "AccessLogSettings" not in v2.get_stage(**where)
    assert refused(v2.get_stage, ApiId=apis[0], StageName="x")[:2] == ("NotFoundException", 404)
    quick = v2.create_api(Name="q", ProtocolType="HTTP", Target="https://example.com")["ApiId"]
    assert v2.get_stage(ApiId=quick, StageName="$default")["ApiGatewayManaged"] is True
    assert refused(v2.update_stage, ApiId=quick, StageName="$default", Description="d")[1] == 400


def test_websocket(aws, gw):
    v2 = aws.client("apigatewayv2")
    api = v2.create_api(Name="w", ProtocolType="WEBSOCKET",
                        RouteSelectionExpression="$request.body.action")["ApiId"]
    v2.create_stage(ApiId=api, StageName="prod")
    change = {"ApiId": api, "StageName": "prod",
              "DefaultRouteSettings": {"LoggingLevel": "INFO", "DataTraceEnabled": False}}
    assert refused(v2.update_stage, **change)[2] == ROLE
    set_role(gw, make_role(aws))
    assert v2.update_stage(**change)["DefaultRouteSettings"]["LoggingLevel"] == "INFO"
    v2.update_stage(ApiId=api, StageName="prod", RouteSettings={"$connect": {"LoggingLevel": "OFF"}})
    got = v2.get_stage(ApiId=api, StageName="prod")
    assert got["RouteSettings"]["$connect"]["LoggingLevel"] == "OFF"
    v2.delete_route_settings(ApiId=api, StageName="prod", RouteKey="$connect")
    assert v2.get_stage(ApiId=api, StageName="prod")["RouteSettings"] == {}


def test_iam(aws):
    iam = aws.client("iam")
    make_role(aws, "Role")
    assert refused(iam.create_role, RoleName="role",
                   AssumeRolePolicyDocument=trust())[:2] == ("EntityAlreadyExists", 409)
    assert refused(iam.delete_role, RoleName="Role")[:2] == ("DeleteConflict", 409)
    assert refused(iam.get_role, RoleName="absent")[:2] == ("NoSuchEntity", 404)
    assert refused(iam.create_role, RoleName="x", AssumeRolePolicyDocument="{")[0] == \
        "MalformedPolicyDocument"
    resp = send(aws, signed(aws, "iam", body=b"Action=GetRole&RoleName=Role&Version=2010-05-08",
                            headers={"Content-Type": "application/x-www-form-urlencoded"}))
    assert "<AssumeRolePolicyDocument>%7B%22Version" in resp.text
    attached = iam.list_attached_role_policies(RoleName="Role")["AttachedPolicies"]
    assert attached[0]["PolicyArn"] == PUSH
