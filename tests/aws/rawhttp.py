"""Hand-made requests for the self tests: signed by botocore, then modified, then sent as they are."""

import http.client

from .state import ADMIN_KEY, ADMIN_SECRET

JSON = "application/x-amz-json-1.1"
FORM = "application/x-www-form-urlencoded; charset=utf-8"


def signed(aws, service, method="POST", target="/", body=b"", headers=None, region="us-east-1",
           key=None, scope_service=None, presign=None):
    """[method, target, headers, body] of a signed request."""
    from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth, SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials
    key = key or {}
    creds = Credentials(key.get("access_key", ADMIN_KEY), key.get("secret_key", ADMIN_SECRET),
                        key.get("session_token"))
    req = AWSRequest(method, aws.url + target, headers={**(headers or {})}, data=body)
    scope = scope_service or service
    if presign is not None:
        S3SigV4QueryAuth(creds, scope, region, expires=presign).add_auth(req)
        return [method, req.url[len(aws.url):], dict(headers or {}), b""]
    if service == "s3":
        S3SigV4Auth(creds, scope, region).add_auth(req)
    else:
        SigV4Auth(creds, scope, region).add_auth(req)
    return [method, target, dict(req.headers.items()), body]


def logs_call(aws, op, body=b"{}", **more):
    return signed(aws, "logs", body=body, headers={"Content-Type": JSON,
                                                   "X-Amz-Target": f"Logs_20140328.{op}"}, **more)


def query_call(aws, service, body, **more):
    return signed(aws, service, body=body, headers={"Content-Type": FORM}, **more)


def send(aws, parts, timeout=30):
    method, target, headers, body = parts
    conn = http.client.HTTPConnection("127.0.0.1", aws.port, timeout=timeout)
    try:
        conn.putrequest(method, target, skip_accept_encoding=True,
                        skip_host="Host" in headers or "host" in headers)
        for name, value in headers.items():
            conn.putheader(name, value)
        if "Content-Length" not in headers and (body or method in ("PUT", "POST", "PATCH")):
            conn.putheader("Content-Length", str(len(body)))
        conn.endheaders(body)
        resp = conn.getresponse()
        resp.text = resp.read().decode("utf-8", "replace")
        return resp
    finally:
        conn.close()


def plain(aws, method, target, headers=None, body=b""):
    """Unsigned."""
    return send(aws, [method, target, headers or {}, body])
