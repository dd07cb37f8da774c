"""Bucket policies: what PutBucketPolicy refuses, and Block Public Access.

"Bucket policies for Amazon S3" and "Blocking public access", S3 User Guide.
"""

import json
import re

from .export import find_bucket
from .overlays import after, before
from .policy import as_list, glob
from .wire import AwsError

MAX_BYTES = 20 * 1024
# Actions whose resource is the bucket itself; of the others the ones on objects are these.
OBJECT_ACTIONS = ("s3:GetObject*", "s3:PutObject*", "s3:DeleteObject*", "s3:AbortMultipartUpload",
                  "s3:ListMultipartUploadParts", "s3:RestoreObject", "s3:ReplicateObject",
                  "s3:BypassGovernanceRetention")
SERVICE = re.compile(r"^[a-z0-9-]+(\.[a-z0-9-]+)*\.(amazonaws\.com(\.cn)?|aws\.internal)$")


def malformed(message):
    return AwsError("MalformedPolicy", message, 400)


def on_object(action):
    return any(glob(p, action) for p in OBJECT_ACTIONS) and action not in (
        "s3:PutObjectLockConfiguration", "s3:GetObjectLockConfiguration")


def parse(body):
    if not body.lstrip().startswith(b"{"):
        raise malformed("Policies must be valid JSON and the first byte must be '{'")
    try:
        doc = json.loads(body)
    except ValueError:
        raise malformed("This policy contains invalid Json") from None
    return doc


def check_principal(st):
    principal = st.get("Principal", st.get("NotPrincipal"))
    if principal is None:
        raise malformed("Missing required field Principal")
    if principal == "*":
        return
    if not isinstance(principal, dict) or not principal:
        raise malformed("Invalid principal in policy")
    for kind, names in principal.items():
        for name in as_list(names):
            good = {
                "AWS": lambda n: re.match(r"^(\*|\d{12}|arn:aws[^:]*:(iam|sts)::\d{12}:.+|"
                                          r"arn:aws:iam::cloudfront:.+)$", n),
                "Service": SERVICE.match, "Federated": bool, "CanonicalUser": bool,
            }.get(kind)
            if good is None or not isinstance(name, str) or not good(name):
                raise malformed("Invalid principal in policy")


def check_statement(st, bucket):
    if st.get("Effect") not in ("Allow", "Deny"):
        raise malformed("Invalid effect: " + str(st.get("Effect")))
    check_principal(st)
    actions = as_list(st.get("Action", st.get("NotAction", [])))
    if not actions:
        raise malformed("Missing required field Action")
    for action in actions:
        if action != "*" and not re.match(r"^s3:[A-Za-z*?]+$", str(action), re.I):
            raise malformed("Policy has invalid action")
    resources = as_list(st.get("Resource", st.get("NotResource", [])))
    if not resources:
        raise malformed("Missing required field Resource")
    for resource in resources:
        if not re.match(rf"^arn:aws[^:]*:s3:::{re.escape(bucket)}($|/)", str(resource)):
            raise malformed("Policy has invalid resource")
    objects = any("/" in r for r in resources)
    whole = any("/" not in r for r in resources)
    for action in actions:
        if "*" in action or "?" in action:
            continue
        if on_object(action) and not objects or not on_object(action) and not whole:
            raise malformed("Action does not apply to any resource(s) in statement")
    for operator, pairs in (st.get("Condition") or {}).items():
        if not isinstance(pairs, dict) or not re.match(
                r"^(For(Any|All)Values?:)?(String|Numeric|Date|Bool|Binary|IpAddress|NotIpAddress|"
                r"Arn|Null)", operator):
            raise malformed("Invalid Condition type : " + operator)


def is_public(doc):
    """Public: an Allow for everybody without a condition that restricts the caller ("The meaning of
    'public'")."""
    fixed = ("aws:sourceaccount", "aws:sourcearn", "aws:principalorgid", "aws:sourcevpce",
             "aws:sourcevpc", "aws:sourceip", "aws:principalaccount", "aws:userid",
             "aws:principalarn", "aws:sourceorgid")
    for st in as_list(doc.get("Statement", [])):
        if st.get("Effect") != "Allow":
            continue
        principal = st.get("Principal")
        everybody = principal == "*" or (isinstance(principal, dict) and
                                         "*" in as_list(principal.get("AWS", [])))
        keys = {k.lower() for pairs in (st.get("Condition") or {}).values() for k in pairs}
        if everybody and not keys & set(fixed):
            return True
    return False


@before("s3", "PutBucketPolicy")
def put_bucket_policy(req):
    if len(req.body) > MAX_BYTES:
        raise AwsError("PolicyTooLarge", "The policy exceeds the maximum allowed document size.", 400)
    doc = parse(req.body)
    statements = as_list(doc.get("Statement", []))
    if doc.get("Version", "2008-10-17") not in ("2012-10-17", "2008-10-17"):
        raise malformed("The policy must contain a valid version string")
    if not statements:
        raise malformed("Missing required field Statement")
    sids = [st["Sid"] for st in statements if st.get("Sid")]
    if len(sids) != len(set(sids)):
        raise malformed("Statement IDs (SID) in a single policy must be unique.")
    for st in statements:
        check_statement(st, req.bucket)
    _, bucket = find_bucket(req.bucket)
    block = bucket.public_access_block
    if block and str(block.block_public_policy).lower() == "true" and is_public(doc):
        raise AwsError("AccessDenied", f"User: {req.key.arn} is not authorized to perform: "
                       f's3:PutBucketPolicy on resource: "arn:aws:s3:::{req.bucket}" because public '
                       "policies are prevented by the BlockPublicPolicy setting in S3 Block Public "
                       "Access.", 403)


@after("s3", "PutBucketPolicy", "DeleteBucketPolicy")
def no_content(_req, resp):
    if resp.status == 200:
        resp.status, resp.body = 204, b""
