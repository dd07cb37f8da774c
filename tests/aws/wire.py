"""HTTP messages as they are on the wire, and errors in each service's own format."""

import binascii
import json
import os
import uuid
from urllib.parse import unquote_plus
from xml.sax.saxutils import escape

XMLNS = {
    "iam": "https://iam.amazonaws.com/doc/2010-05-08/",
    "sts": "https://sts.amazonaws.com/doc/2011-06-15/",
    "sns": "http://sns.amazonaws.com/doc/2010-03-31/",
    "monitoring": "http://monitoring.amazonaws.com/doc/2010-08-01/",
}
QUERY_SERVICES = set(XMLNS)
REST_JSON_SERVICES = {"apigateway", "apigatewayv2", "lambda", "sso", "oidc"}


def protocol_of(service):
    if service == "s3":
        return "s3"
    if service in REST_JSON_SERVICES:
        return "rest-json"
    return "query" if service in QUERY_SERVICES else "json"


class Message:
    """Has `headers`, a list of names, in any case, and values."""

    def getall(self, name):
        name = name.lower()
        return [v for n, v in self.headers if n.lower() == name]

    def get(self, name, default=None):
        return next(iter(self.getall(name)), default)


class Request(Message):
    """One request. `target`, `path` and `query` are the bytes of the request line, undecoded."""

    def __init__(self, method, target, headers, body, tls=False):
        self.method = method
        self.target = target
        self.path, _, self.query = target.partition("?")
        self.headers = headers
        self.body = body            # after aws-chunked was removed
        self.wire_body = body       # as it came
        self.tls = tls
        self.service = self.op = self.region = None
        self.key = None             # sts.Key that signed it, None when unsigned
        self.account = None
        self.bucket = self.object_key = None
        self.params = {}            # JSON body, or query/form arguments
        self.iam = []               # [(action, resource)] the caller needs
        self.request_id = None
        self._args = None

    @property
    def args(self):
        if self._args is None:
            self._args = dict(query_pairs(self.query))
        return self._args


class Response(Message):
    def __init__(self, status=200, headers=None, body=b""):
        self.status = status
        self.headers = list(headers.items()) if isinstance(headers, dict) else list(headers or [])
        self.body = body.encode() if isinstance(body, str) else body
        self.damage = None          # faults.Fault that the sender has to apply

    def set(self, name, value):
        self.drop(name)
        self.headers.append((name, str(value)))

    def drop(self, name):
        name = name.lower()
        self.headers = [(n, v) for n, v in self.headers if n.lower() != name]


def query_pairs(query):
    out = []
    for part in query.split("&"):
        if part:
            name, _, value = part.partition("=")
            out.append((unquote_plus(name), unquote_plus(value)))
    return out


def json_response(obj, status=200, content_type="application/x-amz-json-1.1"):
    return Response(status, {"Content-Type": content_type},
                    json.dumps(obj, ensure_ascii=False, separators=(",", ":")))


class AwsError(Exception):
    """A refusal. `fields` are extra elements of an S3 error, extra members of a JSON one."""

    def __init__(self, code, message, status=400, fields=None, headers=None):
        super().__init__(f"{code}: {message}")
        self.code, self.message, self.status = code, message, status
        self.fields = fields or {}
        self.headers = headers or {}

    def response(self, req):
        return error_response(req, req.service or "s3", self.code, self.message, self.status,
                              self.fields, self.headers)


def error_response(req, service, code, message, status, fields=None, headers=None):
    proto = protocol_of(service)
    fields = fields or {}
    request_id = req.request_id or new_request_id(service)
    if proto == "s3":
        # S3 error bodies have no <ErrorResponse> around <Error>, and HEAD has none at all
        # ("Error responses", S3 API reference).
        body = ['<?xml version="1.0" encoding="UTF-8"?>\n<Error>',
                f"<Code>{escape(code)}</Code><Message>{escape(message)}</Message>"]
        for name, value in fields.items():
            body.append(f"<{name}>{escape(str(value))}</{name}>")
        body.append(f"<RequestId>{request_id}</RequestId><HostId>{new_host_id()}</HostId></Error>")
        resp = Response(status, {"Content-Type": "application/xml"}, "".join(body))
    elif proto == "query":
        side = "Receiver" if status >= 500 else "Sender"
        xml = (f'<ErrorResponse xmlns="{XMLNS.get(service, "")}">\n  <Error>\n'
               f"    <Type>{side}</Type>\n    <Code>{escape(code)}</Code>\n"
               f"    <Message>{escape(message)}</Message>\n  </Error>\n"
               f"  <RequestId>{request_id}</RequestId>\n</ErrorResponse>\n")
        resp = Response(status, {"Content-Type": "text/xml"}, xml)
    elif proto == "rest-json":
        # API Gateway spells the member "Message" in refusals of its front end, "message" in its own.
        name = "Message" if code in ("AccessDeniedException",) else "message"
        resp = json_response({name: message, **fields}, status, "application/json")
        resp.set("x-amzn-ErrorType", code)
    else:
        resp = json_response({"__type": code, "message": message, **fields}, status)
    for name, value in (headers or {}).items():
        resp.set(name, value)
    return resp


def new_request_id(service):
    if service == "s3":
        return binascii.hexlify(os.urandom(8)).decode().upper()
    return str(uuid.uuid4())


def new_host_id():
    return binascii.b2a_base64(os.urandom(48), newline=False).decode()


def add_common_headers(req, resp, http_date):
    """The headers that every AWS reply carries, under the names that each service uses."""
    if (req.service or "s3") == "s3":
        resp.set("x-amz-request-id", req.request_id)
        if not resp.get("x-amz-id-2"):
            resp.set("x-amz-id-2", new_host_id())
        resp.set("Server", "AmazonS3")
    else:
        resp.set("x-amzn-RequestId", req.request_id)
        if req.service in ("apigateway", "apigatewayv2"):
            resp.set("x-amz-apigw-id", binascii.b2a_base64(os.urandom(9), newline=False).decode())
        resp.drop("server")
    for name in ("status", "x-amzn-requestid", "x-amz-request-id"):
        if resp.get(name) not in (None, req.request_id):
            resp.drop(name)
    resp.set("Date", http_date)


def query_reply(req, result):
    xml = (f'<{req.op}Response xmlns="{XMLNS[req.service]}">\n  <{req.op}Result>{result}</{req.op}Result>\n'
           f"  <ResponseMetadata><RequestId>{req.request_id}</RequestId></ResponseMetadata>\n"
           f"</{req.op}Response>\n")
    return Response(200, {"Content-Type": "text/xml"}, xml)
