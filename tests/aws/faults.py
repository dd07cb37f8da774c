"""Scripted faults: the next N calls of an action fail in a given way."""

import json
import re
import socket
import threading
import time

from . import server
from .wire import Response, error_response, protocol_of

KINDS = ("throttle", "status", "error", "reset_before", "reset_after", "truncate", "stall",
         "stall_after", "s3_200_error", "corrupt", "garbage", "delay", "ignore_prefix", "endless")
# The call is carried out, but not as it should be.
ACTING = ("delay", "ignore_prefix", "endless")
KEYS = {"action", "kind", "count", "skip", "key", "status", "body", "code", "message",
        "retry_after", "bytes", "offset", "seconds", "headers"}
# The throttling error of each service ("Common errors" of its API reference); LimitExceeded-
# Exception is the logs service's own for its quota, ThrottlingException its front end's.
THROTTLES = {
    "s3": ("SlowDown", 503, "Please reduce your request rate."),
    "logs": ("ThrottlingException", 400, "Rate exceeded"),
    "apigateway": ("TooManyRequestsException", 429, "Too Many Requests"),
    "apigatewayv2": ("TooManyRequestsException", 429, "Too Many Requests"),
    "iam": ("Throttling", 400, "Rate exceeded"),
    "sts": ("Throttling", 400, "Rate exceeded"),
    "monitoring": ("Throttling", 400, "Rate exceeded"),
}
_scripts = []
_lock = threading.Lock()


class Fault:
    def __init__(self, spec):
        unknown = sorted(set(spec) - KEYS)
        if unknown:
            raise ValueError(f"unknown members of a fault: {', '.join(unknown)}")
        if spec.get("kind") not in KINDS:
            raise ValueError(f"kind is one of {', '.join(KINDS)}")
        self.spec = spec
        self.kind = spec["kind"]
        self.action = spec.get("action", "*")
        self.skip = int(spec.get("skip", 0))
        self.left = int(spec.get("count", 1))
        self.hits = 0

    def matches(self, req):
        service, _, op = self.action.partition(":")
        if self.action != "*" and (service not in (req.service, "*") or op not in (req.op, "*")):
            return False
        wanted = self.spec.get("key")
        if wanted and wanted not in (req.object_key or req.path):
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        return self.left > 0

    # ---- replies instead of acting --------------------------------------------------------------

    def reply(self, req):
        spec, headers = self.spec, dict(self.spec.get("headers") or {})
        if "retry_after" in spec:
            headers["Retry-After"] = str(spec["retry_after"])
        if req.service.startswith("apigateway") and (self.kind == "throttle" or
                                                     spec.get("status") in (429, 503)):
            # its 429 and 503 carry Retry-After (API Gateway API reference)
            headers.setdefault("Retry-After", "1")
        if self.kind == "throttle":
            code, status, message = THROTTLES.get(
                req.service, ("ThrottlingException", 400, "Rate exceeded"))
            return error_response(req, req.service, spec.get("code", code),
                                  spec.get("message", message), spec.get("status", status),
                                  None, headers)
        if self.kind == "status":
            status = spec.get("status", 500)
            if "body" in spec:
                resp = Response(status, {"Content-Type": "text/html"}, spec["body"])
                for name, value in headers.items():
                    resp.set(name, value)
                return resp
            code = {"s3": {500: "InternalError", 503: "ServiceUnavailable"},
                    "query": {500: "ServiceFailure", 503: "ServiceUnavailable"}}.get(
                        protocol_of(req.service), {}).get(
                        status, "ServiceUnavailableException" if status == 503 else "InternalFailure")
            return error_response(req, req.service, code,
                                  "We encountered an internal error. Please try again.", status,
                                  None, headers)
        if self.kind == "error":
            return error_response(req, req.service, spec["code"], spec.get("message", ""),
                                  spec.get("status", 400), None, headers)
        if self.kind == "garbage":
            return Response(spec.get("status", 200), {"Content-Type": "text/html"},
                            spec.get("body", "<html>\x00\x01 not what you asked for"))
        if self.kind == "s3_200_error":
            # S3 answers 200 before it is done with a copy or a multipart completion, and may then
            # have only an error to say (CopyObject, S3 API reference).
            resp = error_response(req, "s3", spec.get("code", "InternalError"),
                                  spec.get("message", "We encountered an internal error. "
                                           "Please try again."), 200, None, headers)
            return resp
        return None

    # ---- damage on the wire ---------------------------------------------------------------------

    def send(self, sock, head, body):
        if self.kind in ("reset_before", "reset_after"):
            server.reset_connection(sock)
            return False
        if self.kind == "truncate":
            sock.sendall(head + body[:int(self.spec.get("bytes", len(body) // 2))])
            sock.shutdown(socket.SHUT_WR)
            return False
        if self.kind in ("stall", "stall_after"):
            keep = self.spec.get("bytes")
            if keep is not None:        # headers and that many bytes, then silence
                sock.sendall(head + body[:int(keep)])
            wait_for_close(sock, float(self.spec.get("seconds", 3600)))
            return False
        sock.sendall(head + body)
        return True


def wait_for_close(sock, seconds):
    """Sends nothing until the client gives up or the time is over."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        sock.settimeout(min(0.2, max(0.01, end - time.monotonic())))
        try:
            if not sock.recv(1):
                return
        except TimeoutError:
            continue
        except OSError:
            return


def take(req):
    """The fault that applies to this request, or None."""
    with _lock:
        for fault in _scripts:
            if fault.matches(req):
                fault.left -= 1
                fault.hits += 1
                return fault
    return None


def endless(resp):
    """A page that is always followed by another, with the same token as before."""
    if b"<IsTruncated>" in resp.body:
        token = b"<NextContinuationToken>c2FtZQ==</NextContinuationToken>"
        resp.body = re.sub(rb"<NextContinuationToken>[^<]*</NextContinuationToken>", b"",
                           resp.body).replace(b"<IsTruncated>false<", b"<IsTruncated>true<")
        resp.body = resp.body.replace(b"</IsTruncated>", b"</IsTruncated>" + token)
    else:
        page = json.loads(resp.body)
        resp.body = json.dumps({**page, "nextToken": "c2FtZQ=="}).encode()
    resp.drop("content-length")


def corrupt(body, offset):
    if not body:
        return body
    i = offset if offset >= 0 else len(body) + offset
    i = min(max(i, 0), len(body) - 1)
    return body[:i] + bytes([body[i] ^ 0x01]) + body[i + 1:]


def add(specs):
    made = [Fault(s) for s in specs]
    with _lock:
        _scripts.extend(made)


def clear():
    with _lock:
        _scripts.clear()


def listing():
    with _lock:
        return [{**f.spec, "left": f.left, "skip": f.skip, "hits": f.hits} for f in _scripts]
