"""moto behind our own front end: requests go straight to its handlers, without Flask."""

import importlib
import io
import os
import re
import sys
import types

# moto reads these when it is imported
os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"
os.environ["MOTO_ALLOW_NONEXISTENT_REGION"] = "true"
os.environ["MOTO_S3_ALLOW_CROSSACCOUNT_ACCESS"] = "true"
os.environ["S3_UPLOAD_PART_MIN_SIZE"] = "5242880"


def _stub(name, **members):
    """moto's apigateway imports OpenAPI validators for ImportRestApi alone; they cost 15 packages
    and a second at start-up."""
    if name not in sys.modules:
        module = types.ModuleType(name)
        module.__dict__.update(members)
        sys.modules[name] = module


_stub("openapi_spec_validator", validate=lambda *a, **k: None,
      OpenAPIV2SpecValidator=None, OpenAPIV30SpecValidator=None)
_stub("openapi_spec_validator.validation", )
_stub("openapi_spec_validator.validation.exceptions", OpenAPIValidationError=ValueError)

from . import state                                                  # noqa: E402
from .wire import AwsError, Response                                 # noqa: E402

MODULES = {"monitoring": "cloudwatch", "lambda": "awslambda"}
_routes = {}
_Request = None


def moto_request(req):
    global _Request
    if _Request is None:
        from moto.core.request import Request
        _Request = Request
    path, query = req.path, req.query
    host = f"{req.service}.{req.region or 'us-east-1'}.amazonaws.com"
    if req.service == "s3":
        # moto guesses the bucket from the host, so it always gets path style.
        path = "/"
        if req.bucket:
            raw_key = req.path[1:] if req.path_bucket is None else req.path[1:].partition("/")[2]
            path = f"/{req.bucket}" + (f"/{raw_key}" if req.object_key else "")
    from urllib.parse import unquote_to_bytes
    environ = {
        "REQUEST_METHOD": req.method, "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": query, "RAW_URI": path + ("?" + query if query else ""),
        "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.version": (1, 0), "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(req.body),
        "wsgi.errors": sys.stderr, "wsgi.multithread": True, "wsgi.multiprocess": False,
        "wsgi.run_once": False, "CONTENT_LENGTH": str(len(req.body)),
    }
    chunked = "aws-chunked"
    for name, value in req.headers:
        low = name.lower()
        if low in ("host", "user-agent", "content-length", "transfer-encoding", "expect",
                   "connection", "x-amz-content-sha256", "x-amz-decoded-content-length",
                   "x-amz-trailer", "x-amz-security-token"):
            continue
        if low == "content-encoding" and chunked in value:
            value = ",".join(v for v in value.split(",") if v.strip() != chunked)
            if not value:
                continue
        env = low.upper().replace("-", "_")
        env = env if env == "CONTENT_TYPE" else f"HTTP_{env}"
        environ[env] = f"{environ[env]},{value}" if env in environ else value
    environ["HTTP_HOST"] = host
    environ["HTTP_X_MOTO_ACCOUNT_ID"] = req.account or state.ACCOUNT
    if req.key:
        environ["HTTP_AUTHORIZATION"] = (
            f"AWS4-HMAC-SHA256 Credential={req.key.access_key}/20000101/{req.region}/"
            f"{req.service}/aws4_request, SignedHeaders=host, Signature=0")
    return _Request(environ)


def routes(service):
    if service not in _routes:
        name = MODULES.get(service, service)
        try:
            importlib.import_module(f"moto.{name}.models")
            urls = importlib.import_module(f"moto.{name}.urls")
        except ImportError as e:
            raise AwsError("UnknownOperationException", f"local AWS has no service '{service}' "
                           f"({e})", 404) from None
        table = []
        for pattern, handler in urls.url_paths.items():
            table.append((re.compile("^" + pattern.format("").rstrip("$") + "$"), handler))
        _routes[service] = table
    return _routes[service]


def handler_for(req):
    if req.service == "s3":
        from moto.s3.responses import S3Response
        return S3Response.key_dispatch if req.object_key else S3Response.bucket_dispatch
    for pattern, handler in routes(req.service):
        if pattern.match(req.path):
            return handler
    return None


def route_rest(req):
    """(operation, path parameters) of a restJson request, by botocore's model."""
    from moto.core.routing import get_service_router
    from botocore.exceptions import UnknownServiceError
    from werkzeug.exceptions import HTTPException
    try:
        op, params = get_service_router(req.service).match(moto_request(req))
        # moto's labels swallow slashes: /restapis/x/nonsense would be GetRestApi of "x/nonsense"
        uri = op.http["requestUri"].partition("?")[0].strip("/")
        if uri.count("/") != req.path.strip("/").count("/"):
            return None, {}
        return op.name, dict(params)
    except (HTTPException, NotImplementedError, ValueError, UnknownServiceError):
        return None, {}


def call(req):
    handler = handler_for(req)
    if handler is None or req.op is None:
        if req.service in ("apigateway", "apigatewayv2"):
            # the answer of API Gateway's front end for an unknown path
            raise AwsError("MissingAuthenticationTokenException", "Missing Authentication Token", 403)
        raise AwsError("UnknownOperationException", "", 404)
    request = moto_request(req)
    result = handler(request, request.raw_url, dict(request.headers))
    if len(result) == 3:
        status, headers, body = result
    else:
        status, headers, body = 200, {}, result
    headers = dict(headers)
    status = int(headers.pop("status", status))
    if not isinstance(body, (str, bytes)):
        body = b"".join(p if isinstance(p, bytes) else p.encode() for p in body)
    return Response(status, [(k, str(v)) for k, v in headers.items()], body)


def backend(service, account, region):
    """moto's backend object. Global services are kept under the partition's name."""
    from moto.backends import get_backend
    from moto.utilities.utils import get_partition
    backends = get_backend(MODULES.get(service, service))[account]
    if service in ("s3", "iam", "sts"):
        return backends[get_partition(region)]
    return backends[region]


@state.on_reset
def _reset():
    if "moto.core.base_backend" in sys.modules:
        from moto.core.base_backend import BackendDict
        from moto.core.model_instances import reset_model_data
        BackendDict.reset()
        reset_model_data()
