"""Sources of credentials: instance metadata, container endpoint, SSO and its token service.

EC2 User Guide "Use the Instance Metadata Service", ECS "Task IAM role", SSO Portal and SSO OIDC API
References. All hand out session keys that the verifier accepts, for 1 hour unless `seconds` says so.
"""

import json
import time

from . import keys, state
from .wire import Response

IMDS = "/latest/meta-data/iam/security-credentials"
_imds_tokens = {}                   # token -> end, seconds since the epoch
_sso_tokens = set()


@state.on_reset
def _reset():
    _imds_tokens.clear()
    _sso_tokens.clear()


def wants(req):
    if (req.get("Authorization") or "").startswith("AWS4-HMAC") or "X-Amz-Algorithm" in req.args:
        return False
    return (req.path.startswith(("/latest/", "/creds/")) or req.path == "/creds" or
            req.path == "/federation/credentials" or
            (req.path == "/token" and req.method == "POST" and
             "json" in (req.get("Content-Type") or "")))


def handle(req):
    with state.lock:
        if req.path.startswith("/latest/"):
            return imds(req)
        if req.path.startswith("/creds"):
            return container(req)
        if req.path == "/federation/credentials":
            return sso(req)
        return oidc(req)


def text(body, status=200):
    return Response(status, {"Content-Type": "text/plain"}, body)


def as_json(obj, status=200, **headers):
    return Response(status, {"Content-Type": "application/json", **headers}, json.dumps(obj))


def iso(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def session(config, role, session_name):
    account = config.get("account", state.ACCOUNT)
    return keys.new_session(account, f"arn:aws:sts::{account}:assumed-role/{role}/{session_name}",
                            f"AROALOCALROLE0000000:{session_name}",
                            config.get("seconds", 3600), deny=config.get("deny"),
                            allow=config.get("allow"), policy=config.get("policy"))


def imds(req):
    config = state.settings["imds"]
    role = config.get("role", "local-instance-role")
    if config.get("disabled"):
        return text("", 403)
    if req.path == "/latest/api/token":
        ttl = req.get("X-aws-ec2-metadata-token-ttl-seconds", "")
        if req.get("X-Forwarded-For"):
            return text("", 403)
        if req.method != "PUT":
            return text("", 405)
        if not ttl.isdigit() or not 1 <= int(ttl) <= 21600:
            return text("", 400)
        token = f"AQAE-local-token-{len(_imds_tokens):08d}=="
        _imds_tokens[token] = state.now() + int(ttl)
        resp = text(token)
        resp.set("X-aws-ec2-metadata-token-ttl-seconds", ttl)
        return resp
    if req.method != "GET":
        return text("", 405)
    token = req.get("X-aws-ec2-metadata-token")
    if token is None and not config.get("v1") or \
            token is not None and _imds_tokens.get(token, 0) <= state.now():
        return text("", 401)
    path = req.path.rstrip("/")
    if path == IMDS:
        return text(role) if role else text("", 404)
    if path == f"{IMDS}/{role}":
        if config.get("code"):      # IMDS's answer if the role cannot be assumed
            return as_json({"Code": config["code"], "Message": config.get("message", ""),
                            "LastUpdated": iso(state.now())})
        key = session(config, role, "i-0123456789abcdef0")
        return as_json({"Code": "Success", "LastUpdated": iso(state.now()), "Type": "AWS-HMAC",
                        "AccessKeyId": key.access_key, "SecretAccessKey": key.secret_key,
                        "Token": key.token, "Expiration": iso(key.expires)})
    region = config.get("region", "us-east-1")
    if path == "/latest/meta-data/placement/region":
        return text(region)
    if path == "/latest/dynamic/instance-identity/document":
        return as_json({"region": region, "accountId": state.ACCOUNT,
                        "instanceId": "i-0123456789abcdef0"})
    return text("", 404)


def container(req):
    config = state.settings["container"]
    wanted = config.get("token")
    if wanted is not None and req.get("Authorization") != wanted:
        return as_json({"code": "Unauthorized", "message": "invalid authorization token"}, 401)
    if config.get("status"):
        return as_json({"code": "InternalServerException", "message": "told to"}, config["status"])
    key = session(config, config.get("role", "local-task-role"), "local-task")
    return as_json({"RoleArn": f"arn:aws:iam::{key.account}:role/local-task-role",
                    "AccessKeyId": key.access_key, "SecretAccessKey": key.secret_key,
                    "Token": key.token, "Expiration": iso(key.expires)})


def sso_error(code, message, status):
    return as_json({"message": message, "__type": code}, status, **{"x-amzn-ErrorType": code})


def sso(req):
    config = state.settings["sso"]
    token = req.get("x-amz-sso_bearer_token")
    good = config.get("tokens")
    if not token or (good is not None and token not in good and token not in _sso_tokens):
        return sso_error("UnauthorizedException", "Session token not found or invalid", 401)
    role, account = req.args.get("role_name"), req.args.get("account_id")
    if not role or not account:
        return sso_error("InvalidRequestException", "Request is missing role_name or account_id", 400)
    if config.get("roles") is not None and role not in config["roles"]:
        return sso_error("ForbiddenException", "No access", 403)
    key = session({**config, "account": account}, f"AWSReservedSSO_{role}_0123456789abcdef", "local")
    return as_json({"roleCredentials": {"accessKeyId": key.access_key,
                                        "secretAccessKey": key.secret_key,
                                        "sessionToken": key.token,
                                        "expiration": int(key.expires * 1000)}})


def oidc(req):
    config = state.settings["oidc"]
    try:
        p = json.loads(req.body)
    except ValueError:
        return sso_error("InvalidRequestException", "not JSON", 400)
    for name in ("clientId", "clientSecret", "grantType"):
        if not p.get(name):
            return sso_error("InvalidRequestException", f"missing {name}", 400)
    if p["grantType"] != "refresh_token":
        return sso_error("UnsupportedGrantTypeException", "only refresh_token here", 400)
    good = config.get("refresh_tokens")
    if not p.get("refreshToken") or (good is not None and p["refreshToken"] not in good):
        return sso_error("InvalidGrantException", "Invalid refresh token provided", 400)
    if config.get("client_id") and p["clientId"] != config["client_id"]:
        return sso_error("InvalidClientException", "Invalid client", 401)
    token = f"local-sso-access-token-{len(_sso_tokens):04d}"
    _sso_tokens.add(token)
    return as_json({"accessToken": token, "expiresIn": config.get("seconds", 3600),
                    "tokenType": "Bearer", "refreshToken": p["refreshToken"]})
