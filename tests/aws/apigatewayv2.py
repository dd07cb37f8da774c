"""API Gateway HTTP and WebSocket APIs (v2): UpdateStage, which moto lacks, paging, logging rules.

API Gateway Version 2 API Reference; "Configure logging for HTTP APIs", Developer Guide.
"""

import datetime
import json

from . import apigateway, motobase
from .apigateway import LEVELS, NO_ROLE, bad, check_access_logs, not_found, rest_json
from .overlays import after, before, instead
from .wire import Response

ROUTE_MEMBERS = {"dataTraceEnabled": bool, "detailedMetricsEnabled": bool, "loggingLevel": str,
                 "throttlingBurstLimit": int, "throttlingRateLimit": (int, float)}


def backend(req):
    return motobase.backend("apigatewayv2", req.account, req.region)


def find_api(req):
    api = backend(req).apis.get(req.uri.get("apiId"))
    if api is None:
        raise not_found(f"Invalid API identifier specified {req.uri.get('api_id')}")
    return api


def find_stage(req):
    stage = find_api(req).stages.get(req.uri.get("stageName"))
    if stage is None:
        raise not_found("Invalid stage identifier specified")
    return stage


def page(req, rows, describe):
    size, token = req.args.get("maxResults", "100"), req.args.get("nextToken")
    if not size.isdigit() or int(size) < 1:
        raise bad("Invalid maxResults value")
    if token and (not token.startswith("page-") or not token[5:].isdigit()):
        raise bad("Invalid nextToken")
    start = int(token[5:]) if token else 0
    out = {"items": [describe(r) for r in rows[start:start + int(size)]]}
    if start + int(size) < len(rows):
        out["nextToken"] = f"page-{start + int(size)}"
    return rest_json(out)


@instead("apigatewayv2", "GetApis")
def get_apis(req):
    return page(req, list(backend(req).apis.values()), lambda a: a.to_json())


@instead("apigatewayv2", "GetStages")
def get_stages(req):
    return page(req, list(find_api(req).stages.values()), stage_json)


@instead("apigatewayv2", "GetStage")
def get_stage(req):
    return rest_json(stage_json(find_stage(req)))


def stage_json(stage):
    out = stage.to_json()
    if getattr(stage, "local_managed", False):
        out["apiGatewayManaged"] = True
    return out


@after("apigatewayv2", "CreateApi")
def quick_create(req, resp):
    """An HTTP API with `target` gets a managed $default stage ("quick create")."""
    if resp.status == 200:
        resp.status = 201
    if resp.status == 201 and req.params.get("target"):
        api = backend(req).apis[json.loads(resp.body)["apiId"]]
        api.create_stage({"stageName": "$default", "autoDeploy": True}).local_managed = True


@after("apigatewayv2", "CreateRoute", "CreateIntegration", "CreateStage")
def created(_req, resp):
    if resp.status == 200:
        resp.status = 201


@before("apigatewayv2", "CreateStage")
def create_stage(req):
    api = find_api(req)
    if req.params.get("stageName") in api.stages:
        raise apigateway.AwsError("ConflictException", "Stage already exists", 409)
    check_logging(req, api, req.params)
    if req.params.get("accessLogSettings"):
        check_access_logs(req, req.params["accessLogSettings"], firehose=False)


def check_logging(req, api, params):
    routes = [params.get("defaultRouteSettings")] + list((params.get("routeSettings") or {}).values())
    on = False
    for route in filter(None, routes):
        for name, value in route.items():
            if name not in ROUTE_MEMBERS or not isinstance(value, ROUTE_MEMBERS[name]):
                raise bad(f"Invalid value for {name}")
        level = route.get("loggingLevel")
        if level is not None and level not in LEVELS:
            raise bad(f"Invalid value specified for loggingLevel: {level}")
        if api.protocol_type == "HTTP" and (level not in (None, "OFF") or
                                            route.get("dataTraceEnabled")):
            # "Supported only for WebSocket APIs"
            raise bad("Execution logs are not supported on protocolType HTTP")
        on = on or level in ("ERROR", "INFO")
    access = params.get("accessLogSettings")
    if api.protocol_type == "WEBSOCKET" and (on or access):
        v1 = motobase.backend("apigateway", req.account, req.region)
        if not v1.account.cloudwatch_role_arn:
            raise bad(NO_ROLE)


@instead("apigatewayv2", "UpdateStage")
def update_stage(req):
    """Partial JSON: members that are not given are not changed."""
    api, stage, p = find_api(req), find_stage(req), req.params
    if getattr(stage, "local_managed", False):
        raise bad("Stage is managed by API Gateway and cannot be updated")
    check_logging(req, api, p)
    access = dict(stage.access_log_settings or {})
    if p.get("accessLogSettings") is not None:
        access.update(p["accessLogSettings"])
        check_access_logs(req, access, firehose=False)
    stage.access_log_settings = access or None
    if p.get("defaultRouteSettings") is not None:
        stage.default_route_settings = {**stage.default_route_settings, **p["defaultRouteSettings"]}
    for key, value in (p.get("routeSettings") or {}).items():
        stage.route_settings = {**stage.route_settings,
                                key: {**stage.route_settings.get(key, {}), **value}}
    for name, attr in (("description", "description"), ("autoDeploy", "auto_deploy"),
                       ("clientCertificateId", "client_certificate_id")):
        if name in p:
            setattr(stage, attr, p[name])
    stage.stage_variables = {**stage.stage_variables, **(p.get("stageVariables") or {})}
    stage.updated = datetime.datetime.utcnow()
    return rest_json(stage_json(stage))


@instead("apigatewayv2", "DeleteAccessLogSettings")
def delete_access_log_settings(req):
    find_stage(req).access_log_settings = None
    return Response(204)


@instead("apigatewayv2", "DeleteRouteSettings")
def delete_route_settings(req):
    stage = find_stage(req)
    if req.uri.get("routeKey") not in stage.route_settings:
        raise not_found("Unable to find route settings")
    del stage.route_settings[req.uri["routeKey"]]
    return Response(204)
