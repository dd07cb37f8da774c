"""CloudWatch Logs: how long events are kept, by the log group's own setting or an account's policy.

PutRetentionPolicy and PutAccountPolicy (RETENTION_POLICY), API reference.
"""

import json
import re

from . import logs, logstore, state
from .logs import RETENTION, invalid
from .overlays import before, instead
from .wire import AwsError, json_response

DAY, HOUR = 86400000, 3600000
POLICY_DAYS = [d for d in RETENTION if d >= 30]
CRITERIA = re.compile(r"^LogGroupNamePrefix (NOT )?IN (\[.*\])$", re.S)
_policies = {}                      # (account, region) -> {name: Policy}


class Version:
    """A policy as one PutAccountPolicy has set it; `days` None is NEVER_EXPIRE."""

    def __init__(self, days, new_only, criteria, made, delay_ms):
        self.days, self.new_only, self.made = days, new_only, made
        self.in_force = made + delay_ms
        m = CRITERIA.match(criteria) if criteria else None
        self.unless = bool(m and m[1])
        self.prefixes = tuple(json.loads(m[2])) if m else ("",)

    def covers(self, group):
        return (group.name.startswith(self.prefixes) != self.unless and
                not (self.new_only and logs.created_ms(group) < self.made))


class Policy:
    def __init__(self, name, account):
        self.name, self.account, self.versions, self.document = name, account, [], None

    def in_force(self):
        """Until a change takes effect, the previous version applies."""
        now = state.now_ms()
        return next((v for v in reversed(self.versions) if v.in_force <= now), None)

    def to_json(self):
        return {"policyName": self.name, "policyType": "RETENTION_POLICY", "scope": "ALL",
                "accountId": self.account, "lastUpdatedTime": self.versions[-1].made,
                **self.document}


def policies(account, region):
    return _policies.setdefault((account, region), {})


def effective(group):
    """(days, policy name): the longest of the matching policies, which replaces the group's own even if
    that is longer; None means no policy and no end."""
    found = []
    for policy in policies(group.account_id, group.region).values():
        version = policy.in_force()
        if version and version.covers(group):
            found.append((version.days or float("inf"), policy.name))
    if not found:
        return group.retention_in_days, None
    longest = max(days for days, _ in found)
    name = next(n for days, n in found if days == longest)      # the first that was made
    return (None if longest == float("inf") else longest), name


def expire(group):
    """Deletes events that are older than the retention, with the delay of the setting."""
    days, _ = effective(group)
    if not days:
        return
    end = state.now_ms() - days * DAY - int(state.settings["retention_lag_hours"] * HOUR)
    for events in (logstore.group_events(group),
                   *(logstore.stream_events(s) for s in group.streams.values())):
        events.drop_before(end)


@before("logs", "*")
def expire_all(req):
    for group in list(logs.backend(req).groups.values()):
        expire(group)


# ---- policies of the account ----------------------------------------------------------------------

def check_type(params):
    if params.get("policyType") != "RETENTION_POLICY":
        raise NotImplementedError(f"account policies of type {params.get('policyType')}")


@instead("logs", "PutAccountPolicy")
def put_account_policy(req):
    p = req.params
    check_type(p)
    name, criteria = p.get("policyName") or "", p.get("selectionCriteria")
    if not name or name.startswith("aws/"):
        raise invalid("Invalid policy name")
    try:
        document = json.loads(p.get("policyDocument") or "")
        days, mode = document["retentionInDays"], document["enforcementMode"]
    except (ValueError, KeyError, TypeError):
        raise invalid("Invalid policy document") from None
    if days not in (*POLICY_DAYS, "NEVER_EXPIRE") or mode not in ("NEW_ONLY", "RETROACTIVE"):
        raise invalid("Invalid policy document")
    if criteria and not CRITERIA.match(criteria):
        raise invalid("Invalid selection criteria")
    there = policies(req.account, req.region)
    if name not in there and len(there) == 20:
        raise AwsError("LimitExceededException", "Resource limit exceeded.")
    policy = there.setdefault(name, Policy(name, req.account))
    policy.document = {"policyDocument": p["policyDocument"],
                       **({"selectionCriteria": criteria} if criteria else {})}
    policy.versions.append(Version(None if days == "NEVER_EXPIRE" else days, mode == "NEW_ONLY",
                                   criteria, state.now_ms(),
                                   int(state.settings["retention_policy_hours"] * HOUR)))
    return json_response({"accountPolicy": policy.to_json()})


@instead("logs", "DescribeAccountPolicies")
def describe_account_policies(req):
    p = req.params
    if p.get("policyType") != "RETENTION_POLICY":
        return json_response({"accountPolicies": []})
    found = [v.to_json() for v in policies(req.account, req.region).values()
             if p.get("policyName") in (None, v.name)]
    if p.get("policyName") and not found:
        raise no_policy()
    return json_response({"accountPolicies": found})


@instead("logs", "DeleteAccountPolicy")
def delete_account_policy(req):
    check_type(req.params)
    if policies(req.account, req.region).pop(req.params.get("policyName"), None) is None:
        raise no_policy()
    return json_response({})


def no_policy():
    return AwsError("ResourceNotFoundException", "The specified account policy does not exist.")


@state.on_reset
def _reset():
    _policies.clear()
