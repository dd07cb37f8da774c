"""Every request passes through here: identify, verify, authorise, apply faults, act, log."""

import sys
import time
import traceback

from . import actions, control, export, faults, metadata, motobase, overlays, perms, sigv4, state
from .wire import AwsError, Response, add_common_headers, error_response, new_request_id

# Operations that AWS takes without a signature.
UNSIGNED = {("sts", "AssumeRoleWithWebIdentity"), ("sts", "AssumeRoleWithSAML")}


def handle(req):
    req.account = state.ACCOUNT
    if req.path.startswith("/_local/"):
        return control.handle(req)
    if metadata.wants(req):
        req.service, req.op = "metadata", req.path
        fault = faults.take(req)
        if fault is None or fault.kind in ("delay",):
            if fault:
                time.sleep(float(fault.spec.get("seconds", 1)))
            resp = metadata.handle(req)
        else:
            resp = fault.reply(req) or Response(500)
            resp.damage = fault
        resp.set("Date", state.http_date())
        log(req, resp, None)
        return resp
    started = time.monotonic()
    error = None
    try:
        resp = serve(req)
    except AwsError as e:
        error = e.code
        resp = e.response(req)
    except NotImplementedError as e:
        resp = internal(req, f"local AWS: not implemented: {e}", 501)
    except Exception as e:
        if state.verbose:
            traceback.print_exc(file=sys.stderr)
        resp = internal(req, f"local AWS: {type(e).__name__}: {e}", 500)
    finish(req, resp)
    log(req, resp, error, started)
    return resp


def internal(req, message, status):
    code = "InternalError" if req.service == "s3" else "InternalFailure"
    return error_response(req, req.service or "s3", code, message, status)


def serve(req):
    req.request_id = new_request_id("")
    actions.identify(req)
    req.request_id = new_request_id(req.service)
    signed = sigv4.verify(req)
    if signed is None and (req.service, req.op) not in UNSIGNED:
        raise sigv4.unsigned(req)
    if req.region is None:
        req.region = "us-east-1"
    fault = faults.take(req)
    if fault:
        return with_fault(req, fault)
    return act(req)


def act(req):
    with state.lock:
        perms.check(req)
        export.tick_all()       # tasks that are timed in seconds advance with any request
        return overlays.dispatch(req, motobase.call)


def with_fault(req, fault):
    if fault.kind in faults.ACTING:
        if fault.kind == "delay":
            time.sleep(float(fault.spec.get("seconds", 1)))
        elif fault.kind == "ignore_prefix":
            req.args.pop("prefix", None)
        elif "continuation-token" in req.args:
            req.args.pop("continuation-token")
        else:
            req.params.pop("nextToken", None)
        resp = act(req)
        if fault.kind == "endless":
            faults.endless(resp)
        return resp
    resp = fault.reply(req)
    if resp is not None:
        return resp
    if fault.kind in ("reset_before", "stall"):
        resp = Response(200)
    else:
        try:
            resp = act(req)
        except AwsError as e:
            resp = e.response(req)
    if fault.kind == "stall" and fault.spec.get("bytes") is not None:
        resp = act(req)
    if fault.kind == "corrupt":
        resp.body = faults.corrupt(resp.body, int(fault.spec.get("offset", len(resp.body) // 2)))
        return resp
    resp.damage = fault
    return resp


def finish(req, resp):
    if req.request_id is None:
        req.request_id = new_request_id(req.service or "")
    add_common_headers(req, resp, state.http_date())


def log(req, resp, error, started=None):
    # Read before the time, so that the request was in progress all the while from "time" - "seconds" to "time".
    seconds = round(time.monotonic() - started, 6) if started else None
    entry = {
        "service": req.service, "op": req.op,
        "action": f"{req.service}:{req.op}", "iam": [a for a, _ in req.iam],
        "iam_resources": [list(p) for p in req.iam],
        "method": req.method, "path": req.path, "query": req.query, "status": resp.status,
        "error": error or resp.get("x-amzn-ErrorType"), "key_id": req.key.access_key if req.key else None,
        "region": req.region, "bucket": req.bucket, "key": req.object_key,
        "damage": resp.damage.kind if resp.damage else None,
        "request_id": req.request_id, "bytes_in": len(req.wire_body), "bytes_out": len(resp.body),
        "time": state.now(), "seconds": seconds,
        "headers": {n.lower(): v for n, v in req.headers
                    if n.lower() not in ("authorization", "x-amz-security-token")},
        "params": req.params if req.service not in ("sts", "s3") and len(req.wire_body) < 20000 else None,
    }
    with state.lock:
        state.log_request(entry)
    if state.verbose:
        print(f"{entry['action']} {req.method} {req.target} -> {resp.status} {entry['error'] or ''}",
              file=sys.stderr, flush=True)
