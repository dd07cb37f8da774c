"""STS: temporary credentials that the verifier really checks.

AWS Security Token Service API Reference.
"""

import base64
import json
import re
import time

from . import iam, keys, policy, state
from .overlays import instead
from .wire import AwsError, query_reply as reply
from xml.sax.saxutils import escape


def iso(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def credentials_xml(key):
    return (f"<Credentials><AccessKeyId>{key.access_key}</AccessKeyId>"
            f"<SecretAccessKey>{escape(key.secret_key)}</SecretAccessKey>"
            f"<SessionToken>{escape(key.token)}</SessionToken>"
            f"<Expiration>{iso(key.expires)}</Expiration></Credentials>")


def check_duration(req, default, low, high):
    text = req.params.get("DurationSeconds", str(default))
    if not text.isdigit() or not low <= int(text) <= high:
        raise AwsError("ValidationError", f"1 validation error detected: Value '{text}' at "
                       "'durationSeconds' failed to satisfy constraint: Member must have value "
                       f"less than or equal to {high}", 400)
    return int(text)


def check_session_name(req):
    name = req.params.get("RoleSessionName", "")
    if not re.match(r"^[\w+=,.@-]{2,64}$", name):
        raise AwsError("ValidationError", f"1 validation error detected: Value '{name}' at "
                       "'roleSessionName' failed to satisfy constraint: Member must satisfy "
                       "regular expression pattern: [\\w+=,.@-]*", 400)
    return name


def denied(req, arn, action):
    who = f"User: {req.key.arn}" if req.key else "Not authorized"
    if not req.key:
        return AwsError("AccessDenied", f"Not authorized to perform {action}", 403)
    return AwsError("AccessDenied", f"{who} is not authorized to perform: {action} on resource: "
                    f"{arn}", 403)


def session_for(req, arn, name, seconds):
    m = re.match(r"^arn:(aws[^:]*):iam::(\d{12}):role/(?:.*/)?([^/]+)$", arn)
    role = iam.find_role(m[2], req.region, arn) if m else None
    if role is None:
        return None, None
    if seconds > int(role.max_session_duration or 3600):
        raise AwsError("ValidationError", "The requested DurationSeconds exceeds the "
                       "MaxSessionDuration set for this role.", 400)
    session_arn = f"arn:{m[1]}:sts::{m[2]}:assumed-role/{m[3]}/{name}"
    docs = iam.documents(role)
    key = keys.new_session(m[2], session_arn, f"{role.id}:{name}", seconds, policy=docs)
    return role, key


@instead("sts", "GetCallerIdentity")
def get_caller_identity(req):
    return reply(req, f"<Arn>{escape(req.key.arn)}</Arn><UserId>{escape(req.key.user_id)}</UserId>"
                      f"<Account>{req.key.account}</Account>")


@instead("sts", "AssumeRole")
def assume_role(req):
    p = req.params
    arn, name = p.get("RoleArn", ""), check_session_name(req)
    seconds = check_duration(req, 3600, 900, 43200)
    if ":assumed-role/" in req.key.arn and seconds > 3600:
        raise AwsError("ValidationError", "The requested DurationSeconds exceeds the 1 hour session "
                       "limit for roles assumed by role chaining.", 400)
    m = re.match(r"^arn:(aws[^:]*):iam::(\d{12}):role/", arn)
    role = iam.find_role(m[2], req.region, arn) if m else None
    context = {"aws:PrincipalArn": req.key.arn}
    if p.get("ExternalId"):
        context["sts:ExternalId"] = p["ExternalId"]
    if p.get("SerialNumber") and re.match(r"^\d{6}$", p.get("TokenCode", "")):
        context["aws:MultiFactorAuthPresent"] = "true"
    if p.get("TokenCode") and not re.match(r"^\d{6}$", p["TokenCode"]):
        raise AwsError("ValidationError", "TokenCode must be six digits", 400)
    if p.get("TokenCode") == "000000":
        raise AwsError("AccessDenied", "MultiFactorAuthentication failed with invalid MFA one time "
                       "pass code.", 403)
    # A role that does not exist and one that does not trust the caller get the same refusal.
    if role is None or policy.evaluate(
            [iam.document(role.assume_role_policy_document)], "sts:AssumeRole", arn, context,
            ("AWS", trust_arn(req.key), req.key.account)) != "allow":
        raise denied(req, arn, "sts:AssumeRole")
    role, key = session_for(req, arn, name, seconds)
    return reply(req, credentials_xml(key) + assumed_xml(key))


def trust_arn(key):
    """A session is trusted like its role."""
    m = re.match(r"^arn:(aws[^:]*):sts::(\d+):assumed-role/([^/]+)/", key.arn)
    return f"arn:{m[1]}:iam::{m[2]}:role/{m[3]}" if m else key.arn


def assumed_xml(key):
    return (f"<AssumedRoleUser><AssumedRoleId>{escape(key.user_id)}</AssumedRoleId>"
            f"<Arn>{escape(key.arn)}</Arn></AssumedRoleUser><PackedPolicySize>6</PackedPolicySize>")


@instead("sts", "AssumeRoleWithWebIdentity")
def assume_role_with_web_identity(req):
    """Tokens: those of the setting web_identity_tokens, or any JWT that has not expired."""
    arn, name = req.params.get("RoleArn", ""), check_session_name(req)
    token = req.params.get("WebIdentityToken", "")
    seconds = check_duration(req, 3600, 900, 43200)
    verdict = state.settings["web_identity_tokens"].get(token)
    if verdict is None:
        verdict = jwt_verdict(token)
    if verdict == "expired":
        raise AwsError("ExpiredTokenException", "Token expired: current date/time must be before "
                       "the expiration date/time", 400)
    if verdict == "idp_error":
        raise AwsError("IDPCommunicationError", "Couldn't retrieve verification key from your "
                       "identity provider", 400)
    if verdict != "ok":
        raise AwsError("InvalidIdentityToken", "Couldn't retrieve verification key from your "
                       "identity provider, please reference AssumeRoleWithWebIdentity "
                       "documentation for requirements", 400)
    req.region = req.region or "us-east-1"
    m = re.match(r"^arn:(aws[^:]*):iam::(\d{12}):role/", arn)
    role = iam.find_role(m[2], req.region, arn) if m else None
    trust = iam.document(role.assume_role_policy_document) if role else {}
    ok = role and any("sts:AssumeRoleWithWebIdentity" in policy.as_list(s.get("Action", [])) and
                      "Federated" in (s.get("Principal") or {})
                      for s in policy.as_list(trust.get("Statement", [])))
    if not ok:
        raise denied(req, arn, "sts:AssumeRoleWithWebIdentity")
    role, key = session_for(req, arn, name, seconds)
    return reply(req, credentials_xml(key) + assumed_xml(key) +
                 "<SubjectFromWebIdentityToken>local-subject</SubjectFromWebIdentityToken>"
                 "<Audience>sts.amazonaws.com</Audience><Provider>local</Provider>")


def jwt_verdict(token):
    parts = token.split(".")
    if len(parts) != 3:
        return "invalid"
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except ValueError:
        return "invalid"
    return "expired" if claims.get("exp", state.now() + 1) < state.now() else "ok"


@instead("sts", "GetSessionToken")
def get_session_token(req):
    if req.key.token:
        raise AwsError("AccessDenied", "Cannot call GetSessionToken with session credentials", 403)
    key = keys.new_session(req.key.account, req.key.arn, req.key.user_id,
                           check_duration(req, 43200, 900, 129600), deny=req.key.deny,
                           allow=req.key.allow, policy=req.key.policy)
    return reply(req, credentials_xml(key))
