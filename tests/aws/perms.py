"""Whether the key that signed may do what the request asks, and the refusal in AWS's words
("Troubleshoot access denied error messages", IAM User Guide)."""

import json

from . import actions, policy
from .wire import AwsError, protocol_of


def documents(key):
    return [json.loads(d) if isinstance(d, str) else d for d in policy.as_list(key.policy)]


def verdict(key, action, resource, service=None):
    """None when allowed, else the reason. service: that the call is to."""
    if policy.name_matches(key.deny, action):
        return "with an explicit deny in an identity-based policy"
    missing = f"because no identity-based policy allows the {action} action"
    if key.allow is not None and not policy.name_matches(key.allow, action):
        return missing
    if key.policy is not None:
        answer = policy.evaluate(documents(key), action, resource,
                                 {"aws:PrincipalArn": key.arn,
                                  "aws:PrincipalAccount": key.account,
                                  "iam:PassedToService": f"{service}.amazonaws.com"})
        if answer == "deny":
            return "with an explicit deny in an identity-based policy"
        if answer is None:
            return missing
    return None


def denied(req, action, resource, why):
    quoted = f'"{resource}"' if req.service in ("s3",) else resource
    message = (f"User: {req.key.arn} is not authorized to perform: {action} on resource: "
               f"{quoted} {why}")
    proto = protocol_of(req.service)
    if proto in ("s3", "query"):
        return AwsError("AccessDenied", message, 403)
    return AwsError("AccessDeniedException", message, 403 if proto == "rest-json" else 400)


def check(req):
    req.iam = actions.needed(req)
    if req.key is None:
        return
    for action, resource in req.iam:
        why = verdict(req.key, action, resource, req.service)
        if why:
            raise denied(req, action, resource, why)
