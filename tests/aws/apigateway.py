"""API Gateway REST APIs (v1): the account's role, stages and their logging, paging, errors.

API Gateway REST API reference ("Patch Operations") and Developer Guide ("Set up CloudWatch logging
for REST APIs"). Messages marked "guess" are not quoted anywhere we know; a test must not assert them.
"""

import copy
import json
import re

from . import iam, motobase, state
from .overlays import after, instead
from .wire import AwsError, Response, json_response, query_pairs

LEVELS = ("OFF", "ERROR", "INFO")
NO_ROLE = "CloudWatch Logs role ARN must be set in account settings to enable logging"
METHOD_PATHS = {                    # UpdateStage patch path: (member, type)
    "logging/loglevel": ("loggingLevel", str), "logging/dataTrace": ("dataTraceEnabled", bool),
    "metrics/enabled": ("metricsEnabled", bool),
    "throttling/burstLimit": ("throttlingBurstLimit", int),
    "throttling/rateLimit": ("throttlingRateLimit", float),
    "caching/enabled": ("cachingEnabled", bool), "caching/ttlInSeconds": ("cacheTtlInSeconds", int),
    "caching/dataEncrypted": ("cacheDataEncrypted", bool),
    "caching/requireAuthorizationForCacheControl": ("requireAuthorizationForCacheControl", bool),
    "caching/unauthorizedCacheControlHeaderStrategy":
        ("unauthorizedCacheControlHeaderStrategy", str),
}
METHOD_DEFAULTS = {
    "metricsEnabled": False, "loggingLevel": "OFF", "dataTraceEnabled": False,
    "throttlingBurstLimit": 5000, "throttlingRateLimit": 10000.0, "cachingEnabled": False,
    "cacheTtlInSeconds": 300, "cacheDataEncrypted": False,
    "requireAuthorizationForCacheControl": True,
    "unauthorizedCacheControlHeaderStrategy": "SUCCEED_WITH_RESPONSE_HEADER",
}


def rest_json(obj, status=200):
    return json_response(obj, status, "application/json")


def bad(message):
    return AwsError("BadRequestException", message, 400)


def not_found(message):
    return AwsError("NotFoundException", message, 404)


def backend(req):
    return motobase.backend("apigateway", req.account, req.region)


def find_api(req):
    api = backend(req).apis.get(req.uri.get("restapi_id"))
    if api is None:
        raise not_found(f"Invalid API identifier specified {req.account}:"
                        f"{req.uri.get('restapi_id')}")
    return api


def find_stage(req):
    stage = find_api(req).stages.get(req.uri.get("stage_name"))
    if stage is None:
        raise not_found("Invalid stage identifier specified")
    return stage


def patch_operations(req):
    ops = req.params.get("patchOperations")
    if not isinstance(ops, list):
        raise bad("Invalid patch operations specified")
    for op in ops:
        if op.get("op") not in ("add", "remove", "replace", "move", "copy", "test"):
            raise bad("Invalid patch operation specified. Must be one of: "
                      "[add, remove, replace, copy, move, test]")
        if "value" in op and not isinstance(op["value"], str) and op["value"] is not None:
            # every value of a patch operation is a string, including "true" and "300"
            raise AwsError("SerializationException", "Expected string value", 400)
    return ops


# ---- account ------------------------------------------------------------------------------------

@instead("apigateway", "GetAccount")
def get_account(req):
    return rest_json(account_json(req))


def account_json(req):
    account = backend(req).account
    out = {"throttleSettings": {"burstLimit": 5000, "rateLimit": 10000.0},
           "features": account.features or ["UsagePlans"], "apiKeyVersion": "4"}
    if account.cloudwatch_role_arn:
        out["cloudwatchRoleArn"] = account.cloudwatch_role_arn
    return out


@instead("apigateway", "UpdateAccount")
def update_account(req):
    account = backend(req).account
    for op in patch_operations(req):
        if op.get("path") not in ("/cloudwatchRoleArn", "/features"):
            raise bad(f"Invalid patch path '{op.get('path')}' specified for op '{op['op']}'. "
                      "Must be one of: [/cloudwatchRoleArn, /features]")
        if op["path"] == "/features":
            continue
        if op["op"] != "replace":
            raise bad(f"Invalid patch path '{op['path']}' specified for op '{op['op']}'. "
                      "Must be one of: []")
        value = op.get("value")
        if value:
            check_role(req, value)
        account.cloudwatch_role_arn = value or None
    return rest_json(account_json(req))


NO_PERMISSION = ("The role ARN does not have required permissions configured. Please grant trust "
                 "permission for API Gateway and add the required role policy.")
CANNOT_WRITE = "API Gateway could not successfully write to CloudWatch Logs using the ARN specified"


def check_role(req, arn):
    m = re.match(r"^arn:(aws[^:]*):iam::(\d{12}):role/(?:.*/)?([^/]+)$", arn)
    if not m:
        raise bad(f"Invalid ARN specified in the request: {arn}")       # guess
    role = iam.find_role(m[2], req.region, arn)
    if role is None or not iam.trusts(role, "apigateway.amazonaws.com"):
        raise bad(NO_PERMISSION)
    waiting = iam.propagating(role)
    if waiting:
        # both messages have been observed while IAM propagates
        raise bad(NO_PERMISSION if waiting % 2 else CANNOT_WRITE)
    if not iam.may(role, ("logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogGroups",
                          "logs:DescribeLogStreams", "logs:PutLogEvents", "logs:GetLogEvents",
                          "logs:FilterLogEvents"),
                   f"arn:{m[1]}:logs:{req.region}:{req.account}:log-group:x:*"):
        raise bad(NO_PERMISSION)


# ---- APIs ---------------------------------------------------------------------------------------

@instead("apigateway", "GetRestApis")
def get_rest_apis(req):
    limit, position = req.args.get("limit", "25"), req.args.get("position")
    if not limit.isdigit() or int(limit) < 1:
        raise bad("Invalid limit specified")                            # guess
    limit = min(int(limit), 500, state.settings["apigateway_page"] or 500)
    ids = list(backend(req).apis)
    start = 0
    if position:
        if position not in ids:
            raise bad("Invalid position parameter")                     # guess
        start = ids.index(position)
    out = {"item": [api_json(backend(req).apis[i]) for i in ids[start:start + limit]]}
    if start + limit < len(ids):
        out["position"] = ids[start + limit]
    return rest_json(out)


def api_json(api):
    out = {k: v for k, v in api.to_dict().items() if v is not None}
    out.setdefault("apiStatus", "AVAILABLE")
    return out


@instead("apigateway", "GetRestApi")
def get_rest_api(req):
    return rest_json(api_json(find_api(req)))


@instead("apigateway", "DeleteRestApi")
def delete_rest_api(req):
    find_api(req)
    del backend(req).apis[req.uri["restapi_id"]]
    return Response(202)


# ---- stages -------------------------------------------------------------------------------------

def stage_json(stage):
    if not hasattr(stage, "local_created"):
        stage.local_created = stage.local_updated = int(state.now())
    out = {k: v for k, v in stage.to_json().items() if v not in (None, "")}
    out.setdefault("cacheClusterStatus", "NOT_AVAILABLE")
    out.update(createdDate=stage.local_created, lastUpdatedDate=stage.local_updated)
    out.setdefault("tracingEnabled", False)
    for name in ("variables", "accessLogSettings"):
        if not out.get(name):
            out.pop(name, None)
    return out


@instead("apigateway", "GetStage")
def get_stage(req):
    return rest_json(stage_json(find_stage(req)))


@instead("apigateway", "GetStages")
def get_stages(req):
    wanted = req.args.get("deploymentId")
    return rest_json({"item": [stage_json(s) for s in find_api(req).stages.values()
                               if not wanted or s.deployment_id == wanted]})


@after("apigateway", "CreateRestApi", "CreateStage", "CreateDeployment", "CreateResource",
       "PutMethod", "PutIntegration", "PutMethodResponse", "PutIntegrationResponse")
def created(req, resp):
    """Creating answers 201 in every operation of this API; moto says 200 for some."""
    if resp.status == 200:
        resp.status = 201


@instead("apigateway", "UpdateStage")
def update_stage(req):
    stage = find_stage(req)
    change = Change(req, stage)
    for op in patch_operations(req):
        change.apply(op)
    change.check()
    change.commit()
    return rest_json(stage_json(stage))


class Change:
    """The patch operations of one request: all are applied, or none."""

    PLAIN = {"/description": "description", "/deploymentId": "deployment_id",
             "/tracingEnabled": "tracing_enabled", "/cacheClusterSize": "cache_cluster_size",
             "/cacheClusterEnabled": "cache_cluster_enabled"}

    def __init__(self, req, stage):
        self.req, self.stage = req, stage
        self.methods = copy.deepcopy(stage.method_settings)
        self.access = dict(stage.access_log_settings or {})
        self.variables = dict(stage.variables or {})
        self.plain = {}

    def apply(self, op):
        kind, path, value = op["op"], op.get("path") or "", op.get("value")
        if path in self.PLAIN and kind == "replace":
            flag = path in ("/tracingEnabled", "/cacheClusterEnabled")
            self.plain[self.PLAIN[path]] = boolean(value) if flag else value
        elif path.startswith("/variables/") and kind in ("replace", "remove"):
            name = unescape(path[len("/variables/"):])
            if kind == "remove":
                self.variables.pop(name, None)
            else:
                self.variables[name] = value
        elif path in ("/accessLogSettings/destinationArn", "/accessLogSettings/format") and \
                kind in ("replace", "add"):
            self.access[path.rsplit("/", 1)[1]] = value or ""
        elif path == "/accessLogSettings" and kind == "remove":
            self.access = {}
        elif kind == "replace" and self.method_setting(path, value):
            pass
        elif kind == "remove" and re.match(r"^/[^/]+/[^/]+$", path):
            self.methods.pop(path[1:], None)
        else:
            raise bad(f"Invalid patch path '{path}' specified for op '{kind}'. Must be one of: "
                      "[/deploymentId, /description, /accessLogSettings/destinationArn, "
                      "/accessLogSettings/format, /{resourcePath}/{httpMethod}/logging/loglevel, "
                      "/variables/{name}]")

    def method_setting(self, path, value):
        m = re.match(r"^/(\*|~1[^/]*|[^/]+)/([A-Z]+|\*)/([a-z]+/[A-Za-z]+)$", path)
        if not m or m[3] not in METHOD_PATHS:
            return False
        member, kind = METHOD_PATHS[m[3]]
        if value is None:
            raise bad("Invalid null value specified")                   # guess
        try:
            converted = boolean(value) if kind is bool else kind(value)
        except ValueError:
            raise bad(f"Invalid value '{value}' for {path}") from None  # guess
        if member == "loggingLevel" and converted not in LEVELS:
            raise bad(f"Invalid logging level specified: {value}. Must be one of: "
                      f"[{', '.join(LEVELS)}]")                         # guess
        key = f"{m[1]}/{m[2]}"
        self.methods.setdefault(key, dict(METHOD_DEFAULTS))[member] = converted
        return True

    def check(self):
        before = {k: v.get("loggingLevel") for k, v in self.stage.method_settings.items()}
        turned_on = any(v.get("loggingLevel") in ("ERROR", "INFO") and
                        before.get(k) != v["loggingLevel"] for k, v in self.methods.items())
        new_access = self.access and self.access != (self.stage.access_log_settings or {})
        if (turned_on or new_access) and not backend(self.req).account.cloudwatch_role_arn:
            raise bad(NO_ROLE)
        if new_access:
            check_access_logs(self.req, self.access, firehose=True)

    def commit(self):
        stage_json(self.stage)
        self.stage.method_settings = self.methods
        self.stage.access_log_settings = self.access or None
        self.stage.variables = self.variables
        for name, value in self.plain.items():
            setattr(self.stage, name, value)
        self.stage.local_updated = int(state.now())


def boolean(text):
    if str(text).lower() not in ("true", "false"):
        raise bad(f"Invalid boolean value '{text}'")                    # guess
    return str(text).lower() == "true"


def unescape(text):
    """JSON pointer: ~1 is "/", ~0 is "~" (RFC 6901)."""
    return text.replace("~1", "/").replace("~0", "~")


def check_access_logs(req, access, firehose):
    """Checks accessLogSettings as a whole."""
    arn, form = access.get("destinationArn"), access.get("format")
    if not arn or not form:
        raise bad("Access log settings need both destinationArn and format")        # guess
    if "\n" in form.rstrip("\n") or "\r" in form.rstrip("\r\n"):
        raise bad("Access Log format must be single line, new line character is allowed only at "
                  "end of the format")
    if not re.search(r"\$context\.(requestId|extendedRequestId)\b", form):
        raise bad("Access Log format must contain at least $context.requestId")     # guess
    m = re.match(r"^arn:aws[^:]*:logs:([^:]+):(\d{12}):log-group:([^:]+)$", arn)
    if m:
        groups = motobase.backend("logs", m[2], m[1]).groups
        if m[1] != req.region or m[2] != req.account or m[3] not in groups:
            raise bad(f"Access log destination does not exist: {arn}")              # guess
        return
    m = re.match(r"^arn:aws[^:]*:firehose:[^:]+:\d{12}:deliverystream/(.+)$", arn)
    if m and firehose:
        if not m[1].startswith("amazon-apigateway-"):
            raise bad("Kinesis Firehose delivery stream name must start with "
                      "'amazon-apigateway-'")                                       # guess
        return
    # a trailing ":*", as DescribeLogGroups' `arn` has it, lands here
    raise bad(f"Invalid ARN specified in the request: {arn}")                       # guess


# ---- tags and errors ----------------------------------------------------------------------------

@instead("apigateway", "GetTags", "TagResource", "UntagResource")
def tags(req):
    """moto tags stages only, and answers TagResource with a body; AWS says 204."""
    arn = req.uri.get("resource_arn") or ""
    m = re.match(r"^arn:aws[^:]*:apigateway:[^:]+::/restapis/([^/]+)(?:/stages/([^/]+))?$", arn)
    if not m:
        raise bad("Invalid ARN specified in the request")
    req.uri = {"restapi_id": m[1], "stage_name": m[2]}
    thing = find_stage(req) if m[2] else find_api(req)
    thing.tags = dict(thing.tags or {})
    if req.op == "GetTags":
        return rest_json({"tags": thing.tags})
    if req.op == "TagResource":
        thing.tags.update(req.params.get("tags") or {})
    else:
        for name, value in query_pairs(req.query):
            if name == "tagKeys":
                thing.tags.pop(value, None)
    return Response(204)


@after("apigateway", "*")
@after("apigatewayv2", "*")
def errors(_req, resp):
    """restJson1: the code is in X-Amzn-Errortype; moto puts it into the body."""
    if resp.status < 400:
        return
    try:
        body = json.loads(resp.body)
    except ValueError:
        return
    if not isinstance(body, dict):
        return
    code = body.pop("__type", None) or resp.get("x-amzn-errortype") or body.pop("code", None)
    message = body.pop("message", None) or body.pop("Message", "")
    resp.body = json.dumps({"message": message, **body}).encode()
    resp.set("x-amzn-ErrorType", (code or "BadRequestException").split("#")[-1])
    resp.set("Content-Type", "application/json")
