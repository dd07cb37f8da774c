"""The control API under /_local/: unsigned JSON, described in README."""

import json

from . import faults, keys, state
from .wire import AwsError, Response, json_response

ROUTES = {}


def route(method, path):
    def add(func):
        ROUTES[method, path] = func
        return func
    return add


def handle(req):
    name = req.path[len("/_local/"):].strip("/")
    func = ROUTES.get((req.method, name))
    if func is None:
        return reply({"error": f"no {req.method} /_local/{name}",
                      "routes": sorted(f"{m} /_local/{p}" for m, p in ROUTES)}, 404)
    try:
        body = json.loads(req.body) if req.body else {}
        with state.lock:
            result = func(body, req)
    except (ValueError, KeyError, TypeError, AwsError) as e:
        return reply({"error": f"{type(e).__name__}: {e}"}, 400)
    return result if isinstance(result, Response) else reply(result if result is not None else {})


def reply(obj, status=200):
    return json_response(obj, status, "application/json")


@route("GET", "health")
def health(_body, _req):
    return {"ok": True, "time": state.now()}


@route("POST", "reset")
def reset(_body, _req):
    state.reset()
    faults.clear()


@route("GET", "settings")
def get_settings(_body, _req):
    return state.settings


@route("POST", "settings")
def set_settings(body, _req):
    state.update(body)
    return state.settings


@route("GET", "faults")
def get_faults(_body, _req):
    return {"faults": faults.listing()}


@route("POST", "faults")
def add_faults(body, _req):
    faults.add(body["faults"] if isinstance(body, dict) and "faults" in body else
               body if isinstance(body, list) else [body])
    return {"faults": faults.listing()}


@route("DELETE", "faults")
def clear_faults(_body, _req):
    faults.clear()


@route("GET", "requests")
def get_requests(_body, req):
    after = int(req.args.get("after", 0))
    return {"requests": [e for e in state.request_log if e["seq"] > after]}


@route("DELETE", "requests")
def clear_requests(_body, _req):
    state.request_log.clear()


@route("POST", "credentials")
def add_credentials(body, _req):
    known = {"access_key", "secret_key", "session_token", "expires_in", "account", "deny", "allow",
             "policy", "arn"}
    if set(body) - known:
        raise ValueError(f"unknown members: {sorted(set(body) - known)}")
    expires = state.now() + body["expires_in"] if body.get("expires_in") is not None else None
    key = keys.add(keys.Key(body["access_key"], body["secret_key"], body.get("session_token"),
                            body.get("account", state.ACCOUNT), body.get("arn"), expires,
                            body.get("deny"), body.get("allow"), body.get("policy")))
    return {"access_key": key.access_key, "arn": key.arn, "account": key.account}


@route("POST", "events")
def add_events(body, req):
    """What PutLogEvents cannot express: when the service received each event."""
    from . import logevents, logs
    known = {"log_group", "log_stream", "account", "region", "events"}
    if set(body) - known:
        raise ValueError(f"unknown members: {sorted(set(body) - known)}")
    req.account, req.region = body.get("account", state.ACCOUNT), body["region"]
    rows = sorted((e["timestamp"], e["message"], e["ingestion_time"]) for e in body["events"])
    group = logs.find_group(req, body["log_group"])
    logevents.take(group, logs.find_stream(group, body["log_stream"]), rows)
    return {"events": len(rows)}


@route("POST", "clock")
def set_clock(body, _req):
    state.set_offset(body["offset_seconds"])
    return {"offset_seconds": state.offset, "time": state.now()}
