"""IAM: what API Gateway and STS check of a role, and configurable eventual consistency."""

import itertools
import json
import time

from . import motobase, policy, state
from .overlays import after, before, instead
from .wire import AwsError, query_reply


def backend(account, region):
    return motobase.backend("iam", account, region)


def find_role(account, region, arn):
    for role in backend(account, region).roles.values():
        if role.arn == arn:
            return role
    return None


def document(text):
    from urllib.parse import unquote
    if isinstance(text, dict):
        return text
    try:
        return json.loads(text)
    except ValueError:
        return json.loads(unquote(text))


def trusts(role, service, action="sts:AssumeRole"):
    return policy.evaluate([document(role.assume_role_policy_document)], action, "*", {},
                           ("Service", service)) == "allow"


def documents(role):
    out = [document(d) for d in role.policies.values()]
    for managed in role.managed_policies.values():
        out += default_versions(managed)
    return out


def default_versions(managed):
    return [document(v.document) for v in managed.versions if v.is_default]


def may(role, actions, resource):
    docs = documents(role)
    return all(policy.evaluate(docs, a, resource) == "allow" for a in actions)


def propagating(role):
    """How many more calls fail because IAM is eventually consistent; 0: it is consistent."""
    calls = getattr(role, "local_calls", 0)
    if calls > 0:
        role.local_calls = calls - 1
        return calls
    since = getattr(role, "local_changed", None)
    wait = state.settings["iam_propagation_seconds"]
    return 1 if since is not None and time.monotonic() - since < wait else 0


@after("iam", "CreateRole", "AttachRolePolicy", "PutRolePolicy", "UpdateAssumeRolePolicy")
def changed(req, resp):
    if resp.status == 200:
        for role in backend(req.account, req.region).roles.values():
            if role.name == req.params.get("RoleName"):
                role.local_calls = state.settings["iam_propagation_calls"]
                role.local_changed = time.monotonic()


@before("iam", "CreateRole")
def create_role(req):
    # "Names are not distinguished by case" (CreateRole, API reference)
    name = req.params.get("RoleName", "")
    for role in backend(req.account, req.region).roles.values():
        if role.name.lower() == name.lower():
            raise AwsError("EntityAlreadyExists", f"Role with name {name} already exists.", 409)
    try:
        doc = json.loads(req.params.get("AssumeRolePolicyDocument", ""))
        if not isinstance(doc, dict) or "Statement" not in doc:
            raise ValueError
    except ValueError:
        raise AwsError("MalformedPolicyDocument", "This policy contains invalid Json", 400) from None


@before("iam", "DeleteRole")
def delete_role(req):
    for role in backend(req.account, req.region).roles.values():
        if role.name == req.params.get("RoleName"):
            if role.managed_policies:
                raise AwsError("DeleteConflict", "Cannot delete entity, must detach all policies "
                               "first.", 409)
            if role.policies:
                raise AwsError("DeleteConflict", "Cannot delete entity, must delete policies "
                               "first.", 409)


@instead("iam", "SimulatePrincipalPolicy")
def simulate(req):
    """All policies of a role, and its permissions boundary. Of several resources the first."""
    p = req.params
    role = find_role(req.account, req.region, p.get("PolicySourceArn"))
    if role is None:
        raise AwsError("NoSuchEntity", f"The entity {p.get('PolicySourceArn')} cannot be found.", 404)
    resource = p.get("ResourceArns.member.1", "*")
    out = []
    for n in itertools.count(1):
        action = p.get(f"ActionNames.member.{n}")
        if action is None:
            break
        answer = policy.evaluate(documents(role), action, resource)
        boundary = backend(req.account, req.region).managed_policies.get(
            role.permissions_boundary_arn)
        if answer == "allow" and boundary:
            answer = policy.evaluate(default_versions(boundary), action, resource)
        decision = {"allow": "allowed", "deny": "explicitDeny"}.get(answer, "implicitDeny")
        out.append(f"<member><EvalActionName>{action}</EvalActionName><EvalDecision>{decision}"
                   f"</EvalDecision></member>")
    return query_reply(req, f"<IsTruncated>false</IsTruncated><EvaluationResults>{''.join(out)}"
                       "</EvaluationResults>")


def trim_managed_policies():
    """Loading all of AWS's managed policies takes a second for each reset; the tests need only these."""
    from moto.iam import models
    keep = ("AmazonAPIGatewayPushToCloudWatchLogs", "AdministratorAccess", "ReadOnlyAccess",
            "CloudWatchLogsFullAccess", "CloudWatchLogsReadOnlyAccess", "AmazonS3FullAccess",
            "AWSLambdaBasicExecutionRole")
    data = json.loads(models.aws_managed_policies_data)
    models.aws_managed_policies_data = json.dumps({k: data[k] for k in keep if k in data})
